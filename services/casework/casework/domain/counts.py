"""A pilot's service totals, published for a day.  Totals, never increments: a lost message cannot skew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, assert_never

from contracts.values import Event, PilotId, Quantity


@dataclass(frozen=True)
class Totals:
    """Since the pilot began, up to and including a day.  Persons and visits have different units: they never add."""

    ledger_persons: Quantity
    persons_visited: Quantity
    home_visits: Quantity
    cases_open: Quantity
    cases_closed: Quantity
    referrals: Quantity


@dataclass(frozen=True)
class ServiceCountsPublished(Event):
    """A later one for the same day replaces it: late entries raise a past day's totals."""

    TOPIC: ClassVar[str] = "casework.service-counts-published"
    CLAUSE: ClassVar[str | None] = "R-KL-07"
    LATE: ClassVar[bool] = True

    pilot_id: PilotId
    day: date
    totals: Totals


CountsEvent = ServiceCountsPublished


@dataclass(frozen=True)
class Counts:
    published: tuple[tuple[date, Totals], ...] = ()


def publish(counts: Counts, *, pilot_id: PilotId, day: date, totals: Totals) -> Sequence[CountsEvent]:
    """Publishes the totals of a day, unless they are what was published for it last."""
    if dict(counts.published).get(day) == totals:
        return ()
    return (ServiceCountsPublished(pilot_id, day, totals),)


def evolve(counts: Counts, event: CountsEvent) -> Counts:
    match event:
        case ServiceCountsPublished(day=day, totals=totals):
            others = tuple(p for p in counts.published if p[0] != day)
            return Counts(published=(*others, (day, totals)))
        case _:
            assert_never(event)
