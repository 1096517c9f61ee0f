"""`liandong parked`: messages that a service could not handle; list them, look into one, try again, decide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from liandong import asking
from liandong.asking import Only, Person, Province, Service, operator
from liandong.commands import DEFAULT_DATA, PROVINCE, Data, Json
from liandong.failure import Misused

if TYPE_CHECKING:
    from liandong.running import Running, SignIn

app = typer.Typer()
parked = typer.Typer(
    help="Messages that could not be handled.  List, show, redrive; discard or replace, which takes two persons.",
    no_args_is_help=True,
)
app.add_typer(parked, name="parked")

Stream = Annotated[str | None, typer.Option("--stream", help="Only messages of this stream; else all.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; history shows it. Nothing about a person.", metavar="TEXT")]
Body = Annotated[Path | None, typer.Option("--body", help="File with the message's body, JSON; else as it came.")]


@parked.command("list")
def list_(service: Only = None, tenant: Province = PROVINCE, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Lists what is parked.  Exit code 0 also when nothing is; 1: a service refused, 3: nothing is up."""
    found = asking.run(_all(data, service, tenant))
    if as_json:
        typer.echo(json.dumps({"items": found}, ensure_ascii=False, indent=2))
        return
    for one in found:
        again = "可重试" if one["retryable"] else "须先处理原因"
        what = f"{one['consumer']} {one['id']}  {one['service']} {one['stream']}  {one['code']}"
        typer.echo(
            f"{what}（{again}，已试 {one['attempts']} 次）  自 {asking.local(one['parked_at'])}  {one['detail']}"
        )
    typer.echo(f"共 {len(found)} 条搁置的消息。")


@parked.command()
def discard(
    service: Service,
    parked_id: int,
    reason: Reason,
    person: Person = None,
    tenant: Province = PROVINCE,
    data: Data = DEFAULT_DATA,
) -> None:
    """Passes over a parked message, and what is missing before it.

    Proposed by one person, and done when another asks the same.
    """
    decide(data, service, f"/v1/parked/{parked_id}/discard", {"reason": reason}, operator(tenant, person))


@parked.command()
def replace(
    service: Service,
    parked_id: int,
    reason: Reason,
    body: Body = None,
    person: Person = None,
    tenant: Province = PROVINCE,
    data: Data = DEFAULT_DATA,
) -> None:
    """Has another body handled in its place.

    Without --body the message itself, though one before it is missing.  Proposed by one person, and done when
    another asks the same.
    """
    given = {} if body is None else {"body": _read(body)}
    decide(data, service, f"/v1/parked/{parked_id}/replace", {"reason": reason, **given}, operator(tenant, person))


@parked.command()
def show(service: Service, parked_id: int, tenant: Province = PROVINCE, data: Data = DEFAULT_DATA) -> None:
    """Prints one parked message with its headers and body, as JSON."""
    found = asking.run(_one(data, service, parked_id, tenant))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


@parked.command()
def redrive(
    service: Only = None,
    stream: Stream = None,
    tenant: Province = PROVINCE,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Tries parked messages again, in order within each stream.  Exit code 1 if some still wait."""
    found = asking.run(_redriven(data, service, stream, tenant))
    if as_json:
        typer.echo(json.dumps({"services": found}, ensure_ascii=False, indent=2))
    else:
        for one in found:
            typer.echo(f"{one['service']}  已处理 {one['handled']} 条，仍搁置 {one['waiting']} 条")
    if any(one["waiting"] for one in found):
        raise typer.Exit(1)


def _read(body: Path) -> Any:
    try:
        return json.loads(body.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Misused(f"--body {body} 读不出 JSON（{why}）：请给出消息正文的文件，UTF-8 编码。") from None


def decide(data: Path, service: str, path: str, body: dict[str, Any], who: SignIn) -> None:
    """Sends a decision of one of two persons, and says what has become of it."""

    from liandong.running import Running

    async def send() -> dict[str, Any]:
        async with Running.calls(data) as running:
            (name,) = asking.services(running.state, service)
            return await running.post(name, path, who, body, uuid4())

    answer = asking.run(send())
    if answer["state"] == "proposed":
        typer.echo(f"已提出（{answer['proposed_by']}），须由另一人以同样的命令确认（--as 另一人）。")
    else:
        typer.echo("已由两人决定，并已执行。")


async def _all(data: Path, service: str | None, tenant: str) -> list[dict[str, Any]]:
    from liandong.running import Running

    async with Running.calls(data) as running:
        return [
            {"consumer": name, **item}
            for name in _chosen(running, service)
            async for item in running.pages(name, "/v1/parked", operator(tenant))
        ]


async def _one(data: Path, service: str, parked_id: int, tenant: str) -> dict[str, Any]:
    from liandong.running import Running

    async with Running.calls(data) as running:
        (name,) = _chosen(running, service)
        return await running.get(name, f"/v1/parked/{parked_id}", operator(tenant))


async def _redriven(data: Path, service: str | None, stream: str | None, tenant: str) -> list[dict[str, Any]]:
    body = {"stream": stream} if stream else {}
    from liandong.running import Running

    async with Running.calls(data) as running:

        async def again(name: str) -> dict[str, Any]:
            answer = await running.post(name, "/v1/parked/redrive", operator(tenant), body, uuid4())
            return {"service": name, **answer}

        return list(await asyncio.gather(*(again(name) for name in _chosen(running, service))))


def _chosen(running: Running, service: str | None) -> Iterable[str]:
    return asking.services(running.state, service)
