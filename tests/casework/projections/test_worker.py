"""Which rows of placements a worker's events come to."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.casework.domain.histories import BEGAN, ORGANISATION, PROJECT, WORKER, placed
from tests.told import meta, rows

from casework.domain.worker import WorkerDepartureNoted, WorkerEmployerNoted, WorkerEvent, WorkerPlacementNoted
from casework.projections.worker import PLACEMENTS, PlacementRow, Post, Posts, evolve
from contracts.values import OrganisationId, SiteId

SITE, OTHER_SITE = SiteId(UUID(int=30)), SiteId(UUID(int=31))
OTHER_ORGANISATION = OrganisationId(UUID(int=32))
there = PlacementRow(WORKER, ORGANISATION, SITE)
at_the_site = WorkerPlacementNoted(WORKER, ORGANISATION, SITE, None, BEGAN)
at_the_projects_site = WorkerPlacementNoted(WORKER, ORGANISATION, SITE, PROJECT, BEGAN)


at_project = PlacementRow(WORKER, ORGANISATION, PROJECT)


def day(n: int) -> date:
    return BEGAN + timedelta(days=n)


def left(place_id: UUID) -> WorkerDepartureNoted:
    return WorkerDepartureNoted(WORKER, place_id, BEGAN)


def test_who_is_placed_at_a_site_has_a_row_there() -> None:
    state = evolve(None, at_the_site, meta(BEGAN))
    assert state == Posts(WORKER, (Post(ORGANISATION, SITE, None),))
    assert rows(PLACEMENTS, [(BEGAN, at_the_site)], BEGAN) == [there]


def test_who_is_placed_at_a_project_has_a_row_there() -> None:
    assert rows(PLACEMENTS, [(BEGAN, placed)], BEGAN) == [at_project]


def test_two_placements_at_one_site_are_one_row_there_until_both_have_ended() -> None:
    history = [(BEGAN, at_the_site), (BEGAN, at_the_projects_site), (day(1), left(PROJECT)), (day(2), left(SITE))]
    assert [rows(PLACEMENTS, history, day(n)) for n in range(3)] == [[there, at_project], [there], []]


def test_another_employer_ends_what_the_one_before_placed() -> None:
    elsewhere = WorkerPlacementNoted(WORKER, OTHER_ORGANISATION, OTHER_SITE, None, BEGAN)
    hired = WorkerEmployerNoted(WORKER, OTHER_ORGANISATION)
    history = [(BEGAN, at_the_site), (BEGAN, elsewhere), (day(1), hired), (day(2), WorkerEmployerNoted(WORKER, None))]
    kept = PlacementRow(WORKER, OTHER_ORGANISATION, OTHER_SITE)
    assert [rows(PLACEMENTS, history, day(n)) for n in range(3)] == [[there, kept], [kept], []]


def test_another_organisation_s_placement_at_the_same_place_takes_the_place_of_the_one_before() -> None:
    taken_over = WorkerPlacementNoted(WORKER, OTHER_ORGANISATION, SITE, None, BEGAN)
    history = [(BEGAN, at_the_site), (day(1), taken_over)]
    assert rows(PLACEMENTS, history, day(1)) == [PlacementRow(WORKER, OTHER_ORGANISATION, SITE)]


@pytest.mark.parametrize("event", [left(OTHER_SITE), WorkerEmployerNoted(WORKER, ORGANISATION), at_the_site])
def test_what_changes_nothing_leaves_the_very_same_state(event: WorkerEvent) -> None:
    state = Posts(WORKER, (Post(ORGANISATION, SITE, None),))
    assert evolve(state, event, meta(BEGAN)) is state


@pytest.mark.parametrize("event", [left(SITE), WorkerEmployerNoted(WORKER, None)])
def test_who_was_placed_nowhere_has_no_state(event: WorkerEvent) -> None:
    assert evolve(None, event, meta(BEGAN)) is None


def test_a_departure_told_late_ends_the_row_on_its_day() -> None:
    elsewhere = WorkerPlacementNoted(WORKER, ORGANISATION, OTHER_SITE, None, day(9))
    history = [(BEGAN, at_the_site), (day(9), elsewhere), (day(4), left(SITE))]
    other = PlacementRow(WORKER, ORGANISATION, OTHER_SITE)
    assert [rows(PLACEMENTS, history, day(n)) for n in (3, 4, 8, 9)] == [[there], [], [], [other]]
