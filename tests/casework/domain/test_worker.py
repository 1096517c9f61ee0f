from datetime import timedelta

from casework.domain.worker import (
    Worker,
    WorkerDepartureNoted,
    WorkerEmployerNoted,
    WorkerPlacementNoted,
    evolve,
    note_departure,
    note_employer,
    note_placement,
)
from contracts.values import OrganisationId, SiteId
from kit.testing import Spec

from .histories import BEGAN, CATALOGUE, DAY, ORGANISATION, OTHER_PROJECT, PROJECT, STRANGER, WORKER, placed

worker = Spec(Worker(), evolve)
LEAVE = {"worker_id": WORKER, "place_id": PROJECT, "left_on": DAY}
left = WorkerDepartureNoted(WORKER, PROJECT, DAY)
PLACE = {
    "worker_id": WORKER,
    "organisation_id": ORGANISATION,
    "site_id": None,
    "project_id": PROJECT,
    "placed_on": BEGAN,
}


def test_a_placement_is_noted_once_while_it_lasts() -> None:
    worker.given().when(note_placement, **PLACE).then(placed)
    worker.given(placed).when(note_placement, **PLACE).then_nothing()
    worker.given(placed, left).when(note_placement, **PLACE).then(placed)


def test_leaving_twice_is_leaving_once() -> None:
    worker.given(placed).when(note_departure, **LEAVE).then(left)
    worker.given(placed, left).when(note_departure, **LEAVE).then_nothing()
    assert worker.state(placed, left).at(PROJECT).left_on == DAY  # type: ignore[union-attr]


def test_who_was_assigned_and_never_placed_is_noted_as_gone() -> None:
    worker.given().when(note_departure, **LEAVE).then(left)
    assert worker.state(left) == Worker(places=frozenset({PROJECT}))


def test_leaving_one_project_is_leaving_its_sites_and_no_other_project() -> None:
    site = SiteId(CATALOGUE)
    there = worker.state(placed, WorkerPlacementNoted(WORKER, ORGANISATION, site, PROJECT, DAY), left)
    assert all(p.left_on == DAY for p in there.placements)
    other = worker.state(WorkerPlacementNoted(WORKER, ORGANISATION, None, OTHER_PROJECT, DAY), left)
    assert other.at(OTHER_PROJECT).left_on is None  # type: ignore[union-attr]


def test_a_new_employer_ends_what_the_former_placed() -> None:
    hired = {"worker_id": WORKER, "organisation_id": OrganisationId(STRANGER), "occurred_on": DAY}
    noted = WorkerEmployerNoted(WORKER, OrganisationId(STRANGER))
    worker.given(placed).when(note_employer, **hired).then(left, noted)
    worker.given(placed, left).when(note_employer, **hired).then(noted)
    worker.given(placed, left, noted).when(note_employer, **hired).then_nothing()
    worker.given().when(note_employer, **hired).then_nothing()
    worker.given(placed).when(note_employer, **(hired | {"organisation_id": ORGANISATION})).then_nothing()
    worker.given(placed).when(note_employer, **(hired | {"organisation_id": None})).then(
        left, WorkerEmployerNoted(WORKER, None)
    )
    assert not worker.state(placed, noted).placements


def test_a_placement_anew_stands_for_itself() -> None:
    later = WorkerPlacementNoted(WORKER, ORGANISATION, None, PROJECT, DAY + timedelta(days=9))
    again = worker.state(placed, left, later).at(PROJECT)
    assert again is not None
    assert (again.placed_on, again.left_on) == (DAY + timedelta(days=9), None)


def test_leaving_a_site_is_not_leaving_its_project() -> None:
    site = SiteId(CATALOGUE)
    there = worker.state(placed, WorkerPlacementNoted(WORKER, ORGANISATION, site, PROJECT, DAY))
    gone = WorkerDepartureNoted(WORKER, site, DAY)
    worker.given(placed, WorkerPlacementNoted(WORKER, ORGANISATION, site, PROJECT, DAY)).when(
        note_departure, worker_id=WORKER, place_id=site, left_on=DAY
    ).then(gone)
    after = evolve(there, gone)
    assert after.at(site).left_on == DAY  # type: ignore[union-attr]
    assert after.at(PROJECT).left_on is None  # type: ignore[union-attr]


def test_of_two_placements_of_one_day_the_one_that_ended_last_counts() -> None:
    """At the project and at its site: who left the site is at the project still, and was until its end."""
    site, end = SiteId(CATALOGUE), DAY + timedelta(days=9)
    for first, second in ((None, site), (site, None)):
        both = [WorkerPlacementNoted(WORKER, ORGANISATION, one, PROJECT, BEGAN) for one in (first, second)]
        there = worker.state(*both, WorkerDepartureNoted(WORKER, site, DAY), WorkerDepartureNoted(WORKER, PROJECT, end))
        found = there.at_on(PROJECT, end)
        assert found is not None
        assert found.left_on == end


def test_what_another_organisation_placed_is_the_former_s_until_that_one_employs_again() -> None:
    other = WorkerEmployerNoted(WORKER, OrganisationId(STRANGER))
    assert [p.former for p in worker.state(placed, left, other).placements] == [True]
    assert [p.former for p in worker.state(placed, left, other, placed).placements] == [False, True]
    assert [p.former for p in worker.state(placed, left, other, placed, left).placements] == [False, True]
    again = WorkerEmployerNoted(WORKER, ORGANISATION)
    assert [p.former for p in worker.state(placed, left, other, placed, left, again).placements] == [False, False]


def test_on_the_day_that_a_placement_begins_it_is_the_one_that_counts() -> None:
    again = WorkerPlacementNoted(WORKER, ORGANISATION, None, PROJECT, DAY)
    there = worker.state(placed, left, again).at_on(PROJECT, DAY)
    assert there is not None
    assert (there.placed_on, there.on(DAY)) == (DAY, True)


def test_on_the_day_that_a_worker_leaves_they_are_no_longer_placed() -> None:
    there = worker.state(placed, left).at_on(PROJECT, DAY)
    assert there is not None
    assert (there.on(DAY), there.on(DAY - timedelta(days=1))) == (False, True)
