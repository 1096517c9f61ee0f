"""A project's service totals, published for a day.  Totals, never increments: a lost message cannot skew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias, assert_never

from casework.domain.place import Place, heard_of
from contracts.values import Event, ProjectId, Quantity


@dataclass(frozen=True)
class Totals:
    """Since the project began, up to and including a day.  Persons and visits have different units: they never add."""

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
    NAME: ClassVar[str] = "发布服务统计"
    RULE: ClassVar[str | None] = "R-KL-07"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    day: date
    totals: Totals


CountsEvent: TypeAlias = ServiceCountsPublished


@dataclass(frozen=True)
class Counts:
    """What was published last, and nothing before it: a project publishes every day."""

    day: date | None = None
    totals: Totals | None = None


def publish(counts: Counts, place: Place, totals: Totals, *, project_id: ProjectId, day: date) -> Sequence[CountsEvent]:
    """Publishes the totals of a day, unless they are what was published last.  NotKnownYet where nothing runs."""
    heard_of(place)
    if counts == Counts(day, totals):
        return ()
    return (ServiceCountsPublished(project_id, day, totals),)


def evolve(_: Counts, event: CountsEvent) -> Counts:
    match event:
        case ServiceCountsPublished(day=day, totals=totals):
            return Counts(day, totals)
        case _:
            assert_never(event)
