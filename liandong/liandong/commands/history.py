"""`liandong history`: an auditor's replay over all services, refusals included."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from liandong import asking, glossary
from liandong.asking import AsOf, KnownAt, Tenant
from liandong.commands import DEFAULT_DATA, Data, Json

app = typer.Typer()
Stream = Annotated[str | None, typer.Option("--stream", help="Only this stream: pilot/<id>.", metavar="ID")]
OPAQUE = 40
"""Characters of an actor's opaque id that are shown in text."""


@app.command()
def history(
    tenant: Tenant,
    stream: Stream = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Prints who did what, when, and under which clause, in the order of recording; personal data stays sealed.

    Exit code 0: printed, 1: no such bureau or stream, or a service refused, 2: wrong options, 3: nothing is up.
    """
    document = asking.run(_read(data, tenant, stream, asking.moment(as_of, known_at)))
    if stream and not document["items"]:
        typer.echo(f"{tenant} 所见范围内没有流 {stream} 的记录。写法如 pilot/<编号>，以 history 所列为准。", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for item in document["items"]:
        typer.echo(_line(item))
    refused = sum(item["kind"] == "refusal" for item in document["items"])
    typer.echo(f"共 {len(document['items'])} 条，其中驳回 {refused} 条。")


async def _read(data: Path, tenant: str, stream: str | None, moment: dict[str, str]) -> dict[str, Any]:
    """The four histories as one; each is in its own order of recording, and keeps it."""
    from liandong.running import Running

    asked = {**moment, **({"stream": stream} if stream else {})}
    async with Running.calls(data) as running:
        names = await asking.names_of(running, tenant)

        async def of(service: str) -> list[dict[str, Any]]:
            who = asking.auditor(tenant)
            return [_named(service, item) async for item in running.pages(service, "/v1/history", who, **asked)]

        found = await asyncio.gather(*(of(service) for service in running.state.services))
    items = sorted((item for one in found for item in one), key=lambda item: item["recorded_at"])
    moments = {"as_of": moment.get("as_of"), "known_at": moment.get("known_at")}
    return {"tenant": tenant, "name": names[tenant], "stream": stream, **moments, "items": items}


def _named(service: str, item: dict[str, Any]) -> dict[str, Any]:
    """The item with its service and the Chinese names of what was done and by which role."""
    if item["kind"] == "unreadable":
        return {"service": service, "name": "无法读取", **item}
    event = item["kind"] == "event"
    name = glossary.name("events", item["type"]) if event else glossary.name("actions", item["action"])
    return {"service": service, "name": name, "role": glossary.name("roles", item["actor"]["role"]), **item}


def _line(item: dict[str, Any]) -> str:
    if item["kind"] == "unreadable":
        place = f"{item['stream']} 第 {item['version']} 版"
        return f"{item['recorded_at']}  发生于 {item['occurred_on']}  {item['name']}：{item['type']}  {place}"
    actor = item["actor"]
    unit = f"/{actor['unit']}" if actor.get("unit") else ""
    who = f"{item['role']} {actor['tenant']}{unit} {actor['id'][:OPAQUE]}"
    scheme = item.get("scheme")
    version = f"方案第 {scheme['version']} 版 " if scheme else ""
    basis = f"  依据 {version}{item['clause'] or ''}".rstrip() if scheme or item["clause"] else ""
    when = f"{item['recorded_at']}  发生于 {item['occurred_on']}"
    if item["kind"] == "event":
        what = f"{item['name']}（{item['type']}）  {item['stream']} 第 {item['version']} 版"
    else:
        what = f"驳回：{item['name']}（{item['code']}）  {'、'.join(item['streams'])}"
    return f"{when}  {what}{basis}  {who}"
