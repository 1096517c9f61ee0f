"""An entry or a case as those who work on it read it, straight from its events: what is sealed is opened here only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never
from uuid import UUID

from casework.domain.case import (
    CaseClosed,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
    Stage,
)
from casework.domain.entry import BeneficiaryEnrolled, EntryEvent, HomeVisitRecorded
from contracts.values import Sealed
from kit.auth import Cause
from kit.store import Meta, Store, meta_of

Told = list[tuple[Any, Meta]]

HISTORY = "select raw from event where tenant_id = any ($1::text[]) and stream = $2 order by version"


@dataclass(frozen=True)
class Record:
    """What to show, with sealed values where the person's words are; who is placed at `places` may read it."""

    version: int
    places: frozenset[UUID]
    body: dict[str, Any]


async def told(store: Store, cause: Cause, stream: str) -> Told:
    """The stream's events, oldest first; none if it is not there or not in sight."""
    async with store.reading(cause) as tx:
        rows = await tx.fetch(HISTORY, list(cause.scope.reads), stream)
    return [meta_of(store.mapper, row["raw"]) for row in rows]


def entry(events: Told) -> Record:
    """A ledger entry and the visits paid.  Visits may be recorded at another place of the same community."""
    body: dict[str, Any] = {}
    visits: list[dict[str, Any]] = []
    places: set[UUID] = set()
    for event, meta in events:
        _entry_event(event, meta, body, visits)
        places.add(event.place_id)
    return Record(events[-1][1].version, frozenset(places), {**body, "visits": visits})


def _entry_event(event: EntryEvent, meta: Meta, body: dict[str, Any], visits: list[dict[str, Any]]) -> None:
    match event:
        case BeneficiaryEnrolled():
            body.update(vars(event), categories=list(event.categories), enrolled_on=meta.occurred_on)
        case HomeVisitRecorded():
            shown = ("visit_id", "place_id", "worker_id", "recorder", "findings")
            visits.append({name: getattr(event, name) for name in shown} | {"visited_on": meta.occurred_on})
        case _:
            assert_never(event)


def case(events: Told) -> Record:
    """A case and what was written at each stage."""
    opened: CaseOpened = events[0][0]
    notes = [_note(event, meta) for event, meta in events]
    body = {name: value for name, value in vars(opened).items() if name not in ("worker_id", "recorder", "problem")}
    body |= {"stage": notes[-1]["stage"], "closed_on": None, "notes": notes}
    if isinstance(events[-1][0], CaseClosed):
        body["closed_on"] = events[-1][1].occurred_on
    return Record(events[-1][1].version, frozenset({opened.place_id}), body)


def _note(event: CaseEvent, meta: Meta) -> dict[str, Any]:
    stage, text = _written(event)
    who = {"worker_id": event.worker_id, "recorder": event.recorder}
    return {"stage": stage, "done_on": meta.occurred_on, **who, "text": text}


def _written(event: CaseEvent) -> tuple[Stage, Sealed[str]]:
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
        case _:
            assert_never(event)


async def opened(store: Store, record: Record) -> dict[str, Any]:
    """The body with every sealed value opened at once; null where the person's key is gone, and `erased` says so."""
    sealed = list(_sealed(record.body))
    values: list[str | None] = [None] * len(sealed)
    if store.vault is not None:
        values = await store.vault.unseal_many(sealed)
    by_id = {id(one): value for one, value in zip(sealed, values, strict=True)}
    return {**_filled(record.body, by_id), "erased": any(value is None for value in values)}


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
