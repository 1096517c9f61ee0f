"""An organisation as its province knows it: where it is an agency, and which cities list it (C-37)."""

from __future__ import annotations

from uuid import UUID

from contracts.values import AgencyId, TenantId
from kit.testing import Spec
from registry.domain.organisation import (
    AgencyNotedInProvince,
    ListingNotedInProvince,
    Organisation,
    evolve,
    note_agency,
    note_listing,
)

organisation = Spec(Organisation(), evolve)
NUMBER, LANZHOU, JINCHANG = "91620100MA00000001", TenantId("620100"), TenantId("620300")
ONE, TWO = AgencyId(UUID(int=1)), AgencyId(UUID(int=2))
registered = AgencyNotedInProvince(NUMBER, LANZHOU, ONE)
listed, lifted = (ListingNotedInProvince(NUMBER, LANZHOU, now) for now in (True, False))


def test_each_city_has_the_organisation_as_an_agency_of_its_own() -> None:
    note = {"number": NUMBER, "city": LANZHOU, "agency_id": ONE}
    organisation.given().when(note_agency, **note).then(registered)
    organisation.given(registered).when(note_agency, **note).then_nothing()
    other = AgencyNotedInProvince(NUMBER, JINCHANG, TWO)
    organisation.given(registered).when(note_agency, number=NUMBER, city=JINCHANG, agency_id=TWO).then(other)
    assert organisation.state(registered, other).agencies == {LANZHOU: ONE, JINCHANG: TWO}


def test_R_LZ_08_a_listing_holds_until_its_city_lifts_it() -> None:
    note = {"number": NUMBER, "city": LANZHOU}
    organisation.given(registered).when(note_listing, **note, listed=True).then(listed)
    organisation.given(listed).when(note_listing, **note, listed=True).then_nothing()
    organisation.given(listed).when(note_listing, **note, listed=False).then(lifted)
    organisation.given().when(note_listing, **note, listed=False).then_nothing()
    elsewhere = ListingNotedInProvince(NUMBER, JINCHANG, True)
    assert organisation.state(listed, elsewhere, lifted).listed_by == {JINCHANG}
