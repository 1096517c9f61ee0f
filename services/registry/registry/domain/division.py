"""Administrative units of a district tenant: its streets and townships, villages and communities.

One stream for each district holds them all: a site or a project is placed by what this stream says.  A community's code
begins with that of its street.  How units change, `redivision` says; one that is no more keeps its code for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from contracts.values import DocumentId, Event, UnitCode
from kit.errors import Refused, not_before

TOWNSHIP_DIGITS = 9
STATISTICAL = range(400, 600)
"""Township-level codes ending so are statistical areas (development zones, farms), not administrative divisions."""


class UnitKind(StrEnum):
    TOWNSHIP = "township"
    """A street (街道), township (乡) or town (镇)."""
    VILLAGE = "village"
    """A village (村) or community (社区)."""
    VILLAGE_GROUP = "village_group"
    """A village group (社) below a village; not one of the five societies (C-21)."""


class UnitChange(StrEnum):
    """What became of a unit."""

    DECLARED = "declared"
    """The bureau handed it in: it was there before, nobody says since when."""
    FOUNDED = "founded"
    """It came of a merger or a split."""
    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"
    ABOLISHED = "abolished"


@dataclass(frozen=True)
class UnitTold(Event):
    """A unit as it stands from `changed_on` on, whatever was told of it before.

    `counted` says whether coverage counts it: a statistical area is not counted.  `since` is the day on which it was
    founded, None of a unit that was declared; `until` the first day on which it is no more.  `successors` are what it
    became: the one that it was merged into, or those that it was split into, itself among them if one kept its code.
    `former_names` are all that it was ever called before.
    `document` orders the change; a declaration has none.
    """

    TOPIC: ClassVar[str] = "registry.unit-told"
    NAME: ClassVar[str] = "行政单元变动"
    LATE: ClassVar[bool] = True

    unit: UnitCode
    kind: UnitKind
    name: str
    parent: UnitCode
    counted: bool
    change: UnitChange
    changed_on: date
    since: date | None = None
    until: date | None = None
    successors: tuple[UnitCode, ...] = ()
    version: int = 1
    former_names: tuple[str, ...] = ()
    document: DocumentId | None = None
    reason: str = ""


@dataclass(frozen=True)
class Declared:
    """A unit as a bureau hands it in; the parent of a township is the district's own code."""

    unit: UnitCode
    kind: UnitKind
    name: str
    parent: UnitCode


@dataclass(frozen=True)
class Divisions:
    """`received` is the last day on which another unit was merged into a unit."""

    units: Mapping[UnitCode, UnitTold] = field(default_factory=dict)
    received: Mapping[UnitCode, date] = field(default_factory=dict)

    def street_of(self, community: UnitCode) -> UnitCode | None:
        """The street or township that a community lies in, if both were declared here."""
        unit = self.units.get(community)
        above = self.units.get(unit.parent) if unit else None
        return above.unit if above and above.kind is UnitKind.TOWNSHIP else None

    def called(self, *units: UnitCode) -> str:
        """The units as people read them: each name with its code."""
        return "、".join(f"{self.units[u].name}（{u}）" if u in self.units else u for u in units)

    def mergers(self, unit: UnitCode) -> Iterator[tuple[UnitCode, UnitCode, date]]:
        """What the unit was merged into and when, and what that was merged into, until one that was not."""
        known = self.units.get(unit)
        while known is not None and known.until is not None and known.change is UnitChange.MERGED:
            (into,) = known.successors
            yield known.unit, into, known.until
            known = self.units.get(into)

    def now(self, unit: UnitCode) -> UnitCode:
        """What carries the unit on: itself, or what it was merged into in the end."""
        return next(reversed([into for _, into, _ in self.mergers(unit)]), unit)


class UnitDeclaredOtherwise(Refused):
    code = "unit-declared-otherwise"
    name = "行政单元已按其他内容申报"
    text = "行政单元 {unit} 已按其他名称或上级申报。请核对区划代码。"


class UnitParentUnknown(Refused):
    code = "unit-parent-unknown"
    name = "上级单元未申报"
    status = 422
    text = "行政单元 {unit} 的上级 {parent} 未申报或层级不符。请先申报上级单元。"


