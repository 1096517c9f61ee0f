"""An entry, a case or a catalogue as it is read whole, straight from its events: what is sealed is opened here only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import reduce
from typing import Any, assert_never

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
from casework.domain.catalogue import Catalogue
from casework.domain.catalogue import evolve as declared
from casework.domain.entry import BeneficiaryEnrolled, EntryEvent, HomeVisitRecorded
from contracts.values import Sealed, TenantId
from kit.auth import Cause
from kit.store import Meta, Moment, Store, meta_of

Told = list[tuple[Any, Meta]]

HISTORY = "select raw from event where tenant_id = any ($1::text[]) and stream = $2 order by version"


@dataclass(frozen=True)
class Record:
    """What to show of a moment, with sealed values where the person's words are."""

    tenant: TenantId
    version: int
    body: dict[str, Any]


async def told(store: Store, cause: Cause, stream: str) -> Told:
    """All of the stream's events, oldest first; none if it is not there or not in sight.

    NotSettledYet for a moment of which more may be recorded.
    """
    async with store.reading(cause) as tx:
        rows = await tx.fetch(HISTORY, list(cause.scope.reads), stream)
    return [meta_of(store.mapper, row["raw"]) for row in rows]


def catalogue(events: Told, at: Moment) -> dict[str, Any] | None:
    """A catalogue with the categories registered by then; None where it was not declared yet."""
    seen = _by(events, at)
    state = reduce(declared, (event for event, _ in seen), Catalogue())
    if state.declared is None:
        return None
    return {**asdict(state.declared), "categories": [asdict(one) for one in state.categories], **_source(seen)}


def entry(events: Told, at: Moment) -> Record | None:
    """A ledger entry and the visits paid.  Visits may be recorded at another place of the same community.

    None where nothing of it was there at the moment.
    """
    if not (seen := _by(events, at)):
        return None
    body: dict[str, Any] = {}
    visits: list[dict[str, Any]] = []
    for event, meta in seen:
        _entry_event(event, meta, body, visits)
    return Record(seen[-1][1].tenant, seen[-1][1].version, {**body, "visits": visits, **_source(seen)})


def _by(events: Told, at: Moment) -> Told:
    """Those of the days, and recorded by the instant, that the moment is of."""
    return [
        (event, meta)
        for event, meta in events
        if (at.as_of is None or meta.occurred_on <= at.as_of)
        and (at.known_at is None or meta.recorded_at <= at.known_at)
    ]


def _source(seen: Told) -> dict[str, Any]:
    """Where the events are that it was read from, and the last of them."""
    meta = seen[-1][1]
    return {"stream": meta.stream, "version": meta.version}


def _entry_event(event: EntryEvent, meta: Meta, body: dict[str, Any], visits: list[dict[str, Any]]) -> None:
    match event:
        case BeneficiaryEnrolled():
            body.update(vars(event), categories=list(event.categories), enrolled_on=meta.occurred_on)
        case HomeVisitRecorded():
            shown = ("visit_id", "place_id", "worker_id", "recorder", "findings")
            visits.append({name: getattr(event, name) for name in shown} | {"visited_on": meta.occurred_on})
        case _:
            assert_never(event)


def case(events: Told, at: Moment) -> Record | None:
    """A case and what was written at each stage; None where it was not opened yet."""
    if not (seen := _by(events, at)):
        return None
    opened: CaseOpened = seen[0][0]
    notes = [_note(event, meta) for event, meta in seen]
    body = {name: value for name, value in vars(opened).items() if name not in ("worker_id", "recorder", "problem")}
    body |= {"stage": notes[-1]["stage"], "closed_on": None, "notes": notes, **_source(seen)}
    if isinstance(seen[-1][0], CaseClosed):
        body["closed_on"] = seen[-1][1].occurred_on
    return Record(seen[-1][1].tenant, seen[-1][1].version, body)


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
