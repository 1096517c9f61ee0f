"""What the commands that look into a running installation have in common: whose eyes, which moment, what errors."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import date, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from contracts.values import Role
from liandong.failure import USAGE
from liandong.running import Running, SignIn
from liandong.state import State

T = TypeVar("T")

Tenant = Annotated[str, typer.Option("--tenant", help="Six-digit code of the bureau.", metavar="CODE")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Facts up to this day (YYYY-MM-DD).", metavar="DAY")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="What was recorded by this instant (with its zone).", metavar="INSTANT")
]


def moment(as_of: str | None, known_at: str | None) -> dict[str, str]:
    """The query parameters; exit code 2 for both at once, or what is no day or no instant with a zone."""
    if as_of and known_at:
        _usage("--as-of 与 --known-at 只能用一个。")
    try:
        if as_of:
            return {"as_of": date.fromisoformat(as_of).isoformat()}
        if known_at:
            instant = datetime.fromisoformat(known_at)
            if instant.tzinfo is None:
                _usage("--known-at 须带时区，如 2026-05-01T08:00:00+08:00。")
            return {"known_at": instant.isoformat()}
    except ValueError:
        _usage("日期应为 YYYY-MM-DD，时刻应为 ISO 8601 格式。")
    return {}


def auditor(tenant: str) -> SignIn:
    """Sees a bureau and all below it, and changes nothing."""
    return SignIn(Role.AUDITOR, tenant)


async def names_of(running: Running, tenant: str) -> dict[str, str]:
    """The bureau and those on its line, by code.  Exit code 1 if there is no such bureau."""
    names = {}
    async for one in running.pages("registry", "/v1/tenants", auditor(tenant)):
        names[one["tenant_id"]] = one["name"]
    if tenant not in names:
        typer.echo(f"没有登记租户 {tenant}。请核对六位行政区划代码。", err=True)
        raise typer.Exit(1)
    return names


def run(work: Coroutine[Any, Any, T]) -> T:
    """What it answers; `liandong.cli` says what it raises."""
    return asyncio.run(work)


def services(found: State, wanted: str | None) -> tuple[str, ...]:
    """The services that run, or the one asked for.  Exit code 2 if it is none of them."""
    if wanted is not None and wanted not in found.services:
        _usage(f"没有服务 {wanted}。可选：{'、'.join(found.services)}。")
    return (wanted,) if wanted else tuple(found.services)


def _usage(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(USAGE)
