"""What the registry does about other services' facts: verdicts on staff, locks, punishment, release.

Who is posted at a project only its posting says: the workers' own streams follow from it, and are decided with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, SchemeId, TenantId, UnitCode, WorkerId
from kit.auth import Caller
from kit.store import Answer, Each, Store
from registry.commands.streams import ORGANISATIONS, STAFFING, WORKERS, city_of
from registry.domain import blacklist, staffing, worker
from registry.domain.organisation import Organisation, OrganisationEvent
from registry.domain.posting import Declaration, Ending, Posting, PostingEvent
from registry.domain.staffing import PerWorker, Workers
from registry.domain.worker import Worker, WorkerEvent

Team: TypeAlias = Callable[[Posting], Each[WorkerId, Worker, WorkerEvent]]


def _team(city: TenantId, named: Iterable[WorkerId] = ()) -> Team:
    """The streams of everybody named, and of everybody present at the posting."""
    return lambda posting: Each({w: WORKERS.stream(w, tenant=city) for w in (*named, *posting.present)})


async def verify_staffing(
    store: Store, caller: Caller, project_id: ProjectId, declaration: Declaration, occurred_on: date
) -> Answer:
    """Ends in a verdict, whatever was declared: StaffingVerified or StaffingRejected (SG-2)."""
    cause = caller.may("verify-staffing", occurred_on)
    city = city_of(caller, caller.actor.tenant)

    def decide(state: Posting, team: Workers, organisation: Organisation) -> tuple[Sequence[PostingEvent], PerWorker]:
        return staffing.verify(
            state, organisation, team, project_id=project_id, declaration=declaration, occurred_on=occurred_on
        )

    return await store.change(
        cause,
        decide,
        STAFFING.stream(project_id, tenant=caller.actor.tenant),
        _team(city, declaration.worker_ids),
        reads=ORGANISATIONS.stream(declaration.organisation_id, tenant=city),
    )


async def lock_workers(
    store: Store,
    caller: Caller,
    project_id: ProjectId,
    *,
    organisation_id: OrganisationId,
    community: UnitCode,
    from_day: date,
    to_day: date,
    worker_ids: tuple[WorkerId, ...],
    occurred_on: date,
) -> Answer:
    """The project began: its verified workers are locked and placed.  NotKnownYet before the verdict."""
    cause = caller.may("lock-workers", occurred_on)

    def decide(state: Posting, team: Workers) -> tuple[Sequence[PostingEvent], PerWorker]:
        return staffing.lock_workers(
            state,
            team,
            organisation_id=organisation_id,
            community=community,
            from_day=from_day,
            to_day=to_day,
            worker_ids=worker_ids,
            occurred_on=occurred_on,
        )

    own = caller.actor.tenant
    return await store.change(cause, decide, STAFFING.stream(project_id, tenant=own), _team(city_of(caller, own)))


async def change_term(
    store: Store, caller: Caller, project_id: ProjectId, from_day: date, to_day: date, occurred_on: date
) -> Answer:
    """The project was extended or moved to another version: postings and locks run to its new end."""
    cause = caller.may("change-posting-term", occurred_on)

    def decide(state: Posting, team: Workers) -> tuple[Sequence[PostingEvent], PerWorker]:
        return staffing.change_term(state, team, from_day=from_day, to_day=to_day)

    own = caller.actor.tenant
    return await store.change(cause, decide, STAFFING.stream(project_id, tenant=own), _team(city_of(caller, own)))


async def release_workers(store: Store, caller: Caller, project_id: ProjectId, occurred_on: date) -> Answer:
    """The project closed: whoever is still there is free, not before the lock is over (C-03)."""
    cause = caller.may("release-workers", occurred_on)

    def decide(state: Posting, team: Workers) -> tuple[Sequence[PostingEvent], PerWorker]:
        return staffing.end_posting(state, team, cause=Ending.PROJECT_CLOSED, occurred_on=occurred_on)

    own = caller.actor.tenant
    return await store.change(cause, decide, STAFFING.stream(project_id, tenant=own), _team(city_of(caller, own)))


async def end_assignment(
    store: Store, caller: Caller, project_id: ProjectId, organisation_id: OrganisationId, occurred_on: date
) -> Answer:
    """The payer ended the organisation's time there: whoever it posted is free at once."""
    cause = caller.may("release-workers", occurred_on)

    def decide(state: Posting, team: Workers) -> tuple[Sequence[PostingEvent], PerWorker]:
        return staffing.lose_project(
            state, team, organisation_id=organisation_id, cause=Ending.ASSIGNMENT_ENDED, occurred_on=occurred_on
        )

    own = caller.actor.tenant
    return await store.change(cause, decide, STAFFING.stream(project_id, tenant=own), _team(city_of(caller, own)))


async def punish_impersonation(
    store: Store,
    caller: Caller,
    *,
    project_id: ProjectId,
    organisation_id: OrganisationId,
    scheme_id: SchemeId,
    worker_id: WorkerId,
    finding: UUID,
    occurred_on: date,
) -> Answer:
    """Revocation, blacklist, the worker's record and the end of the posting: all in one change, or none (SG-3)."""
    cause = caller.may("punish-impersonation", occurred_on)
    city = city_of(caller, caller.actor.tenant)
    team_of = _team(city, (worker_id,))

    def decide(
        state: Organisation, posting: Posting, team: Workers
    ) -> tuple[Sequence[OrganisationEvent], Sequence[PostingEvent], Mapping[WorkerId, Sequence[WorkerEvent]]]:
        punished = blacklist.punish_impersonation(
            state,
            authority=city,
            scheme_id=scheme_id,
            project_id=project_id,
            finding=finding,
            occurred_on=occurred_on,
        )
        ended, released = staffing.lose_project(posting, team, organisation_id=organisation_id, occurred_on=occurred_on)
        culprit = team[worker_id]
        found = worker.record_impersonation(culprit, project_id=project_id) if culprit.worker_id else ()
        return punished, ended, {**released, worker_id: (*found, *released.get(worker_id, ()))}

    return await store.change(
        cause,
        decide,
        ORGANISATIONS.stream(organisation_id, tenant=city),
        STAFFING.stream(project_id, tenant=caller.actor.tenant),
        lambda _, posting: team_of(posting),
    )
