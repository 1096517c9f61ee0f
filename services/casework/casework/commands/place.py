"""Noting what funding and the registry told of a project or site.  Called by subscribers only.

The tenant of a message owns the note: here the district.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from casework.commands.streams import PLACES
from casework.domain import place
from contracts.messages.funding import ImplementationStartedV1
from contracts.messages.registry import SiteOpenedV1
from contracts.values import UnitCode
from kit.auth import Caller
from kit.store import Answer, Store


async def note_project_start(store: Store, caller: Caller, event: ImplementationStartedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-start", on),
        lambda state: place.note_project_start(
            state,
            project_id=event.project_id,
            organisation_id=event.organisation_id,
            community=event.community,
            impl_from=event.impl_from,
            impl_to=event.impl_to,
            worker_ids=tuple(event.worker_ids),
            occurred_on=on,
        ),
        PLACES.stream(event.project_id, caller.actor.tenant),
    )


async def note_site_opening(store: Store, caller: Caller, event: SiteOpenedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-site-opening", on),
        lambda state: place.note_site_opening(
            state, site_id=event.site_id, community=event.community, project_id=event.project_id, occurred_on=on
        ),
        PLACES.stream(event.site_id, caller.actor.tenant),
    )


async def note_move(store: Store, caller: Caller, place_id: UUID, community: UnitCode, moved_on: date) -> Answer:
    return await store.change(
        caller.may("note-place-move", moved_on),
        lambda state: place.note_move(state, community=community, moved_on=moved_on),
        PLACES.stream(place_id, caller.actor.tenant),
    )


async def note_closure(store: Store, caller: Caller, place_id: UUID, on: date) -> Answer:
    return await store.change(
        caller.may("note-closure", on),
        lambda state: place.note_closure(state, occurred_on=on),
        PLACES.stream(place_id, caller.actor.tenant),
    )
