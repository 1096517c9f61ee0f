"""A city's linkage standard: what its scheme asks of sites, conferences and the leading group, as data.

Another city, or next year's plan, declares another standard; no number of it is written in code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, SchemeId, TenantId
from kit.errors import Refused
from registry.domain.site import Equipment


class Seat(StrEnum):
    """Kinds of party at a joint conference (R-LZ-22)."""

    GOVERNMENT = "government"
    SOCIAL_WORK_ORGANISATION = "social_work_organisation"
    SOCIAL_ORGANISATION = "social_organisation"
    RESIDENT = "resident"
    VOLUNTEERS = "volunteers"
    CHARITY = "charity"


@dataclass(frozen=True)
class LinkageStandard:
    """The standard itself.  `divisions` are offices of the city bureau; `office` is the one that hosts the group."""

    equipment: tuple[Equipment, ...]
    seats: tuple[Seat, ...]
    liaisons_min: int
    divisions: tuple[str, ...]
    office: str


@dataclass(frozen=True)
class LinkageStandardDeclared(Event):
    TOPIC: ClassVar[str] = "registry.linkage-standard-declared"
    NAME: ClassVar[str] = "申报联动机制规范"

    tenant_id: TenantId
    scheme_id: SchemeId | None
    standard: LinkageStandard


@dataclass(frozen=True)
class SchemeDistrictsNoted(Event):
    """Which districts a published scheme covers, as the scheme's owner announced it."""

    TOPIC: ClassVar[str] = "registry.scheme-districts-noted"
    NAME: ClassVar[str] = "获知方案试点区"
    LATE: ClassVar[bool] = True

    scheme_id: SchemeId
    scheme_version: int
    districts: tuple[TenantId, ...]
    published_on: date


StandardEvent: TypeAlias = LinkageStandardDeclared | SchemeDistrictsNoted


@dataclass(frozen=True)
class Standard:
    standard: LinkageStandard | None = None
    schemes: tuple[SchemeDistrictsNoted, ...] = ()

    def latest(self, scheme_id: SchemeId) -> SchemeDistrictsNoted | None:
        """A scheme's latest version, or None if it has not been announced."""
        return next((s for s in reversed(self.schemes) if s.scheme_id == scheme_id), None)


class StandardUnknown(Refused):
    code = "linkage-standard-not-declared"
    name = "联动机制规范未申报"
    text = "本市尚未申报联动机制规范（设备清单、席位、科室）。请先由市民政局申报。"


class OfficeNotAmongDivisions(Refused):
    code = "office-not-among-divisions"
    name = "办公室科室不在成员之内"
    status = 422
    rule = "R-LZ-42"
    text = "领导小组办公室所在科室须在成员科室之内。请核对科室名单。"


def evolve(standard: Standard, event: StandardEvent) -> Standard:
    match event:
        case LinkageStandardDeclared():
            return replace(standard, standard=event.standard)
        case SchemeDistrictsNoted():
            return replace(standard, schemes=(*standard.schemes, event))
        case _:
            assert_never(event)


def declare_standard(
    state: Standard, *, tenant_id: TenantId, scheme_id: SchemeId | None, standard: LinkageStandard
) -> Sequence[StandardEvent]:
    if standard.divisions and standard.office not in standard.divisions:
        raise OfficeNotAmongDivisions
    return () if state.standard == standard else (LinkageStandardDeclared(tenant_id, scheme_id, standard),)


def note_districts(
    state: Standard,
    *,
    scheme_id: SchemeId,
    scheme_version: int,
    districts: tuple[TenantId, ...],
    published_on: date,
) -> Sequence[StandardEvent]:
    """An older version that arrives late is passed over."""
    if any(s.scheme_id == scheme_id and s.scheme_version >= scheme_version for s in state.schemes):
        return ()
    return (SchemeDistrictsNoted(scheme_id, scheme_version, districts, published_on),)


def declared(state: Standard) -> LinkageStandard:
    """The standard in force, or a refusal."""
    if state.standard is None:
        raise StandardUnknown
    return state.standard
