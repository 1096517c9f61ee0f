"""Records of people, for those who work on them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from uuid import UUID

from fastapi import Response

from casework.commands.streams import PLACES
from casework.projections import records, worker
from casework.projections.records import Record
from kit.auth import Cause, acts_for
from kit.clock import PRESENT
from kit.errors import NotFound
from kit.service import shown
from kit.store import Store


async def opened(store: Store, cause: Cause, record: Record | None) -> Response:
    """Another agency's record is not told apart from one that is not there."""
    if record is None or not await works_there(store, cause, record.places):
        raise NotFound
    return shown(await records.opened(store, record), record.version)


async def works_there(store: Store, cause: Cause, places: Set[UUID]) -> bool:
    """Whether the actor's agency carries out one of a record's pilots, or has a worker placed at one of its sites.

    It does now: who has left may read nothing by asking for a day before.
    """
    now = replace(cause, at=PRESENT)
    agency = cause.actor.unit or ""
    there = [await store.fold(now, PLACES.stream(place_id)) for place_id in places]
    if any(acts_for(cause.actor, place.agency_id) for place in there):
        return True
    async with store.reading(now) as tx:
        return await worker.works_at(tx, agency, places)
