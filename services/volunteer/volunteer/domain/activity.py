"""A volunteer activity (志愿服务活动): planned, held, who attended, how many residents were served.

Party-member participations and residents served are both person-times, and are never added (R-KL-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, assert_never

from contracts.values import ActivityId, Event, PilotId, Quantity, Unit, UnitCode, VolunteerId
from kit.errors import NotFound, Refused
from volunteer.domain.project import Project, ProjectClosed, at
from volunteer.domain.volunteer import Volunteer


class Organiser(StrEnum):
    PARTY_BRANCH = "party_branch"
    TEAM = "team"
    COMMUNITY = "community"
    AGENCY = "agency"


@dataclass(frozen=True)
class VolunteerActivityPlanned(Event):
    TOPIC: ClassVar[str] = "volunteer.activity-planned"

    activity_id: ActivityId
    pilot_id: PilotId | None
    community: UnitCode
    title: str
    organiser: Organiser
    planned_for: date


@dataclass(frozen=True)
class VolunteerActivityHeld(Event):
    TOPIC: ClassVar[str] = "volunteer.activity-held"

    activity_id: ActivityId


@dataclass(frozen=True)
class VolunteerAttendanceRecorded(Event):
    """One volunteer at one activity; `party_member` as registered when it was recorded."""

    TOPIC: ClassVar[str] = "volunteer.attendance-recorded"
    CLAUSE: ClassVar[str | None] = "R-KL-10"

    volunteer_id: VolunteerId
    party_member: bool


@dataclass(frozen=True)
class ResidentsServedRecorded(Event):
    TOPIC: ClassVar[str] = "volunteer.residents-served-recorded"
    CLAUSE: ClassVar[str | None] = "R-KL-10"

    served: Quantity


ActivityEvent = VolunteerActivityPlanned | VolunteerActivityHeld | VolunteerAttendanceRecorded | ResidentsServedRecorded


@dataclass(frozen=True)
class Activity:
    planned: VolunteerActivityPlanned | None = None
    held: bool = False
    attendance: frozenset[VolunteerId] = frozenset()
    served: Quantity | None = None


class ActivityAlreadyPlanned(Refused):
    code = "activity-already-planned"
    text = "该活动已登记。请另行登记新的活动。"


class ActivityNotHeld(Refused):
    code = "activity-not-held"
    text = "该活动尚未登记为已开展，不能登记参与人员和服务人次。请先登记活动开展。"


class ServedNotPersonTimes(Refused):
    code = "served-not-person-times"
    status = 422
    clause = "R-KL-10"
    text = "服务居民须以人次填写。请核对计量单位。"


class ServedAlreadyRecorded(Refused):
    code = "served-already-recorded"
    clause = "R-KL-10"
    text = "该活动的服务居民人次已登记为 {recorded}，不能改写。请核对原始记录。"


def plan(
    activity: Activity,
    project: Project,
    *,
    activity_id: ActivityId,
    pilot_id: PilotId,
    unit: str | None,
    title: str,
    organiser: Organiser,
    planned_for: date,
) -> tuple[Sequence[ActivityEvent], ...]:
    """Plans an activity in the project's community; in a project that is over, none."""
    if activity.planned is not None:
        raise ActivityAlreadyPlanned
    community = at(project, unit)
    if project.closed:
        raise ProjectClosed
    return (VolunteerActivityPlanned(activity_id, pilot_id, community, title, organiser, planned_for),), ()


def hold(
    activity: Activity, project: Project, *, activity_id: ActivityId, unit: str | None
) -> tuple[Sequence[ActivityEvent], ...]:
    if activity.planned is None:
        raise NotFound
    at(project, unit)
    return (() if activity.held else (VolunteerActivityHeld(activity_id),)), ()


def record_attendance(
    activity: Activity,
    project: Project,
    *volunteers: Volunteer,
    volunteer_ids: tuple[VolunteerId, ...],
    unit: str | None,
) -> tuple[Sequence[ActivityEvent], ...]:
    """Records who attended, in the order of `volunteer_ids`; who is on the list already is not counted again."""
    at(project, unit)
    if not activity.held:
        raise ActivityNotHeld
    new = {
        volunteer_id: VolunteerAttendanceRecorded(volunteer_id, volunteer.is_party_member)
        for volunteer_id, volunteer in zip(volunteer_ids, volunteers, strict=True)
        if volunteer_id not in activity.attendance
    }
    return tuple(new.values()), (), *((),) * len(volunteers)


def record_served(
    activity: Activity, project: Project, *, served: Quantity, unit: str | None
) -> tuple[Sequence[ActivityEvent], ...]:
    """Records the residents served, in person-times; a rough count (余) keeps its qualifier."""
    at(project, unit)
    if not activity.held:
        raise ActivityNotHeld
    if served.unit is not Unit.PERSON_TIMES:
        raise ServedNotPersonTimes
    if activity.served is not None and activity.served != served:
        raise ServedAlreadyRecorded(recorded=activity.served.value)
    return (() if activity.served else (ResidentsServedRecorded(served),)), ()


def evolve(activity: Activity, event: ActivityEvent) -> Activity:
    match event:
        case VolunteerActivityPlanned():
            return Activity(planned=event)
        case VolunteerActivityHeld():
            return replace(activity, held=True)
        case VolunteerAttendanceRecorded(volunteer_id=volunteer_id):
            return replace(activity, attendance=activity.attendance | {volunteer_id})
        case ResidentsServedRecorded(served=served):
            return replace(activity, served=served)
        case _:
            assert_never(event)
