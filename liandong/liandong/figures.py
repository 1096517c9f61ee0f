"""Figures of a running installation: the catalogue of its services, and how a value is written.

A figure is written twice: as a bureau prints it (`printed`: 不少于2人, 30万元), and as a list of expectations compares
it (`compact`: ≥2, 30万元).  Both come from value, unit and qualifier alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.messages.registry import TenantLevel
from contracts.values import UNIT_NAMES, Qualifier, Unit, wan, yuan
from liandong import glossary
from liandong.names import PLANS, Names
from liandong.running import Running, SignIn

WAN_STEP = 10_000
"""Fen: amounts that are whole hundreds of yuan are written in 万元, others in 元."""
TEXTS = frozenset({Unit.DAY, Unit.LOCAL_INSTANT})
"""Units whose values are days or times, kept as text."""
APART = TEXTS | {Unit.YEARS, Unit.POST_GRADES}
"""Units of which two never make a sum."""
EMPTY, ELSEWHERE = "尚无数值", "不适用（只记在上级民政局）"
LEVELS = tuple(TenantLevel)
"""From the top: each sees its own records and those of the levels after it."""
PLACES = frozenset({"district", "community", "project_id", "title", "published_at"})
"""Dimensions that name one place or paper among many; the others are categories."""


@dataclass(frozen=True)
class Measured:
    """One value as a service gave it; `value` is text for a day or a printed time."""

    value: Decimal | str
    unit: Unit
    qualifier: Qualifier = Qualifier.EXACT

    @classmethod
    def read(cls, unit: str, figure: dict[str, Any]) -> Measured:
        """From a figure of GET /v1/indicators."""
        kind = Unit(unit)
        value = str(figure["value"])
        return cls(value if kind in TEXTS else Decimal(value), kind, Qualifier(figure["qualifier"]))

    def __add__(self, other: Measured) -> Measured:
        """TypeError for two units, and for days; the vaguer qualifier wins."""
        if self.unit is not other.unit or isinstance(self.value, str) or isinstance(other.value, str):
            raise TypeError(f"cannot add {self.unit} and {other.unit}")
        both = {self.qualifier, other.qualifier}
        vaguest = next(q for q in (Qualifier.MORE_THAN, Qualifier.AT_LEAST, Qualifier.EXACT) if q in both)
        return Measured(self.value + other.value, self.unit, vaguest)


def printed(one: Measured) -> str:
    """As a bureau prints it: 不少于2人, 90余人次, 30万元, 2022-08-30."""
    if isinstance(one.value, str):
        return one.value
    number, measure = (money(one.value), "") if one.unit is Unit.FEN else (plain(one.value), UNIT_NAMES[one.unit])
    match one.qualifier:
        case Qualifier.AT_LEAST:
            return f"不少于{number}{measure}"
        case Qualifier.MORE_THAN:
            return f"{number}余{measure}"
        case Qualifier.EXACT:
            return f"{number}{measure}"


def compact(one: Measured) -> str:
    """As a list of figures writes it: no unit but 万元, ≥ for "not less than", + for "more than"."""
    if isinstance(one.value, str):
        return one.value
    number = wan(int(one.value)) if one.unit is Unit.FEN else plain(one.value)
    sign = {Qualifier.AT_LEAST: "≥{}", Qualifier.MORE_THAN: "{}+", Qualifier.EXACT: "{}"}[one.qualifier]
    return sign.format(number)


def plain(value: Decimal) -> str:
    """A number without exponent and without zeros that say nothing."""
    return f"{value.normalize():f}"


def money(fen: Decimal | int) -> str:
    """To the fen: 30万元, 1.5万元, 1,234.56元."""
    if not fen:
        return "0元"
    return f"{Decimal(yuan(int(fen))):,}元" if int(fen) % WAN_STEP else wan(int(fen))


async def catalogue(running: Running, who: SignIn, **moment: str) -> list[dict[str, Any]]:
    """Every indicator of every service, with the figures of the tenants in sight; `moment`: as_of or known_at."""
    found: list[dict[str, Any]] = []
    for service in running.state.services:
        shown = await running.get(service, "/v1/indicators", who, **moment)
        found.extend({"service": service, **indicator} for indicator in shown["indicators"])
    return found


def totals(indicator: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures of all places together, one for each category (a line, a stage, a device): these never add.

    What does not add has a value only where all places agree; its `display` says from what to what it goes.
    """
    plans = {d: {one["dimensions"].get(d) for one in indicator["figures"]} for d in PLANS}
    groups: dict[tuple[tuple[str, str], ...], list[dict[str, Any]]] = {}
    for one in indicator["figures"]:
        kept = [(d, v) for d, v in one["dimensions"].items() if d not in PLACES and len(plans.get(d, "ab")) > 1]
        groups.setdefault(tuple(kept), []).append(one)
    adds = indicator["adds"] and Unit(indicator["unit"]) not in APART
    return [
        {"dimensions": dict(kept), **_together([Measured.read(indicator["unit"], one) for one in parts], adds)}
        for kept, parts in groups.items()
    ]


