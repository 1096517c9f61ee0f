"""An organisation as casework needs to know it: whether it may take on new cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, OrganisationId
from kit.errors import Refused


@dataclass(frozen=True)
class OrganisationNoted(Event):
    """The registry registered it: its standing can be asked from now on."""

    TOPIC: ClassVar[str] = "casework.organisation-noted"
    NAME: ClassVar[str] = "获知机构登记"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId


@dataclass(frozen=True)
class OrganisationFreezeNoted(Event):
    """The organisation stands on the blacklist, so it takes on no new case (SG-3)."""

    TOPIC: ClassVar[str] = "casework.organisation-freeze-noted"
    NAME: ClassVar[str] = "获知机构列入黑名单"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    reason: str


@dataclass(frozen=True)
class OrganisationFreezeLiftNoted(Event):
    TOPIC: ClassVar[str] = "casework.organisation-freeze-lift-noted"
    NAME: ClassVar[str] = "获知机构移出黑名单"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId


OrganisationEvent: TypeAlias = OrganisationNoted | OrganisationFreezeNoted | OrganisationFreezeLiftNoted


@dataclass(frozen=True)
class Organisation:
    known: bool = False
    frozen: bool = False


class OrganisationFrozen(Refused):
    code = "organisation-frozen"
    name = "承接机构在黑名单内"
    rule = "R-LZ-08"
    text = "该社工机构已列入“黑名单”，不能新开个案。请联系民政部门另行安排承接机构。"


def note_organisation(organisation: Organisation, *, organisation_id: OrganisationId) -> Sequence[OrganisationEvent]:
    return () if organisation.known else (OrganisationNoted(organisation_id),)


def note_freeze(
    organisation: Organisation, *, organisation_id: OrganisationId, reason: str
) -> Sequence[OrganisationEvent]:
    return () if organisation.frozen else (OrganisationFreezeNoted(organisation_id, reason),)


def note_freeze_lift(organisation: Organisation, *, organisation_id: OrganisationId) -> Sequence[OrganisationEvent]:
    return (OrganisationFreezeLiftNoted(organisation_id),) if organisation.frozen else ()


def evolve(_: Organisation, event: OrganisationEvent) -> Organisation:
    match event:
        case OrganisationNoted() | OrganisationFreezeLiftNoted():
            return Organisation(known=True)
        case OrganisationFreezeNoted():
            return Organisation(known=True, frozen=True)
        case _:
            assert_never(event)
