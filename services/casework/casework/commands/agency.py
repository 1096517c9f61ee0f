"""Noting what the registry told of an agency.  Called by subscribers only.

The tenant of a message owns the note: here the city.
"""

from __future__ import annotations

from datetime import date

from casework.commands.streams import AGENCIES
from casework.domain import agency
from contracts.values import AgencyId
from kit.auth import Caller
from kit.store import Answer, Store


async def note_agency(store: Store, caller: Caller, agency_id: AgencyId, on: date) -> Answer:
    return await store.change(
        caller.may("note-agency", on),
        lambda state: agency.note_agency(state, agency_id=agency_id),
        AGENCIES.stream(agency_id, caller.actor.tenant),
    )


async def note_freeze(store: Store, caller: Caller, agency_id: AgencyId, reason: str, on: date) -> Answer:
    return await store.change(
        caller.may("note-freeze", on),
        lambda state: agency.note_freeze(state, agency_id=agency_id, reason=reason),
        AGENCIES.stream(agency_id, caller.actor.tenant),
    )


async def note_freeze_lift(store: Store, caller: Caller, agency_id: AgencyId, on: date) -> Answer:
    return await store.change(
        caller.may("note-freeze-lift", on),
        lambda state: agency.note_freeze_lift(state, agency_id=agency_id),
        AGENCIES.stream(agency_id, caller.actor.tenant),
    )
