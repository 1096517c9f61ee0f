"""`liandong held`: events of a service that cannot be told or projected; list them, try again, pass one over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import typer

from liandong import asking
from liandong.asking import Only, Person, Province, Service, operator
from liandong.commands import DEFAULT_DATA, PROVINCE, Data, Json
from liandong.commands.parked import Reason, decide
from liandong.pasting import command

if TYPE_CHECKING:
    from liandong.running import SignIn

app = typer.Typer()
held = typer.Typer(
    help="Events that cannot be told.  List, retry; skip one, which takes two persons.",
    no_args_is_help=True,
)
app.add_typer(held, name="held")


@held.command("list")
def list_(service: Only = None, tenant: Province = PROVINCE, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Lists what is held.  Exit code 0 also when nothing is."""
    found = asking.run(_all(data, service, operator(tenant)))
    if as_json:
        typer.echo(json.dumps({"items": found}, ensure_ascii=False, indent=2))
        return
    for one in found:
        what = f"{one['service']} {one['id']}  {one['tail']}  {one['stream']} 第 {one['version']} 条  {one['code']}"
        typer.echo(f"{what}  自 {asking.local(one['held_at'])}  {one['detail']}")
    typer.echo(f"共 {len(found)} 个流在等待。")


@held.command()
def retry(service: Service, held_id: int, tenant: Province = PROVINCE, data: Data = DEFAULT_DATA) -> None:
    """Has a held stream tried again within seconds."""
    asking.run(_retried(data, service, held_id, operator(tenant)))
    typer.echo(f"已要求重试，数秒内见结果：{command('held', 'list', data=data)}")


@held.command()
def skip(
    service: Service,
    held_id: int,
    reason: Reason,
    person: Person = None,
    tenant: Province = PROVINCE,
    data: Data = DEFAULT_DATA,
) -> None:
    """Passes over the one event that a stream waits at.

    Proposed by one person, and done when another asks the same.
    """
    decide(data, service, f"/v1/held/{held_id}/skip", {"reason": reason}, operator(tenant, person))


async def _all(data: Path, service: str | None, who: SignIn) -> list[dict[str, Any]]:
    from liandong.running import Running

    async with Running.calls(data) as running:
        return [
            {"service": name, **item}
            for name in asking.services(running.state, service)
            async for item in running.pages(name, "/v1/held", who)
        ]


async def _retried(data: Path, service: str, held_id: int, who: SignIn) -> dict[str, Any]:
    from liandong.running import Running

    async with Running.calls(data) as running:
        (name,) = asking.services(running.state, service)
        return await running.post(name, f"/v1/held/{held_id}/retry", who, {}, uuid4())
