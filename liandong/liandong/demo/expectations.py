"""The figures that the plan prints, each beside what the running services make of events and scheme.

expectations.json names for each figure the indicators that feed it, and how their values are laid out.  `also` are
other feeds that must come to the very same: the plan's number and what the projects came to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from importlib.resources import files
from typing import Any

from contracts.values import Unit
from liandong.figures import Measured, compact, plain

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
COUNT_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}

Catalogue = dict[str, dict[str, Any]]
"""Indicators by id."""


class NotFed(Exception):
    """No figure, or figures that should be equal and are not."""


@dataclass(frozen=True)
class Shown:
    """A figure laid out: the value as expectations have it, and its writing."""

    value: str
    display: str


@dataclass(frozen=True)
class Result:
    """One comparison; `why` says what is wrong, or is empty."""

    id: str
    indicators: tuple[str, ...]
    unit: str
    expected: Shown
    found: Shown | None
    why: str

    @property
    def holds(self) -> bool:
        return not self.why


def compare(catalogue: Catalogue) -> list[Result]:
    """Every expected figure with what was found."""
    return [_compare(one, catalogue) for one in expectations()]


def expectations() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((files("liandong.demo") / "expectations.json").read_text("utf-8"))
    return found


def _compare(one: dict[str, Any], catalogue: Catalogue) -> Result:
    expected = Shown(str(one["value"]), one["display"])
    names = tuple(dict.fromkeys(feed["indicator"] for feed in one["feeds"]))
    lay_out = LAYOUTS[one["layout"]]
    try:
        found = lay_out([_measured(feed, catalogue) for feed in one["feeds"]])
        for other in one.get("also", ()):
            if (again := lay_out([_measured(feed, catalogue) for feed in other])) != found:
                others = "、".join(dict.fromkeys(feed["indicator"] for feed in other))
                return Result(one["id"], names, one["unit"], expected, found, f"{others} 为 {again.display}")
    except NotFed as missing:
        return Result(one["id"], names, one["unit"], expected, None, str(missing))
    why = (
        ""
        if found == expected
        else f"应为 {expected.display}（{expected.value}），得到 {found.display}（{found.value}）"
    )
    return Result(one["id"], names, one["unit"], expected, found, why)


def _measured(feed: dict[str, Any], catalogue: Catalogue) -> Measured:
    """The one value of a feed: figures that agree are one, or with `"over": "sum"` their sum."""
    indicator = catalogue.get(feed["indicator"])
    if indicator is None:
        raise NotFed(f"没有指标 {feed['indicator']}")
    of, tenant = feed.get("of", {}), feed.get("tenant")
    figures = [
        Measured.read(indicator["unit"], figure)
        for figure in indicator["figures"]
        if of.items() <= figure["dimensions"].items() and tenant in (None, figure["tenant_id"])
    ]
    if not figures:
        raise NotFed(f"{feed['indicator']} 没有数值")
    if feed.get("over") == "sum":
        return reduce(Measured.__add__, figures)
    if len(set(figures)) > 1:
        shown = "、".join(sorted({compact(figure) for figure in figures}))
        raise NotFed(f"{feed['indicator']} 各处不一致：{shown}")
    return figures[0]


def _value(one: Measured) -> str:
    """As expectations have it: money in yuan, a minimum with its sign only beside others."""
    if isinstance(one.value, str):
        return one.value
    return plain(one.value / FEN_PER_YUAN) if one.unit is Unit.FEN else plain(one.value)


def _one(parts: Sequence[Measured]) -> Shown:
    (only,) = parts
    return Shown(_value(only), compact(only))


def _times(parts: Sequence[Measured]) -> Shown:
    """So many times such a price."""
    times, price = parts
    return Shown(f"{_value(times)}×{_value(price)}", f"{compact(times)}×{compact(price)}")


def _joined(by: str) -> Callable[[Sequence[Measured]], Shown]:
    def lay_out(parts: Sequence[Measured]) -> Shown:
        both = by.join(compact(part) for part in parts)
        return Shown(both, both)

    return lay_out


def _wan(parts: Sequence[Measured]) -> Shown:
    """Money in 万元, the unit left to the heading."""
    if any(isinstance(part.value, str) or part.unit is not Unit.FEN for part in parts):
        raise NotFed("不是金额")
    both = "/".join(plain(Decimal(part.value) / FEN_PER_WAN) for part in parts)
    return Shown(both, both)


def _each(parts: Sequence[Measured]) -> Shown:
    """Several lines of one amount."""
    if len(set(parts)) > 1:
        raise NotFed("各项不一致：" + "、".join(compact(part) for part in parts))
    return Shown(_value(parts[0]), f"{compact(parts[0])} (each of {COUNT_WORDS[len(parts)]} lines)")


LAYOUTS: dict[str, Callable[[Sequence[Measured]], Shown]] = {
    "one": _one,
    "times": _times,
    "sum": _joined(" + "),
    "plus": _joined("+"),
    "span": _joined(".."),
    "list": _joined(" / "),
    "wan": _wan,
    "each": _each,
}
