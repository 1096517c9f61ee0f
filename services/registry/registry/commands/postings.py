"""What the registry does about other services' facts: verdicts on staff, locks, punishment, release.

The workers of a pilot are known only from its posting, so each command looks the names up first and decides over all
of their streams together; a name that came in between makes it look again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.values import AgencyId, PilotId, SchemeId, TenantId, UnitCode, WorkerId
from kit.auth import Caller, Cause
from kit.store import Answer, Store
from registry.commands.streams import AGENCIES, STAFFING, WORKERS, city_of
from registry.domain import agency as agencies
from registry.domain import blacklist, staffing
from registry.domain import worker as workers
from registry.domain.posting import Declaration, Ending, Posting
from registry.domain.staffing import PerWorker, Workers

Over = Callable[[Posting, Workers], tuple[Sequence[Any], PerWorker]]


async def _over_workers(
    store: Store, cause: Cause, tenant: TenantId, pilot_id: PilotId, named: Iterable[WorkerId], decide: Over
) -> Answer:
    """Decides over the posting and every worker present or named."""
    city = await city_of(store, cause, tenant)
    stream = STAFFING.stream(pilot_id, tenant=tenant)
    posting = await store.fold(cause, stream)
    ids = list(dict.fromkeys([*named, *posting.present]))

    def spread(posting: Posting, *states: workers.Worker) -> Any:
        events, per_worker = decide(posting, dict(zip(ids, states, strict=True)))
        return (events, *(per_worker.get(w, ()) for w in ids)) if ids else events

    return await store.change(cause, spread, stream, *(WORKERS.stream(w, tenant=city) for w in ids))


async def verify_staffing(
    store: Store, caller: Caller, pilot_id: PilotId, declaration: Declaration, occurred_on: date
) -> Answer:
    """Ends in a verdict, whatever was declared: StaffingVerified or StaffingRejected (SG-2)."""
    cause = caller.may("verify-staffing", occurred_on)
    city = await city_of(store, cause, caller.actor.tenant)
    stream = STAFFING.stream(pilot_id, tenant=caller.actor.tenant)
    present = (await store.fold(cause, stream)).present
    ids = list(dict.fromkeys([*declaration.worker_ids, *present]))

    def decide(posting: Posting, agency: agencies.Agency, *states: workers.Worker) -> Any:
        team = dict(zip(ids, states, strict=True))
        events, per_worker = staffing.verify(
            posting, agency, team, pilot_id=pilot_id, declaration=declaration, occurred_on=occurred_on
        )
        return (events, (), *(per_worker.get(w, ()) for w in ids))

    agency = AGENCIES.stream(declaration.agency_id, tenant=city)
    return await store.change(cause, decide, stream, agency, *(WORKERS.stream(w, tenant=city) for w in ids))


async def lock_workers(
    store: Store,
    caller: Caller,
    pilot_id: PilotId,
    *,
    agency_id: AgencyId,
    community: UnitCode,
    from_day: date,
    to_day: date,
    worker_ids: tuple[WorkerId, ...],
    occurred_on: date,
) -> Answer:
    """The pilot began: its verified workers are locked and placed.  NotKnownYet before the verdict."""
    cause = caller.may("lock-workers", occurred_on)
    return await _over_workers(
        store,
        cause,
        caller.actor.tenant,
        pilot_id,
        worker_ids,
        lambda posting, team: staffing.lock_workers(
            posting,
            team,
            agency_id=agency_id,
            community=community,
            from_day=from_day,
            to_day=to_day,
            worker_ids=worker_ids,
        ),
    )


async def release_workers(store: Store, caller: Caller, pilot_id: PilotId, occurred_on: date) -> Answer:
    """The pilot closed: whoever is still there is free, not before the lock is over (C-03)."""
    cause = caller.may("release-workers", occurred_on)
    return await _over_workers(
        store,
        cause,
        caller.actor.tenant,
        pilot_id,
        (),
        lambda posting, team: staffing.end_posting(posting, team, cause=Ending.PILOT_CLOSED, occurred_on=occurred_on),
    )


async def punish_impersonation(
    store: Store,
    caller: Caller,
    *,
    pilot_id: PilotId,
    agency_id: AgencyId,
    scheme_id: SchemeId,
    worker_id: WorkerId,
    finding: UUID,
    occurred_on: date,
) -> Answer:
    """Revocation, blacklist, the worker's record and the end of the posting: all in one change, or none (SG-3)."""
    cause = caller.may("punish-impersonation", occurred_on)
    city = await city_of(store, cause, caller.actor.tenant)
    stream = STAFFING.stream(pilot_id, tenant=caller.actor.tenant)
    ids = list(dict.fromkeys([worker_id, *(await store.fold(cause, stream)).present]))

    def decide(agency: agencies.Agency, posting: Posting, *states: workers.Worker) -> Any:
        team = dict(zip(ids, states, strict=True))
        punished = blacklist.punish_impersonation(
            agency,
            authority=city,
            scheme_id=scheme_id,
            pilot_id=pilot_id,
            finding=finding,
            occurred_on=occurred_on,
        )
        ended, released = staffing.lose_pilot(posting, team, agency_id=agency_id, occurred_on=occurred_on)
        found = workers.record_impersonation(team[worker_id], pilot_id=pilot_id) if team[worker_id].worker_id else ()
        per_worker = {**released, worker_id: (*found, *released.get(worker_id, ()))}
        return (punished, ended, *(per_worker.get(w, ()) for w in ids))

    return await store.change(
        cause,
        decide,
        AGENCIES.stream(agency_id, tenant=city),
        stream,
        *(WORKERS.stream(w, tenant=city) for w in ids),
    )
