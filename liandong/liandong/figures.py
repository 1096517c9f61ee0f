"""Figures of a running installation: the catalogue of its services, and how a value is written.

A figure is written twice: as a bureau prints it (`printed`: 不少于2人, 30万元), and as a list of expectations compares
it (`compact`: ≥2, 30万元).  Both come from value, unit and qualifier alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.values import Qualifier, Unit, wan, yuan
from liandong.running import Running, SignIn

WAN_STEP = 10_000
"""Fen: amounts that are whole hundreds of yuan are written in 万元, others in 元."""
MEASURES = {
    Unit.PERSONS: "人",
    Unit.PERSON_TIMES: "人次",
    Unit.HOUSEHOLDS: "户",
    Unit.SESSIONS: "次",
    Unit.THINGS: "个",
    Unit.BATCHES: "批",
    Unit.WORKDAYS: "个工作日",
    Unit.SQUARE_METRES: "平方米",
    Unit.YEARS: "年",
    Unit.POST_GRADES: "级",
}
TEXTS = frozenset({Unit.DAY, Unit.LOCAL_INSTANT})
"""Units whose values are days or times, kept as text."""


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
    number, measure = (_money(one.value), "") if one.unit is Unit.FEN else (plain(one.value), MEASURES[one.unit])
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


def _money(fen: Decimal) -> str:
    return f"{yuan(int(fen))}元" if int(fen) % WAN_STEP else wan(int(fen))


async def catalogue(running: Running, who: SignIn, **moment: str) -> list[dict[str, Any]]:
    """Every indicator of every service, with the figures of the tenants in sight; `moment`: as_of or known_at."""
    found: list[dict[str, Any]] = []
    for service in running.state.services:
        shown = await running.get(service, "/v1/indicators", who, **moment)
        found.extend({"service": service, **indicator} for indicator in shown["indicators"])
    return found


def written(indicator: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """The figures of an indicator with their tenants' names and what is printed."""
    return [
        {
            "tenant": figure["tenant"],
            "tenant_name": names.get(figure["tenant"]),
            "dimensions": figure["dimensions"],
            "value": figure["value"],
            "qualifier": figure["qualifier"],
            "display": printed(Measured.read(indicator["unit"], figure)),
        }
        for figure in indicator["figures"]
    ]


def text(indicators: Sequence[dict[str, Any]]) -> str:
    """The catalogue as lines: the indicator, then its figures; those without any are named in one line."""
    lines = []
    for one in indicators:
        lines.append(f"{one['id']}  {one['name']}" + ("" if one["figures"] else "  （无）"))
        for figure in one["figures"]:
            place = figure["tenant_name"] or figure["tenant"]
            about = " ".join(f"{name}={value}" for name, value in figure["dimensions"].items() if name != "scheme")
            lines.append(f"    {place}  {figure['display']}" + (f"  [{about}]" if about else ""))
    return "\n".join(lines)
