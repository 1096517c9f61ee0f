from dataclasses import replace
from datetime import timedelta

from casework.domain.place import (
    NoCommunity,
    Place,
    PlaceClosureNoted,
    SiteOpeningNoted,
    evolve,
    note_closure,
    note_project_start,
    note_site_opening,
    takes_on,
)
from contracts.values import OrganisationId, SiteId
from kit.errors import NotKnownYet
from kit.testing import Spec

from .histories import BEGAN, COMMUNITY, DAY, PROJECT, STRANGER, started

place = Spec(Place(), evolve)
SITE = SiteId(PROJECT)


def test_a_replaced_organisation_takes_over_a_project_that_began_when_it_first_did() -> None:
    facts = {
        "project_id": PROJECT,
        "organisation_id": OrganisationId(STRANGER),
        "community": COMMUNITY,
        "worker_ids": (STRANGER,),
    }
    again = place.given(started).when(
        note_project_start, **facts, impl_from=started.impl_from, impl_to=started.impl_to, occurred_on=DAY
    )
    again.then(replace(started, organisation_id=OrganisationId(STRANGER), worker_ids=(STRANGER,)))
    state = place.state(started, *again.events)
    assert (state.organisation_id, state.starters, state.began_on) == (OrganisationId(STRANGER), (STRANGER,), BEGAN)


def test_a_site_opens_once() -> None:
    opening = SiteOpeningNoted(SITE, COMMUNITY, None, DAY)
    arguments = {"site_id": SITE, "community": COMMUNITY, "project_id": None, "occurred_on": DAY}
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
