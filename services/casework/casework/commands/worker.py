"""Noting what the registry told of a worker.  Called by subscribers only.

The tenant of a message owns the note: here the city.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from casework.commands.streams import WORKERS
from casework.domain import worker
from contracts.messages.registry import WorkerPlacedV1
from contracts.values import OrganisationId, WorkerId
from kit.auth import Caller
from kit.store import Answer, Store


async def note_placement(store: Store, caller: Caller, event: WorkerPlacedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-placement", on),
        lambda state: worker.note_placement(
            state,
            worker_id=event.worker_id,
            organisation_id=event.organisation_id,
            site_id=event.site_id,
            project_id=event.project_id,
            placed_on=on,
        ),
        WORKERS.stream(event.worker_id, caller.actor.tenant),
    )


async def note_departure(store: Store, caller: Caller, worker_id: WorkerId, place_id: UUID, on: date) -> Answer:
    return await store.change(
        caller.may("note-departure", on),
        lambda state: worker.note_departure(state, worker_id=worker_id, place_id=place_id, left_on=on),
        WORKERS.stream(worker_id, caller.actor.tenant),
    )


async def note_employer(
    store: Store, caller: Caller, worker_id: WorkerId, organisation_id: OrganisationId | None, on: date
) -> Answer:
    return await store.change(
        caller.may("note-employer", on),
        lambda state: worker.note_employer(state, worker_id=worker_id, organisation_id=organisation_id, occurred_on=on),
        WORKERS.stream(worker_id, caller.actor.tenant),
    )
