from dataclasses import replace

from casework.domain.place import (
    NoCommunity,
    Place,
    PlaceClosureNoted,
    SiteOpeningNoted,
    WorkerDepartureNoted,
    WorkerNotPlaced,
    WorkerPlacementNoted,
    evolve,
    note_closure,
    note_departure,
    note_placement,
    note_site_opening,
    recorded_by,
    takes_on,
)
from contracts.values import AgencyId, SiteId
from kit.errors import NotKnownYet
from kit.testing import Spec

from .histories import AGENCY, COMMUNITY, PILOT, STRANGER, UNIT, WORKER, started

place = Spec(Place(), evolve)
SITE = SiteId(PILOT)


def test_a_replaced_agency_brings_its_own_workers() -> None:
    replaced = replace(started, agency_id=AgencyId(STRANGER), worker_ids=(STRANGER,))
    state = place.state(started, replaced)
    assert dict(state.workers) == {STRANGER: AgencyId(STRANGER)}


def test_a_placement_is_noted_once() -> None:
    noted = WorkerPlacementNoted(STRANGER, AGENCY)
    arguments = {"worker_id": STRANGER, "agency_id": AGENCY}
    place.given(started).when(note_placement, **arguments).then(noted)
    place.given(started, noted).when(note_placement, **arguments).then_nothing()


def test_a_placement_waits_for_its_place() -> None:
    place.given().when(note_placement, worker_id=WORKER, agency_id=AGENCY).then_refused(NotKnownYet)


def test_who_left_records_no_more() -> None:
    place.given(started).when(note_departure, worker_id=WORKER).then(WorkerDepartureNoted(WORKER))
    place.given(started).when(note_departure, worker_id=STRANGER).then_nothing()
    left = place.given(started, WorkerDepartureNoted(WORKER))
    left.when(lambda state: recorded_by(state, WORKER, UNIT)).then_refused(WorkerNotPlaced)


def test_a_site_opens_once() -> None:
    opening = SiteOpeningNoted(SITE, COMMUNITY, None)
    arguments = {"site_id": SITE, "community": COMMUNITY, "pilot_id": None}
    place.given().when(note_site_opening, **arguments).then(opening)
    place.given(opening).when(note_site_opening, **arguments).then_nothing()


def test_a_place_closes_once() -> None:
    place.given(started).when(note_closure).then(PlaceClosureNoted())
    place.given(started, PlaceClosureNoted()).when(note_closure).then_nothing()


def test_what_never_opened_here_is_not_ours_to_close() -> None:
    place.given().when(note_closure).then_nothing()


def test_a_district_centre_has_workers_and_serves_nobody() -> None:
    centre = place.given(SiteOpeningNoted(SITE, None, None))
    placed = WorkerPlacementNoted(WORKER, AGENCY)
    centre.when(note_placement, worker_id=WORKER, agency_id=AGENCY).then(placed)
    centre.when(takes_on).then_refused(NoCommunity)
    centre.when(note_site_opening, site_id=SITE, community=None, pilot_id=None).then_nothing()
