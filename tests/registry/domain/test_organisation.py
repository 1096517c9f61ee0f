"""What makes an organisation eligible, and how it loses that."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.values import OrganisationId, ProjectId, SchemeId, TenantId
from kit.errors import TooEarly
from kit.testing import Spec
from registry.domain import blacklist
from registry.domain import organisation as domain
from registry.domain.blacklist import (
    NotBlacklisted,
    NotListingAuthority,
    OrganisationIsBlacklisted,
)
from registry.domain.organisation import (
    AnnualInspectionRecorded,
    Attestation,
    BlacklistLifted,
    Condition,
    InspectionBeforeRegistration,
    InspectionRecordedOtherwise,
    InspectionResult,
    Organisation,
    OrganisationBlacklisted,
    OrganisationConditionAttested,
    OrganisationExists,
    OrganisationListedElsewhere,
    OrganisationPenalised,
    OrganisationQualificationRevoked,
    OrganisationRegistered,
    OrganisationUnknown,
    PartyOrganisationEstablished,
    Registration,
    Shortfall,
    evolve,
    shortfalls,
)

organisation = Spec(Organisation(), evolve)
ORGANISATION, SCHEME, PROJECT = OrganisationId(UUID(int=1)), SchemeId(UUID(int=2)), ProjectId(UUID(int=3))
FINDING = UUID(int=4)
OPENED, DAY = date(2015, 3, 1), date(2023, 3, 1)
LANZHOU, CHENGGUAN = TenantId("620100"), TenantId("620102")
BUREAU = Registration("兰州市民政局", True, date(2015, 3, 1), "DEMO0000000000001X")
FULL = tuple(Attestation(c, "演示区民政局社管科", "演示材料01") for c in Condition)
registered = OrganisationRegistered(ORGANISATION, "演示社工服务中心甲", BUREAU, FULL)
listed = OrganisationBlacklisted(ORGANISATION, LANZHOU, "credential-impersonation", PROJECT, DAY)
revoked = OrganisationQualificationRevoked(ORGANISATION, SCHEME, PROJECT, FINDING)
FOUND = {"authority": LANZHOU, "scheme_id": SCHEME, "project_id": PROJECT, "finding": FINDING, "occurred_on": DAY}


def test_an_organisation_is_registered_once() -> None:
    one = {"organisation_id": ORGANISATION, "name": "演示社工服务中心甲", "registration": BUREAU, "attestations": FULL}
    organisation.given().when(domain.register_organisation, **one).then(registered)
    organisation.given(registered).when(domain.register_organisation, **one).then_refused(OrganisationExists)


def test_nothing_happens_to_an_organisation_that_was_never_registered() -> None:
    organisation.given().when(domain.record_penalty, authority="登记机关", document="01", occurred_on=DAY).then_refused(
        OrganisationUnknown
    )


def test_R_LZ_05_a_clean_organisation_registered_with_civil_affairs_is_eligible() -> None:
    assert shortfalls(organisation.state(registered)) == ()
    passed = AnnualInspectionRecorded(ORGANISATION, 2021, InspectionResult.PASSED)
    assert shortfalls(organisation.state(registered, passed)) == ()


@pytest.mark.parametrize(
    ("history", "code"),
    [
        (OrganisationPenalised(ORGANISATION, "登记管理机关", "演示罚字01"), "penalised"),
        (AnnualInspectionRecorded(ORGANISATION, 2020, InspectionResult.FAILED), "annual-inspection-failed"),
        (AnnualInspectionRecorded(ORGANISATION, 2020, InspectionResult.REFUSED), "annual-inspection-refused"),
    ],
)
def test_R_LZ_05_a_bad_record_makes_an_organisation_ineligible(history: object, code: str) -> None:
    assert shortfalls(organisation.state(registered, history)) == (Shortfall(code, "R-LZ-05"),)


def test_R_LZ_05_a_later_passed_inspection_does_not_wipe_out_a_failed_one() -> None:
    failed = AnnualInspectionRecorded(ORGANISATION, 2020, InspectionResult.FAILED)
    passed = AnnualInspectionRecorded(ORGANISATION, 2021, InspectionResult.PASSED)
    assert [s.code for s in shortfalls(organisation.state(registered, failed, passed))] == ["annual-inspection-failed"]


def test_R_LZ_05_registered_elsewhere_than_with_civil_affairs_is_not_enough() -> None:
    elsewhere = OrganisationRegistered(
        ORGANISATION, "演示公司", Registration("演示机关", False, date(2015, 3, 1), "X"), FULL
    )
    assert shortfalls(organisation.state(elsewhere)) == (Shortfall("not-registered-with-civil-affairs", "R-LZ-05"),)


def test_R_LZ_05_one_inspection_result_for_each_year() -> None:
    failed = AnnualInspectionRecorded(ORGANISATION, 2020, InspectionResult.FAILED)
    record = {"year": 2020, "result": InspectionResult.FAILED, "occurred_on": DAY}
    organisation.given(registered, failed).when(domain.record_inspection, **record).then_nothing()
    other = organisation.given(registered, failed).when(
        domain.record_inspection, year=2020, result=InspectionResult.PASSED, occurred_on=DAY
    )
    other.then_refused(InspectionRecordedOtherwise, "R-LZ-05")
    assert other.refused is not None
    assert other.refused.detail == "2020 年度年检结果已登记为“不合格”。请核对年检文书。"
    organisation.given(registered).when(domain.record_inspection, **record).then(failed)


def test_R_LZ_05_no_year_before_the_registration_was_inspected() -> None:
    passed = {"result": InspectionResult.PASSED, "occurred_on": DAY}
    early = organisation.given(registered).when(domain.record_inspection, year=2014, **passed)
    early.then_refused(InspectionBeforeRegistration, "R-LZ-05")
    assert early.refused is not None
    assert early.refused.detail == "该机构于 2015-03-01 登记成立，没有 2014 年度的年检。请核对年检文书的年度和机构。"
    first = AnnualInspectionRecorded(ORGANISATION, 2015, InspectionResult.PASSED)
    organisation.given(registered).when(domain.record_inspection, year=2015, **passed).then(first)


@pytest.mark.parametrize("condition", [c for c in Condition if c is not Condition.PROFESSIONAL_TEAM])
def test_R_LZ_06_governance_rules_finance_and_an_own_account_are_all_needed(condition: Condition) -> None:
    lacking = OrganisationRegistered(ORGANISATION, "甲", BUREAU, tuple(a for a in FULL if a.condition is not condition))
    assert [s.rule for s in shortfalls(organisation.state(lacking))] == ["R-LZ-06"]


def test_R_LZ_06_a_condition_may_be_attested_later() -> None:
    lacking = OrganisationRegistered(ORGANISATION, "甲", BUREAU, FULL[1:])
    organisation.given(lacking).when(domain.attest_condition, attestation=FULL[0], occurred_on=DAY).then(
        OrganisationConditionAttested(ORGANISATION, FULL[0], tuple(Condition))
    )
    assert (
        shortfalls(organisation.state(lacking, OrganisationConditionAttested(ORGANISATION, FULL[0], tuple(Condition))))
        == ()
    )


def test_R_LZ_37_a_professional_team_is_attested_by_a_named_office_with_evidence() -> None:
    lacking = OrganisationRegistered(ORGANISATION, "甲", BUREAU, FULL[:-1])
    assert shortfalls(organisation.state(lacking)) == (Shortfall("lacks-professional-team", "R-LZ-37"),)
    team = Attestation(Condition.PROFESSIONAL_TEAM, "演示区民政局慈社科", "演示团队名册")
    organisation.given(lacking).when(domain.attest_condition, attestation=team, occurred_on=DAY).then(
        OrganisationConditionAttested(ORGANISATION, team, tuple(Condition))
    )


def test_R_LZ_08_impersonation_revokes_and_blacklists_in_one_decision() -> None:
    organisation.given(registered).when(blacklist.punish_impersonation, **FOUND).then(revoked, listed)


def test_R_LZ_08_a_second_finding_adds_only_what_is_missing() -> None:
    other = SchemeId(UUID(int=9))
    organisation.given(registered, revoked, listed).when(blacklist.punish_impersonation, **FOUND).then_nothing()
    organisation.given(registered, revoked, listed).when(
        blacklist.punish_impersonation, **{**FOUND, "scheme_id": other}
    ).then(OrganisationQualificationRevoked(ORGANISATION, other, PROJECT, FINDING))


def test_R_LZ_08_a_blacklisted_organisation_is_not_eligible_until_it_is_lifted() -> None:
    assert shortfalls(organisation.state(registered, listed)) == (Shortfall("blacklisted", "R-LZ-08"),)
    lifted = BlacklistLifted(ORGANISATION, LANZHOU, "演示文号02")
    assert shortfalls(organisation.state(registered, listed, lifted)) == ()


def test_R_LZ_08_only_the_listing_authority_lifts() -> None:
    organisation.given(registered, listed).when(
        blacklist.lift_blacklist, authority=CHENGGUAN, document="演示文号02", occurred_on=DAY
    ).then_refused(NotListingAuthority, "R-LZ-08")
    organisation.given(registered, listed).when(
        blacklist.lift_blacklist, authority=LANZHOU, document="演示文号02", occurred_on=DAY
    ).then(BlacklistLifted(ORGANISATION, LANZHOU, "演示文号02"))
    organisation.given(registered).when(
        blacklist.lift_blacklist, authority=LANZHOU, document="x", occurred_on=DAY
    ).then_refused(NotBlacklisted)


def test_R_LZ_08_an_unregistered_organisation_is_neither_revoked_nor_listed() -> None:
    organisation.given().when(blacklist.punish_impersonation, **FOUND).then_refused(OrganisationUnknown)


def test_R_LZ_08_who_is_listed_stays_listed_by_whom_listed_it_first() -> None:
    once = {"authority": CHENGGUAN, "reason": "other", "project_id": None, "occurred_on": DAY}
    organisation.given(registered).when(blacklist.blacklist, **once).then(
        OrganisationBlacklisted(ORGANISATION, CHENGGUAN, "other", None, DAY)
    )
    organisation.given(registered, listed).when(blacklist.blacklist, **once).then_nothing()


def test_R_LZ_08_a_listed_organisation_operates_nothing() -> None:
    organisation.given(registered, listed).when(blacklist.unlisted, occurred_on=DAY).then_refused(
        OrganisationIsBlacklisted, "R-LZ-08"
    )
    assert blacklist.unlisted(organisation.state(registered), DAY) == ORGANISATION


def test_R_LZ_08_no_lift_is_before_the_listing() -> None:
    early = {"authority": LANZHOU, "document": "x", "occurred_on": date(2023, 2, 28)}
    organisation.given(registered, listed).when(blacklist.lift_blacklist, **early).then_refused(TooEarly)


def test_R_LZ_08_a_listing_elsewhere_warns_and_does_not_bar() -> None:
    jinchang = TenantId("620300")
    warned = OrganisationListedElsewhere(ORGANISATION, jinchang, True)
    over = OrganisationListedElsewhere(ORGANISATION, jinchang, False)
    note = {"authority": jinchang, "listed": True}
    organisation.given(registered).when(blacklist.note_listing_elsewhere, **note).then(warned)
    organisation.given(registered, warned).when(blacklist.note_listing_elsewhere, **note).then_nothing()
    organisation.given(registered).when(blacklist.note_listing_elsewhere, **{**note, "listed": False}).then_nothing()
    organisation.given(registered, warned).when(blacklist.note_listing_elsewhere, **{**note, "listed": False}).then(
        over
    )
    assert organisation.state(registered, warned).elsewhere == {jinchang}
    assert organisation.state(registered, warned, over).elsewhere == frozenset()
    assert shortfalls(organisation.state(registered, warned)) == ()


@pytest.mark.parametrize(
    ("decide", "facts", "recorded"),
    [
        (
            domain.record_penalty,
            {"authority": "登记机关", "document": "01"},
            OrganisationPenalised(ORGANISATION, "登记机关", "01"),
        ),
        (
            domain.record_inspection,
            {"year": 2015, "result": InspectionResult.FAILED},
            AnnualInspectionRecorded(ORGANISATION, 2015, InspectionResult.FAILED),
        ),
        (
            domain.attest_condition,
            {"attestation": FULL[0]},
            OrganisationConditionAttested(ORGANISATION, FULL[0], (FULL[0].condition,)),
        ),
        (
            domain.establish_party_organisation,
            {"name": "演示支部"},
            PartyOrganisationEstablished(ORGANISATION, "演示支部"),
        ),
        (
            blacklist.blacklist,
            {"authority": LANZHOU, "reason": "other", "project_id": None},
            OrganisationBlacklisted(ORGANISATION, LANZHOU, "other", None, OPENED),
        ),
    ],
)
def test_nothing_is_recorded_of_an_organisation_before_its_registration(
    decide: Any, facts: dict[str, Any], recorded: domain.OrganisationEvent
) -> None:
    bare = OrganisationRegistered(ORGANISATION, "甲", BUREAU, ())
    organisation.given(bare).when(decide, **facts, occurred_on=date(2015, 2, 28)).then_refused(TooEarly)
    organisation.given(bare).when(decide, **facts, occurred_on=OPENED).then(recorded)


def test_a_party_organisation_is_established_once_under_one_name() -> None:
    name = {"name": "演示支部", "occurred_on": DAY}
    established = PartyOrganisationEstablished(ORGANISATION, "演示支部")
    organisation.given(registered).when(domain.establish_party_organisation, **name).then(established)
    organisation.given(registered, established).when(domain.establish_party_organisation, **name).then_nothing()
