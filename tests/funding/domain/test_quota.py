"""The quota that approvals take: per district, in all, and of the version in force; districts mixed (R-LZ-01)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.values import ProjectId, TenantId
from funding.domain.quota import (
    BelowWhatIsTaken,
    NotAProjectDistrict,
    QuotaExceeded,
    QuotaTaken,
    QuotaUse,
    TotalExceeded,
    evolve,
    take,
)
from funding.domain.scheme import SchemePublished, publish
from funding.domain.terms import Payer, Quota, Terms
from kit.testing import Spec

from .histories import PREP_DUE, SCHEME, SCHEME_ID, TERMS

use = Spec(QuotaUse(), evolve)
FOUR, TWO = TenantId("620102"), TenantId("620103")
PLACES = {"620102": 3, "620103": 2, "620104": 2, "620105": 2, "620111": 1}
ASKING = ProjectId(UUID(int=9))


def taken(n: int, district: str) -> QuotaTaken:
    return QuotaTaken(
        SCHEME_ID, ProjectId(UUID(int=100 + n)), TenantId(district), taken_in_district=0, taken_in_total=0
    )


def approvals(*districts: str) -> list[QuotaTaken]:
    return [taken(n, district) for n, district in enumerate(districts)]


def ask(district: str) -> dict[str, Any]:
    return {"scheme_id": SCHEME_ID, "project_id": ASKING, "district": TenantId(district)}


def others(district: str) -> list[str]:
    """All places of all other districts."""
    return [other for other, places in PLACES.items() if other != district for _ in range(places)]


@pytest.mark.parametrize(("district", "places"), PLACES.items())
def test_R_LZ_01_a_district_has_its_quota_and_no_more(district: str, places: int) -> None:
    expected = QuotaTaken(SCHEME_ID, ASKING, TenantId(district), places, places)
    use.given(*approvals(*[district] * (places - 1))).when(take, TERMS, **ask(district)).then(expected)
    quota = TERMS.quota(TenantId(district))
    assert quota is not None
    use.given(*approvals(*[district] * places)).when(take, TERMS, **ask(district)).then_refused(
        QuotaExceeded, "R-LZ-01", name=quota.name, quota=places
    )


@pytest.mark.parametrize(("district", "places"), PLACES.items())
def test_R_LZ_01_what_others_took_leaves_a_district_its_own(district: str, places: int) -> None:
    """The last place of the district is the last of the whole scheme too."""
    mixed = approvals(*others(district), *[district] * (places - 1))
    expected = QuotaTaken(SCHEME_ID, ASKING, TenantId(district), places, TERMS.total_projects)
    use.given(*mixed).when(take, TERMS, **ask(district)).then(expected)
    use.given(*reversed(mixed)).when(take, TERMS, **ask(district)).then(expected)


def test_R_LZ_01_what_a_district_took_fills_it_though_others_have_places() -> None:
    some = approvals("620103", FOUR, "620111", FOUR, "620105", FOUR)
    use.given(*some).when(take, TERMS, **ask(FOUR)).then_refused(QuotaExceeded, "R-LZ-01", name="城关区", quota=3)
    use.given(*some).when(take, TERMS, **ask(TWO)).then(QuotaTaken(SCHEME_ID, ASKING, TWO, 2, 7))


def test_R_LZ_01_the_eleventh_project_is_refused() -> None:
    """By the total, where the district itself still has a place: the plan was less when the others took theirs."""
    ten = approvals(*others("620111"), "620121")
    assert len(ten) == TERMS.total_projects == 10
    use.given(*ten).when(take, TERMS, **ask("620111")).then_refused(TotalExceeded, "R-LZ-01", total=10)
    use.given(*ten[:-1]).when(take, TERMS, **ask("620111")).then(
        QuotaTaken(SCHEME_ID, ASKING, TenantId("620111"), 1, 10)
    )


def test_R_LZ_01_a_district_without_quota_is_refused() -> None:
    use.given().when(take, TERMS, **ask("620121")).then_refused(NotAProjectDistrict, "R-LZ-01", district="620121")


def test_R_LZ_01_one_project_takes_one_place() -> None:
    own = QuotaTaken(SCHEME_ID, ASKING, FOUR, 1, 1)
    use.given(own, *approvals(TWO)).when(take, TERMS, **ask(FOUR)).then_nothing()


def version(four: int, two: int) -> Terms:
    quotas = (Quota(FOUR, "城关区", four), Quota(TWO, "七里河区", two))
    return replace(TERMS, quotas=quotas, total_projects=four + two, effective_from=PREP_DUE)


@pytest.mark.parametrize(
    ("four", "two", "short"),
    [
        (1, 9, {"name": "城关区", "taken": 2, "quota": 1}),
        (9, 1, {"name": "七里河区", "taken": 2, "quota": 1}),
        (2, 2, None),
    ],
    ids=["the first has fewer", "the second has fewer", "each has what it took"],
)
def test_R_LZ_01_a_new_version_covers_what_each_district_has_taken(
    four: int, two: int, short: dict[str, object] | None
) -> None:
    mixed = use.state(*approvals(FOUR, TWO, FOUR, TWO))
    terms = version(four, two)
    published = (
        Spec(SCHEME, lambda _, event: event)
        .given()
        .when(publish, mixed, scheme_id=SCHEME_ID, terms=terms, by=Payer.CITY, occurred_on=PREP_DUE)
    )
    if short is None:
        published.then(SchemePublished(SCHEME_ID, 2, terms))
    else:
        published.then_refused(BelowWhatIsTaken, "R-LZ-01", **short)


def test_R_LZ_01_a_new_version_does_not_leave_out_a_district_that_has_taken() -> None:
    gone = use.state(*approvals("620105"))
    left_out = (
        Spec(SCHEME, lambda _, event: event)
        .given()
        .when(publish, gone, scheme_id=SCHEME_ID, terms=version(3, 2), by=Payer.CITY, occurred_on=PREP_DUE)
    )
    left_out.then_refused(BelowWhatIsTaken, "R-LZ-01", name="620105", taken=1, quota=0)
