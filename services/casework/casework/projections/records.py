"""What an entry, a case or a catalogue has beside its row, read from its events: what is sealed is opened here only."""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce
from typing import Any
from uuid import UUID

from casework.domain.catalogue import Catalogue
from casework.domain.catalogue import evolve as declared
from casework.domain.entry_events import EntryMoved
from casework.domain.held import Visit, details, notes, visits
from contracts.values import Said, Sealed, TenantId
from kit.store import Meta, Moment, Store, Tx, meta_of

Told = list[tuple[Any, Meta]]
Parts = dict[str, Any]
"""What a record has beside its row, with sealed values where the person's words are."""

HISTORY = "select raw from event where tenant_id = $1 and stream = $2 order by version"


async def told(tx: Tx, store: Store, tenant: TenantId, stream: str) -> Told:
    """All of the stream's events, oldest first."""
    return [meta_of(store.mapper, row["raw"]) for row in await tx.fetch(HISTORY, tenant, stream)]


def catalogue(events: Told, at: Moment) -> Parts:
    """The words of a catalogue, with the categories registered by then."""
    state = reduce(declared, (event for event, _ in _by(events, at)), Catalogue())
    assert state.declared is not None
    words = ("domains", "core_policies", "extra_policies")
    shown = asdict(state.declared)
    return {**{name: shown[name] for name in words}, "categories": [asdict(one) for one in state.categories]}


def entry(events: Told, at: Moment) -> Parts:
    """What is held to be so of a person, the visits paid, at whatever places of the community, and the moves."""
    past = _past(events, at)
    known = details(past)
    return {
        "place_id": known.enrolled.place_id,
        "catalogue_id": known.enrolled.catalogue_id,
        "recorder": known.enrolled.recorder,
        **known.sealed,
        "visits": [_visit(id, one) for id, one in visits(past).items() if not one.annulled],
        "moves": [
            {name: getattr(event, name) for name in MOVED} for *_, event in past if isinstance(event, EntryMoved)
        ],
    }


MOVED = ("place_id", "community", "worker_id", "recorder", "moved_on")


def _visit(id: UUID, visit: Visit) -> dict[str, Any]:
    said = visit.recorded
    return {
        "visit_id": id,
        "place_id": said.place_id,
        "worker_id": visit.worker_id,
        "recorder": said.recorder,
        "findings": visit.sealed,
        "visited_on": visit.day,
    }


def _past(events: Told, at: Moment) -> Said:
    return [(meta.event_id, meta.occurred_on, event) for event, meta in _by(events, at)]


def _by(events: Told, at: Moment) -> Told:
    """Those of the days, and recorded by the instant, that the moment is of."""
    return [
        (event, meta)
        for event, meta in events
        if (at.as_of is None or meta.occurred_on <= at.as_of)
        and (at.known_at is None or meta.recorded_at <= at.known_at)
    ]


def case(events: Told, at: Moment) -> Parts:
    """What is held to be written at each stage of a case, and at an early end, which is none."""
    return {
        "notes": [
            {
                "note": one.id,
                "stage": one.stage,
                "done_on": one.day,
                "worker_id": one.event.worker_id,
                "recorder": one.event.recorder,
                "text": one.sealed,
            }
            for one in notes(_past(events, at)).values()
            if not one.annulled
        ]
    }


async def opened(store: Store, parts: Parts) -> Parts:
    """The parts with every sealed value opened at once; null where the person's key is gone, and `erased` says so."""
    sealed = list(_sealed(parts))
    values: list[str | None] = [None] * len(sealed)
    if store.vault is not None:
        values = await store.vault.unseal_many(sealed)
    by_id = {id(one): value for one, value in zip(sealed, values, strict=True)}
    return {**_filled(parts, by_id), "erased": any(value is None for value in values)}


def _sealed(value: Any) -> list[Sealed[str]]:
    if isinstance(value, Sealed):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for each in inner for one in _sealed(each)]


def _filled(value: Any, by_id: dict[int, str | None]) -> Any:
    if isinstance(value, Sealed):
        return by_id[id(value)]
    if isinstance(value, dict):
        return {name: _filled(inner, by_id) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, by_id) for inner in value]
    return value
