"""An agency as casework needs to know it: whether it may take on new cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import AgencyId, Event
from kit.errors import Refused


@dataclass(frozen=True)
class AgencyNoted(Event):
    """The registry registered it: its standing can be asked from now on."""

    TOPIC: ClassVar[str] = "casework.agency-noted"
    NAME: ClassVar[str] = "获知机构登记"
    LATE: ClassVar[bool] = True

    agency_id: AgencyId


@dataclass(frozen=True)
class AgencyFreezeNoted(Event):
    """The agency stands on the blacklist, so it takes on no new case (SG-3)."""

    TOPIC: ClassVar[str] = "casework.agency-freeze-noted"
    NAME: ClassVar[str] = "获知机构列入黑名单"
    CLAUSE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    agency_id: AgencyId
    reason: str


@dataclass(frozen=True)
class AgencyFreezeLiftNoted(Event):
    TOPIC: ClassVar[str] = "casework.agency-freeze-lift-noted"
    NAME: ClassVar[str] = "获知机构移出黑名单"
    LATE: ClassVar[bool] = True

    agency_id: AgencyId


AgencyEvent: TypeAlias = AgencyNoted | AgencyFreezeNoted | AgencyFreezeLiftNoted


@dataclass(frozen=True)
class Agency:
    known: bool = False
    frozen: bool = False


class AgencyFrozen(Refused):
    code = "agency-frozen"
    name = "承接机构在黑名单内"
    clause = "R-LZ-08"
    text = "该社工机构已列入“黑名单”，不能新开个案。请联系民政部门另行安排承接机构。"


def note_agency(agency: Agency, *, agency_id: AgencyId) -> Sequence[AgencyEvent]:
    return () if agency.known else (AgencyNoted(agency_id),)


def note_freeze(agency: Agency, *, agency_id: AgencyId, reason: str) -> Sequence[AgencyEvent]:
    return () if agency.frozen else (AgencyFreezeNoted(agency_id, reason),)


def note_freeze_lift(agency: Agency, *, agency_id: AgencyId) -> Sequence[AgencyEvent]:
    return (AgencyFreezeLiftNoted(agency_id),) if agency.frozen else ()


def evolve(_: Agency, event: AgencyEvent) -> Agency:
    match event:
        case AgencyNoted() | AgencyFreezeLiftNoted():
            return Agency(known=True)
        case AgencyFreezeNoted():
            return Agency(known=True, frozen=True)
        case _:
            assert_never(event)
