"""A street or community as the registry tells of it: where it lies, and what it became.

One stream for each, of the district.  A message carries the whole state, so the newest is true whatever was missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from contracts.values import Event, UnitCode
from kit.errors import NotKnownYet, Refused, not_before


@dataclass(frozen=True)
class UnitNoted(Event):
    TOPIC: ClassVar[str] = "funding.unit-noted"
    NAME: ClassVar[str] = "获知行政单元情况"
    LATE: ClassVar[bool] = True
    unit: UnitCode
    name: str
    parent: UnitCode
    since: date | None
    until: date | None
    successors: tuple[UnitCode, ...]
    version: int


@dataclass(frozen=True)
class Unit:
    told: UnitNoted | None = None

    @property
    def merged_into(self) -> UnitCode | None:
        """The one unit that it goes on in."""
        told = self.told
        return told.successors[0] if told and told.until is not None and len(told.successors) == 1 else None


class UnitEnded(Refused):
    code = "unit-ended"
    name = "行政单元已撤并"
    text = "{name}（{unit}）已于 {until} 撤并，自当日起不能再以其名义办理。承接单元：{successors}。请由承接单元办理。"


def street_of(community: Unit) -> UnitCode:
    """The unit that it lies in.  NotKnownYet before the registry told of it."""
    if community.told is None:
        raise NotKnownYet(what="承接社区的行政区划")
    return community.told.parent


def evolve(_: Unit, event: UnitNoted) -> Unit:
    return Unit(event)


def note(unit: Unit, told: UnitNoted) -> Sequence[UnitNoted]:
    """What is older than what is known says nothing new."""
    return () if unit.told is not None and unit.told.version >= told.version else (told,)


def standing(unit: Unit, code: UnitCode, occurred_on: date) -> UnitNoted:
    """The unit as it stands on the day.

    Raises NotKnownYet before the registry told of it, UnitEnded from its last day on, TooEarly before its founding.
    """
    told = unit.told
    if told is None:
        raise NotKnownYet(what=f"社区（街道）{code} 的行政区划")
    if told.until is not None and occurred_on >= told.until:
        successors = "、".join(told.successors) or "无"
        raise UnitEnded(name=told.name, unit=code, until=told.until, successors=successors)
    not_before(occurred_on, told.since, f"{told.name}（{code}）设立")
    return told
