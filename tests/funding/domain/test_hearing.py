"""Whatever order the streams of others arrive in, the project is the same in the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.values import Quantity, Unit, WorkerId
from funding.domain import budget as b
from funding.domain import organisation as a
from funding.domain.budget import BudgetAccount
from funding.domain.project import delivery, procurement
from funding.domain.project import events as e
from funding.domain.project.state import Project, evolve
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
ACCOUNT = Spec(BudgetAccount(), b.evolve).state(*h.PAID)
ASSIGNED = Spec(a.Organisation(), a.evolve).state(h.organisation_noted, h.assigned)
LATER = h.MIDTERM + timedelta(days=30)


@dataclass(frozen=True)
class Told:
    """One message, as what funding decides on hearing it."""

    decide: Callable[[Project], Sequence[e.ProjectEvent]]


def locked() -> Told:
    return Told(lambda p: delivery.note_lock(p, organisation_id=h.ORGANISATION, worker_ids=h.WORKERS))


def left(worker_id: WorkerId, *, breach: bool) -> Told:
    facts: dict[str, Any] = {"worker_id": worker_id, "breach": breach, "remaining": 2, "occurred_on": h.MIDTERM}
    return Told(lambda p: delivery.note_departure(p, **facts))


def ended() -> Told:
    return Told(delivery.note_end)


def revoked() -> Told:
    facts: dict[str, Any] = {"organisation_id": h.ORGANISATION, "scheme_id": h.SCHEME_ID, "occurred_on": LATER}
    return Told(
        lambda p: procurement.disqualify(ASSIGNED, {h.PROJECT: p}, {h.PROJECT: ACCOUNT}, **facts)[1].get(h.PROJECT, ())
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
    "a breach, and the organisation's disqualification": (
        [locked(), left(h.WORKERS[0], breach=True), ended()],
        [revoked()],
        COUNTS[0],
    ),
}


@pytest.mark.parametrize("streams", STREAMS.values(), ids=list(STREAMS))
def test_every_order_of_the_streams_ends_in_one_project(streams: tuple[list[Told], ...]) -> None:
    ends = []
    for order in orders(*streams):
        state = project.state(*h.RUNNING)
        for told in order:
            for event in told.decide(state):
                state = evolve(state, event)
        ends.append(state)
    assert len(ends) > 1
    assert all(end == ends[0] for end in ends)
    assert ends[0].assignment is None or ends[0].assignment.breaches == 1
    assert ends[0] != project.state(*h.RUNNING)
