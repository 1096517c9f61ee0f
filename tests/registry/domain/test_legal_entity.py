"""An legal_entity as its province knows it: where it is an organisation, and which cities list it (C-37)."""

from __future__ import annotations

from uuid import UUID

from contracts.values import OrganisationId, TenantId
from kit.testing import Spec
from registry.domain.legal_entity import (
    LegalEntity,
    ListingNotedInProvince,
    OrganisationNotedInProvince,
    evolve,
    note_listing,
    note_organisation,
)

legal_entity = Spec(LegalEntity(), evolve)
NUMBER, LANZHOU, JINCHANG = "91620100MA00000001", TenantId("620100"), TenantId("620300")
ONE, TWO = OrganisationId(UUID(int=1)), OrganisationId(UUID(int=2))
registered = OrganisationNotedInProvince(NUMBER, LANZHOU, ONE)
listed, lifted = (ListingNotedInProvince(NUMBER, LANZHOU, now) for now in (True, False))


def test_each_city_has_the_organisation_as_an_organisation_of_its_own() -> None:
    note = {"number": NUMBER, "city": LANZHOU, "organisation_id": ONE}
    legal_entity.given().when(note_organisation, **note).then(registered)
    legal_entity.given(registered).when(note_organisation, **note).then_nothing()
    other = OrganisationNotedInProvince(NUMBER, JINCHANG, TWO)
    legal_entity.given(registered).when(note_organisation, number=NUMBER, city=JINCHANG, organisation_id=TWO).then(
        other
    )
    assert legal_entity.state(registered, other).organisations == {LANZHOU: ONE, JINCHANG: TWO}


def test_R_LZ_08_a_listing_holds_until_its_city_lifts_it() -> None:
    note = {"number": NUMBER, "city": LANZHOU}
    legal_entity.given(registered).when(note_listing, **note, listed=True).then(listed)
    legal_entity.given(listed).when(note_listing, **note, listed=True).then_nothing()
    legal_entity.given(listed).when(note_listing, **note, listed=False).then(lifted)
    legal_entity.given().when(note_listing, **note, listed=False).then_nothing()
    elsewhere = ListingNotedInProvince(NUMBER, JINCHANG, True)
    assert legal_entity.state(listed, elsewhere, lifted).listed_by == {JINCHANG}
