"""Other services' facts, as events of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from contracts.messages.registry import PostingLockedV1, WorkerLeftPostingV1
from contracts.values import AgencyId, DocumentId, PilotId, Quantity, SchemeId
from funding.commands.streams import AGENCIES, BUDGETS, PILOTS
from funding.domain import agency as agencies
from funding.domain.agency import Agency, AgencyEvent
from funding.domain.pilot import delivery, procurement
from funding.domain.pilot.events import PilotEvent, Reason, VerifiedWorker
from funding.domain.pilot.state import Pilot
from kit.auth import Caller
from kit.errors import NotFound, NotKnownYet
from kit.store import Answer, Store


async def note_verdict(
    store: Store,
    caller: Caller,
    pilot_id: PilotId,
    declaration_id: DocumentId,
    verdict: tuple[VerifiedWorker, ...] | tuple[Reason, ...],
    day: date,
) -> Answer:
    """A verified staff, or why it was rejected (SG-2)."""

    def decide(pilot: Pilot) -> Sequence[PilotEvent]:
        workers = tuple(one for one in verdict if isinstance(one, VerifiedWorker))
        if workers:
            return delivery.note_verified(pilot, declaration_id=declaration_id, workers=workers, occurred_on=day)
        reasons = tuple(one for one in verdict if isinstance(one, Reason))
        return delivery.note_rejected(pilot, declaration_id=declaration_id, reasons=reasons)

    return await _on_pilot(store, caller, "note-staffing-verdict", pilot_id, day, decide)


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


async def note_agency(
    store: Store,
    caller: Caller,
    agency_id: AgencyId,
    day: date,
    decide: Callable[[Agency], Sequence[AgencyEvent]],
) -> Answer:
    """A change of an agency's standing, told by the registry in the city's name."""
    cause = caller.may("note-agency", day)
    return await store.change(cause, decide, AGENCIES.stream(agency_id, caller.actor.tenant))


async def lose_qualification(
    store: Store, caller: Caller, agency_id: AgencyId, scheme_id: SchemeId, day: date
) -> tuple[PilotId, ...]:
    """First half of SG-3: no pilot of the scheme is assigned any more; answers the pilots still assigned.

    The second half runs one command per pilot, after this one has committed: nothing can be added in between.
    """
    cause = caller.may("note-revocation", day)
    stream = AGENCIES.stream(agency_id, caller.actor.tenant)
    await store.change(
        cause, lambda a: agencies.lose_qualification(a, agency_id=agency_id, scheme_id=scheme_id), stream
    )
    known = await store.fold(cause, stream)
    return tuple(pilot_id for pilot_id, under in known.assignments if under == scheme_id)


async def disqualify(store: Store, caller: Caller, pilot_id: PilotId, agency_id: AgencyId, day: date) -> Answer:
    """Second half of SG-3 for one pilot: agency out, money frozen, assignment ended, together."""
    cause = caller.may("note-revocation", day)
    known = await store.fold(cause, PILOTS.stream(pilot_id))
    return await store.change(
        cause,
        lambda pilot, budget, agency: procurement.disqualify(
            pilot, budget, agency, agency_id=agency_id, occurred_on=day
        ),
        PILOTS.stream(pilot_id),
        BUDGETS.stream(pilot_id, known.district),
        AGENCIES.stream(agency_id),
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
