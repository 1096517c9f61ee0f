"""Steps 5 to 7 and x: purchase, agency, agreement, disqualification."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.values import PilotId, SchemeId, TenantId
from funding.domain import agency as a
from funding.domain.agency import (
    Agency,
    AgencyBlacklisted,
    AgencyDisqualifiedInScheme,
    AgencyNotEligible,
    AgencyNotRegisteredHere,
    GovernanceNotSound,
)
from funding.domain.budget import AppropriationFrozen, BudgetAccount
from funding.domain.budget import evolve as evolve_budget
from funding.domain.budget.allotment import WrongPayer
from funding.domain.pilot import events as e
from funding.domain.pilot.procurement import (
    GovernmentDuty,
    IsThirdParty,
    NotOfThisPilot,
    OutsideServiceDomains,
    PlanNotPassed,
    UnknownPreference,
    disqualify,
    publish_purchase,
    report_impersonation,
    review_plan,
    select_agency,
    sign_agreement,
)
from funding.domain.pilot.review import NotTheThirdParty
from funding.domain.pilot.state import Pilot, WrongStage, evolve
from funding.domain.terms import Payer, Stage
from kit.errors import NotKnownYet, TooEarly
from kit.testing import Given, Outcome, Spec

from . import histories as h

pilot = Spec(Pilot(), evolve)
agency = Spec(Agency(), a.evolve)
GOOD = agency.state(h.agency_noted)
REVIEWED = (*h.PROCURING, h.plan_reviewed)
SELECT = {"agency_id": h.AGENCY, "by": Payer.CITY, "occurred_on": h.SPRING}
REVIEW = {"agency_id": h.AGENCY, "occurred_on": h.SPRING, "passed": True, "preferences": ()}


def test_R_LZ_18_duties_of_government_are_not_bought() -> None:
    ours = (*h.SCOPE, e.ScopeItem("social_assistance", "assistance_approval"))
    pilot.given(*h.APPROVED).when(publish_purchase, h.SCHEME, scope=ours, occurred_on=h.SPRING).then_refused(
        GovernmentDuty, "R-LZ-18"
    )


def test_R_LZ_19_what_is_bought_lies_in_the_service_domains() -> None:
    alien = (e.ScopeItem("road_building", "paving"),)
    pilot.given(*h.APPROVED).when(publish_purchase, h.SCHEME, scope=alien, occurred_on=h.SPRING).then_refused(
        OutsideServiceDomains, "R-LZ-19"
    )
    pilot.given(*h.APPROVED).when(publish_purchase, h.SCHEME, scope=h.SCOPE, occurred_on=h.SPRING).then(
        h.purchase_published
    )


@pytest.mark.parametrize(
    "facts",
    [
        replace(h.FACTS, registered_with_civil_affairs=False),
        replace(h.FACTS, penalised=True),
        replace(h.FACTS, failed_inspection=True),
        replace(h.FACTS, refused_inspection=True),
    ],
)
def test_R_LZ_05_an_agency_with_a_bad_record_is_not_eligible(facts: a.AgencyFacts) -> None:
    bad = agency.state(replace(h.agency_noted, facts=facts))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, bad, **SELECT).then_refused(AgencyNotEligible, "R-LZ-05")
    pilot.given(*h.PROCURING).when(review_plan, h.SCHEME, bad, **REVIEW).then_refused(AgencyNotEligible, "R-LZ-05")


@pytest.mark.parametrize(
    "later",
    [
        a.AgencyPenaltyNoted(h.AGENCY),
        a.AgencyInspectionNoted(h.AGENCY, a.Inspection.FAILED),
        a.AgencyInspectionNoted(h.AGENCY, a.Inspection.REFUSED),
    ],
)
def test_R_LZ_05_what_the_registry_records_later_counts(later: a.AgencyEvent) -> None:
    bad = agency.state(h.agency_noted, later, a.AgencyInspectionNoted(h.AGENCY, a.Inspection.PASSED))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, bad, **SELECT).then_refused(AgencyNotEligible)


@pytest.mark.parametrize("missing", ["sound_governance", "own_bank_account"])
def test_R_LZ_06_governance_and_a_bank_account_of_its_own(missing: str) -> None:
    weak = agency.state(replace(h.agency_noted, facts=replace(h.FACTS, **{missing: False})))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, weak, **SELECT).then_refused(a.GovernanceNotSound, "R-LZ-06")


def test_R_LZ_37_a_professional_team() -> None:
    alone = agency.state(replace(h.agency_noted, facts=replace(h.FACTS, professional_team=False)))
    refused = pilot.given(*REVIEWED).when(select_agency, h.SCHEME, alone, **SELECT)
    refused.then_refused(a.TeamMissing, "R-LZ-37")
    assert h.said(refused) == (
        "该机构不符合申报条件：有熟练运用社会工作方法的专业团队。请核对机构登记信息，或另选机构。"
    )
    both = agency.state(
        replace(h.agency_noted, facts=replace(h.FACTS, professional_team=False, own_bank_account=False))
    )
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, both, **SELECT).then_refused(a.GovernanceNotSound, "R-LZ-06")


def test_R_LZ_07_experience_gives_preference_and_never_decides() -> None:
    experienced = {**REVIEW, "preferences": ("project_experience",)}
    reviewed = replace(h.plan_reviewed, preferences=("project_experience",))
    pilot.given(*h.PROCURING).when(review_plan, h.SCHEME, GOOD, **experienced).then(reviewed)
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, GOOD, **SELECT).then([h.selected], [h.assigned])
    pilot.given(*h.PROCURING).when(
        review_plan, h.SCHEME, GOOD, **{**REVIEW, "preferences": ("connections",)}
    ).then_refused(UnknownPreference, "R-LZ-07")


def test_R_LZ_07_experience_does_not_mend_a_bad_record() -> None:
    bad = agency.state(replace(h.agency_noted, facts=replace(h.FACTS, penalised=True)))
    experienced = replace(h.plan_reviewed, preferences=("project_experience",))
    pilot.given(*h.PROCURING, experienced).when(select_agency, h.SCHEME, bad, **SELECT).then_refused(AgencyNotEligible)


def test_only_a_plan_that_passed_can_be_selected() -> None:
    failed = replace(h.plan_reviewed, passed=False)
    pilot.given(*h.PROCURING, failed).when(select_agency, h.SCHEME, GOOD, **SELECT).then_refused(PlanNotPassed)


def test_R_LZ_16_a_third_party_of_the_pilot_is_not_selected_to_carry_it_out() -> None:
    named = e.ThirdPartyNamed(h.PILOT, e.Task.SUPERVISION, h.UNIT)
    own = pilot.given(*REVIEWED, named).when(select_agency, h.SCHEME, GOOD, **SELECT)
    own.then_refused(IsThirdParty, "R-LZ-16")
    assert h.said(own) == "该机构是本试点的第三方机构，不能再选定为承接机构。请另选承接机构，或先改定第三方机构。"
    again = replace(named, third_party=h.EVALUATOR)
    for history in ((h.evaluator_named, h.auditor_named), (named, again)):
        pilot.given(*REVIEWED, *history).when(select_agency, h.SCHEME, GOOD, **SELECT).then([h.selected], [h.assigned])


def test_R_LZ_27_an_agreement_on_the_last_day_is_in_time() -> None:
    pilot.given(*h.SELECTED).when(sign_agreement, h.SCHEME, by=Payer.CITY, occurred_on=h.PREP_DUE).then(
        h.agreement_signed
    )


def test_R_LZ_27_a_later_agreement_is_flagged_not_refused() -> None:
    late = replace(h.agreement_signed, signed_on=date(2022, 9, 2), days_late=3)
    pilot.given(*h.SELECTED).when(sign_agreement, h.SCHEME, by=Payer.CITY, occurred_on=date(2022, 9, 2)).then(late)


def test_C_49_the_agreement_is_worth_what_the_agency_books() -> None:
    assert h.TERMS.agency_fen == 27_000_000


FOUND = e.CredentialImpersonationFound(h.PILOT, h.AGENCY, h.SCHEME_ID, h.WORKERS[0])
budget = Spec(BudgetAccount(), evolve_budget)
FULL = budget.state(*h.PAID)
ASSIGNED = agency.state(h.agency_noted, h.assigned)
frozen = AppropriationFrozen(h.PILOT, h.AGENCY, h.TERMS.unit_budget_fen, h.MIDTERM)


def test_R_LZ_08_a_finding_freezes_the_money_at_once() -> None:
    pilot.given(*h.RUNNING).when(report_impersonation, FULL, worker_id=h.WORKERS[0], occurred_on=h.MIDTERM).then(
        [FOUND], [frozen]
    )
    pilot.given(*h.RUNNING, FOUND).when(
        report_impersonation, FULL, worker_id=h.WORKERS[0], occurred_on=h.MIDTERM
    ).then_nothing()
    pilot.given(*h.RUNNING).when(report_impersonation, FULL, worker_id=h.STRANGER, occurred_on=h.MIDTERM).then_refused(
        NotOfThisPilot
    )
    other = {"worker_id": h.WORKERS[0], "third_party": h.of("third-party-9")}
    pilot.given(*h.RUNNING).when(report_impersonation, FULL, occurred_on=h.MIDTERM, **other).then_refused(
        NotTheThirdParty
    )
    ours = {**other, "third_party": h.of(h.EVALUATOR)}
    pilot.given(*h.RUNNING).when(report_impersonation, FULL, occurred_on=h.MIDTERM, **ours).then([FOUND], [frozen])


def test_R_LZ_08_a_finding_at_verification_is_taken_after_the_declaration_was_rejected() -> None:
    """Whoever the present agency ever declared can be found to have lent a licence, verified or not."""
    reason = e.Reason("qualification_not_confirmed", "R-LZ-10")
    rejected = e.StaffingRejected(h.PILOT, h.DECLARATION, (reason,))
    again = replace(h.declared, declaration_id=h.PAPER, worker_ids=(h.STRANGER, *h.WORKERS[1:]))
    find = {"worker_id": h.WORKERS[0], "occurred_on": h.VERIFIED}
    for history in ((h.declared, rejected), (h.declared, rejected, again)):
        pilot.given(*h.CONTRACTED, *history).when(report_impersonation, BudgetAccount(), **find).then([FOUND], [])
    replaced = (h.declared, rejected, e.AgencyDisqualified(h.PILOT, h.AGENCY, h.VERIFIED), h.plan_reviewed)
    chosen = replace(h.selected, agency_id=h.OTHER_AGENCY)
    never = pilot.given(*h.CONTRACTED, *replaced, chosen).when(report_impersonation, BudgetAccount(), **find)
    never.then_refused(NotOfThisPilot, "R-LZ-08")
    assert h.said(never) == "该社工不在本试点现任承接机构申报过的人员之内。请核对人员和试点。"


DISQUALIFY = {"agency_id": h.AGENCY, "scheme_id": h.SCHEME_ID, "occurred_on": h.MIDTERM}
lost = a.AgencyQualificationLost(h.AGENCY, h.SCHEME_ID)
ended = a.AgencyAssignmentEnded(h.AGENCY, h.PILOT, h.SCHEME_ID, a.EndReason.DISQUALIFIED)
gone = e.AgencyDisqualified(h.PILOT, h.AGENCY, h.MIDTERM)


def disqualified(*history: e.PilotEvent, of: a.Agency = ASSIGNED, account: BudgetAccount = FULL) -> Outcome:
    return Given(of).when(disqualify, {h.PILOT: pilot.state(*history)}, {h.PILOT: account}, **DISQUALIFY)


def test_R_LZ_08_disqualification_ends_the_assignment_not_the_pilot() -> None:
    disqualified(*h.RUNNING).then([lost, ended], {h.PILOT: (gone,)}, {h.PILOT: (frozen,)})
    after = pilot.state(*h.RUNNING, FOUND, gone)
    assert (after.stage, after.agency, after.predecessor) == (Stage.PROCURING, None, h.AGENCY)
    assert not after.team
    assert not after.impersonated
    disqualified(*h.RUNNING, gone, of=agency.state(h.agency_noted, h.assigned, lost, ended)).then_nothing()


def test_R_LZ_08_disqualification_leaves_what_is_rated_and_money_that_is_frozen() -> None:
    disqualified(*h.RATED).then([lost], {}, {})
    disqualified(*h.RATED, e.PilotClosed(h.PILOT, h.AGENCY, h.COMMUNITY)).then([lost], {}, {})
    stopped = budget.state(*h.PAID, frozen)
    disqualified(*h.RUNNING, account=stopped).then([lost, ended], {h.PILOT: (gone,)}, {h.PILOT: ()})
    disqualified(*h.SELECTED, account=BudgetAccount()).then([lost, ended], {h.PILOT: (gone,)}, {h.PILOT: ()})


def test_R_LZ_08_an_agency_loses_the_pilots_of_one_scheme() -> None:
    other = a.AgencyAssigned(h.AGENCY, PilotId(UUID(int=50)), SchemeId(UUID(int=51)))
    both = agency.state(h.agency_noted, h.assigned, other)
    assert both.carries_out(h.SCHEME_ID) == [h.PILOT]
    assert both.carries_out(other.scheme_id) == [other.pilot_id]
    assert agency.state(h.agency_noted, h.assigned, other, ended).carries_out(h.SCHEME_ID) == []


def test_R_LZ_08_a_blacklisted_agency_is_refused_until_lifted() -> None:
    barred = (h.agency_noted, a.AgencyBarred(h.AGENCY))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, agency.state(*barred), **SELECT).then_refused(
        AgencyBlacklisted, "R-LZ-08"
    )
    pilot.given(*h.PROCURING).when(review_plan, h.SCHEME, agency.state(*barred), **REVIEW).then_refused(
        AgencyBlacklisted, "R-LZ-08"
    )
    lifted = agency.state(*barred, a.AgencyBarLifted(h.AGENCY))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, lifted, **SELECT).then([h.selected], [h.assigned])


def test_R_LZ_08_an_agency_that_lost_its_qualification_is_refused_in_the_scheme() -> None:
    lost = agency.state(h.agency_noted, a.AgencyQualificationLost(h.AGENCY, h.SCHEME_ID))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, lost, **SELECT).then_refused(
        AgencyDisqualifiedInScheme, "R-LZ-08"
    )


def test_R_LZ_08_a_replacement_is_selected_in_the_old_ones_place() -> None:
    other = agency.state(replace(h.agency_noted, agency_id=h.OTHER_AGENCY))
    history = (
        *h.RUNNING,
        e.AgencyDisqualified(h.PILOT, h.AGENCY, h.MIDTERM),
        replace(h.plan_reviewed, agency_id=h.OTHER_AGENCY),
    )
    chosen = e.AgencySelected(h.PILOT, h.OTHER_AGENCY, replaces=h.AGENCY, listed_elsewhere=False)
    assigned = a.AgencyAssigned(h.OTHER_AGENCY, h.PILOT, h.SCHEME_ID)
    pilot.given(*history).when(
        select_agency, h.SCHEME, other, agency_id=h.OTHER_AGENCY, by=Payer.CITY, occurred_on=h.MIDTERM
    ).then([chosen], [assigned])
    before = {"agency_id": h.OTHER_AGENCY, "by": Payer.CITY, "occurred_on": h.MIDTERM - timedelta(days=1)}
    pilot.given(*history).when(select_agency, h.SCHEME, other, **before).then_refused(TooEarly)


def test_an_agency_of_another_city_is_told_to_register_here() -> None:
    refused = pilot.given(*REVIEWED).when(select_agency, h.SCHEME, a.Agency(), **SELECT)
    refused.then_refused(AgencyNotRegisteredHere, "R-LZ-05")
    assert refused.refused is not None
    assert "未在本市登记" in refused.refused.detail


def listing(by: str, *, listed: bool) -> a.AgencyListingElsewhereNoted:
    return a.AgencyListingElsewhereNoted(h.AGENCY, TenantId(by), listed)


def test_C_37_a_listing_elsewhere_warns_until_every_bureau_lifted_it_and_does_not_bar() -> None:
    history: list[a.AgencyEvent] = [h.agency_noted]
    steps = (("620200", True), ("620300", True), ("620200", False), ("620300", False))
    for (by, listed), warned in zip(steps, (True, True, True, False), strict=True):
        ask = {"agency_id": h.AGENCY, "listed_by": by, "listed": listed}
        agency.given(*history).when(a.note_listing_elsewhere, **ask).then(listing(by, listed=listed))
        history.append(listing(by, listed=listed))
        agency.given(*history).when(a.note_listing_elsewhere, **ask).then_nothing()
        chosen = replace(h.selected, listed_elsewhere=warned)
        pilot.given(*REVIEWED).when(select_agency, h.SCHEME, agency.state(*history), **SELECT).then(
            [chosen], [h.assigned]
        )


CONDITIONS = {"sound_governance": True, "own_bank_account": True, "professional_team": True}


def test_R_LZ_06_a_condition_attested_after_the_registration_counts() -> None:
    lacking = replace(h.agency_noted, facts=replace(h.FACTS, professional_team=False, own_bank_account=False))
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, agency.state(lacking), **SELECT).then_refused(
        GovernanceNotSound, "R-LZ-06"
    )
    noted = a.AgencyConditionsNoted(h.AGENCY, **CONDITIONS)
    agency.given(lacking).when(a.note_conditions, agency_id=h.AGENCY, **CONDITIONS).then(noted)
    agency.given(lacking, noted).when(a.note_conditions, agency_id=h.AGENCY, **CONDITIONS).then_nothing()
    agency.given().when(a.note_conditions, agency_id=h.AGENCY, **CONDITIONS).then_refused(NotKnownYet)
    shown = agency.state(lacking, noted)
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, shown, **SELECT).then([h.selected], [h.assigned])


def test_what_is_noted_of_an_agency_twice_is_noted_once() -> None:
    agency.given(h.agency_noted).when(a.note, agency_id=h.AGENCY, name="演示", facts=h.FACTS).then_nothing()
    agency.given(h.agency_noted, a.AgencyPenaltyNoted(h.AGENCY)).when(a.note_penalty, agency_id=h.AGENCY).then_nothing()
    agency.given(h.agency_noted).when(a.note_inspection, agency_id=h.AGENCY, result=a.Inspection.PASSED).then_nothing()
    agency.given().when(a.note_penalty, agency_id=h.AGENCY).then_refused(NotKnownYet)
    agency.given(h.agency_noted).when(a.lift_bar, agency_id=h.AGENCY).then_nothing()


def test_steps_are_not_skipped() -> None:
    pilot.given(*h.APPROVED).when(sign_agreement, h.SCHEME, by=Payer.CITY, occurred_on=h.SPRING).then_refused(
        WrongStage
    )


def test_C_05_the_payer_selects_and_signs() -> None:
    district = {**SELECT, "by": Payer.DISTRICT}
    pilot.given(*REVIEWED).when(select_agency, h.SCHEME, GOOD, **district).then_refused(WrongPayer, "R-LZ-33")
    pilot.given(*h.SELECTED).when(sign_agreement, h.SCHEME, by=Payer.DISTRICT, occurred_on=h.SPRING).then_refused(
        WrongPayer
    )