class UnitOutsideParent(Refused):
    code = "unit-outside-parent"
    name = "单元代码与上级不符"
    status = 422
    text = "行政单元 {unit} 的代码不以上级 {parent} 的代码开头。请核对区划代码。"


class UnitEnded(Refused):
    code = "unit-ended"
    name = "行政单元已撤并"
    text = "行政单元{unit}已于 {until} {became}，自当日起不能再办理该事项。请改用现存的行政单元，或核对发生日期。"


class UnitUnknown(Refused):
    code = "unit-unknown"
    name = "行政单元未申报"
    status = 422
    text = "本区未申报行政单元 {unit}。请先申报行政区划，或核对代码。"


def evolve(divisions: Divisions, event: UnitTold) -> Divisions:
    received = divisions.received
    if event.change is UnitChange.MERGED:
        day = event.changed_on
        received = {**received, **{into: max(day, received.get(into, day)) for into in event.successors}}
    return Divisions({**divisions.units, event.unit: event}, received)


def counted(unit: UnitCode, kind: UnitKind) -> bool:
    """Whether coverage counts the unit: statistical areas and village groups are not counted."""
    if kind is UnitKind.TOWNSHIP:
        return len(unit) == TOWNSHIP_DIGITS and int(unit[-3:]) not in STATISTICAL
    return kind is UnitKind.VILLAGE


def declare_units(
    divisions: Divisions, *, district: str, units: Sequence[Declared], occurred_on: date
) -> Sequence[UnitTold]:
    """Parents before children; what was already handed in so is passed over, so that a list may be handed in again."""
    known, new = divisions, list[UnitTold]()
    for item in units:
        if (before := known.units.get(item.unit)) is not None:
            if (before.kind, before.name, before.parent) != (item.kind, item.name, item.parent):
                raise UnitDeclaredOtherwise(unit=item.unit)
            standing(known, item.unit, occurred_on)
            continue
        event = unit_of(known, item, district, occurred_on)
        known = evolve(known, event)
        new.append(event)
    return new


def unit_of(divisions: Divisions, item: Declared, district: str, occurred_on: date) -> UnitTold:
    """A new unit below one that stands on the day; its code begins with that one's, but for a village group."""
    if item.kind is UnitKind.TOWNSHIP:
        fits = item.parent == district
    else:
        above = UnitKind.TOWNSHIP if item.kind is UnitKind.VILLAGE else UnitKind.VILLAGE
        fits = item.parent in divisions.units and divisions.units[item.parent].kind is above
    if not fits:
        raise UnitParentUnknown(unit=item.unit, parent=item.parent)
    if item.kind is UnitKind.VILLAGE and not item.unit.startswith(item.parent):
        raise UnitOutsideParent(unit=item.unit, parent=item.parent)
    if item.kind is not UnitKind.TOWNSHIP:
        standing(divisions, item.parent, occurred_on)
    kind = item.kind
    return UnitTold(
        item.unit, kind, item.name, item.parent, counted(item.unit, kind), UnitChange.DECLARED, changed_on=occurred_on
    )


def placed(divisions: Divisions, unit: UnitCode, occurred_on: date) -> UnitTold:
    """The unit as it may be used for something new of the day: nothing is placed where no unit stands.

    Raises UnitUnknown, UnitEnded from the day on which it is no more, TooEarly before the day on which it was founded.
    """
    known = divisions.units.get(unit)
    if known is None:
        raise UnitUnknown(unit=unit)
    if known.until is not None and occurred_on >= known.until:
        raise _ended(divisions, known)
    not_before(occurred_on, known.since, f"行政单元{divisions.called(unit)}设立")
    return known


def standing(divisions: Divisions, unit: UnitCode, occurred_on: date) -> UnitTold:
    """The unit as it may be changed, or have others merged into it or put below it: one that was never ended."""
    known = placed(divisions, unit, occurred_on)
    if known.until is not None:
        raise _ended(divisions, known)
    return known


def _ended(divisions: Divisions, unit: UnitTold) -> UnitEnded:
    names = divisions.called(*unit.successors)
    became = {UnitChange.MERGED: f"并入{names}", UnitChange.SPLIT: f"拆分为{names}"}.get(unit.change, "撤销")
    return UnitEnded(unit=divisions.called(unit.unit), until=unit.until, became=became)
