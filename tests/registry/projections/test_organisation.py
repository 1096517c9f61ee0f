"""An organisation's row, as its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.registry.domain.staff import ORGANISATION, PROJECT, REGISTERED, SCHEME
from tests.told import TENANT, meta, rows

from contracts.values import TenantId
from registry.domain.organisation import (
    AnnualInspectionRecorded,
    Attestation,
    BlacklistLifted,
    Condition,
    InspectionResult,
    OrganisationBlacklisted,
    OrganisationConditionAttested,
    OrganisationEvent,
    OrganisationListedElsewhere,
    OrganisationPenalised,
    OrganisationQualificationRevoked,
    PartyOrganisationEstablished,
)
from registry.projections.organisation import ORGANISATIONS, OrganisationRow, evolve

DAY = date(2022, 6, 1)
ELSEWHERE = TenantId("620300")
row = OrganisationRow(
    organisation_id=ORGANISATION,
    name="演示社工服务中心甲",
    authority="兰州市民政局",
    civil_affairs=True,
    registered_on=date(2015, 3, 1),
    number="DEMO0000000000001X",
    attested=tuple(Condition),
)
penalised = OrganisationPenalised(ORGANISATION, "演示区民政局", "演示文号01")
listed = OrganisationBlacklisted(ORGANISATION, TENANT, "impersonation", PROJECT, DAY)
lifted = BlacklistLifted(ORGANISATION, TENANT, "演示文号02")
warned = OrganisationListedElsewhere(ORGANISATION, ELSEWHERE, True)
cleared = OrganisationListedElsewhere(ORGANISATION, ELSEWHERE, False)
on_the_list = replace(row, listed_by=TENANT, listed_on=DAY, listed_reason="impersonation", listed_project=PROJECT)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def test_a_registered_organisation_has_a_row() -> None:
    assert evolve(None, REGISTERED, meta(DAY)) == row


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (penalised, replace(row, penalties=1)),
        (AnnualInspectionRecorded(ORGANISATION, 2021, InspectionResult.FAILED), replace(row, failed_inspections=1)),
        (AnnualInspectionRecorded(ORGANISATION, 2021, InspectionResult.REFUSED), replace(row, refused_inspections=1)),
        (PartyOrganisationEstablished(ORGANISATION, "演示党支部"), replace(row, party_organisation="演示党支部")),
        (
            OrganisationQualificationRevoked(ORGANISATION, SCHEME, PROJECT, UUID(int=9)),
            replace(row, revoked_schemes=(SCHEME,)),
        ),
        (listed, on_the_list),
        (warned, replace(row, listed_elsewhere=(ELSEWHERE,))),
    ],
)
def test_what_is_recorded_of_it_is_in_its_row(event: OrganisationEvent, changed: OrganisationRow) -> None:
    assert evolve(row, event, meta(DAY)) == changed


def test_a_condition_that_was_attested_later_is_added() -> None:
    some = replace(row, attested=(Condition.INTERNAL_RULES,))
    shown = Attestation(Condition.FINANCE_SYSTEM, "演示区民政局", "演示材料")
    event = OrganisationConditionAttested(ORGANISATION, shown, (Condition.INTERNAL_RULES, Condition.FINANCE_SYSTEM))
    found = evolve(some, event, meta(DAY))
    assert found == replace(row, attested=(Condition.INTERNAL_RULES, Condition.FINANCE_SYSTEM))


@pytest.mark.parametrize(
    "event", [REGISTERED, cleared, AnnualInspectionRecorded(ORGANISATION, 2021, InspectionResult.PASSED)]
)
def test_what_changes_nothing_leaves_the_very_row(event: OrganisationEvent) -> None:
    assert evolve(row, event, meta(DAY)) is row


def test_a_listing_that_is_lifted_says_when_and_one_anew_forgets_that() -> None:
    free = evolve(on_the_list, lifted, meta(day(9)))
    assert free == replace(on_the_list, listed_by=None, lifted_on=day(9))
    assert evolve(free, listed, meta(DAY)) == on_the_list


def test_a_warning_from_elsewhere_ends() -> None:
    both = replace(row, listed_elsewhere=(ELSEWHERE, TenantId("620400")))
    assert evolve(both, cleared, meta(DAY)) == replace(row, listed_elsewhere=(TenantId("620400"),))


@pytest.mark.parametrize("event", [penalised, listed, lifted, warned])
def test_what_was_never_registered_has_no_row(event: OrganisationEvent) -> None:
    assert evolve(None, event, meta(DAY)) is None


def test_a_penalty_that_is_recorded_late_counts_from_its_day_on() -> None:
    history = [(DAY, REGISTERED), (day(10), listed), (day(5), penalised)]
    found = [[(r.penalties, r.listed_by) for r in rows(ORGANISATIONS, history, day(n))] for n in (-1, 4, 5, 10)]  # type: ignore[attr-defined]
    assert found == [[], [(0, None)], [(1, None)], [(1, TENANT)]]


def test_what_was_of_a_day_before_the_registration_is_in_the_row_from_then_on() -> None:
    history = [(DAY, REGISTERED), (day(-400), penalised)]
    assert rows(ORGANISATIONS, history, day(-1)) == []
    assert rows(ORGANISATIONS, history, DAY) == [replace(row, penalties=1)]
