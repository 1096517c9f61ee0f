"""Activities, and what came of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from contracts.fields import Crowd, Day, Name
from contracts.values import ActivityId, ProjectId, Qualifier, Quantity, Unit, VolunteerId
from kit import clock
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Each, Look, Store, Stream
from volunteer.commands.streams import ACTIVITIES, PROJECTS, VOLUNTEERS
from volunteer.domain import activity
from volunteer.domain.activity import Activity, Organiser, Situation
from volunteer.domain.project import Project, ProjectEvent
from volunteer.projections import activity as activities

TOGETHER = 100
"""Volunteers in one attendance list; a longer one is sent in parts."""


class PlanActivity(Command):
    """`title` is shown to everyone: no name of a person belongs in it."""

    project_id: ProjectId
    title: Name
    organiser: Organiser
    planned_for: Day


class HoldActivity(Command):
    """No more than the day."""


class RecordAttendance(Command):
    volunteer_ids: Annotated[tuple[VolunteerId, ...], Field(min_length=1, max_length=TOGETHER)]


class RecordResidentsServed(Command):
    """Person-times; `qualifier` says whether it is exact or a rough count (余)."""

    residents_served: Crowd
    qualifier: Qualifier = Qualifier.EXACT


async def plan_activity(store: Store, caller: Caller, cmd: PlanActivity) -> Answer:
    cause = caller.may("plan-activity", cmd.occurred_on)
    activity_id = ActivityId(caller.new_id("activity"))
    tenant = caller.actor.tenant
    return await store.change(
        cause,
        lambda state, project: activity.plan(
            state,
            project,
            activity_id=activity_id,
            project_id=cmd.project_id,
            acts_for=caller.acts_for,
            title=cmd.title,
            organiser=cmd.organiser,
            planned_for=cmd.planned_for,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id, tenant),
        reads=PROJECTS.stream(cmd.project_id, tenant),
    )


async def hold_activity(store: Store, caller: Caller, activity_id: ActivityId, cmd: HoldActivity) -> Answer:
    cause = caller.may("hold-activity", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, project: activity.hold(
            state, project, activity_id=activity_id, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        ACTIVITIES.stream(activity_id),
        reads=project_stream,
    )


async def record_attendance(store: Store, caller: Caller, activity_id: ActivityId, cmd: RecordAttendance) -> Answer:
    """One list at a time; who is on it must be registered, and is counted once (R-KL-10)."""
    cause = caller.may("record-attendance", cmd.occurred_on)
    came = {volunteer_id: VOLUNTEERS.stream(volunteer_id) for volunteer_id in cmd.volunteer_ids}
    return await store.change(
        cause,
        lambda state, project, volunteers, listed: activity.record_attendance(
            state, project, volunteers, listed, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        ACTIVITIES.stream(activity_id),
        reads=lambda state: (
            project_stream(state) & Each(came) & Look(lambda tx: activities.listed(tx, activity_id, came))
        ),
    )


async def record_served(store: Store, caller: Caller, activity_id: ActivityId, cmd: RecordResidentsServed) -> Answer:
    cause = caller.may("record-residents-served", cmd.occurred_on)
    served = Quantity(Decimal(cmd.residents_served), Unit.PERSON_TIMES, cmd.qualifier)
    return await store.change(
        cause,
        lambda state, project: activity.record_served(
            state, project, served=served, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        ACTIVITIES.stream(activity_id),
        reads=project_stream,
    )


async def situation(store: Store, caller: Caller, activity_id: ActivityId) -> Situation:
    """What the steps of an activity ask about, today."""
    state, project, listed = await store.look(
        caller.reads("read-activities"),
        ACTIVITIES.stream(activity_id),
        lambda state: project_stream(state) & Look(lambda tx: activities.how_many(tx, activity_id)),
    )
    return Situation(state, project, caller.acts_for, clock.day(caller.now), listed)


def project_stream(state: Activity) -> Stream[Project, ProjectEvent]:
    return PROJECTS.stream(activity.project_of(state))
