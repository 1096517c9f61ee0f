"""What the commands that look into a running installation have in common: whose eyes, which moment, what errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import partial
from heapq import nlargest
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from liandong.failure import Failure, Misused
from liandong.pasting import command
from liandong.patience import told
from liandong.state import SERVICES, State

if TYPE_CHECKING:
    from liandong.running import Running, SignIn

T = TypeVar("T")


def _code(text: str) -> str:
    if not re.fullmatch("[0-9]{6}", text):
        raise Misused(f"没有租户 {text}：应为六位行政区划代码，如 620100。")
    return text


def _service(text: str | None) -> str | None:
    if text is not None and text not in SERVICES:
        raise Misused(f"没有服务 {text}。可选：{'、'.join(SERVICES)}。")
    return text


def _person(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[\x21-\x7e]{1,64}", text):
        raise Misused(f"--as 不能是“{text}”：请用不含空格的英文字母和数字，最多 64 个，如 wang。")
    return text


Tenant = Annotated[str, typer.Option("--tenant", help="Six-digit code of the bureau.", metavar="CODE", callback=_code)]
Province = Annotated[str, typer.Option("--tenant", help="The operators' own bureau.", metavar="CODE", callback=_code)]
Service = Annotated[str, typer.Argument(help="registry, casework, funding or volunteer.", callback=_service)]
Only = Annotated[str | None, typer.Option("--service", help="Only this service; else all.", callback=_service)]
Person = Annotated[
    str | None, typer.Option("--as", help="Which of the operators acts.", metavar="NAME", callback=_person)
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Facts up to this day (YYYY-MM-DD).", metavar="DAY")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="What was recorded by this instant (with its zone).", metavar="INSTANT")
]


def moment(as_of: str | None, known_at: str | None) -> dict[str, str]:
    """The query parameters.  Misused for both at once, what is no day or no instant with a zone, and what is to come:
    nobody knows that yet, and a figure must not say that it does."""
    from kit import clock

    if as_of and known_at:
        raise Misused("--as-of 与 --known-at 只能用一个。")
    now = clock.now()
    local = now.astimezone(clock.SHANGHAI)
    try:
        if as_of:
            day = date.fromisoformat(as_of)
            if day > local.date():
                raise Misused(f"{as_of} 还没有到：--as-of 最晚为今天（{local.date()}）。")
            return {"as_of": day.isoformat()}
        if known_at:
            instant = datetime.fromisoformat(known_at)
            if instant.tzinfo is None:
                raise Misused("--known-at 须带时区，如 2026-05-01T08:00:00+08:00。")
            if instant > now:
                raise Misused(f"{known_at} 还没有到：--known-at 最晚为现在（{local:%Y-%m-%dT%H:%M:%S}+08:00）。")
            return {"known_at": instant.isoformat()}
    except ValueError:
        raise Misused("日期应为 YYYY-MM-DD，时刻应为 ISO 8601 格式。") from None
    return {}


def auditor(tenant: str) -> SignIn:
    """Sees a bureau and all below it, and changes nothing."""
    from contracts.values import Role
    from liandong.running import SignIn

    return SignIn(Role.AUDITOR, tenant)


def operator(tenant: str, person: str | None = None) -> SignIn:
    """Sees the messages of the tenants under its own bureau, and those of nobody's."""
    from contracts.values import Role
    from liandong.running import SignIn

    return SignIn(Role.PROVINCE_IT, tenant, person=person)


async def names_of(running: Running, tenant: str) -> dict[str, str]:
    """What the bureau and those on its line are called, by code.  Failure if there is no such bureau."""
    return {code: one["name"] for code, one in (await bureaus(running, tenant)).items()}


async def bureaus(running: Running, tenant: str) -> dict[str, dict[str, Any]]:
    """The bureau and those on its line, by code.  Failure if there is no such bureau."""
    found = {}
    async for one in running.pages("registry", "/v1/tenants", auditor(tenant)):
        found[one["tenant_id"]] = one
    if tenant in found:
        return found
    registry = running.state.services["registry"]
    provinces = registry.environment["REGISTRY_PROVINCES"].split(",")
    for province in provinces:  # the first that is registered; everybody else is below one
        async for _ in running.pages("registry", "/v1/tenants", operator(province)):
            raise Failure(f"没有登记租户 {tenant}。请核对六位行政区划代码。")
    raise Failure(
        f"这里还没有登记任何租户：先由 {'、'.join(provinces)} 的 province_it 登记本省，再逐级登记"
        f"（POST {registry.url}/v1/tenants，逐步写法见 docs/first-project.md）；"
        f"只看示例，可先停止它，再运行 {command('demo')}。"
    )


def run(work: Coroutine[Any, Any, T], doing: str = "正在询问各服务，已 {seconds} 秒") -> T:
    """What it answers, saying on standard error that it goes on; `liandong.cli` says what it raises."""
    with told(doing, partial(typer.echo, err=True)):
        return asyncio.run(work)


def local(instant: str) -> str:
    """As it is read in China, to the microsecond: what is printed can be given to --known-at."""
    from kit import clock

    return datetime.fromisoformat(instant).astimezone(clock.SHANGHAI).isoformat()


def near(word: str, known: Mapping[str, str]) -> str:
    """A sentence with the known codes, and their names, that look most like `word`: by what follows the service."""

    def likeness(code: str) -> float:
        pairs = (word, code), (word.rpartition(".")[2], code.rpartition(".")[2])
        return max(SequenceMatcher(None, *pair).ratio() for pair in pairs)

    found = nlargest(3, known, key=likeness)
    return f"相近的有：{'、'.join(code if known[code] == code else f'{code}（{known[code]}）' for code in found)}。"


def services(found: State, wanted: str | None) -> tuple[str, ...]:
    """The services that run, or the one asked for.  Misused if that does not run here."""
    if wanted is not None and wanted not in found.services:
        raise Misused(f"没有服务 {wanted}。可选：{'、'.join(found.services)}。")
    return (wanted,) if wanted else tuple(found.services)
