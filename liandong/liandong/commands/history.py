"""`liandong history`: an auditor's replay over all services, refusals included."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from liandong import asking, glossary
from liandong.asking import AsOf, KnownAt, Tenant
from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.failure import Failure, Misused
from liandong.pasting import command

if TYPE_CHECKING:
    from liandong.names import Names

app = typer.Typer()


def _one_of(what: str, *kinds: str) -> Callable[[str | None], str | None]:
    """Checks a code before anything is looked for."""

    def checked(text: str | None) -> str | None:
        if text is not None and text not in (known := glossary.known(*kinds)):
            raise Misused(f"没有{what} {text}。{asking.near(text, known)}")
        return text

    return checked


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        raise Misused("日期应为 YYYY-MM-DD。") from None


def _event(text: str | None) -> str | None:
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        raise Misused(f"--event 应为事件编号，不能是“{text}”。") from None


Stream = Annotated[str | None, typer.Option("--stream", help="Only this stream: project/<id>.", metavar="ID")]
Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        help="Only events of this type (funding.project-approved), or refusals of this action (approve-project).",
        metavar="TYPE",
        callback=_one_of("类型", "type", "action"),
    ),
]
Actor = Annotated[str | None, typer.Option("--actor", help="Only what this person did.", metavar="ID")]
Action = Annotated[
    str | None,
    typer.Option(
        "--action",
        help="Only what came of this action (approve-project).",
        metavar="ACTION",
        callback=_one_of("办理事项", "action"),
    ),
]
Code = Annotated[
    str | None,
    typer.Option(
        "--code",
        help="Only refusals of this code (quota-exceeded).",
        metavar="CODE",
        callback=_one_of("驳回代码", "code"),
    ),
]
Rule = Annotated[
    str | None,
    typer.Option(
        "--rule", help="Only what rests on this rule (R-LZ-14).", metavar="ID", callback=_one_of("规则", "rule")
    ),
]
From = Annotated[
    str | None, typer.Option("--from", help="Facts from this day on (YYYY-MM-DD).", metavar="DAY", callback=_day)
]
To = Annotated[str | None, typer.Option("--to", help="Facts up to this day.", metavar="DAY", callback=_day)]
Newest = Annotated[bool, typer.Option("--newest", help="The newest first.")]
One = Annotated[
    str | None,
    typer.Option("--event", help="Only this event, and what hangs together with it.", metavar="ID", callback=_event),
]


@app.command()
def history(
    tenant: Tenant,
    stream: Stream = None,
    type_: Type = None,
    actor: Actor = None,
    action: Action = None,
    code: Code = None,
    rule: Rule = None,
    since: From = None,
    until: To = None,
    newest: Newest = False,
    event: One = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Prints who did what, when and under which rule.

    In the order of recording; personal data stays sealed.

    Exit code 0: printed, 1: no such bureau, stream or event, or a service refused, 2: wrong options, 3: nothing is up.
    """
    moment = asking.moment(as_of, known_at)
    if event:
        if stream or type_ or actor or action or code or rule or since or until or newest:
            raise Misused("--event 只能与 --tenant、--as-of、--known-at 同用。")
        _print_event(tenant, event, moment, data, as_json)
        return
    asked = {"stream": stream, "type": type_, "actor": actor, "action": action, "code": code, "rule": rule}
    if type_ and type_ not in glossary.known("type"):
        if action not in (None, type_):
            raise Misused("--type 为办理事项时，不能再用 --action。")
        asked |= {"type": None, "action": type_, "kind": "refusal"}
    asked |= {"occurred_from": since, "occurred_to": until, "order": "newest" if newest else None}
    given = {name: value for name, value in asked.items() if value}
    document, called = asking.run(_read(data, tenant, given, moment), "正在读取记录，已 {seconds} 秒")
    kept = document["items"]
    if stream and not kept and len(given) == 1:
        every = command("history", "--tenant", tenant, data=data)
        raise Failure(
            f"{tenant} 所见范围内没有流 {stream} 的记录：请从 {every} 所列的流中选一个，写法如 project/<编号>。"
        )
    if as_json:
        typer.echo(json.dumps({**document, "type": type_}, ensure_ascii=False, indent=2))
        return
    for item in kept:
        typer.echo(_line(item, called))
    typer.echo(_count(kept))


