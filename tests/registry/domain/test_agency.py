"""What makes an agency eligible, and how it loses that."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.values import AgencyId, PilotId, SchemeId, TenantId
from kit.errors import TooEarly
from kit.testing import Spec
from registry.domain import agency as domain
from registry.domain import blacklist
from registry.domain.agency import (
    Agency,
    AgencyBlacklisted,
    AgencyConditionAttested,
    AgencyExists,
    AgencyListedElsewhere,
    AgencyPenalised,
    AgencyQualificationRevoked,
    AgencyRegistered,
    AgencyUnknown,
    AnnualInspectionRecorded,
    Attestation,
    BlacklistLifted,
    Condition,
    InspectionBeforeRegistration,
    InspectionRecordedOtherwise,
    InspectionResult,
    PartyOrganisationEstablished,
    Registration,
    Shortfall,
    evolve,
    shortfalls,
)
from registry.domain.blacklist import (
    AgencyIsBlacklisted,
    NotBlacklisted,
    NotListingAuthority,
)

agency = Spec(Agency(), evolve)
AGENCY, SCHEME, PILOT = AgencyId(UUID(int=1)), SchemeId(UUID(int=2)), PilotId(UUID(int=3))
FINDING = UUID(int=4)
OPENED, DAY = date(2015, 3, 1), date(2023, 3, 1)
LANZHOU, CHENGGUAN = TenantId("620100"), TenantId("620102")
BUREAU = Registration("兰州市民政局", True, date(2015, 3, 1), "DEMO0000000000001X")
FULL = tuple(Attestation(c, "演示区民政局社管科", "演示材料01") for c in Condition)
registered = AgencyRegistered(AGENCY, "演示社工服务中心甲", BUREAU, FULL)
listed = AgencyBlacklisted(AGENCY, LANZHOU, "credential-impersonation", PILOT, DAY)
revoked = AgencyQualificationRevoked(AGENCY, SCHEME, PILOT, FINDING)
FOUND = {"authority": LANZHOU, "scheme_id": SCHEME, "pilot_id": PILOT, "finding": FINDING, "occurred_on": DAY}


def test_an_agency_is_registered_once() -> None:
    one = {"agency_id": AGENCY, "name": "演示社工服务中心甲", "registration": BUREAU, "attestations": FULL}
    agency.given().when(domain.register_agency, **one).then(registered)
    agency.given(registered).when(domain.register_agency, **one).then_refused(AgencyExists)


def test_nothing_happens_to_an_agency_that_was_never_registered() -> None:
    agency.given().when(domain.record_penalty, authority="登记机关", document="01", occurred_on=DAY).then_refused(
        AgencyUnknown
    )


def test_R_LZ_05_a_clean_agency_registered_with_civil_affairs_is_eligible() -> None:
    assert shortfalls(agency.state(registered)) == ()
    passed = AnnualInspectionRecorded(AGENCY, 2021, InspectionResult.PASSED)
    assert shortfalls(agency.state(registered, passed)) == ()


@pytest.mark.parametrize(
    ("history", "code"),
    [
        (AgencyPenalised(AGENCY, "登记管理机关", "演示罚字01"), "penalised"),
        (AnnualInspectionRecorded(AGENCY, 2020, InspectionResult.FAILED), "annual-inspection-failed"),
        (AnnualInspectionRecorded(AGENCY, 2020, InspectionResult.REFUSED), "annual-inspection-refused"),
    ],
)
def test_R_LZ_05_a_bad_record_makes_an_agency_ineligible(history: object, code: str) -> None:
    assert shortfalls(agency.state(registered, history)) == (Shortfall(code, "R-LZ-05"),)


def test_R_LZ_05_a_later_passed_inspection_does_not_wipe_out_a_failed_one() -> None:
    failed = AnnualInspectionRecorded(AGENCY, 2020, InspectionResult.FAILED)
    passed = AnnualInspectionRecorded(AGENCY, 2021, InspectionResult.PASSED)
    assert [s.code for s in shortfalls(agency.state(registered, failed, passed))] == ["annual-inspection-failed"]


def test_R_LZ_05_registered_elsewhere_than_with_civil_affairs_is_not_enough() -> None:
    elsewhere = AgencyRegistered(AGENCY, "演示公司", Registration("演示机关", False, date(2015, 3, 1), "X"), FULL)
    assert shortfalls(agency.state(elsewhere)) == (Shortfall("not-registered-with-civil-affairs", "R-LZ-05"),)


def test_R_LZ_05_one_inspection_result_for_each_year() -> None:
    failed = AnnualInspectionRecorded(AGENCY, 2020, InspectionResult.FAILED)
    record = {"year": 2020, "result": InspectionResult.FAILED, "occurred_on": DAY}
    agency.given(registered, failed).when(domain.record_inspection, **record).then_nothing()
    other = agency.given(registered, failed).when(
        domain.record_inspection, year=2020, result=InspectionResult.PASSED, occurred_on=DAY
    )
    other.then_refused(InspectionRecordedOtherwise, "R-LZ-05")
    assert other.refused is not None
    assert other.refused.detail == "2020 年度年检结果已登记为“不合格”。请核对年检文书。"
    agency.given(registered).when(domain.record_inspection, **record).then(failed)


def test_R_LZ_05_no_year_before_the_registration_was_inspected() -> None:
    passed = {"result": InspectionResult.PASSED, "occurred_on": DAY}
    early = agency.given(registered).when(domain.record_inspection, year=2014, **passed)
    early.then_refused(InspectionBeforeRegistration, "R-LZ-05")
    assert early.refused is not None
    assert early.refused.detail == "该机构于 2015-03-01 登记成立，没有 2014 年度的年检。请核对年检文书的年度和机构。"
    first = AnnualInspectionRecorded(AGENCY, 2015, InspectionResult.PASSED)
    agency.given(registered).when(domain.record_inspection, year=2015, **passed).then(first)


@pytest.mark.parametrize("condition", [c for c in Condition if c is not Condition.PROFESSIONAL_TEAM])
def test_R_LZ_06_governance_rules_finance_and_an_own_account_are_all_needed(condition: Condition) -> None:
    lacking = AgencyRegistered(AGENCY, "甲", BUREAU, tuple(a for a in FULL if a.condition is not condition))
    assert [s.clause for s in shortfalls(agency.state(lacking))] == ["R-LZ-06"]


def test_R_LZ_06_a_condition_may_be_attested_later() -> None:
    lacking = AgencyRegistered(AGENCY, "甲", BUREAU, FULL[1:])
    agency.given(lacking).when(domain.attest_condition, attestation=FULL[0], occurred_on=DAY).then(
        AgencyConditionAttested(AGENCY, FULL[0], tuple(Condition))
    )
    assert shortfalls(agency.state(lacking, AgencyConditionAttested(AGENCY, FULL[0], tuple(Condition)))) == ()


def test_R_LZ_37_a_professional_team_is_attested_by_a_named_office_with_evidence() -> None:
    lacking = AgencyRegistered(AGENCY, "甲", BUREAU, FULL[:-1])
    assert shortfalls(agency.state(lacking)) == (Shortfall("lacks-professional-team", "R-LZ-37"),)
    team = Attestation(Condition.PROFESSIONAL_TEAM, "演示区民政局慈社科", "演示团队名册")
    agency.given(lacking).when(domain.attest_condition, attestation=team, occurred_on=DAY).then(
        AgencyConditionAttested(AGENCY, team, tuple(Condition))
    )


def test_R_LZ_08_impersonation_revokes_and_blacklists_in_one_decision() -> None:
    agency.given(registered).when(blacklist.punish_impersonation, **FOUND).then(revoked, listed)


def test_R_LZ_08_a_second_finding_adds_only_what_is_missing() -> None:
    other = SchemeId(UUID(int=9))
    agency.given(registered, revoked, listed).when(blacklist.punish_impersonation, **FOUND).then_nothing()
    agency.given(registered, revoked, listed).when(
        blacklist.punish_impersonation, **{**FOUND, "scheme_id": other}
    ).then(AgencyQualificationRevoked(AGENCY, other, PILOT, FINDING))


def test_R_LZ_08_a_blacklisted_agency_is_not_eligible_until_it_is_lifted() -> None:
    assert shortfalls(agency.state(registered, listed)) == (Shortfall("blacklisted", "R-LZ-08"),)
    lifted = BlacklistLifted(AGENCY, LANZHOU, "演示文号02")
    assert shortfalls(agency.state(registered, listed, lifted)) == ()


def test_R_LZ_08_only_the_listing_authority_lifts() -> None:
    agency.given(registered, listed).when(
        blacklist.lift_blacklist, authority=CHENGGUAN, document="演示文号02", occurred_on=DAY
    ).then_refused(NotListingAuthority, "R-LZ-08")
    agency.given(registered, listed).when(
        blacklist.lift_blacklist, authority=LANZHOU, document="演示文号02", occurred_on=DAY
    ).then(BlacklistLifted(AGENCY, LANZHOU, "演示文号02"))
    agency.given(registered).when(
        blacklist.lift_blacklist, authority=LANZHOU, document="x", occurred_on=DAY
    ).then_refused(NotBlacklisted)


def test_R_LZ_08_an_unregistered_agency_is_neither_revoked_nor_listed() -> None:
    agency.given().when(blacklist.punish_impersonation, **FOUND).then_refused(AgencyUnknown)


def test_R_LZ_08_who_is_listed_stays_listed_by_whom_listed_it_first() -> None:
    once = {"authority": CHENGGUAN, "reason": "other", "pilot_id": None, "occurred_on": DAY}
    agency.given(registered).when(blacklist.blacklist, **once).then(
        AgencyBlacklisted(AGENCY, CHENGGUAN, "other", None, DAY)
    )
    agency.given(registered, listed).when(blacklist.blacklist, **once).then_nothing()


def test_R_LZ_08_a_listed_agency_operates_nothing() -> None:
    agency.given(registered, listed).when(blacklist.unlisted, occurred_on=DAY).then_refused(
        AgencyIsBlacklisted, "R-LZ-08"
    )
    assert blacklist.unlisted(agency.state(registered), DAY) == AGENCY


def test_R_LZ_08_no_lift_is_before_the_listing() -> None:
    early = {"authority": LANZHOU, "document": "x", "occurred_on": date(2023, 2, 28)}
    agency.given(registered, listed).when(blacklist.lift_blacklist, **early).then_refused(TooEarly)


def test_R_LZ_08_a_listing_elsewhere_warns_and_does_not_bar() -> None:
    jinchang = TenantId("620300")
    warned = AgencyListedElsewhere(AGENCY, jinchang, True)
    over = AgencyListedElsewhere(AGENCY, jinchang, False)
    note = {"authority": jinchang, "listed": True}
    agency.given(registered).when(blacklist.note_listing_elsewhere, **note).then(warned)
    agency.given(registered, warned).when(blacklist.note_listing_elsewhere, **note).then_nothing()
    agency.given(registered).when(blacklist.note_listing_elsewhere, **{**note, "listed": False}).then_nothing()
    agency.given(registered, warned).when(blacklist.note_listing_elsewhere, **{**note, "listed": False}).then(over)
    assert agency.state(registered, warned).elsewhere == {jinchang}
    assert agency.state(registered, warned, over).elsewhere == frozenset()
    assert shortfalls(agency.state(registered, warned)) == ()


@pytest.mark.parametrize(
    ("decide", "facts", "recorded"),
    [
        (
            domain.record_penalty,
            {"authority": "登记机关", "document": "01"},
            AgencyPenalised(AGENCY, "登记机关", "01"),
        ),
        (
            domain.record_inspection,
            {"year": 2015, "result": InspectionResult.FAILED},
            AnnualInspectionRecorded(AGENCY, 2015, InspectionResult.FAILED),
        ),
        (
            domain.attest_condition,
            {"attestation": FULL[0]},
            AgencyConditionAttested(AGENCY, FULL[0], (FULL[0].condition,)),
        ),
        (
            domain.establish_party_organisation,
            {"name": "演示支部"},
            PartyOrganisationEstablished(AGENCY, "演示支部"),
        ),
        (
            blacklist.blacklist,
            {"authority": LANZHOU, "reason": "other", "pilot_id": None},
            AgencyBlacklisted(AGENCY, LANZHOU, "other", None, OPENED),
        ),
    ],
)
def test_nothing_is_recorded_of_an_agency_before_its_registration(
    decide: Any, facts: dict[str, Any], recorded: domain.AgencyEvent
) -> None:
    bare = AgencyRegistered(AGENCY, "甲", BUREAU, ())
    agency.given(bare).when(decide, **facts, occurred_on=date(2015, 2, 28)).then_refused(TooEarly)
    agency.given(bare).when(decide, **facts, occurred_on=OPENED).then(recorded)


def test_a_party_organisation_is_established_once_under_one_name() -> None:
    name = {"name": "演示支部", "occurred_on": DAY}
    established = PartyOrganisationEstablished(AGENCY, "演示支部")
    agency.given(registered).when(domain.establish_party_organisation, **name).then(established)
    agency.given(registered, established).when(domain.establish_party_organisation, **name).then_nothing()
