"""Command models and handlers: may they, which streams, decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, get_args

from pydantic import Field

from contracts.fields import Crowd, Day, Name, PersonName
from contracts.messages.funding import ImplementationStartedV1
from contracts.values import ActivityId, PersonId, PilotId, Qualifier, Quantity, Sealed, Unit, VolunteerId
from kit.auth import Caller, Cause
from kit.errors import NotFound, NotKnownYet
from kit.service import Command
from kit.store import Answer, Category, Store, Stream
from volunteer import projections
from volunteer.domain import activity, counts, project, volunteer
from volunteer.domain.activity import Organiser
from volunteer.domain.counts import Counts, CountsEvent, Totals
from volunteer.domain.project import Project
from volunteer.domain.volunteer import Background

VOLUNTEERS = Category("volunteer", volunteer.Volunteer(), volunteer.evolve, (volunteer.VolunteerRegistered,))
ACTIVITIES = Category("activity", activity.Activity(), activity.evolve, get_args(activity.ActivityEvent))
PROJECTS = Category("project", project.Project(), project.evolve, get_args(project.ProjectEvent))
COUNTS = Category("counts", counts.Counts(), counts.evolve, (counts.VolunteerCountsPublished,))
STREAMS = (VOLUNTEERS, ACTIVITIES, PROJECTS, COUNTS)

TOGETHER = 100
"""Volunteers in one attendance list; a longer one is sent in parts."""


class RegisterVolunteer(Command):
    pilot_id: PilotId
    background: Background
    is_party_member: bool
    name: PersonName


class PlanActivity(Command):
    """`title` is shown to everyone: no name of a person belongs in it."""

    pilot_id: PilotId
    title: Name
    organiser: Organiser
    planned_for: Day


class HoldActivity(Command):
    pass


class RecordAttendance(Command):
    volunteer_ids: Annotated[tuple[VolunteerId, ...], Field(min_length=1, max_length=TOGETHER)]


class RecordResidentsServed(Command):
    """Person-times; `qualifier` says whether it is exact or a rough count (余)."""

    person_times: Crowd
    qualifier: Qualifier = Qualifier.EXACT


class PublishVolunteerCounts(Command):
    """The totals are those at the end of `occurred_on`."""


async def register_volunteer(store: Store, caller: Caller, cmd: RegisterVolunteer) -> Answer:
    cause = caller.may("register-volunteer", cmd.occurred_on)
    volunteer_id = VolunteerId(caller.new_id("volunteer"))
    person = PersonId(caller.new_id("person"))
    tenant = caller.actor.tenant
    return await store.change(
        cause,
        lambda state, here: volunteer.register(
            state,
            here,
            volunteer_id=volunteer_id,
            pilot_id=cmd.pilot_id,
            acts_for=caller.acts_for,
            background=cmd.background,
            is_party_member=cmd.is_party_member,
            name=Sealed(person=person, clear=cmd.name),
            occurred_on=cmd.occurred_on,
        ),
        VOLUNTEERS.stream(volunteer_id, tenant),
        PROJECTS.stream(cmd.pilot_id, tenant),
    )


async def plan_activity(store: Store, caller: Caller, cmd: PlanActivity) -> Answer:
    cause = caller.may("plan-activity", cmd.occurred_on)
    activity_id = ActivityId(caller.new_id("activity"))
    tenant = caller.actor.tenant
    return await store.change(
        cause,
        lambda state, here: activity.plan(
            state,
            here,
            activity_id=activity_id,
            pilot_id=cmd.pilot_id,
            acts_for=caller.acts_for,
            title=cmd.title,
            organiser=cmd.organiser,
            planned_for=cmd.planned_for,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id, tenant),
        PROJECTS.stream(cmd.pilot_id, tenant),
    )


async def hold_activity(store: Store, caller: Caller, activity_id: ActivityId, cmd: HoldActivity) -> Answer:
    cause = caller.may("hold-activity", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, here: activity.hold(
            state, here, activity_id=activity_id, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        ACTIVITIES.stream(activity_id),
        await _project(store, cause, activity_id),
    )


async def record_attendance(store: Store, caller: Caller, activity_id: ActivityId, cmd: RecordAttendance) -> Answer:
    """One list at a time; who is on it must be registered, and is counted once (R-KL-10)."""
    cause = caller.may("record-attendance", cmd.occurred_on)
    came_ids = tuple(dict.fromkeys(cmd.volunteer_ids))
    return await store.change(
        cause,
        lambda state, here, *came: activity.record_attendance(
            state, here, *came, volunteer_ids=came_ids, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        ACTIVITIES.stream(activity_id),
        await _project(store, cause, activity_id),
        *(VOLUNTEERS.stream(volunteer_id) for volunteer_id in came_ids),
    )


async def record_served(store: Store, caller: Caller, activity_id: ActivityId, cmd: RecordResidentsServed) -> Answer:
    cause = caller.may("record-residents-served", cmd.occurred_on)
    served = Quantity(Decimal(cmd.person_times), Unit.PERSON_TIMES, cmd.qualifier)
    return await store.change(
        cause,
        lambda state, here: activity.record_served(
            state, here, served=served, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        ACTIVITIES.stream(activity_id),
        await _project(store, cause, activity_id),
    )


async def publish_counts(store: Store, caller: Caller, pilot_id: PilotId, cmd: PublishVolunteerCounts) -> Answer:
    """Counted in the transaction that publishes, so that of two publications the later one counted last."""
    cause = caller.may("publish-volunteer-counts", cmd.occurred_on)

    def decide(state: Counts, here: Project, found: Totals) -> tuple[Sequence[CountsEvent], ...]:
        if here.community is None:
            raise NotKnownYet(what="试点项目开展情况")
        return counts.publish(state, pilot_id=pilot_id, day=cmd.occurred_on, totals=found), ()

    tenant = caller.actor.tenant
    return await store.change(
        cause,
        decide,
        COUNTS.stream(pilot_id, tenant),
        PROJECTS.stream(pilot_id, tenant),
        look=lambda tx: projections.totals(tx, pilot_id, cmd.occurred_on),
    )


async def note_start(store: Store, caller: Caller, event: ImplementationStartedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-start", on),
        lambda state: project.note_start(
            state, pilot_id=event.pilot_id, agency_id=event.agency_id, community=event.community, occurred_on=on
        ),
        PROJECTS.stream(event.pilot_id, caller.actor.tenant),
    )


async def note_closure(store: Store, caller: Caller, pilot_id: PilotId, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-closure", on),
        lambda state: project.note_closure(state, pilot_id=pilot_id, occurred_on=on),
        PROJECTS.stream(pilot_id, caller.actor.tenant),
    )


async def _project(store: Store, cause: Cause, activity_id: ActivityId) -> Stream[Project]:
    """The project of an activity; which one it is never changes."""
    planned = (await store.fold(cause, ACTIVITIES.stream(activity_id))).planned
    if planned is None or planned.pilot_id is None:
        raise NotFound
    return PROJECTS.stream(planned.pilot_id)
