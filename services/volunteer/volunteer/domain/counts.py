"""A pilot's volunteering totals, published for a day.  Totals, never increments: a lost message cannot skew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, assert_never

from contracts.values import Event, PilotId, Quantity


@dataclass(frozen=True)
class Totals:
    """Since the pilot began, up to and including a day; `volunteers` are those who attended at least once."""

    activities: Quantity
    party_member_times: Quantity
    residents_served: Quantity
    volunteers: Quantity


@dataclass(frozen=True)
class VolunteerCountsPublished(Event):
    """A later one for the same day replaces it."""

    TOPIC: ClassVar[str] = "volunteer.volunteer-counts-published"
    CLAUSE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    pilot_id: PilotId
    day: date
    totals: Totals


CountsEvent = VolunteerCountsPublished


@dataclass(frozen=True)
class Counts:
    published: tuple[tuple[date, Totals], ...] = ()


def publish(counts: Counts, *, pilot_id: PilotId, day: date, totals: Totals) -> Sequence[CountsEvent]:
    """Publishes the totals of a day, unless they are what was published for it last."""
    if dict(counts.published).get(day) == totals:
        return ()
    return (VolunteerCountsPublished(pilot_id, day, totals),)


def evolve(counts: Counts, event: CountsEvent) -> Counts:
    match event:
        case VolunteerCountsPublished(day=day, totals=totals):
            others = tuple(p for p in counts.published if p[0] != day)
            return Counts(published=(*others, (day, totals)))
        case _:
            assert_never(event)
