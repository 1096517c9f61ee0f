"""Steps 5 to 7 and x: purchase, organisation, agreement, disqualification."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.values import ProjectId, Role, SchemeId, TenantId
from funding.domain import organisation as a
from funding.domain.budget import AppropriationFrozen, BudgetAccount
from funding.domain.budget import evolve as evolve_budget
from funding.domain.organisation import (
    GovernanceNotSound,
    Organisation,
    OrganisationBlacklisted,
    OrganisationDisqualifiedInScheme,
    OrganisationNotEligible,
    OrganisationNotRegisteredHere,
)
from funding.domain.project import events as e
from funding.domain.project.assignment import Former
from funding.domain.project.authority import NotTheThirdParty, WrongPayer
from funding.domain.project.procurement import (
    GovernmentDuty,
    IsThirdParty,
    NotOfThisProject,
    OutsideServiceDomains,
    PlanNotPassed,
    UnknownPreference,
    disqualify,
    publish_purchase,
    report_impersonation,
    review_plan,
    select_organisation,
    sign_agreement,
)
from funding.domain.project.situation import StepMissing
from funding.domain.project.stage import stage_of
from funding.domain.project.state import Project, evolve
from funding.domain.terms import Stage
from funding.domain.window import DaysOff
from kit.errors import NotKnownYet, TooEarly
from kit.testing import Given, Outcome, Spec

from . import histories as h

project = Spec(Project(), evolve)
organisation = Spec(Organisation(), a.evolve)
GOOD = organisation.state(h.organisation_noted)
NONE = BudgetAccount()
REVIEWED = (*h.PROCURING, h.plan_reviewed)
SELECT = {"organisation_id": h.ORGANISATION, "actor": h.CITY, "occurred_on": h.SPRING}
REVIEW = {
    "organisation_id": h.ORGANISATION,
    "occurred_on": h.SPRING,
    "passed": True,
    "preferences": (),
    "actor": h.BUREAU,
}


def test_R_LZ_18_duties_of_government_are_not_bought() -> None:
    ours = (*h.SCOPE, e.ScopeItem("social_assistance", "assistance_approval"))
    project.given(*h.APPROVED).when(
        publish_purchase, h.SCHEME, scope=ours, actor=h.BUREAU, occurred_on=h.SPRING
    ).then_refused(GovernmentDuty, "R-LZ-18")


def test_R_LZ_19_what_is_bought_lies_in_the_service_domains() -> None:
    alien = (e.ScopeItem("road_building", "paving"),)
    project.given(*h.APPROVED).when(
        publish_purchase, h.SCHEME, scope=alien, actor=h.BUREAU, occurred_on=h.SPRING
    ).then_refused(OutsideServiceDomains, "R-LZ-19")
    project.given(*h.APPROVED).when(
        publish_purchase, h.SCHEME, scope=h.SCOPE, actor=h.BUREAU, occurred_on=h.SPRING
    ).then(h.purchase_published)


@pytest.mark.parametrize(
    "facts",
    [
        replace(h.FACTS, registered_with_civil_affairs=False),
        replace(h.FACTS, penalised=True),
        replace(h.FACTS, failed_inspection=True),
        replace(h.FACTS, refused_inspection=True),
    ],
)
def test_R_LZ_05_an_organisation_with_a_bad_record_is_not_eligible(facts: a.OrganisationFacts) -> None:
    bad = organisation.state(replace(h.organisation_noted, facts=facts))
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, bad, **SELECT).then_refused(
        OrganisationNotEligible, "R-LZ-05"
    )
    project.given(*h.PROCURING).when(review_plan, h.SCHEME, bad, **REVIEW).then_refused(
        OrganisationNotEligible, "R-LZ-05"
    )


@pytest.mark.parametrize(
    "later",
    [
        a.OrganisationPenaltyNoted(h.ORGANISATION),
        a.OrganisationInspectionNoted(h.ORGANISATION, a.Inspection.FAILED),
        a.OrganisationInspectionNoted(h.ORGANISATION, a.Inspection.REFUSED),
    ],
)
def test_R_LZ_05_what_the_registry_records_later_counts(later: a.OrganisationEvent) -> None:
    bad = organisation.state(
        h.organisation_noted, later, a.OrganisationInspectionNoted(h.ORGANISATION, a.Inspection.PASSED)
    )
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, bad, **SELECT).then_refused(OrganisationNotEligible)


@pytest.mark.parametrize("missing", ["sound_governance", "own_bank_account"])
def test_R_LZ_06_governance_and_a_bank_account_of_its_own(missing: str) -> None:
    weak = organisation.state(replace(h.organisation_noted, facts=replace(h.FACTS, **{missing: False})))
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, weak, **SELECT).then_refused(
        a.GovernanceNotSound, "R-LZ-06"
    )


def test_R_LZ_37_a_professional_team() -> None:
    alone = organisation.state(replace(h.organisation_noted, facts=replace(h.FACTS, professional_team=False)))
    refused = project.given(*REVIEWED).when(select_organisation, h.SCHEME, alone, **SELECT)
    refused.then_refused(a.TeamMissing, "R-LZ-37")
    assert h.said(refused) == (
        "该机构不符合申报条件：有熟练运用社会工作方法的专业团队。请核对机构登记信息，或另选机构。"
    )
    both = organisation.state(
        replace(h.organisation_noted, facts=replace(h.FACTS, professional_team=False, own_bank_account=False))
    )
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, both, **SELECT).then_refused(
        a.GovernanceNotSound, "R-LZ-06"
    )


def test_R_LZ_07_experience_gives_preference_and_never_decides() -> None:
    experienced = {**REVIEW, "preferences": ("project_experience",)}
    reviewed = replace(h.plan_reviewed, preferences=("project_experience",))
    project.given(*h.PROCURING).when(review_plan, h.SCHEME, GOOD, **experienced).then(reviewed)
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, GOOD, **SELECT).then([h.selected], [h.assigned])
    project.given(*h.PROCURING).when(
        review_plan, h.SCHEME, GOOD, **{**REVIEW, "preferences": ("connections",)}
    ).then_refused(UnknownPreference, "R-LZ-07")


def test_R_LZ_07_experience_does_not_mend_a_bad_record() -> None:
    bad = organisation.state(replace(h.organisation_noted, facts=replace(h.FACTS, penalised=True)))
    experienced = replace(h.plan_reviewed, preferences=("project_experience",))
    project.given(*h.PROCURING, experienced).when(select_organisation, h.SCHEME, bad, **SELECT).then_refused(
        OrganisationNotEligible
    )


def test_only_a_plan_that_passed_can_be_selected() -> None:
    failed = replace(h.plan_reviewed, passed=False)
    project.given(*h.PROCURING, failed).when(select_organisation, h.SCHEME, GOOD, **SELECT).then_refused(PlanNotPassed)


def test_R_LZ_16_a_third_party_of_the_project_is_not_selected_to_carry_it_out() -> None:
    named = e.ThirdPartyNamed(h.PROJECT, e.Task.SUPERVISION, h.UNIT)
    own = project.given(*REVIEWED, named).when(select_organisation, h.SCHEME, GOOD, **SELECT)
    own.then_refused(IsThirdParty, "R-LZ-16")
    assert h.said(own) == "该机构是本试点的第三方机构，不能再选定为承接机构。请另选承接机构，或先改定第三方机构。"
    again = replace(named, third_party=h.EVALUATOR)
    for history in ((h.evaluator_named, h.auditor_named), (named, again)):
        project.given(*REVIEWED, *history).when(select_organisation, h.SCHEME, GOOD, **SELECT).then(
            [h.selected], [h.assigned]
        )


def test_R_LZ_27_an_agreement_on_the_last_day_is_in_time() -> None:
    project.given(*h.SELECTED).when(
        sign_agreement, h.SCHEME, BudgetAccount(), actor=h.CITY, occurred_on=h.PREP_DUE
    ).then(h.agreement_signed)


def test_R_LZ_27_a_later_agreement_is_flagged_not_refused() -> None:
    late = replace(h.agreement_signed, signed_on=date(2022, 9, 2), days_off=DaysOff(3))
    project.given(*h.SELECTED).when(
        sign_agreement, h.SCHEME, BudgetAccount(), actor=h.CITY, occurred_on=date(2022, 9, 2)
    ).then(late)


def test_C_49_the_agreement_is_worth_what_the_organisation_books() -> None:
    assert h.TERMS.organisation_fen == 27_000_000


FOUND = e.CredentialImpersonationFound(h.PROJECT, h.ORGANISATION, 1, h.SCHEME_ID, h.WORKERS[0])
budget = Spec(BudgetAccount(), evolve_budget)
FULL = budget.state(*h.PAID)
ASSIGNED = organisation.state(h.organisation_noted, h.assigned)
frozen = AppropriationFrozen(h.PROJECT, h.ORGANISATION, 1, h.TERMS.organisation_fen, h.MIDTERM)


def test_R_LZ_08_a_finding_freezes_the_money_at_once() -> None:
    project.given(*h.RUNNING).when(
        report_impersonation, FULL, h.SCHEME, ASSIGNED, actor=h.CITY, worker_id=h.WORKERS[0], occurred_on=h.MIDTERM
    ).then([FOUND], [frozen])
    project.given(*h.RUNNING, FOUND).when(
        report_impersonation, FULL, h.SCHEME, ASSIGNED, actor=h.CITY, worker_id=h.WORKERS[0], occurred_on=h.MIDTERM
    ).then_nothing()
    project.given(*h.RUNNING).when(
        report_impersonation, FULL, h.SCHEME, ASSIGNED, actor=h.CITY, worker_id=h.STRANGER, occurred_on=h.MIDTERM
    ).then_refused(NotOfThisProject)
    other = {"worker_id": h.WORKERS[0], "actor": h.who(Role.THIRD_PARTY_AUDITOR, "third-party-9")}
    project.given(*h.RUNNING).when(
        report_impersonation, FULL, h.SCHEME, ASSIGNED, occurred_on=h.MIDTERM, **other
    ).then_refused(NotTheThirdParty)
    ours = {**other, "actor": h.EVALUATES}
    project.given(*h.RUNNING).when(report_impersonation, FULL, h.SCHEME, ASSIGNED, occurred_on=h.MIDTERM, **ours).then(
        [FOUND], [frozen]
    )


def test_R_LZ_08_a_finding_at_verification_is_taken_after_the_declaration_was_rejected() -> None:
    """Whoever the present organisation ever declared can be found to have lent a licence, verified or not."""
    reason = e.Reason("qualification_not_confirmed", "R-LZ-10")
    rejected = e.StaffingRejected(h.PROJECT, h.DECLARATION, (reason,))
    again = replace(h.declared, declaration_id=h.PAPER, worker_ids=(h.STRANGER, *h.WORKERS[1:]))
    find = {"worker_id": h.WORKERS[0], "actor": h.CITY, "occurred_on": h.VERIFIED}
    for history in ((h.declared, rejected), (h.declared, rejected, again)):
        project.given(*h.CONTRACTED, *history).when(
            report_impersonation, BudgetAccount(), h.SCHEME, ASSIGNED, **find
        ).then([FOUND], [])
    replaced = (
        h.declared,
        rejected,
        e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.VERIFIED),
        h.plan_reviewed,
    )
    chosen = replace(h.selected, organisation_id=h.OTHER_ORGANISATION)
    former = project.given(*h.CONTRACTED, *replaced, chosen)
    former.when(report_impersonation, BudgetAccount(), h.SCHEME, ASSIGNED, **find).then([FOUND], [])
    find = {**find, "worker_id": h.STRANGER}
    never = former.when(report_impersonation, BudgetAccount(), h.SCHEME, ASSIGNED, **find)
    never.then_refused(NotOfThisProject, "R-LZ-08")
    assert h.said(never) == "该社工不在本试点现任或原承接机构申报过的人员之内。请核对人员和试点。"


DISQUALIFY = {"organisation_id": h.ORGANISATION, "scheme_id": h.SCHEME_ID, "occurred_on": h.MIDTERM}
lost = a.OrganisationQualificationLost(h.ORGANISATION, h.SCHEME_ID)
ended = a.OrganisationAssignmentEnded(h.ORGANISATION, h.PROJECT, h.SCHEME_ID, a.EndReason.DISQUALIFIED)
gone = e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM)


def disqualified(*history: e.ProjectEvent, of: a.Organisation = ASSIGNED, account: BudgetAccount = FULL) -> Outcome:
    return Given(of).when(disqualify, {h.PROJECT: project.state(*history)}, {h.PROJECT: account}, **DISQUALIFY)


def test_R_LZ_08_disqualification_ends_the_assignment_not_the_project() -> None:
    disqualified(*h.RUNNING).then([lost, ended], {h.PROJECT: (gone,)}, {h.PROJECT: (frozen,)})
    after = project.state(*h.RUNNING, FOUND, gone)
    assert (stage_of(after), after.assignment, after.predecessor) == (
        Stage.PROCURING,
        None,
        Former(1, h.ORGANISATION, h.MIDTERM, project.state(*h.RUNNING, FOUND).assigned.team),
    )
    disqualified(*h.RUNNING, gone, of=organisation.state(h.organisation_noted, h.assigned, lost, ended)).then_nothing()


def test_R_LZ_08_disqualification_leaves_what_is_rated_and_money_that_is_frozen() -> None:
    disqualified(*h.RATED).then([lost], {}, {})
    disqualified(*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY)).then([lost], {}, {})
    stopped = budget.state(*h.PAID, frozen)
    disqualified(*h.RUNNING, account=stopped).then([lost, ended], {h.PROJECT: (gone,)}, {h.PROJECT: ()})
    disqualified(*h.SELECTED, account=BudgetAccount()).then([lost, ended], {h.PROJECT: (gone,)}, {h.PROJECT: ()})


def test_R_LZ_08_an_organisation_loses_the_projects_of_one_scheme() -> None:
    other = a.OrganisationAssigned(h.ORGANISATION, ProjectId(UUID(int=50)), SchemeId(UUID(int=51)))
    both = organisation.state(h.organisation_noted, h.assigned, other)
    assert both.carries_out(h.SCHEME_ID) == [h.PROJECT]
    assert both.carries_out(other.scheme_id) == [other.project_id]
    assert organisation.state(h.organisation_noted, h.assigned, other, ended).carries_out(h.SCHEME_ID) == []


def test_R_LZ_08_a_blacklisted_organisation_is_refused_until_lifted() -> None:
    barred = (h.organisation_noted, a.OrganisationBarred(h.ORGANISATION))
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, organisation.state(*barred), **SELECT).then_refused(
        OrganisationBlacklisted, "R-LZ-08"
    )
    project.given(*h.PROCURING).when(review_plan, h.SCHEME, organisation.state(*barred), **REVIEW).then_refused(
        OrganisationBlacklisted, "R-LZ-08"
    )
    lifted = organisation.state(*barred, a.OrganisationBarLifted(h.ORGANISATION))
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, lifted, **SELECT).then([h.selected], [h.assigned])


def test_R_LZ_08_an_organisation_that_lost_its_qualification_is_refused_in_the_scheme() -> None:
    lost = organisation.state(h.organisation_noted, a.OrganisationQualificationLost(h.ORGANISATION, h.SCHEME_ID))
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, lost, **SELECT).then_refused(
        OrganisationDisqualifiedInScheme, "R-LZ-08"
    )


def test_R_LZ_08_a_replacement_is_selected_in_the_old_ones_place() -> None:
    other = organisation.state(replace(h.organisation_noted, organisation_id=h.OTHER_ORGANISATION))
    history = (
        *h.RUNNING,
        e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM),
        replace(h.plan_reviewed, organisation_id=h.OTHER_ORGANISATION),
    )
    chosen = e.OrganisationSelected(
        h.PROJECT, h.OTHER_ORGANISATION, h.ORGANISATION, listed_elsewhere=False, selected_on=h.MIDTERM
    )
    assigned = a.OrganisationAssigned(h.OTHER_ORGANISATION, h.PROJECT, h.SCHEME_ID)
    project.given(*history).when(
        select_organisation, h.SCHEME, other, organisation_id=h.OTHER_ORGANISATION, actor=h.CITY, occurred_on=h.MIDTERM
    ).then([chosen], [assigned])
    before = {"organisation_id": h.OTHER_ORGANISATION, "actor": h.CITY, "occurred_on": h.MIDTERM - timedelta(days=1)}
    project.given(*history).when(select_organisation, h.SCHEME, other, **before).then_refused(TooEarly)


def test_an_organisation_of_another_city_is_told_to_register_here() -> None:
    refused = project.given(*REVIEWED).when(select_organisation, h.SCHEME, a.Organisation(), **SELECT)
    refused.then_refused(OrganisationNotRegisteredHere, "R-LZ-05")
    assert refused.refused is not None
    assert "未在本市登记" in refused.refused.detail


def listing(by: str, *, listed: bool) -> a.OrganisationListingElsewhereNoted:
    return a.OrganisationListingElsewhereNoted(h.ORGANISATION, TenantId(by), listed)


def test_C_37_a_listing_elsewhere_warns_until_every_bureau_lifted_it_and_does_not_bar() -> None:
    history: list[a.OrganisationEvent] = [h.organisation_noted]
    steps = (("620200", True), ("620300", True), ("620200", False), ("620300", False))
    for (by, listed), warned in zip(steps, (True, True, True, False), strict=True):
        ask = {"organisation_id": h.ORGANISATION, "listed_by": by, "listed": listed}
        organisation.given(*history).when(a.note_listing_elsewhere, **ask).then(listing(by, listed=listed))
        history.append(listing(by, listed=listed))
        organisation.given(*history).when(a.note_listing_elsewhere, **ask).then_nothing()
        chosen = replace(h.selected, listed_elsewhere=warned)
        project.given(*REVIEWED).when(select_organisation, h.SCHEME, organisation.state(*history), **SELECT).then(
            [chosen], [h.assigned]
        )


CONDITIONS = {"sound_governance": True, "own_bank_account": True, "professional_team": True}


def test_R_LZ_06_a_condition_attested_after_the_registration_counts() -> None:
    lacking = replace(h.organisation_noted, facts=replace(h.FACTS, professional_team=False, own_bank_account=False))
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, organisation.state(lacking), **SELECT).then_refused(
        GovernanceNotSound, "R-LZ-06"
    )
    noted = a.OrganisationConditionsNoted(h.ORGANISATION, **CONDITIONS)
    organisation.given(lacking).when(a.note_conditions, organisation_id=h.ORGANISATION, **CONDITIONS).then(noted)
    organisation.given(lacking, noted).when(
        a.note_conditions, organisation_id=h.ORGANISATION, **CONDITIONS
    ).then_nothing()
    organisation.given().when(a.note_conditions, organisation_id=h.ORGANISATION, **CONDITIONS).then_refused(NotKnownYet)
    shown = organisation.state(lacking, noted)
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, shown, **SELECT).then([h.selected], [h.assigned])


def test_what_is_noted_of_an_organisation_twice_is_noted_once() -> None:
    organisation.given(h.organisation_noted).when(
        a.note, organisation_id=h.ORGANISATION, name="演示", facts=h.FACTS
    ).then_nothing()
    organisation.given(h.organisation_noted, a.OrganisationPenaltyNoted(h.ORGANISATION)).when(
        a.note_penalty, organisation_id=h.ORGANISATION
    ).then_nothing()
    organisation.given(h.organisation_noted).when(
        a.note_inspection, organisation_id=h.ORGANISATION, result=a.Inspection.PASSED
    ).then_nothing()
    organisation.given().when(a.note_penalty, organisation_id=h.ORGANISATION).then_refused(NotKnownYet)
    organisation.given(h.organisation_noted).when(a.lift_bar, organisation_id=h.ORGANISATION).then_nothing()


def test_steps_are_not_skipped() -> None:
    project.given(*h.APPROVED).when(
        sign_agreement, h.SCHEME, BudgetAccount(), actor=h.CITY, occurred_on=h.SPRING
    ).then_refused(StepMissing)


def test_C_05_the_payer_selects_and_signs() -> None:
    district = {**SELECT, "actor": h.BUREAU}
    project.given(*REVIEWED).when(select_organisation, h.SCHEME, GOOD, **district).then_refused(WrongPayer, "R-LZ-33")
    project.given(*h.SELECTED).when(
        sign_agreement, h.SCHEME, BudgetAccount(), actor=h.BUREAU, occurred_on=h.SPRING
    ).then_refused(WrongPayer)
