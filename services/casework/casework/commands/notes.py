"""Other services' facts, noted in our own history.  Called by subscribers only.

The tenant of a message owns the note: a pilot's or site's is its district, a worker's or agency's the city.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from casework.commands.streams import AGENCIES, PLACES, WORKERS
from casework.domain import agency, place, worker
from casework.domain.agency import Agency, AgencyEvent
from casework.domain.place import Place, PlaceEvent
from casework.domain.worker import Worker, WorkerEvent
from contracts.messages.funding import ImplementationStartedV1
from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1
from contracts.values import AgencyId, WorkerId
from kit.auth import Caller
from kit.store import Answer, Store


async def note_pilot_start(store: Store, caller: Caller, event: ImplementationStartedV1, on: date) -> Answer:
    return await _of_place(
        store,
        caller,
        "note-pilot-start",
        event.pilot_id,
        on,
        lambda state: place.note_pilot_start(
            state,
            pilot_id=event.pilot_id,
            agency_id=event.agency_id,
            community=event.community,
            impl_from=event.impl_from,
            impl_to=event.impl_to,
            worker_ids=tuple(event.worker_ids),
            occurred_on=on,
        ),
    )


async def note_site_opening(store: Store, caller: Caller, event: SiteOpenedV1, on: date) -> Answer:
    return await _of_place(
        store,
        caller,
        "note-site-opening",
        event.site_id,
        on,
        lambda state: place.note_site_opening(
            state, site_id=event.site_id, community=event.community, pilot_id=event.pilot_id, occurred_on=on
        ),
    )


async def note_closure(store: Store, caller: Caller, place_id: UUID, on: date) -> Answer:
    return await _of_place(
        store, caller, "note-closure", place_id, on, lambda state: place.note_closure(state, occurred_on=on)
    )


async def _of_place(
    store: Store, caller: Caller, action: str, place_id: UUID, on: date, decide: Callable[[Place], Sequence[PlaceEvent]]
) -> Answer:
    return await store.change(caller.may(action, on), decide, PLACES.stream(place_id, caller.actor.tenant))


async def note_placement(store: Store, caller: Caller, event: WorkerPlacedV1, on: date) -> Answer:
    return await _of_worker(
        store,
        caller,
        "note-placement",
        event.worker_id,
        on,
        lambda state: worker.note_placement(
            state,
            worker_id=event.worker_id,
            agency_id=event.agency_id,
            site_id=event.site_id,
            pilot_id=event.pilot_id,
            placed_on=on,
        ),
    )


async def note_departure(store: Store, caller: Caller, worker_id: WorkerId, place_id: UUID, on: date) -> Answer:
    return await _of_worker(
        store,
        caller,
        "note-departure",
        worker_id,
        on,
        lambda state: worker.note_departure(state, worker_id=worker_id, place_id=place_id, left_on=on),
    )


async def note_employer(
    store: Store, caller: Caller, worker_id: WorkerId, agency_id: AgencyId | None, on: date
) -> Answer:
    return await _of_worker(
        store,
        caller,
        "note-employer",
        worker_id,
        on,
        lambda state: worker.note_employer(state, worker_id=worker_id, agency_id=agency_id, occurred_on=on),
    )


async def _of_worker(
    store: Store,
    caller: Caller,
    action: str,
    worker_id: WorkerId,
    on: date,
    decide: Callable[[Worker], Sequence[WorkerEvent]],
) -> Answer:
    return await store.change(caller.may(action, on), decide, WORKERS.stream(worker_id, caller.actor.tenant))


async def note_agency(store: Store, caller: Caller, agency_id: AgencyId, on: date) -> Answer:
    return await _of_agency(
        store, caller, "note-agency", agency_id, on, lambda state: agency.note_agency(state, agency_id=agency_id)
    )


async def note_freeze(store: Store, caller: Caller, agency_id: AgencyId, reason: str, on: date) -> Answer:
    return await _of_agency(
        store,
        caller,
        "note-freeze",
        agency_id,
        on,
        lambda state: agency.note_freeze(state, agency_id=agency_id, reason=reason),
    )


async def note_freeze_lift(store: Store, caller: Caller, agency_id: AgencyId, on: date) -> Answer:
    return await _of_agency(
        store,
        caller,
        "note-freeze-lift",
        agency_id,
        on,
        lambda state: agency.note_freeze_lift(state, agency_id=agency_id),
    )


async def _of_agency(
    store: Store,
    caller: Caller,
    action: str,
    agency_id: AgencyId,
    on: date,
    decide: Callable[[Agency], Sequence[AgencyEvent]],
) -> Answer:
    return await store.change(caller.may(action, on), decide, AGENCIES.stream(agency_id, caller.actor.tenant))