def _together(parts: Sequence[Measured], adds: bool) -> dict[str, Any]:
    ordered = sorted(set(parts), key=lambda one: one.value)
    if adds or len(ordered) == 1:
        whole = sum(parts[1:], parts[0]) if adds else parts[0]
        value = whole.value if isinstance(whole.value, str) else plain(whole.value)
        return {"value": value, "qualifier": whole.qualifier, "display": printed(whole)}
    return {"value": None, "qualifier": None, "display": f"各处不同，{printed(ordered[0])}至{printed(ordered[-1])}"}


def written(indicator: dict[str, Any], names: Names, level: TenantLevel) -> dict[str, Any]:
    """The indicator with the names of tenants and dimensions, what is printed, its totals, and whether it `applies`.

    It does not where it stands in the records of bureaus above only; `level` is that of the bureau which asks.
    """
    figures = [
        {
            "tenant_id": figure["tenant_id"],
            "tenant_name": names.of("tenant", figure["tenant_id"]),
            "dimensions": figure["dimensions"],
            "names": {d: names.of(d, code) for d, code in figure["dimensions"].items()},
            "value": figure["value"],
            "qualifier": figure["qualifier"],
            "display": printed(Measured.read(indicator["unit"], figure)),
        }
        for figure in indicator["figures"]
    ]
    in_sight = LEVELS[LEVELS.index(level) :]
    applies = any(one in indicator["levels"] for one in in_sight)
    return {**indicator, "applies": applies, "totals": totals(indicator), "figures": figures}


def text(indicators: Sequence[dict[str, Any]], names: Names) -> str:
    """The catalogue as lines, an indicator each with its totals; the last name those without any, and why."""
    lines = [f"{one['id']:<40}  {one['name']}  {_totals(one, names)}" for one in indicators if one["figures"]]
    for why in (EMPTY, ELSEWHERE):
        without = [f"{one['name']}（{one['id']}）" for one in indicators if _without(one) == why]
        lines += [f"{why}：{'、'.join(without)}"] if without else []
    return "\n".join(lines)


def _without(indicator: dict[str, Any]) -> str | None:
    """Why it has no figures; None if it has some."""
    return None if indicator["figures"] else EMPTY if indicator["applies"] else ELSEWHERE


def parts(indicator: dict[str, Any], names: Names) -> str:
    """One indicator: what it means, its totals, and every figure that it is made of with names and codes."""
    lines = [f"{indicator['id']}  {indicator['name']}（口径第 {indicator['version']} 版）", indicator["definition"]]
    if why := _without(indicator):
        return "\n".join([*lines, f"{why}。"])
    lines.append(f"合计  {_totals(indicator, names)}")
    plans = {(d, code) for one in indicator["figures"] for d, code in one["dimensions"].items() if d in PLANS}
    only = plans if len(plans) == 1 else set()
    lines += [f"{glossary.name('dimensions', d)}  {names.id_with_code(code)}" for d, code in only]
    for one in indicator["figures"]:
        about = [names.with_code(*each) for each in one["dimensions"].items() if each not in only]
        lines.append("  ".join(["", names.with_code("tenant", one["tenant_id"]), *about, one["display"]]))
    return "\n".join(lines)


def _totals(indicator: dict[str, Any], names: Names) -> str:
    def shown(one: dict[str, Any]) -> str:
        about = " ".join(names.short(d, code) for d, code in one["dimensions"].items())
        return f"{about}：{one['display']}" if about else str(one["display"])

    return "；".join(map(shown, indicator["totals"]))
