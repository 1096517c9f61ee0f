"""A volunteer activity (志愿服务活动): planned, held, who attended, how many residents were served.

Party-member participations and residents served are both person-times, and are never added (R-KL-10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import ActivityId, Event, ProjectId, Quantity, Unit, UnitCode, VolunteerId
from kit.errors import ActsFor, NotFound, Refused, not_before
from volunteer.domain.project import Project, ProjectClosed, recorded_in
from volunteer.domain.volunteer import Volunteer


class Organiser(StrEnum):
    PARTY_BRANCH = "party_branch"
    TEAM = "team"
    COMMUNITY = "community"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class VolunteerActivityPlanned(Event):
    TOPIC: ClassVar[str] = "volunteer.activity-planned"
    NAME: ClassVar[str] = "计划志愿服务活动"

    activity_id: ActivityId
    project_id: ProjectId | None
    community: UnitCode
    title: str
    organiser: Organiser
    planned_for: date
    planned_on: date


@dataclass(frozen=True)
class VolunteerActivityHeld(Event):
    TOPIC: ClassVar[str] = "volunteer.activity-held"
    NAME: ClassVar[str] = "开展志愿服务活动"

    activity_id: ActivityId
    held_on: date


@dataclass(frozen=True)
class VolunteerAttendanceRecorded(Event):
    """One volunteer at one activity; `party_member` as registered when it was recorded."""

    TOPIC: ClassVar[str] = "volunteer.attendance-recorded"
    NAME: ClassVar[str] = "登记参与志愿者"
    RULE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    volunteer_id: VolunteerId
    party_member: bool


@dataclass(frozen=True)
class ResidentsServedRecorded(Event):
    TOPIC: ClassVar[str] = "volunteer.residents-served-recorded"
    NAME: ClassVar[str] = "登记服务居民人次"
    RULE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    served: Quantity


ActivityEvent: TypeAlias = (
    VolunteerActivityPlanned | VolunteerActivityHeld | VolunteerAttendanceRecorded | ResidentsServedRecorded
)


@dataclass(frozen=True)
class Activity:
    """Who attended is not in it, for a list may be long: a decision is told who of those it is about is on it."""

    planned: VolunteerActivityPlanned | None = None
    held_on: date | None = None
    served: Quantity | None = None


class ActivityAlreadyPlanned(Refused):
    code = "activity-already-planned"
    name = "活动已登记"
    text = "该活动已登记。请另行登记新的活动。"


class ActivityNotHeld(Refused):
    code = "activity-not-held"
    name = "活动未登记开展"
    text = "该活动尚未登记为已开展，不能登记参与人员和服务人次。请先登记活动开展。"


class ServedNotPersonTimes(Refused):
    code = "served-not-person-times"
    name = "计量单位须为人次"
    status = 422
    rule = "R-KL-10"
    text = "服务居民须以人次填写。请核对计量单位。"


class ServedAlreadyRecorded(Refused):
    code = "served-already-recorded"
    name = "服务人次已登记"
    rule = "R-KL-10"
    text = "该活动的服务居民人次已登记为 {recorded}，不能改写。请核对原始记录。"


def plan(
    activity: Activity,
    project: Project,
    *,
    activity_id: ActivityId,
    project_id: ProjectId,
    acts_for: ActsFor,
    title: str,
    organiser: Organiser,
    planned_for: date,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Plans an activity in the project's community; on a day when the project is over, none."""
    if activity.planned is not None:
        raise ActivityAlreadyPlanned
    community = recorded_in(project, acts_for, occurred_on)
    if not project.open_on(occurred_on):
        raise ProjectClosed
    planned = VolunteerActivityPlanned(activity_id, project_id, community, title, organiser, planned_for, occurred_on)
    return (planned,)


def hold(
    activity: Activity, project: Project, *, activity_id: ActivityId, acts_for: ActsFor, occurred_on: date
) -> Sequence[ActivityEvent]:
    if activity.planned is None:
        raise NotFound
    recorded_in(project, acts_for, occurred_on)
    not_before(occurred_on, activity.planned.planned_on, "活动登记")
    return () if activity.held_on else (VolunteerActivityHeld(activity_id, occurred_on),)


def record_attendance(
    activity: Activity,
    project: Project,
    volunteers: Mapping[VolunteerId, Volunteer],
    listed: Set[VolunteerId],
    *,
    acts_for: ActsFor,
    occurred_on: date,
) -> Sequence[ActivityEvent]:
    """Records who of `volunteers` attended, in their order; who is `listed` already is not counted again."""
    recorded_in(project, acts_for, occurred_on)
    _require_held(activity, occurred_on)
    for volunteer in volunteers.values():
        not_before(occurred_on, volunteer.registered_on, "志愿者登记")
    return tuple(
        VolunteerAttendanceRecorded(volunteer_id, volunteer.is_party_member)
        for volunteer_id, volunteer in volunteers.items()
        if volunteer_id not in listed
    )


def record_served(
    activity: Activity, project: Project, *, served: Quantity, acts_for: ActsFor, occurred_on: date
) -> Sequence[ActivityEvent]:
    """Records the residents served, in person-times; a rough count (余) keeps its qualifier."""
    recorded_in(project, acts_for, occurred_on)
    _require_held(activity, occurred_on)
    if served.unit is not Unit.PERSON_TIMES:
        raise ServedNotPersonTimes
    if activity.served is not None and activity.served != served:
        raise ServedAlreadyRecorded(recorded=activity.served.value)
    return () if activity.served else (ResidentsServedRecorded(served),)


def project_of(activity: Activity) -> ProjectId:
    """The project that an activity belongs to, which never changes.  NotFound where none was planned."""
    if activity.planned is None or activity.planned.project_id is None:
        raise NotFound
    return activity.planned.project_id


def _require_held(activity: Activity, occurred_on: date) -> None:
    """ActivityNotHeld, or TooEarly for a day before it was held."""
    if activity.held_on is None:
        raise ActivityNotHeld
    not_before(occurred_on, activity.held_on, "活动开展")


def evolve(activity: Activity, event: ActivityEvent) -> Activity:
    match event:
        case VolunteerActivityPlanned():
            return Activity(planned=event)
        case VolunteerActivityHeld(held_on=held_on):
            return replace(activity, held_on=held_on)
        case VolunteerAttendanceRecorded():
            return activity
        case ResidentsServedRecorded(served=served):
            return replace(activity, served=served)
        case _:
            assert_never(event)
