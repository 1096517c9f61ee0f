"""A volunteer activity (志愿服务活动): planned, held, who attended, how many residents were served.

Party-member participations and residents served are both person-times, and are never added (R-KL-10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import ActivityId, CorrectionReason, Event, ProjectId, Quantity, Unit, UnitCode, VolunteerId
from kit.errors import ActsFor, Annulled, NotFound, Refused, not_before
from kit.steps import Step, require
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


@dataclass(frozen=True)
class Announced:
    """What is said of an activity before it is held."""

    title: str
    organiser: Organiser
    planned_for: date


@dataclass(frozen=True)
class VolunteerActivityCorrected(Event):
    TOPIC: ClassVar[str] = "volunteer.activity-corrected"
    NAME: ClassVar[str] = "更正志愿服务活动"
    LATE: ClassVar[bool] = True

    activity_id: ActivityId
    was: Announced
    now: Announced
    reason: CorrectionReason


@dataclass(frozen=True)
class VolunteerActivityAnnulled(Event):
    """It was never to be recorded; nor is what was recorded of it, which counts no longer."""

    TOPIC: ClassVar[str] = "volunteer.activity-annulled"
    NAME: ClassVar[str] = "作废志愿服务活动"
    LATE: ClassVar[bool] = True

    activity_id: ActivityId
    reason: CorrectionReason


@dataclass(frozen=True)
class VolunteerAttendanceAnnulled(Event):
    """The volunteer was not there, or not on that day; who was may be recorded again."""

    TOPIC: ClassVar[str] = "volunteer.attendance-annulled"
    NAME: ClassVar[str] = "作废参与登记"
    RULE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    volunteer_id: VolunteerId
    party_member: bool
    reason: CorrectionReason


@dataclass(frozen=True)
class ResidentsServedCorrected(Event):
    TOPIC: ClassVar[str] = "volunteer.residents-served-corrected"
    NAME: ClassVar[str] = "更正服务居民人次"
    RULE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    was: Quantity
    now: Quantity
    reason: CorrectionReason


@dataclass(frozen=True)
class ResidentsServedAnnulled(Event):
    TOPIC: ClassVar[str] = "volunteer.residents-served-annulled"
    NAME: ClassVar[str] = "作废服务居民人次"
    RULE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    was: Quantity
    reason: CorrectionReason


ActivityEvent: TypeAlias = (
    VolunteerActivityPlanned
    | VolunteerActivityHeld
    | VolunteerAttendanceRecorded
    | ResidentsServedRecorded
    | VolunteerActivityCorrected
    | VolunteerActivityAnnulled
    | VolunteerAttendanceAnnulled
    | ResidentsServedCorrected
    | ResidentsServedAnnulled
)


@dataclass(frozen=True)
class Activity:
    """Who attended is not in it, for a list may be long: a decision is told who of those it is about is on it."""

    planned: VolunteerActivityPlanned | None = None
    held_on: date | None = None
    served: Quantity | None = None
    annulled: bool = False


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
    text = "该活动的服务居民人次已登记为 {recorded}，不能改写。登记有误的，请办理更正。"


class SomebodyListed(Refused):
    code = "attendance-listed"
    name = "活动尚有参与登记"
    text = "该活动还登记有 {count} 名参与志愿者，不能作废。请先作废这些参与登记。"


@dataclass(frozen=True)
class Situation:
    """All that the steps of an activity ask about, on a day; `listed` is how many attended."""

    activity: Activity
    project: Project
    acts_for: ActsFor
    day: date
    listed: int = 0


def _planned(s: Situation, _: str) -> None:
    if s.activity.planned is None:
        raise NotFound


def _here(s: Situation, _: str) -> None:
    recorded_in(s.project, s.acts_for, s.day)


def _kept(s: Situation, _: str) -> None:
    if s.activity.annulled:
        raise Annulled


def _since_planned(s: Situation, _: str) -> None:
    if s.activity.planned is not None:
        not_before(s.day, s.activity.planned.planned_on, "活动登记")


def _held(s: Situation, _: str) -> None:
    if s.activity.held_on is None:
        raise ActivityNotHeld
    not_before(s.day, s.activity.held_on, "活动开展")


def _nobody_listed(s: Situation, _: str) -> None:
    if s.listed:
        raise SomebodyListed(count=s.listed)


HOLD = Step(
    "hold-activity",
    "开展志愿服务活动",
    (_planned, _here, _kept, _since_planned),
    done=lambda s, _: s.activity.held_on is not None,
    due=lambda s, _: s.activity.planned.planned_for if s.activity.planned else None,
)
ATTEND = Step("record-attendance", "登记参与志愿者", (_here, _kept, _held))
SERVE = Step(
    "record-residents-served",
    "登记服务居民人次",
    (_here, _kept, _held),
    done=lambda s, _: s.activity.served is not None,
)
CORRECT = Step("correct-activity", "更正志愿服务活动", (_planned, _here, _kept))
ANNUL = Step(
    "annul-activity", "作废志愿服务活动", (_planned, _here, _nobody_listed), done=lambda s, _: s.activity.annulled
)
ANNUL_ATTENDANCE = Step("annul-attendance", "作废参与登记", (_here, _kept), done=lambda s, _: not s.listed)
CORRECT_SERVED = Step(
    "correct-residents-served", "更正服务居民人次", (_here, _kept), done=lambda s, _: s.activity.served is None
)
ANNUL_SERVED = Step(
    "annul-residents-served", "作废服务居民人次", (_here, _kept), done=lambda s, _: s.activity.served is None
)
STEPS = (HOLD, ATTEND, SERVE, CORRECT, ANNUL, ANNUL_ATTENDANCE, CORRECT_SERVED, ANNUL_SERVED)
"""What guards the commands, and tells people."""


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
    require(HOLD, Situation(activity, project, acts_for, occurred_on))
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
    require(ATTEND, Situation(activity, project, acts_for, occurred_on))
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
    require(SERVE, Situation(activity, project, acts_for, occurred_on))
    if served.unit is not Unit.PERSON_TIMES:
        raise ServedNotPersonTimes
    if activity.served is not None and activity.served != served:
        raise ServedAlreadyRecorded(recorded=activity.served.value)
    return () if activity.served else (ResidentsServedRecorded(served),)


def planned_of(activity: Activity) -> VolunteerActivityPlanned:
    """What an activity is held to be.  NotFound where none was planned."""
    if activity.planned is None:
        raise NotFound
    return activity.planned


def project_of(activity: Activity) -> ProjectId:
    """The project that an activity belongs to, which never changes.  NotFound where none was planned."""
    if activity.planned is None or activity.planned.project_id is None:
        raise NotFound
    return activity.planned.project_id


def evolve(activity: Activity, event: ActivityEvent) -> Activity:
    match event:
        case VolunteerActivityPlanned():
            return Activity(planned=event)
        case VolunteerActivityHeld(held_on=held_on):
            return replace(activity, held_on=held_on)
        case VolunteerAttendanceRecorded() | VolunteerAttendanceAnnulled():
            return activity
        case ResidentsServedRecorded(served=served) | ResidentsServedCorrected(now=served):
            return replace(activity, served=served)
        case ResidentsServedAnnulled():
            return replace(activity, served=None)
        case VolunteerActivityCorrected(now=now):
            return replace(activity, planned=activity.planned and replace(activity.planned, **vars(now)))
        case VolunteerActivityAnnulled():
            return replace(activity, annulled=True)
        case _:
            assert_never(event)
