"""A project's volunteering totals, published for a day.  Totals, never increments: a lost message cannot skew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, ProjectId, Quantity
from volunteer.domain.project import Project, runs_in


@dataclass(frozen=True)
class Totals:
    """Since the project began, up to and including a day; `volunteers` are those who attended at least once."""

    activities: Quantity
    party_member_times: Quantity
    residents_served: Quantity
    volunteers: Quantity


@dataclass(frozen=True)
class VolunteerCountsPublished(Event):
    """A later one for the same day replaces it."""

    TOPIC: ClassVar[str] = "volunteer.volunteer-counts-published"
    NAME: ClassVar[str] = "发布志愿服务统计"
    RULE: ClassVar[str | None] = "R-KL-10"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    day: date
    totals: Totals


CountsEvent: TypeAlias = VolunteerCountsPublished


@dataclass(frozen=True)
class Counts:
    """What was published last, and nothing before it: a project publishes every day."""

    day: date | None = None
    totals: Totals | None = None


def publish(
    counts: Counts, project: Project, totals: Totals, *, project_id: ProjectId, day: date
) -> Sequence[CountsEvent]:
    """Publishes the totals of a day, unless they are what was published last.  NotKnownYet where nothing runs."""
    runs_in(project)
    if counts == Counts(day, totals):
        return ()
    return (VolunteerCountsPublished(project_id, day, totals),)


def evolve(_: Counts, event: CountsEvent) -> Counts:
    match event:
        case VolunteerCountsPublished(day=day, totals=totals):
            return Counts(day, totals)
        case _:
            assert_never(event)
