"""Schemes: the document and its versions."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.values import Fen, SchemeId, TenantId
from funding.domain.contradictions import (
    CalendarOutOfOrder,
    ChainUnknown,
    CodeTwice,
    LinesDoNotAddUp,
    NotPositive,
    OwnerMismatch,
    QuotasDoNotAddUp,
    SublinesDoNotAddUp,
)
from funding.domain.organisation import CONDITIONS
from funding.domain.quota import QuotaUse
from funding.domain.scheme import (
    EffectiveBeforePublication,
    EffectiveTooEarly,
    NoSchemeInForce,
    Scheme,
    SchemePublished,
    StandardMissing,
    StandardNotKept,
    UnknownCondition,
    WrongPublisher,
    evolve,
    publish,
)
from funding.domain.terms import Coded, Level, Line, Payer, Purpose, PurposeKind, Quota, ReportStep, Terms
from kit.errors import Refused
from kit.testing import Spec

from .histories import SCHEME, SCHEME_ID, SPRING, TERMS, published, said

scheme = Spec(Scheme(), evolve)
FREE = QuotaUse()
"""Nobody has taken a place yet."""
PUBLISHED = TERMS.effective_from
HERE = {"scheme_id": SCHEME_ID, "by": Payer.CITY, "occurred_on": PUBLISHED}


def test_publishing_is_the_first_version() -> None:
    scheme.given().when(publish, FREE, terms=TERMS, **HERE).then(published)


def test_publishing_the_same_again_is_nothing() -> None:
    scheme.given(published).when(publish, FREE, terms=TERMS, **HERE).then_nothing()


def test_a_version_is_in_force_from_its_day() -> None:
    later = replace(TERMS, title="修订", effective_from=date(2022, 12, 1))
    state = scheme.state(published, SchemePublished(SCHEME_ID, 2, later))
    assert state.in_force(date(2022, 11, 30)) == (1, TERMS)
    assert state.in_force(date(2022, 12, 1)) == (2, later)
    with pytest.raises(NoSchemeInForce):
        state.in_force(date(2022, 5, 30))


def test_a_later_version_may_not_take_effect_before_the_current_one() -> None:
    early = replace(TERMS, title="修订", effective_from=date(2022, 1, 1))
    scheme.given(published).when(publish, FREE, terms=early, **HERE).then_refused(
        EffectiveTooEarly, day=date(2022, 1, 1), current=PUBLISHED
    )


@pytest.mark.parametrize("history", [(), (published,)], ids=["a first version", "a further one"])
def test_a_version_takes_effect_on_the_day_of_its_publication_at_the_earliest(history: tuple[SchemePublished]) -> None:
    """The plan of 2022 was published on the day from which it counts, 2022-05-31 (C-04)."""
    revised = replace(TERMS, title="修订", effective_from=SPRING)
    on_the_day, after = {**HERE, "occurred_on": SPRING}, {**HERE, "occurred_on": SPRING + timedelta(days=1)}
    number = len(history) + 1
    scheme.given(*history).when(publish, FREE, terms=revised, **on_the_day).then(
        SchemePublished(SCHEME_ID, number, revised)
    )
    late = scheme.given(*history).when(publish, FREE, terms=revised, **after)
    late.then_refused(EffectiveBeforePublication, day=SPRING, published_on=SPRING + timedelta(days=1))
    assert said(late) == (
        "方案的生效日期 2022-06-20 早于发布日期 2022-06-21，方案不能适用于发布之前的事项。"
        "请把生效日期改为发布当日或之后，或核对发布日期。"
    )


def test_R_LZ_13_lines_add_up_to_the_unit_budget() -> None:
    assert [line.cap_fen for line in TERMS.lines] == [16_000_000, 8_000_000, 1_500_000, 1_500_000, 3_000_000]
    short = replace(TERMS, lines=(replace(TERMS.lines[0], cap_fen=Fen(15_999_999)), *TERMS.lines[1:]))
    scheme.given().when(publish, FREE, terms=short, **HERE).then_refused(
        LinesDoNotAddUp, "R-LZ-13", sum="299999.99", budget="300000.00"
    )


def test_R_LZ_15_a_line_is_the_sum_of_its_priced_purposes() -> None:
    training = TERMS.line("training")
    assert training is not None
    third = replace(training.purposes[0], times=3)
    lines = tuple(
        replace(line, purposes=(third, training.purposes[1])) if line is training else line for line in TERMS.lines
    )
    dearer = scheme.given().when(publish, FREE, terms=replace(TERMS, lines=lines), **HERE)
    dearer.then_refused(SublinesDoNotAddUp, "R-LZ-15", line=training.name, sum="19000.00", cap="15000.00")


def training(*purposes: Purpose) -> Terms:
    """The plan with other purposes of its training line, which has 15,000 yuan."""
    lines = tuple(replace(line, purposes=purposes) if line.code == "training" else line for line in TERMS.lines)
    return replace(TERMS, lines=lines)


def priced(price: int | None, times: int | None, cap: int | None, code: str = "course") -> Purpose:
    fen = None if cap is None else Fen(cap), None if price is None else Fen(price)
    return Purpose(code, "演示培训", PurposeKind.TRAINING, fen[0], fen[1], times)


@pytest.mark.parametrize(
    ("purposes", "total"),
    [
        ((priced(500_000, 3, None),), None),
        ((priced(500_000, 2, None),), "10000.00"),
        ((priced(None, None, 1_500_000),), None),
        ((priced(None, None, 1_499_999),), "14999.99"),
        ((priced(None, 3, 1_499_999),), "14999.99"),
        ((priced(500_000, None, 1_499_999),), "14999.99"),
        ((priced(500_000, 2, None), priced(None, None, 500_000, "other")), None),
        ((priced(500_000, 2, None), priced(None, None, 500_001, "other")), "15000.01"),
        ((priced(None, 3, None),), None),
        ((priced(500_000, None, None),), None),
        ((priced(500_000, 2, None), priced(None, None, None, "other")), None),
    ],
)
def test_R_LZ_15_a_purpose_counts_by_price_and_times_or_by_its_cap_and_else_not(
    purposes: tuple[Purpose, ...], total: str | None
) -> None:
    """Where one purpose of a line has no limit, the line itself is the only one."""
    terms = training(*purposes)
    published = scheme.given().when(publish, FREE, terms=terms, **HERE)
    if total is None:
        published.then(SchemePublished(SCHEME_ID, 1, terms))
    else:
        published.then_refused(SublinesDoNotAddUp, "R-LZ-15", line="专业人才培训经费", sum=total, cap="15000.00")


DAYS = TERMS.calendar


def days(**changes: date) -> Terms:
    return replace(TERMS, calendar=replace(DAYS, **changes))  # type: ignore[arg-type]


WRONG: list[tuple[Terms, type[Refused], dict[str, object]]] = [
    (replace(TERMS, total_projects=11), QuotasDoNotAddUp, {"sum": 10, "total": 11}),
    (replace(TERMS, quotas=(replace(TERMS.quotas[0], projects=-1), *TERMS.quotas[1:])), NotPositive, {"what": -1}),
    (replace(TERMS, lines=(replace(TERMS.lines[0], cap_fen=Fen(0)), *TERMS.lines[1:])), NotPositive, {"what": 0}),
    (days(prep_due=date(2022, 9, 28)), CalendarOutOfOrder, {"first": date(2022, 9, 28), "second": DAYS.impl_from}),
    (days(impl_to=date(2022, 9, 26)), CalendarOutOfOrder, {"first": DAYS.impl_from, "second": date(2022, 9, 26)}),
    (days(accept_to=date(2023, 9, 4)), CalendarOutOfOrder, {"first": DAYS.accept_from, "second": date(2023, 9, 4)}),
    (days(accept_from=date(2022, 9, 26)), CalendarOutOfOrder, {"first": DAYS.impl_from, "second": date(2022, 9, 26)}),
    (replace(TERMS, phases=(*TERMS.phases, TERMS.phases[0])), CodeTwice, {"code": "midterm"}),
    (replace(TERMS, report_chain=(ReportStep(Level.STREET),)), ChainUnknown, {}),
    (
        replace(TERMS, organisation_conditions=(Coded("good_taste", "有品味"),)),
        UnknownCondition,
        {"condition": "good_taste", "known": "、".join(CONDITIONS)},
    ),
    (
        replace(TERMS, lines=(replace(TERMS.lines[0], booked_by=Payer.DISTRICT), *TERMS.lines[1:])),
        OwnerMismatch,
        {"source": "市级", "booker": "区级"},
    ),
]


@pytest.mark.parametrize(("wrong", "refusal", "facts"), WRONG)
def test_a_plan_that_contradicts_itself_is_refused(
    wrong: Terms, refusal: type[Refused], facts: dict[str, object]
) -> None:
    scheme.given().when(publish, FREE, terms=wrong, **HERE).then_refused(refusal, **facts)


def own(**changes: object) -> Terms:
    """A district's own scheme by the city's standard."""
    lines = tuple(
        line if line.booked_by is Payer.ORGANISATION else replace(line, booked_by=Payer.DISTRICT)
        for line in TERMS.lines
    )
    quotas = (Quota(TenantId("620102"), "城关区", 2),)
    changed = {"quotas": quotas, "total_projects": 2, "lines": lines, "standard": SCHEME_ID, **changes}
    return replace(TERMS, title="城关区扩大试点", funding_source=Payer.DISTRICT, **changed)  # type: ignore[arg-type]


OWN = {"scheme_id": SchemeId(UUID(int=7)), "by": Payer.DISTRICT, "occurred_on": PUBLISHED}


def test_R_LZ_33_a_district_funds_extra_projects_outside_the_city_quota() -> None:
    scheme.given().when(publish, FREE, SCHEME, terms=own(), **OWN).then(SchemePublished(OWN["scheme_id"], 1, own()))  # type: ignore[arg-type]


def test_R_LZ_33_the_city_standard_is_kept() -> None:
    scheme.given().when(publish, FREE, terms=own(standard=None), **OWN).then_refused(StandardMissing, "R-LZ-33")
    scheme.given().when(publish, FREE, terms=own(), **OWN).then_refused(StandardMissing, "R-LZ-33")
    scheme.given().when(publish, FREE, Scheme(), terms=own(), **OWN).then_refused(StandardMissing, "R-LZ-33")


def moved(fen: int) -> tuple[Line, ...]:
    """The lines with so much less in the first and more in the second."""
    first, second, *rest = own().lines
    return (
        replace(first, cap_fen=Fen(first.cap_fen - fen)),
        replace(second, cap_fen=Fen(second.cap_fen + fen)),
        *rest,
    )


def cheaper() -> dict[str, object]:
    """A budget that is less by what its first line is less; no plan can change the one without the other."""
    first, *rest = own().lines
    lines = (replace(first, cap_fen=Fen(first.cap_fen - 1)), *rest)
    return {"lines": lines, "unit_budget_fen": Fen(TERMS.unit_budget_fen - 1)}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (cheaper(), "单个试点经费、经费分项"),
        ({"lines": moved(1)}, "经费分项"),
        ({"lines": (replace(own().lines[0], code="people"), *own().lines[1:])}, "经费分项"),
        ({"lines": (*own().lines[1:], own().lines[0])}, "经费分项"),
        *(
            ({"staffing": staffing}, "社工配备")
            for staffing in (
                replace(TERMS.staffing, headcount=2),
                replace(TERMS.staffing, licensed_min=1),
                replace(TERMS.staffing, intermediate_min=0),
                replace(TERMS.staffing, sw_graduate_min=0),
                replace(TERMS.staffing, full_time=False),
                replace(TERMS.staffing, locked_min=1),
            )
        ),
        ({"community": replace(TERMS.community, min_area_m2=Decimal(299))}, "社区条件"),
        ({"community": replace(TERMS.community, attested=TERMS.community.attested[1:])}, "社区条件"),
        ({"lines": moved(1), "community": replace(TERMS.community, attested=())}, "经费分项、社区条件"),
    ],
)
def test_R_LZ_33_each_part_of_the_city_standard_is_kept(changes: dict[str, object], what: str) -> None:
    other = scheme.given().when(publish, FREE, SCHEME, terms=own(**changes), **OWN)
    other.then_refused(StandardNotKept, "R-LZ-33", what=what)


def test_R_LZ_33_what_is_no_part_of_the_standard_is_the_districts() -> None:
    free = own(phases=TERMS.phases[:1], document_number="演示〔2022〕1号")
    scheme.given().when(publish, FREE, SCHEME, terms=free, **OWN).then(SchemePublished(OWN["scheme_id"], 1, free))  # type: ignore[arg-type]


def test_R_LZ_33_each_level_publishes_what_it_pays_for() -> None:
    city = {**OWN, "by": Payer.CITY}
    scheme.given().when(publish, FREE, SCHEME, terms=own(), **city).then_refused(WrongPublisher, "R-LZ-33")


def test_a_purpose_pays_for_service_unless_it_says_otherwise() -> None:
    assert Purpose("visits", "入户走访").kind is PurposeKind.SERVICE


def test_what_a_purpose_can_take_at_most_is_its_price_times_its_number_or_else_its_cap() -> None:
    price, cap = Fen(500), Fen(9_000)
    assert Purpose("visits", "入户走访", unit_price_fen=price, cap_fen=cap, times=4).most_fen == 2_000
    assert Purpose("visits", "入户走访", unit_price_fen=price, cap_fen=cap).most_fen == 9_000
    assert Purpose("visits", "入户走访", cap_fen=cap, times=4).most_fen == 9_000
    assert Purpose("visits", "入户走访").most_fen is None
