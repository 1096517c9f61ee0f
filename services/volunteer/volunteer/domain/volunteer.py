"""A volunteer (志愿者): who they are is sealed; background and Party membership are what bulletins count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, ProjectId, Sealed, UnitCode, VolunteerId
from kit.errors import ActsFor, Refused
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


VolunteerEvent: TypeAlias = VolunteerRegistered


@dataclass(frozen=True)
class Volunteer:
    registered_on: date | None = None
    is_party_member: bool = False


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
    if background is Background.PARTY_MEMBER and not is_party_member:
        raise BackgroundInconsistent
    community = recorded_in(project, acts_for, occurred_on)
    registered = VolunteerRegistered(
        volunteer_id, project_id, community, background, is_party_member, occurred_on, name
    )
    return (registered,)


def evolve(_: Volunteer, event: VolunteerEvent) -> Volunteer:
    match event:
        case VolunteerRegistered(is_party_member=is_party_member, registered_on=registered_on):
            return Volunteer(registered_on, is_party_member)
        case _:
            assert_never(event)