def _asked(services: Iterable[str], given: dict[str, str]) -> list[str]:
    """The services that record what is asked for: another would not know the words."""
    words = {name: given[name] for name in ("type", "action", "code", "rule") if name in given}
    return [one for one in services if all(word in glossary.recorded()[one][kind] for kind, word in words.items())]


async def _read(data: Path, tenant: str, given: dict[str, str], moment: dict[str, str]) -> tuple[dict[str, Any], Names]:
    """The four histories as one; each is in its own order of recording, and keeps it."""
    from liandong.names import names
    from liandong.running import Running

    async with Running.calls(data) as running:
        tenants, who = await asking.names_of(running, tenant), asking.auditor(tenant)

        async def of(service: str) -> list[dict[str, Any]]:
            return [
                _named(service, item) async for item in running.pages(service, "/v1/history", who, **given, **moment)
            ]

        called, *found = await asyncio.gather(
            names(running, who, tenants, ("project_id", "organisation_id", "line")),
            *map(of, _asked(running.state.services, given)),
        )
    newest = given.get("order") == "newest"
    items = sorted((item for one in found for item in one), key=lambda item: item["recorded_at"], reverse=newest)
    moments = {"as_of": moment.get("as_of"), "known_at": moment.get("known_at")}
    return {"tenant": tenant, "name": tenants[tenant], "stream": given.get("stream"), **moments, "items": items}, called


def _print_event(tenant: str, event: str, moment: dict[str, str], data: Path, as_json: bool) -> None:
    document, called = asking.run(_read_event(data, tenant, event, moment), "正在读取事件，已 {seconds} 秒")
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    typer.echo(_line(document, called))
    for word, key in (("同一请求", "together"), ("起因", "causes"), ("引起", "caused")):
        for one in document.get(key, ()):
            typer.echo(f"{word}：{one['name']}（{one['type']}）  {_place(one, called)}")
            typer.echo(f"  {command('history', '--tenant', tenant, '--event', one['event_id'], data=data)}")
    typer.echo("所在记录的历史：")
    typer.echo(f"  {command('history', '--tenant', tenant, '--stream', document['stream'], data=data)}")


async def _read_event(data: Path, tenant: str, event: str, moment: dict[str, str]) -> tuple[dict[str, Any], Names]:
    """The event, of whichever service it is, with what caused it and what it caused in all of them."""
    from liandong.names import names
    from liandong.running import Denied, Running

    async with Running.calls(data) as running:
        tenants, who = await asking.names_of(running, tenant), asking.auditor(tenant)

        async def of(id: str) -> dict[str, Any] | None:
            for service in running.state.services:
                try:
                    return _named(service, await running.get(service, f"/v1/events/{id}", who, **moment))
                except Denied as denied:
                    if denied.status != 404:
                        raise
            return None

        found = await of(event)
        if found is None:
            raise Failure(f"{tenant} 所见范围内没有事件 {event}。请核对编号。")
        if found["kind"] == "event":
            cause = await of(found["causation"]) if found["causation"] else None
            found["causes"] = [cause] if cause else []
            found["caused"] = [
                _named(service, one)
                for service in running.state.services
                async for one in running.pages(service, "/v1/history", who, caused_by=event, **moment)
            ]
        return found, await names(running, who, tenants, ("project_id", "organisation_id", "line"))


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
        return f"{when}  {item['name']}：{item['type']}  {_place(item, names)}  事件 {item['event_id']}"
    scheme = item.get("scheme")
    version = f"方案第 {scheme['number']} 版" if scheme else ""
    rested = " ".join(filter(None, (version, item["clause"], item["rule"])))
    basis = f"依据 {rested}" if rested else ""
    if item["kind"] == "event":
        what = [f"{item['name']}（{item['type']}）", "；".join(_amounts(item["data"], names)), _place(item, names)]
        what.append(f"事件 {item['event_id']}")
    else:
        about = "、".join(_called(one, names) for one in item["streams"])
        what = [
            f"{_refused(item)}：{item['action_name']}：{item['code_name']}（{item['code']}）",
            about,
            item["detail"] or "",
        ]
    return "  ".join(part for part in (when, *what, basis, _who(item, names)) if part)


def _place(item: dict[str, Any], names: Names) -> str:
    return f"{_called(item['stream'], names)} 第 {item['version']} 版"


def _called(stream: str, names: Names) -> str:
    """With the name of what it is about, where that has one: project/…（南稍门社区居委会试点）."""
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
