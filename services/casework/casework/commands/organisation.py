"""Noting what the registry told of an organisation.  Called by subscribers only.

The tenant of a message owns the note: here the city.
"""

from __future__ import annotations

from datetime import date

from casework.commands.streams import ORGANISATIONS
from casework.domain import organisation
from contracts.values import OrganisationId
from kit.auth import Caller
from kit.store import Answer, Store


async def note_organisation(store: Store, caller: Caller, organisation_id: OrganisationId, on: date) -> Answer:
    return await store.change(
        caller.may("note-organisation", on),
        lambda state: organisation.note_organisation(state, organisation_id=organisation_id),
        ORGANISATIONS.stream(organisation_id, caller.actor.tenant),
    )


async def note_freeze(store: Store, caller: Caller, organisation_id: OrganisationId, reason: str, on: date) -> Answer:
    return await store.change(
        caller.may("note-freeze", on),
        lambda state: organisation.note_freeze(state, organisation_id=organisation_id, reason=reason),
        ORGANISATIONS.stream(organisation_id, caller.actor.tenant),
    )


async def note_freeze_lift(store: Store, caller: Caller, organisation_id: OrganisationId, on: date) -> Answer:
    return await store.change(
        caller.may("note-freeze-lift", on),
        lambda state: organisation.note_freeze_lift(state, organisation_id=organisation_id),
        ORGANISATIONS.stream(organisation_id, caller.actor.tenant),
    )
