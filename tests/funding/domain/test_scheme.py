"""Schemes: the document, its versions, and the quota that approvals take."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.values import Fen, PilotId, SchemeId, TenantId
from funding.domain.scheme import (
    BelowWhatIsTaken,
    EffectiveBeforePublication,
    EffectiveTooEarly,
    NoSchemeInForce,
    NotAPilotDistrict,
    QuotaExceeded,
    QuotaTaken,
    Scheme,
    SchemePublished,
    StandardMissing,
    StandardNotKept,
    TotalExceeded,
    UnknownCondition,
    WrongPublisher,
    evolve,
    publish,
    take_quota,
)
from funding.domain.terms import (
    CalendarOutOfOrder,
    ChainUnknown,
    Coded,
    CodeTwice,
    Level,
    LinesDoNotAddUp,
    NotPositive,
    Payer,
    Purpose,
    PurposeKind,
    Quota,
    QuotasDoNotAddUp,
    ReportStep,
    SublinesDoNotAddUp,
    Terms,
)
from kit.testing import Spec

from .histories import PREP_DUE, SCHEME, SCHEME_ID, SPRING, TERMS, published, said

scheme = Spec(Scheme(), evolve)
PUBLISHED = TERMS.effective_from
HERE = {"scheme_id": SCHEME_ID, "by": Payer.CITY, "occurred_on": PUBLISHED}


def taken(n: int, district: str) -> QuotaTaken:
    return QuotaTaken(
        scheme_id=SCHEME_ID,
        pilot_id=PilotId(UUID(int=100 + n)),
        district=TenantId(district),
        taken_in_district=0,
        taken_in_total=0,
    )


def approvals(*districts: str) -> list[QuotaTaken]:
    return [taken(n, district) for n, district in enumerate(districts)]


def test_publishing_is_the_first_version() -> None:
    scheme.given().when(publish, terms=TERMS, **HERE).then(published)


def test_publishing_the_same_again_is_nothing() -> None:
    scheme.given(published).when(publish, terms=TERMS, **HERE).then_nothing()


def test_a_version_is_in_force_from_its_day() -> None:
    later = replace(TERMS, title="修订", effective_from=date(2022, 12, 1))
    state = scheme.state(published, SchemePublished(SCHEME_ID, 2, later))
    assert state.in_force(date(2022, 11, 30)) == (1, TERMS)
    assert state.in_force(date(2022, 12, 1)) == (2, later)
    with pytest.raises(NoSchemeInForce):
        state.in_force(date(2022, 5, 30))


def test_a_later_version_may_not_take_effect_before_the_current_one() -> None:
    early = replace(TERMS, title="修订", effective_from=date(2022, 1, 1))
    scheme.given(published).when(publish, terms=early, **HERE).then_refused(EffectiveTooEarly)


@pytest.mark.parametrize("history", [(), (published,)], ids=["a first version", "a further one"])
def test_a_version_takes_effect_on_the_day_of_its_publication_at_the_earliest(history: tuple[SchemePublished]) -> None:
    """The plan of 2022 was published on the day from which it counts, 2022-05-31 (C-04)."""
    revised = replace(TERMS, title="修订", effective_from=SPRING)
    on_the_day, after = {**HERE, "occurred_on": SPRING}, {**HERE, "occurred_on": SPRING + timedelta(days=1)}
    number = len(history) + 1
    scheme.given(*history).when(publish, terms=revised, **on_the_day).then(SchemePublished(SCHEME_ID, number, revised))
    late = scheme.given(*history).when(publish, terms=revised, **after)
    late.then_refused(EffectiveBeforePublication)
    assert said(late) == (
        "方案的生效日期 2022-06-20 早于发布日期 2022-06-21，方案不能适用于发布之前的事项。"
        "请把生效日期改为发布当日或之后，或核对发布日期。"
    )


@pytest.mark.parametrize(
    ("district", "quota"), [("620102", 3), ("620103", 2), ("620104", 2), ("620105", 2), ("620111", 1)]
)
def test_R_LZ_01_a_district_has_its_quota_and_no_more(district: str, quota: int) -> None:
    ask = {"pilot_id": PilotId(UUID(int=9)), "district": TenantId(district), "occurred_on": SPRING}
    expected = QuotaTaken(SCHEME_ID, ask["pilot_id"], TenantId(district), quota, quota)  # type: ignore[arg-type]
    scheme.given(published, *approvals(*[district] * (quota - 1))).when(take_quota, **ask).then(expected)
    scheme.given(published, *approvals(*[district] * quota)).when(take_quota, **ask).then_refused(
        QuotaExceeded, "R-LZ-01"
    )


def test_R_LZ_01_the_eleventh_pilot_is_refused() -> None:
    ten = approvals(*["620102"] * 3, *["620103"] * 2, *["620104"] * 2, *["620105"] * 2, "620111")
    assert len(ten) == 10
    scheme.given(published, *ten).when(
        take_quota, pilot_id=PilotId(UUID(int=9)), district=TenantId("620111"), occurred_on=SPRING
    ).then_refused(TotalExceeded, "R-LZ-01")


def test_R_LZ_01_a_district_without_quota_is_refused() -> None:
    scheme.given(published).when(
        take_quota, pilot_id=PilotId(UUID(int=9)), district=TenantId("620121"), occurred_on=SPRING
    ).then_refused(NotAPilotDistrict, "R-LZ-01")


def test_R_LZ_01_one_pilot_takes_one_place() -> None:
    scheme.given(published, taken(9, "620102")).when(
        take_quota, pilot_id=PilotId(UUID(int=109)), district=TenantId("620102"), occurred_on=SPRING
    ).then_nothing()


def test_R_LZ_01_a_new_version_covers_what_is_taken() -> None:
    quotas = (replace(TERMS.quotas[0], pilots=1), Quota(TenantId("620103"), "七里河区", 9))
    less = replace(TERMS, quotas=quotas, effective_from=PREP_DUE)
    scheme.given(published, *approvals("620102", "620102")).when(publish, terms=less, **HERE).then_refused(
        BelowWhatIsTaken, "R-LZ-01"
    )


def test_R_LZ_13_lines_add_up_to_the_unit_budget() -> None:
    assert [line.cap_fen for line in TERMS.lines] == [16_000_000, 8_000_000, 1_500_000, 1_500_000, 3_000_000]
    short = replace(TERMS, lines=(replace(TERMS.lines[0], cap_fen=Fen(15_999_999)), *TERMS.lines[1:]))
    scheme.given().when(publish, terms=short, **HERE).then_refused(LinesDoNotAddUp, "R-LZ-13")


def test_R_LZ_15_a_line_is_the_sum_of_its_priced_purposes() -> None:
    training = TERMS.line("training")
    assert training is not None
    third = replace(training.purposes[0], times=3)
    lines = tuple(
        replace(line, purposes=(third, training.purposes[1])) if line is training else line for line in TERMS.lines
    )
    scheme.given().when(publish, terms=replace(TERMS, lines=lines), **HERE).then_refused(SublinesDoNotAddUp)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (replace(TERMS, total_pilots=11), QuotasDoNotAddUp),
        (replace(TERMS, quotas=(replace(TERMS.quotas[0], pilots=-1), *TERMS.quotas[1:])), NotPositive),
        (replace(TERMS, lines=(replace(TERMS.lines[0], cap_fen=Fen(0)), *TERMS.lines[1:])), NotPositive),
        (replace(TERMS, calendar=replace(TERMS.calendar, impl_to=date(2022, 9, 26))), CalendarOutOfOrder),
        (replace(TERMS, calendar=replace(TERMS.calendar, accept_from=date(2022, 9, 26))), CalendarOutOfOrder),
        (replace(TERMS, phases=(*TERMS.phases, TERMS.phases[0])), CodeTwice),
        (replace(TERMS, report_chain=(ReportStep(Level.STREET),)), ChainUnknown),
        (replace(TERMS, agency_conditions=(Coded("good_taste", "有品味"),)), UnknownCondition),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(wrong: Terms, refusal: type[QuotasDoNotAddUp]) -> None:
    scheme.given().when(publish, terms=wrong, **HERE).then_refused(refusal)


def own(**changes: object) -> Terms:
    """A district's own scheme by the city's standard."""
    lines = tuple(
        line if line.booked_by is Payer.AGENCY else replace(line, booked_by=Payer.DISTRICT) for line in TERMS.lines
    )
    quotas = (Quota(TenantId("620102"), "城关区", 2),)
    changed = {"quotas": quotas, "total_pilots": 2, "lines": lines, "standard": SCHEME_ID, **changes}
    return replace(TERMS, title="城关区扩大试点", funding_source=Payer.DISTRICT, **changed)  # type: ignore[arg-type]


OWN = {"scheme_id": SchemeId(UUID(int=7)), "by": Payer.DISTRICT, "occurred_on": PUBLISHED}


def test_R_LZ_33_a_district_funds_extra_pilots_outside_the_city_quota() -> None:
    scheme.given().when(publish, SCHEME, terms=own(), **OWN).then(SchemePublished(OWN["scheme_id"], 1, own()))  # type: ignore[arg-type]
    assert SCHEME.taken == ()


def test_R_LZ_33_the_city_standard_is_kept() -> None:
    scheme.given().when(publish, terms=own(standard=None), **OWN).then_refused(StandardMissing, "R-LZ-33")
    fewer = own(staffing=replace(TERMS.staffing, headcount=2))
    scheme.given().when(publish, SCHEME, terms=fewer, **OWN).then_refused(StandardNotKept, "R-LZ-33")


def test_R_LZ_33_each_level_publishes_what_it_pays_for() -> None:
    city = {**OWN, "by": Payer.CITY}
    scheme.given().when(publish, SCHEME, terms=own(), **city).then_refused(WrongPublisher, "R-LZ-33")


def test_a_purpose_pays_for_service_unless_it_says_otherwise() -> None:
    assert Purpose("visits", "入户走访").kind is PurposeKind.SERVICE


def test_what_a_purpose_can_take_at_most_is_its_price_times_its_number_or_else_its_cap() -> None:
    price, cap = Fen(500), Fen(9_000)
    assert Purpose("visits", "入户走访", unit_price_fen=price, cap_fen=cap, times=4).most_fen == 2_000
    assert Purpose("visits", "入户走访", unit_price_fen=price, cap_fen=cap).most_fen == 9_000
    assert Purpose("visits", "入户走访", cap_fen=cap, times=4).most_fen == 9_000
    assert Purpose("visits", "入户走访").most_fen is None
