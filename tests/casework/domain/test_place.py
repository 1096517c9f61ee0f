from dataclasses import replace
from datetime import timedelta

from casework.domain.place import (
    NoCommunity,
    Place,
    PlaceClosureNoted,
    SiteOpeningNoted,
    evolve,
    note_closure,
    note_pilot_start,
    note_site_opening,
    takes_on,
)
from contracts.values import AgencyId, SiteId
from kit.errors import NotKnownYet
from kit.testing import Spec

from .histories import BEGAN, COMMUNITY, DAY, PILOT, STRANGER, started

place = Spec(Place(), evolve)
SITE = SiteId(PILOT)


def test_a_replaced_agency_takes_over_a_pilot_that_began_when_it_first_did() -> None:
    facts = {"pilot_id": PILOT, "agency_id": AgencyId(STRANGER), "community": COMMUNITY, "worker_ids": (STRANGER,)}
    again = place.given(started).when(
        note_pilot_start, **facts, impl_from=started.impl_from, impl_to=started.impl_to, occurred_on=DAY
    )
    again.then(replace(started, agency_id=AgencyId(STRANGER), worker_ids=(STRANGER,)))
    state = place.state(started, *again.events)
    assert (state.agency_id, state.starters, state.began_on) == (AgencyId(STRANGER), (STRANGER,), BEGAN)


def test_a_site_opens_once() -> None:
    opening = SiteOpeningNoted(SITE, COMMUNITY, None, DAY)
    arguments = {"site_id": SITE, "community": COMMUNITY, "pilot_id": None, "occurred_on": DAY}
    place.given().when(note_site_opening, **arguments).then(opening)
    place.given(opening).when(note_site_opening, **arguments).then_nothing()


def test_a_place_closes_once() -> None:
    place.given(started).when(note_closure, occurred_on=DAY).then(PlaceClosureNoted(DAY))
    later = DAY + timedelta(days=1)
    place.given(started, PlaceClosureNoted(DAY)).when(note_closure, occurred_on=later).then_nothing()


def test_what_never_opened_here_is_not_ours_to_close() -> None:
    place.given().when(note_closure, occurred_on=DAY).then_nothing()


def test_a_district_centre_serves_nobody() -> None:
    place.given(SiteOpeningNoted(SITE, None, None, DAY)).when(takes_on, DAY).then_refused(NoCommunity)


def test_a_place_that_was_not_heard_of_takes_nothing_on_yet() -> None:
    place.given().when(takes_on, DAY).then_refused(NotKnownYet)
