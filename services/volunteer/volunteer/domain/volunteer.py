"""A volunteer (志愿者): who they are is sealed; background and Party membership are what bulletins count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import CorrectionReason, Event, ProjectId, Said, Sealed, UnitCode, VolunteerId
from kit.errors import ActsFor, NotFound, Refused, require_day
from volunteer.domain.project import Project, recorded_in


class Background(StrEnum):
    """村(居)民小组组长, 退役士兵, 党员, 大学生 (R-XA-10), and everyone else."""

    GROUP_HEAD = "group_head"
    RETIRED_SOLDIER = "retired_soldier"
    PARTY_MEMBER = "party_member"
    STUDENT = "student"
    OTHER = "other"


@dataclass(frozen=True)
class VolunteerRegistered(Event):
    """`is_party_member` stands apart from `background`: a student may be one too."""

    TOPIC: ClassVar[str] = "volunteer.volunteer-registered"
    NAME: ClassVar[str] = "登记志愿者"

    volunteer_id: VolunteerId
    project_id: ProjectId | None
    community: UnitCode
    background: Background
    is_party_member: bool
    registered_on: date
    name: Sealed[str]


@dataclass(frozen=True)
class Registration:
    """What a volunteer is counted by."""

    background: Background
    is_party_member: bool


@dataclass(frozen=True)
class VolunteerCorrected(Event):
    """`name` is the right one, where it was wrong."""

    TOPIC: ClassVar[str] = "volunteer.volunteer-corrected"
    NAME: ClassVar[str] = "更正志愿者登记"
    LATE: ClassVar[bool] = True

    volunteer_id: VolunteerId
    was: Registration
    now: Registration
    name: Sealed[str] | None
    reason: CorrectionReason


VolunteerEvent: TypeAlias = VolunteerRegistered | VolunteerCorrected


@dataclass(frozen=True)
class Volunteer:
    registered: VolunteerRegistered | None = None
    """As it is now held to be."""

    @property
    def registered_on(self) -> date | None:
        return self.registered.registered_on if self.registered else None

    @property
    def is_party_member(self) -> bool:
        return self.registered is not None and self.registered.is_party_member


class VolunteerAlreadyRegistered(Refused):
    code = "volunteer-already-registered"
    name = "志愿者已登记"
    text = "该志愿者已登记。请直接为其登记活动参与情况。"


class BackgroundInconsistent(Refused):
    code = "background-inconsistent"
    name = "身份背景与党员标注不符"
    status = 422
    text = "身份背景为“党员”的志愿者，须同时标注为党员。请核对后重新提交。"


def register(
    volunteer: Volunteer,
    project: Project,
    *,
    volunteer_id: VolunteerId,
    project_id: ProjectId,
    acts_for: ActsFor,
    background: Background,
    is_party_member: bool,
    name: Sealed[str],
    occurred_on: date,
) -> Sequence[VolunteerEvent]:
    """Registers a volunteer in the project's community."""
    if volunteer.registered_on is not None:
        raise VolunteerAlreadyRegistered
    _require_consistent(background, is_party_member=is_party_member)
    community = recorded_in(project, acts_for, occurred_on)
    registered = VolunteerRegistered(
        volunteer_id, project_id, community, background, is_party_member, occurred_on, name
    )
    return (registered,)


def correct(
    volunteer: Volunteer,
    past: Said,
    project: Project,
    *,
    acts_for: ActsFor,
    background: Background | None,
    is_party_member: bool | None,
    name: str | None,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[VolunteerEvent]:
    """Puts right what was registered; None stays as it is.  `past` is what was said of the volunteer, names open."""
    known = registered(volunteer)
    recorded_in(project, acts_for, occurred_on)
    require_day(occurred_on, known.registered_on)
    was = Registration(known.background, known.is_party_member)
    now = Registration(
        background or was.background, was.is_party_member if is_party_member is None else is_party_member
    )
    _require_consistent(now.background, is_party_member=now.is_party_member)
    called = next((event.name.clear for _, _, event in reversed(past) if event.name is not None), None)
    renamed = Sealed(person=known.name.person, clear=name) if name is not None and name != called else None
    if was == now and renamed is None:
        return ()
    return (VolunteerCorrected(known.volunteer_id, was, now, renamed, reason),)


def registered(volunteer: Volunteer) -> VolunteerRegistered:
    """Who a volunteer is.  NotFound where nobody was registered."""
    if volunteer.registered is None:
        raise NotFound
    return volunteer.registered


def project_of(volunteer: Volunteer) -> ProjectId:
    """The project at which a volunteer was registered, which never changes."""
    project_id = registered(volunteer).project_id
    if project_id is None:
        raise NotFound
    return project_id


def _require_consistent(background: Background, *, is_party_member: bool) -> None:
    if background is Background.PARTY_MEMBER and not is_party_member:
        raise BackgroundInconsistent


def evolve(volunteer: Volunteer, event: VolunteerEvent) -> Volunteer:
    match event:
        case VolunteerRegistered():
            return Volunteer(event)
        case VolunteerCorrected(now=now):
            return Volunteer(volunteer.registered and replace(volunteer.registered, **vars(now)))
        case _:
            assert_never(event)
