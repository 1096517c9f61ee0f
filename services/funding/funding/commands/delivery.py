"""Steps 8 and 10, and what the registry and others tell of a pilot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.messages.registry import PostingLockedV1, WorkerLeftPostingV1
from contracts.values import DocumentId, PilotId, Quantity, WorkerId
from funding.commands.application import Dated
from funding.commands.streams import PILOTS, budget_of, scheme_of
from funding.domain.pilot import delivery
from funding.domain.pilot.events import PilotEvent, Reason, VerifiedWorker
from funding.domain.pilot.state import Pilot
from kit.auth import Caller
from kit.errors import NotFound, NotKnownYet
from kit.service import Command
from kit.store import Answer, Store


class DeclareStaffing(Command):
    worker_ids: Annotated[tuple[WorkerId, ...], Field(min_length=1, max_length=100)]


async def declare_staffing(store: Store, caller: Caller, pilot_id: PilotId, cmd: DeclareStaffing) -> Answer:
    return await store.change(
        caller.may("declare-staffing", cmd.occurred_on),
        lambda pilot, scheme: delivery.declare_staffing(
            pilot,
            scheme,
            declaration_id=DocumentId(caller.new_id("declaration")),
            worker_ids=cmd.worker_ids,
            acts_for=caller.acts_for,
            occurred_on=cmd.occurred_on,
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def start(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("start-implementation", cmd.occurred_on),
        lambda pilot, scheme, budget: delivery.start(
            pilot, scheme, budget, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=lambda pilot: scheme_of(pilot) & budget_of(pilot_id),
    )


async def note_verified(
    store: Store,
    caller: Caller,
    pilot_id: PilotId,
    declaration_id: DocumentId,
    workers: tuple[VerifiedWorker, ...],
    day: date,
) -> Answer:
    """The registry's verdict on a declared staff (SG-2); so is the next."""
    return await _on_pilot(
        store,
        caller,
        "note-staffing-verdict",
        pilot_id,
        day,
        lambda pilot: delivery.note_verified(pilot, declaration_id=declaration_id, workers=workers, occurred_on=day),
    )


async def note_rejected(
    store: Store, caller: Caller, pilot_id: PilotId, declaration_id: DocumentId, reasons: tuple[Reason, ...], day: date
) -> Answer:
    return await _on_pilot(
        store,
        caller,
        "note-staffing-verdict",
        pilot_id,
        day,
        lambda pilot: delivery.note_rejected(pilot, declaration_id=declaration_id, reasons=reasons),
    )


async def note_lock(store: Store, caller: Caller, event: PostingLockedV1, day: date) -> Answer:
    return await _on_pilot(
        store,
        caller,
        "note-lock",
        event.pilot_id,
        day,
        lambda pilot: delivery.note_lock(pilot, agency_id=event.agency_id, worker_ids=tuple(event.worker_ids)),
    )


async def note_departure(store: Store, caller: Caller, event: WorkerLeftPostingV1, day: date) -> Answer:
    return await _on_pilot(
        store,
        caller,
        "note-departure",
        event.pilot_id,
        day,
        lambda pilot: delivery.note_departure(
            pilot, worker_id=event.worker_id, breach=event.breach, remaining=event.remaining, occurred_on=day
        ),
    )


async def note_end(store: Store, caller: Caller, pilot_id: PilotId, day: date) -> Answer:
    return await _on_pilot(store, caller, "note-posting-end", pilot_id, day, delivery.note_end)


async def note_counts(
    store: Store, caller: Caller, pilot_id: PilotId, source: str, counted: date, totals: dict[str, Quantity], day: date
) -> Answer:
    return await _on_pilot(
        store,
        caller,
        "note-counts",
        pilot_id,
        day,
        lambda pilot: delivery.note_counts(pilot, source=source, day=counted, totals=totals, told_on=day),
    )


async def _on_pilot(
    store: Store,
    caller: Caller,
    action: str,
    pilot_id: PilotId,
    day: date,
    decide: Callable[[Pilot], Sequence[PilotEvent]],
) -> Answer:
    """A message may overtake the application it is about: then it is asked for again."""
    try:
        return await store.change(caller.may(action, day), decide, PILOTS.stream(pilot_id))
    except NotFound:
        raise NotKnownYet(what="试点项目") from None
