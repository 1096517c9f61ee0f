"""The rows of organisations, schemes and their quota, as events come."""

from __future__ import annotations

from datetime import date, timedelta

from tests.funding.domain import histories as h
from tests.told import meta, rows

from contracts.values import TenantId
from funding.domain.organisation import OrganisationBarred, OrganisationListingElsewhereNoted
from funding.domain.quota import QuotaTaken
from funding.projections.organisation import ORGANISATIONS, OrganisationRow, evolve
from funding.projections.quota import QUOTAS, QuotaUseRow
from funding.projections.scheme import SCHEMES, SchemeVersionRow

DAY = date(2022, 6, 1)
ELSEWHERE, FURTHER = TenantId("620200"), TenantId("620300")


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def listing(by: TenantId, listed: bool) -> OrganisationListingElsewhereNoted:
    return OrganisationListingElsewhereNoted(h.ORGANISATION, by, listed)


def test_C_37_an_organisation_is_listed_until_the_last_bureau_has_taken_it_off() -> None:
    history = [
        (day(0), h.organisation_noted),
        (day(2), listing(ELSEWHERE, True)),
        (day(6), listing(ELSEWHERE, False)),
        (day(4), listing(FURTHER, True)),
    ]
    found = [rows(ORGANISATIONS, history, day(n)) for n in (0, 2, 4, 6)]
    assert found == [
        [OrganisationRow(h.ORGANISATION, listed_by)]
        for listed_by in ((), (ELSEWHERE,), (ELSEWHERE, FURTHER), (FURTHER,))
    ]
    assert rows(ORGANISATIONS, history, day(-1)) == []


def test_a_listing_that_comes_before_the_registration_is_kept() -> None:
    listed = evolve(None, listing(ELSEWHERE, True), meta(DAY))
    assert listed == OrganisationRow(h.ORGANISATION, (ELSEWHERE,))
    assert evolve(listed, h.organisation_noted, meta(DAY)) is listed
    assert evolve(listed, OrganisationBarred(h.ORGANISATION), meta(DAY)) is listed
    assert evolve(listed, listing(ELSEWHERE, True), meta(DAY)) == listed


def test_each_version_of_a_scheme_is_there_from_the_day_of_its_publication_on() -> None:
    (row,) = rows(SCHEMES, [(day(3), h.published)], day(3))
    assert isinstance(row, SchemeVersionRow)
    assert (row.number, row.title, row.published_on, row.terms) == (1, h.TERMS.title, day(3), h.TERMS)
    assert rows(SCHEMES, [(day(3), h.published)], day(2)) == []


def test_R_LZ_01_a_place_that_is_taken_late_is_taken_from_its_day_on() -> None:
    taken = [QuotaTaken(h.SCHEME_ID, h.PROJECT, h.DISTRICT, taken_in_district=n, taken_in_total=n) for n in (1, 2)]
    history = [(day(5), taken[0]), (day(3), taken[1])]
    assert [len(rows(QUOTAS, history, day(n))) for n in (2, 3, 5)] == [0, 1, 2]
    assert QuotaUseRow(h.SCHEME_ID, h.PROJECT, h.DISTRICT, day(5)) in rows(QUOTAS, history, day(5))
