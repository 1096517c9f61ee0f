"""Administrative units of a district tenant: its streets and townships, villages and communities.

One stream for each district holds them all: a site or a project is placed by what this stream says.  Whose a community
is, other services tell by its code, so a community's code begins with that of its street.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from contracts.values import Event, UnitCode
from kit.errors import Refused

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


@dataclass(frozen=True)
class AdministrativeUnitDeclared(Event):
    """`counted` says whether coverage counts the unit: a statistical area is not counted."""

    TOPIC: ClassVar[str] = "registry.administrative-unit-declared"
    NAME: ClassVar[str] = "申报行政单元"

    unit: UnitCode
    kind: UnitKind
    name: str
    parent: UnitCode
    counted: bool


@dataclass(frozen=True)
class Declared:
    """A unit as a bureau hands it in; the parent of a township is the district's own code."""

    unit: UnitCode
    kind: UnitKind
    name: str
    parent: UnitCode


@dataclass(frozen=True)
class Divisions:
    units: Mapping[UnitCode, AdministrativeUnitDeclared] = field(default_factory=dict)

    def street_of(self, community: UnitCode) -> UnitCode | None:
        """The street or township that a community lies in, if both were declared here."""
        unit = self.units.get(community)
        above = self.units.get(unit.parent) if unit else None
        return above.unit if above and above.kind is UnitKind.TOWNSHIP else None


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


class UnitUnknown(Refused):
    code = "unit-unknown"
    name = "行政单元未申报"
    status = 422
    text = "本区未申报行政单元 {unit}。请先申报行政区划，或核对代码。"


def evolve(divisions: Divisions, event: AdministrativeUnitDeclared) -> Divisions:
    return Divisions({**divisions.units, event.unit: event})


def counted(unit: UnitCode, kind: UnitKind) -> bool:
    """Whether coverage counts the unit: statistical areas and village groups are not counted."""
    if kind is UnitKind.TOWNSHIP:
        return len(unit) == TOWNSHIP_DIGITS and int(unit[-3:]) not in STATISTICAL
    return kind is UnitKind.VILLAGE


def declare_units(
    divisions: Divisions, *, district: str, units: Sequence[Declared]
) -> Sequence[AdministrativeUnitDeclared]:
    """Parents before children; what is already so is passed over, so that a list may be handed in again."""
    known = dict(divisions.units)
    new: list[AdministrativeUnitDeclared] = []
    for item in units:
        event = AdministrativeUnitDeclared(item.unit, item.kind, item.name, item.parent, counted(item.unit, item.kind))
        _check_parent(known, district, event)
        if item.unit not in known:
            known[item.unit] = event
            new.append(event)
        elif known[item.unit] != event:
            raise UnitDeclaredOtherwise(unit=item.unit)
    return new


def _check_parent(
    known: Mapping[UnitCode, AdministrativeUnitDeclared], district: str, event: AdministrativeUnitDeclared
) -> None:
    if event.kind is UnitKind.TOWNSHIP:
        fits = event.parent == district
    else:
        above = UnitKind.TOWNSHIP if event.kind is UnitKind.VILLAGE else UnitKind.VILLAGE
        fits = event.parent in known and known[event.parent].kind is above
    if not fits:
        raise UnitParentUnknown(unit=event.unit, parent=event.parent)
    if event.kind is UnitKind.VILLAGE and not event.unit.startswith(event.parent):
        raise UnitOutsideParent(unit=event.unit, parent=event.parent)


def placed(divisions: Divisions, unit: UnitCode) -> AdministrativeUnitDeclared:
    """The unit, or a refusal: nothing is placed where no unit was declared."""
    if unit not in divisions.units:
        raise UnitUnknown(unit=unit)
    return divisions.units[unit]
