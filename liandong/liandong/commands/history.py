"""`liandong history`: an auditor's replay over all services, refusals included."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liandong import asking, glossary
from liandong.asking import AsOf, KnownAt, Tenant
from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.failure import Failure, Misused
from liandong.pasting import command

if TYPE_CHECKING:
    from liandong.names import Names

app = typer.Typer()


def _type(text: str | None) -> str | None:
    if text is not None and text not in glossary.types():
        raise Misused(f"没有类型 {text}。{asking.near(text, glossary.types())}")
    return text


Stream = Annotated[str | None, typer.Option("--stream", help="Only this stream: pilot/<id>.", metavar="ID")]
Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        help="Only events of this type (funding.pilot-approved), or refusals of this action (approve-pilot).",
        metavar="TYPE",
        callback=_type,
    ),
]


@app.command()
def history(
    tenant: Tenant,
    stream: Stream = None,
    type_: Type = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Prints who did what, when and under which clause.

    In the order of recording; personal data stays sealed.

    Exit code 0: printed, 1: no such bureau or stream, or a service refused, 2: wrong options, 3: nothing is up.
    """
    document, called = asking.run(
        _read(data, tenant, stream, asking.moment(as_of, known_at)), "正在读取记录，已 {seconds} 秒"
    )
    if stream and not document["items"]:
        every = command("history", "--tenant", tenant, data=data)
        raise Failure(
            f"{tenant} 所见范围内没有流 {stream} 的记录：请从 {every} 所列的流中选一个，写法如 pilot/<编号>。"
        )
    kept = [one for one in document["items"] if type_ in (None, one.get("type"), one.get("action"))]
    if as_json:
        typer.echo(json.dumps({**document, "type": type_, "items": kept}, ensure_ascii=False, indent=2))
        return
    for item in kept:
        typer.echo(_line(item, called))
    typer.echo(_count(kept))


async def _read(data: Path, tenant: str, stream: str | None, moment: dict[str, str]) -> tuple[dict[str, Any], Names]:
    """The four histories as one; each is in its own order of recording, and keeps it."""
    from liandong.names import names
    from liandong.running import Running

    asked = {**moment, **({"stream": stream} if stream else {})}
    async with Running.calls(data) as running:
        tenants, who = await asking.names_of(running, tenant), asking.auditor(tenant)

        async def of(service: str) -> list[dict[str, Any]]:
            return [_named(service, item) async for item in running.pages(service, "/v1/history", who, **asked)]

        called, *found = await asyncio.gather(
            names(running, who, tenants, ("pilot_id", "agency_id", "line")), *map(of, running.state.services)
        )
    items = sorted((item for one in found for item in one), key=lambda item: item["recorded_at"])
    moments = {"as_of": moment.get("as_of"), "known_at": moment.get("known_at")}
    return {"tenant": tenant, "name": tenants[tenant], "stream": stream, **moments, "items": items}, called


def _named(service: str, item: dict[str, Any]) -> dict[str, Any]:
    """The item with its service and the Chinese name of the role that did it."""
    if item["kind"] == "unreadable":
        return {"service": service, "name": "无法读取", **item}
    return {"service": service, "role": glossary.name("roles", item["actor"]["role"]), **item}


def _refused(item: dict[str, Any]) -> str | None:
    """What to call it that something was not done; None for what was.

    A message that a service cannot handle is refused to the service itself: to no person, and often for a moment only.
    """
    if item["kind"] != "refusal":
        return None
    if item["actor"]["role"] != "system":
        return "驳回"
    return "消息待重试" if item["retryable"] else "消息未处理"


def _count(items: list[dict[str, Any]]) -> str:
    kinds = Counter(filter(None, map(_refused, items)))
    others = "".join(f"、{kind} {kinds[kind]} 条" for kind in ("消息待重试", "消息未处理") if kinds[kind])
    return f"共 {len(items)} 条，其中驳回 {kinds['驳回']} 条{others}。"


def _line(item: dict[str, Any], names: Names) -> str:
    when = f"{asking.local(item['recorded_at'])}  发生于 {item['occurred_on']}"
    if item["kind"] == "unreadable":
        return f"{when}  {item['name']}：{item['type']}  {_place(item, names)}"
    scheme = item.get("scheme")
    version = f"方案第 {scheme['version']} 版 " if scheme else ""
    basis = f"依据 {version}{item['clause'] or ''}".rstrip() if scheme or item["clause"] else ""
    if item["kind"] == "event":
        what = [f"{item['name']}（{item['type']}）", "；".join(_amounts(item["data"], names)), _place(item, names)]
    else:
        about = "、".join(_called(one, names) for one in item["streams"])
        what = [f"{_refused(item)}：{item['name']}：{item['code_name']}（{item['code']}）", about]
    return "  ".join(part for part in (when, *what, basis, _who(item, names)) if part)


def _place(item: dict[str, Any], names: Names) -> str:
    return f"{_called(item['stream'], names)} 第 {item['version']} 版"


def _called(stream: str, names: Names) -> str:
    """With the name of what it is about, where that has one: pilot/…（南稍门社区居委会试点）."""
    name = names.ids.get(stream.partition("/")[2])
    return f"{stream}（{name}）" if name else stream


def _who(item: dict[str, Any], names: Names) -> str:
    actor = item["actor"]
    unit = f" {names.id_with_code(actor['unit'])}" if actor.get("unit") else ""
    return f"{item['role']} {names.id_with_code(actor['tenant'])}{unit} {actor['id']}"


def _amounts(data: dict[str, Any], names: Names) -> list[str]:
    """The sums of money of an event: its own, those of a document in it, those of its budget lines."""
    from liandong.figures import money

    found = []
    for key, value in data.items():
        if key.endswith("_fen") and value is not None:
            line = f"{names.short('line', data['line'])} " if data.get("line") else ""
            found.append(f"{line}{glossary.name('amounts', key)} {money(value)}")
        elif isinstance(value, dict):
            found += _amounts(value, names)
        elif key == "lines" and isinstance(value, list):
            found += [words for one in value if "line" in one for words in _amounts(one, names)]
    return found
