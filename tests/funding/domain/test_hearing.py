"""Whatever order the streams of others arrive in, the pilot is the same in the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.values import Quantity, Unit, WorkerId
from funding.domain import agency as a
from funding.domain import budget as b
from funding.domain.budget import BudgetAccount
from funding.domain.pilot import delivery, procurement
from funding.domain.pilot import events as e
from funding.domain.pilot.state import Pilot, evolve
from kit.testing import Spec

from . import histories as h

pilot = Spec(Pilot(), evolve)
ACCOUNT = Spec(BudgetAccount(), b.evolve).state(*h.PAID)
ASSIGNED = Spec(a.Agency(), a.evolve).state(h.agency_noted, h.assigned)
LATER = h.MIDTERM + timedelta(days=30)


@dataclass(frozen=True)
class Told:
    """One message, as what funding decides on hearing it."""

    decide: Callable[[Pilot], Sequence[e.PilotEvent]]


def locked() -> Told:
    return Told(lambda p: delivery.note_lock(p, agency_id=h.AGENCY, worker_ids=h.WORKERS))


def left(worker_id: WorkerId, *, breach: bool) -> Told:
    facts: dict[str, Any] = {"worker_id": worker_id, "breach": breach, "remaining": 2, "occurred_on": h.MIDTERM}
    return Told(lambda p: delivery.note_departure(p, **facts))


def ended() -> Told:
    return Told(delivery.note_end)


def revoked() -> Told:
    facts: dict[str, Any] = {"agency_id": h.AGENCY, "scheme_id": h.SCHEME_ID, "occurred_on": LATER}
    return Told(
        lambda p: procurement.disqualify(ASSIGNED, {h.PILOT: p}, {h.PILOT: ACCOUNT}, **facts)[1].get(h.PILOT, ())
    )


def counted(source: str, n: int, days: int) -> Told:
    totals, day = {"home_visits": Quantity(Decimal(n), Unit.SESSIONS)}, h.MIDTERM + timedelta(days=days)
    return Told(lambda p: delivery.note_counts(p, source=source, day=day, totals=totals, told_on=day))


def orders(*streams: Sequence[Told]) -> Iterator[tuple[Told, ...]]:
    """Every interleaving that keeps the order within each stream."""
    waiting = [stream for stream in streams if stream]
    if not waiting:
        yield ()
    for n, stream in enumerate(waiting):
        for rest in orders(*waiting[:n], stream[1:], *waiting[n + 1 :]):
            yield (stream[0], *rest)


COUNTS = ([counted("casework", 1, 0), counted("casework", 2, 9)], [counted("volunteer", 1, 5)])
STREAMS: dict[str, tuple[list[Told], ...]] = {
    "a breach, and totals": ([locked(), left(h.WORKERS[0], breach=True)], *COUNTS),
    "two leave, and totals": ([locked(), left(h.WORKERS[0], breach=False), left(h.WORKERS[1], breach=True)], *COUNTS),
    "a breach, and the agency's disqualification": (
        [locked(), left(h.WORKERS[0], breach=True), ended()],
        [revoked()],
        COUNTS[0],
    ),
}


@pytest.mark.parametrize("streams", STREAMS.values(), ids=list(STREAMS))
def test_every_order_of_the_streams_ends_in_one_pilot(streams: tuple[list[Told], ...]) -> None:
    ends = []
    for order in orders(*streams):
        state = pilot.state(*h.RUNNING)
        for told in order:
            for event in told.decide(state):
                state = evolve(state, event)
        ends.append(state)
    assert len(ends) > 1
    assert all(end == ends[0] for end in ends)
    assert ends[0].breaches == 1
    assert ends[0] != pilot.state(*h.RUNNING)
