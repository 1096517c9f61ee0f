"""Other services' facts, noted in our own history.  Called by subscribers only.

The place of a message that we have not heard of yet is a new stream to the store, and NotKnownYet to the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from casework.commands.streams import AGENCIES, PLACES
from casework.domain import agency, place
from casework.domain.agency import Agency, AgencyEvent
from casework.domain.place import Place, PlaceEvent
from contracts.messages.funding import ImplementationStartedV1
from contracts.messages.registry import SiteOpenedV1
from contracts.values import AgencyId, WorkerId
from kit.auth import Caller
from kit.store import Answer, Store


async def note_pilot_start(store: Store, caller: Caller, event: ImplementationStartedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-pilot-start", on),
        lambda state: place.note_pilot_start(
            state,
            pilot_id=event.pilot_id,
            agency_id=event.agency_id,
            community=event.community,
            impl_from=event.impl_from,
            impl_to=event.impl_to,
            worker_ids=tuple(event.worker_ids),
        ),
        PLACES.stream(event.pilot_id, caller.actor.tenant),
    )


async def note_site_opening(store: Store, caller: Caller, event: SiteOpenedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-site-opening", on),
        lambda state: place.note_site_opening(
            state, site_id=event.site_id, community=event.community, pilot_id=event.pilot_id
        ),
        PLACES.stream(event.site_id, caller.actor.tenant),
    )


async def note_placement(
    store: Store, caller: Caller, place_id: UUID, worker_id: WorkerId, agency_id: AgencyId, on: date
) -> Answer:
    return await _at_place(
        store,
        caller,
        "note-placement",
        place_id,
        on,
        lambda state: place.note_placement(state, worker_id=worker_id, agency_id=agency_id),
    )


async def note_departure(store: Store, caller: Caller, place_id: UUID, worker_id: WorkerId, on: date) -> Answer:
    return await _at_place(
        store, caller, "note-departure", place_id, on, lambda state: place.note_departure(state, worker_id=worker_id)
    )


async def note_closure(store: Store, caller: Caller, place_id: UUID, on: date) -> Answer:
    return await _at_place(store, caller, "note-closure", place_id, on, place.note_closure)


async def _at_place(
    store: Store,
    caller: Caller,
    action: str,
    place_id: UUID,
    on: date,
    decide: Callable[[Place], Sequence[PlaceEvent]],
) -> Answer:
    return await store.change(caller.may(action, on), decide, PLACES.anywhere(place_id))


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
