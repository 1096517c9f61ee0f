"""What an entry, a case or a catalogue has beside its row, read from its events: what is sealed is opened here only."""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce
from typing import Any, assert_never

from casework.domain.case import (
    CaseClosed,
    CaseEndedEarly,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
    Stage,
)
from casework.domain.catalogue import Catalogue
from casework.domain.catalogue import evolve as declared
from casework.domain.entry import (
    BeneficiaryEnrolled,
    CaseTakenOn,
    EntryEnded,
    EntryEvent,
    EntryMoved,
    HomeVisitRecorded,
)
from contracts.values import Sealed, TenantId
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
    """What is kept of a person, the visits paid, at whatever places of the community, and the moves."""
    body: dict[str, Any] = {"visits": [], "moves": []}
    for event, meta in _by(events, at):
        _entry_event(event, meta, body)
    return body


def _by(events: Told, at: Moment) -> Told:
    """Those of the days, and recorded by the instant, that the moment is of."""
    return [
        (event, meta)
        for event, meta in events
        if (at.as_of is None or meta.occurred_on <= at.as_of)
        and (at.known_at is None or meta.recorded_at <= at.known_at)
    ]


def _entry_event(event: EntryEvent, meta: Meta, body: dict[str, Any]) -> None:
    match event:
        case BeneficiaryEnrolled():
            kept = ("place_id", "catalogue_id", "recorder", "name", "id_number", "address")
            body.update({name: getattr(event, name) for name in kept})
        case HomeVisitRecorded():
            shown = ("visit_id", "place_id", "worker_id", "recorder", "findings")
            body["visits"].append({name: getattr(event, name) for name in shown} | {"visited_on": meta.occurred_on})
        case EntryMoved():
            shown = ("place_id", "community", "worker_id", "recorder", "moved_on")
            body["moves"].append({name: getattr(event, name) for name in shown})
        case EntryEnded() | CaseTakenOn():
            pass  # rows say when and why, and which cases there are
        case _:
            assert_never(event)


def case(events: Told, at: Moment) -> Parts:
    """What was written at each stage of a case, and at an early end, which is none."""
    return {"notes": [_note(event, meta) for event, meta in _by(events, at)]}


def _note(event: CaseEvent, meta: Meta) -> dict[str, Any]:
    stage, text = _written(event)
    who = {"worker_id": event.worker_id, "recorder": event.recorder}
    return {"stage": stage, "done_on": meta.occurred_on, **who, "text": text}


def _written(event: CaseEvent) -> tuple[Stage | None, Sealed[str]]:
    match event:
        case CaseOpened(problem=text):
            return Stage.INTAKE, text
        case CasePreAssessed(assessment=text):
            return Stage.PRE_ASSESSMENT, text
        case CasePlanMade(plan=text):
            return Stage.PLANNING, text
        case InterventionRecorded(record=text):
            return Stage.INTERVENTION, text
        case CaseEvaluated(evaluation=text):
            return Stage.EVALUATION, text
        case CaseClosed(closing=text):
            return Stage.CLOSURE, text
        case CaseEndedEarly(note=text):
            return None, text
        case _:
            assert_never(event)


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
