"""Putting right what was recorded: each by who may record it, dated as what it corrects."""

from __future__ import annotations

from decimal import Decimal

from contracts.fields import Crowd, Day, Name, PersonName
from contracts.values import ActivityId, CorrectionReason, Qualifier, Quantity, Said, Unit, VolunteerId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Look, Store, past
from volunteer.commands.activity import project_stream
from volunteer.commands.counts import publish_again
from volunteer.commands.streams import ACTIVITIES, PROJECTS, VOLUNTEERS
from volunteer.domain import correction, volunteer
from volunteer.domain.activity import Organiser, project_of
from volunteer.domain.volunteer import Background
from volunteer.projections import activity as activities


class Annul(Command):
    """`occurred_on` is the day of the record."""

    reason: CorrectionReason


class CorrectActivity(Annul):
    """What is not given stays as it is."""

    title: Name | None = None
    organiser: Organiser | None = None
    planned_for: Day | None = None


class CorrectResidentsServed(Annul):
    residents_served: Crowd
    qualifier: Qualifier = Qualifier.EXACT


class CorrectVolunteer(Annul):
    """What is not given stays as it is.  Attendance keeps what was so registered when it was recorded."""

    background: Background | None = None
    is_party_member: bool | None = None
    name: PersonName | None = None


async def correct_activity(store: Store, caller: Caller, activity_id: ActivityId, cmd: CorrectActivity) -> Answer:
    cause = caller.may("correct-activity", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state, project: correction.correct_activity(
            state,
            project,
            acts_for=caller.acts_for,
            title=cmd.title,
            organiser=cmd.organiser,
            planned_for=cmd.planned_for,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id),
        reads=project_stream,
    )


async def annul_activity(store: Store, caller: Caller, activity_id: ActivityId, cmd: Annul) -> Answer:
    cause = caller.may("annul-activity", cmd.occurred_on)
    answer = await store.change(
        cause,
        lambda state, project, listed: correction.annul_activity(
            state,
            project,
            listed,
            acts_for=caller.acts_for,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id),
        reads=lambda state: project_stream(state) & Look(lambda tx: activities.how_many(tx, activity_id)),
    )
    return await _counted_again(store, caller, activity_id, cmd, answer)


async def annul_attendance(
    store: Store, caller: Caller, activity_id: ActivityId, volunteer_id: VolunteerId, cmd: Annul
) -> Answer:
    cause = caller.may("annul-attendance", cmd.occurred_on)
    answer = await store.change(
        cause,
        lambda state, project, said: correction.annul_attendance(
            state,
            project,
            said,
            volunteer_id=volunteer_id,
            acts_for=caller.acts_for,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id),
        reads=lambda state: project_stream(state) & _said(store, caller, activity_id),
    )
    return await _counted_again(store, caller, activity_id, cmd, answer)


async def correct_served(store: Store, caller: Caller, activity_id: ActivityId, cmd: CorrectResidentsServed) -> Answer:
    cause = caller.may("correct-residents-served", cmd.occurred_on)
    served = Quantity(Decimal(cmd.residents_served), Unit.PERSON_TIMES, cmd.qualifier)
    answer = await store.change(
        cause,
        lambda state, project, said: correction.correct_served(
            state,
            project,
            said,
            served=served,
            acts_for=caller.acts_for,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id),
        reads=lambda state: project_stream(state) & _said(store, caller, activity_id),
    )
    return await _counted_again(store, caller, activity_id, cmd, answer)


async def annul_served(store: Store, caller: Caller, activity_id: ActivityId, cmd: Annul) -> Answer:
    cause = caller.may("annul-residents-served", cmd.occurred_on)
    answer = await store.change(
        cause,
        lambda state, project, said: correction.annul_served(
            state,
            project,
            said,
            acts_for=caller.acts_for,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        ACTIVITIES.stream(activity_id),
        reads=lambda state: project_stream(state) & _said(store, caller, activity_id),
    )
    return await _counted_again(store, caller, activity_id, cmd, answer)


async def correct_volunteer(store: Store, caller: Caller, volunteer_id: VolunteerId, cmd: CorrectVolunteer) -> Answer:
    cause = caller.may("correct-volunteer", cmd.occurred_on)
    stream = VOLUNTEERS.stream(volunteer_id)
    return await store.change(
        cause,
        lambda state, said, project: volunteer.correct(
            state,
            said,
            project,
            acts_for=caller.acts_for,
            background=cmd.background,
            is_party_member=cmd.is_party_member,
            name=cmd.name,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        ),
        stream,
        reads=lambda state: (
            past(store, caller.actor.tenant, stream.name, seals=cmd.name is not None)
            & PROJECTS.stream(volunteer.project_of(state))
        ),
    )


def _said(store: Store, caller: Caller, activity_id: ActivityId) -> Look[Said]:
    return past(store, caller.actor.tenant, ACTIVITIES.stream(activity_id).name)


async def _counted_again(store: Store, caller: Caller, activity_id: ActivityId, cmd: Annul, answer: Answer) -> Answer:
    """The answer, once the totals that were told before are told anew."""
    state = await store.fold(caller.reads("read-activities"), ACTIVITIES.stream(activity_id))
    await publish_again(store, caller, project_of(state), cmd.occurred_on)
    return answer
