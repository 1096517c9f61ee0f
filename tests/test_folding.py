"""A fold takes as long for an event whatever came before it, and a state keeps what the next decision reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.casework.domain import histories as h
from tests.casework.domain import test_counts as counted
from tests.funding.domain import histories as projects
from tests.funding.domain import test_growing as grown
from tests.steps import steps
from tests.volunteer.domain import test_activity as activities
from tests.volunteer.domain import test_counts as volunteered

from casework.commands.streams import CASES, CATALOGUES, COUNTS, ENTRIES, PLACES, WORKERS
from casework.domain.catalogue import LedgerCategory, LedgerCategoryRegistered
from casework.domain.counts import ServiceCountsPublished
from casework.domain.entry_events import HomeVisitRecorded
from casework.domain.worker import WorkerDepartureNoted, WorkerEmployerNoted, WorkerPlacementNoted
from contracts.values import OrganisationId, ProjectId, SiteId, VolunteerId
from funding.commands import streams as funding
from funding.domain.organisation import EndReason, OrganisationAssignmentEnded
from funding.domain.project.events import ProjectCountsNoted
from funding.domain.quota import QuotaTaken
from kit.store import Category
from volunteer.commands import streams as volunteer
from volunteer.domain.activity import VolunteerAttendanceRecorded
from volunteer.domain.counts import VolunteerCountsPublished

Nth = Callable[[int], Sequence[Any]]


def visit(n: int) -> Sequence[Any]:
    here = (h.ENTRY, h.PROJECT, h.PROJECT, h.COMMUNITY, h.WORKER, None)
    return (HomeVisitRecorded(UUID(int=n), *here, findings=h.sealed("记录")),)


def posting(n: int) -> Sequence[Any]:
    """To a site of their own each time, by one of two organisations in turn."""
    site, organisation, day = (
        SiteId(UUID(int=1000 + n)),
        OrganisationId(UUID(int=100 + n % 2)),
        h.DAY + timedelta(days=n),
    )
    return (
        WorkerEmployerNoted(h.WORKER, organisation),
        WorkerPlacementNoted(h.WORKER, organisation, site, None, day),
        WorkerDepartureNoted(h.WORKER, site, day),
    )


BOUNDED: dict[str, tuple[Category[Any, Any], Sequence[Any], Nth]] = {
    "visits of an entry": (ENTRIES, (h.enrolled,), visit),
    "interventions of a case": (CASES, (h.opened, h.assessed, h.planned), lambda _: (h.intervened,)),
    "starts of a project": (PLACES, (), lambda _: (h.started,)),
    "days of services": (
        COUNTS,
        (),
        lambda n: (ServiceCountsPublished(h.PROJECT, h.DAY + timedelta(days=n), counted.TOTALS),),
    ),
    "days counted of a project": (
        funding.PROJECTS,
        projects.RUNNING,
        lambda n: (ProjectCountsNoted(projects.PROJECT, "casework", projects.STARTED + timedelta(days=n), {}),),
    ),
    "attendance at an activity": (
        volunteer.ACTIVITIES,
        (activities.planned, activities.held),
        lambda n: (VolunteerAttendanceRecorded(VolunteerId(UUID(int=n)), party_member=True),),
    ),
    "days of volunteering": (
        volunteer.COUNTS,
        (),
        lambda n: (VolunteerCountsPublished(h.PROJECT, h.DAY + timedelta(days=n), volunteered.TOTALS),),
    ),
}
"""Streams that grow with use, and what of them comes again and again."""
GROWING: dict[str, tuple[Category[Any, Any], Sequence[Any], Nth]] = {
    "postings of a worker": (WORKERS, (), posting),
    "categories of a catalogue": (
        CATALOGUES,
        (h.declared,),
        lambda n: (LedgerCategoryRegistered(h.CATALOGUE, LedgerCategory(f"category_{n}", "类别")),),
    ),
    "verdicts on a project's staff": (funding.PROJECTS, projects.RUNNING, lambda n: (grown.verdict(n),)),
    "bills of a budget": (funding.BUDGETS, projects.PAID, lambda n: (grown.bill(n),)),
    "assignments of an organisation": (
        funding.ORGANISATIONS,
        (projects.organisation_noted,),
        lambda n: (
            grown.assigned(n),
            OrganisationAssignmentEnded(
                projects.ORGANISATION, grown.assigned(n).project_id, projects.SCHEME_ID, EndReason.PROJECT_CLOSED
            ),
        ),
    ),
    "places of a quota": (
        funding.QUOTAS,
        (),
        lambda n: (QuotaTaken(projects.SCHEME_ID, ProjectId(UUID(int=n)), projects.DISTRICT, n, n),),
    ),
}
"""Those of which a decision may ask for anything that was: their states grow, and only those."""


@pytest.mark.parametrize(("category", "first", "nth"), BOUNDED.values(), ids=list(BOUNDED))
def test_a_state_does_not_grow_with_use(category: Category[Any, Any], first: Sequence[Any], nth: Nth) -> None:
    few, many = (category.fold(category.initial, history(first, nth, times)) for times in (20, 200))
    assert len(repr(many)) < len(repr(few)) + 20  # a day is not always as long as another


@pytest.mark.parametrize(("category", "first", "nth"), (BOUNDED | GROWING).values(), ids=[*BOUNDED, *GROWING])
def test_a_fold_takes_steps_as_there_are_events(category: Category[Any, Any], first: Sequence[Any], nth: Nth) -> None:
    few, many = (_steps(category, history(first, nth, times)) for times in (20, 200))
    assert many < 11 * few


def history(first: Sequence[Any], nth: Nth, times: int) -> list[Any]:
    return [*first, *(event for n in range(times) for event in nth(n))]


def _steps(category: Category[Any, Any], events: Sequence[Any]) -> int:
    return steps(lambda: category.fold(category.initial, events))
