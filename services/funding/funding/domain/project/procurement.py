"""Steps 5 to 7 and x: the purchase, the organisation, the agreement, and the end of a disqualified one's assignment.

The district publishes and reviews, the city selects and signs (C-05).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain

from contracts.values import OrganisationId, ProjectId, SchemeId, WorkerId
from funding.domain import organisation as organisations
from funding.domain.budget import BudgetAccount, BudgetEvent, freeze
from funding.domain.organisation import EndReason, Organisation, OrganisationEvent
from funding.domain.project import events as e
from funding.domain.project.situation import Actor, Situation, days_off
from funding.domain.project.state import Project
from funding.domain.project.steps import (
    END_ASSIGNMENT,
    FAIL_PURCHASE,
    PUBLISH_PURCHASE,
    REPORT_IMPERSONATION,
    REVIEW_PLAN,
    SELECT,
    SIGN,
    require,
)
from funding.domain.scheme import Scheme
from funding.domain.terms import Payer, listed
from kit.errors import Refused


class GovernmentDuty(Refused):
    code = "government-duty"
    name = "属于政府直接履职事项"
    rule = "R-LZ-18"
    text = "“{duty}”属于应当由政府直接履职的事项，不得纳入购买服务范围。请从采购内容中删除。"


class OutsideServiceDomains(Refused):
    code = "outside-service-domains"
    name = "超出服务领域"
    rule = "R-LZ-19"
    text = "采购内容不在方案规定的服务领域内。请按方案的服务领域填写：{domains}。"


class PlanNotPassed(Refused):
    code = "service-plan-not-passed"
    name = "服务方案未通过审核"
    text = "该机构申报的项目服务方案尚未通过区民政局审核，不能选定。请先完成方案审核。"


class IsThirdParty(Refused):
    code = "organisation-is-third-party"
    name = "机构是本试点第三方"
    rule = "R-LZ-16"
    text = "该机构是本试点的第三方机构，不能再选定为承接机构。请另选承接机构，或先改定第三方机构。"


class UnknownPreference(Refused):
    code = "unknown-preference"
    name = "没有该优先条件"
    status = 422
    rule = "R-LZ-07"
    text = "所填的优先条件不在方案之内。请从以下条件中选择：{preferences}。"


class NotOfThisProject(Refused):
    code = "worker-not-of-this-project"
    name = "非本试点申报的社工"
    status = 422
    rule = "R-LZ-08"
    text = "该社工不在本试点现任或原承接机构申报过的人员之内。请核对人员和试点。"


class DisqualifiedByFinding(Refused):
    code = "disqualified-by-finding"
    name = "须按冒名顶替处理"
    status = 422
    rule = "R-LZ-08"
    text = "取消承接资格由登记业务按冒名顶替的认定办理，不能在此登记。请改选其他原因，或先报告冒名顶替。"


def publish_purchase(
    project: Project, scheme: Scheme, *, scope: tuple[e.ScopeItem, ...], actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """What is to be bought: duties within the plan's domains, none that government must do itself (R-LZ-18, 19)."""
    s = Situation.on(occurred_on, project, scheme)
    require(PUBLISH_PURCHASE, s, actor)
    terms = s.terms
    excluded = {duty.code: duty.name for duty in terms.excluded_duties}
    domains = {domain.code for domain in terms.service_domains}
    for item in scope:
        if item.duty in excluded:
            raise GovernmentDuty(duty=excluded[item.duty])
        if item.domain not in domains:
            raise OutsideServiceDomains(domains=listed(terms.service_domains))
    return (e.ServicePurchasePublished(project_id=project.id, scope=scope),)


def review_plan(
    project: Project,
    scheme: Scheme,
    organisation: Organisation,
    *,
    organisation_id: OrganisationId,
    passed: bool,
    preferences: tuple[str, ...],
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """The district's review of an organisation's plan, which is its application for the project (R-LZ-05..08)."""
    s = Situation.on(occurred_on, project, scheme)
    require(REVIEW_PLAN, s, actor)
    terms = s.terms
    organisations.require_eligible(organisation, terms, project.under)
    known = {p.code for p in terms.organisation_preferences}
    for preference in preferences:
        if preference not in known:
            raise UnknownPreference(preferences=listed(terms.organisation_preferences))
    reviewed = e.ServicePlanReviewed(
        project_id=project.id,
        organisation_id=organisation_id,
        passed=passed,
        preferences=tuple(sorted(set(preferences))),
    )
    return (reviewed,)


def select_organisation(
    project: Project,
    scheme: Scheme,
    organisation: Organisation,
    *,
    organisation_id: OrganisationId,
    actor: Actor,
    occurred_on: date,
) -> tuple[Sequence[e.ProjectEvent], Sequence[OrganisationEvent]]:
    """The payer's choice among the plans that passed; eligibility is judged again, preference never decides."""
    s = Situation.on(occurred_on, project, scheme)
    require(SELECT, s, actor)
    organisations.require_eligible(organisation, s.terms, project.under)
    if not project.plans.get(organisation_id):
        raise PlanNotPassed
    if str(organisation_id) in project.third_parties.values():
        raise IsThirdParty
    before = project.predecessor
    selected = e.OrganisationSelected(
        project_id=project.id,
        organisation_id=organisation_id,
        replaces=before.organisation if before else None,
        listed_elsewhere=organisation.listed_elsewhere,
        selected_on=occurred_on,
    )
    assigned = organisations.assign(
        organisation, organisation_id=organisation_id, project_id=project.id, scheme_id=project.under
    )
    return (selected,), assigned


def sign_agreement(
    project: Project, scheme: Scheme, budget: BudgetAccount, *, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Later than the preparation's end is flagged, never refused (R-LZ-27, C-04).

    It is worth what the organisation books (C-49); a successor's, what of that is not spent yet.
    """
    s = Situation.on(occurred_on, project, scheme)
    require(SIGN, s, actor)
    terms = s.terms
    return (
        e.PurchaseAgreementSigned(
            project_id=project.id,
            organisation_id=project.carried_out_by,
            signed_on=occurred_on,
            amount_fen=budget.unspent_of(Payer.ORGANISATION) if budget.lines else terms.organisation_fen,
            days_off=days_off(SIGN, s),
        ),
    )


def report_impersonation(
    project: Project,
    budget: BudgetAccount,
    scheme: Scheme,
    organisation: Organisation,
    *,
    worker_id: WorkerId,
    actor: Actor,
    occurred_on: date,
) -> tuple[Sequence[e.ProjectEvent], Sequence[BudgetEvent]]:
    """Impersonated credentials were found: the money stops at once, the registry judges the organisation (R-LZ-08).

    That of a former organisation is found as well, and binds no successor.  `organisation`: whose worker it is.
    """
    require(REPORT_IMPERSONATION, Situation.on(occurred_on, project, scheme, budget), actor)
    now = project.declared_by(worker_id)
    if now is None:
        raise NotOfThisProject
    if now.team[worker_id].impersonator:
        return (), ()
    found = e.CredentialImpersonationFound(
        project_id=project.id,
        organisation_id=now.organisation,
        assignment=now.number,
        scheme_id=project.under,
        worker_id=worker_id,
    )
    frozen = freeze(budget, organisation_id=now.organisation, assignment=now.number, frozen_on=occurred_on)
    known = now is project.assignment and project.under in organisation.lost
    return (found, *(_decided(project) if known else ())), frozen


def _decided(project: Project) -> Sequence[e.ProjectEvent]:
    return (e.FindingDecided(project.id, project.carried_out_by, project.assigned.number),)


def disqualify(
    organisation: Organisation,
    projects: Mapping[ProjectId, Project],
    budgets: Mapping[ProjectId, BudgetAccount],
    *,
    organisation_id: OrganisationId,
    scheme_id: SchemeId,
    occurred_on: date,
) -> tuple[
    Sequence[OrganisationEvent], Mapping[ProjectId, Sequence[e.ProjectEvent]], Mapping[ProjectId, Sequence[BudgetEvent]]
]:
    """No project of the scheme is the organisation's any more (SG-3), of those that it carries out.

    That ends its assignments and not the projects, which go back to procuring, their money frozen (step x).  What is
    rated stays as it is.
    """
    out = [
        id
        for id, project in projects.items()
        if project.assignment is not None and project.organisation == organisation_id and not project.assignment.rated
    ]
    ended = [organisations.end_assignment(organisation, project_id=id, reason=EndReason.DISQUALIFIED) for id in out]
    gone: dict[ProjectId, Sequence[e.ProjectEvent]] = {
        id: (e.AssignmentEnded(id, organisation_id, e.EndCause.DISQUALIFIED, ended_on=occurred_on),) for id in out
    }
    kept = {
        id: _decided(project)
        for id, project in projects.items()
        if project.organisation == organisation_id and project.assigned.rated and project.assigned.impersonated
    }
    frozen = {
        id: freeze(
            budgets[id],
            organisation_id=organisation_id,
            assignment=projects[id].assigned.number,
            frozen_on=occurred_on,
        )
        for id in out
    }
    lost = organisations.lose_qualification(organisation, organisation_id=organisation_id, scheme_id=scheme_id)
    return (*lost, *chain(*ended)), gone | kept, frozen


def fail_purchase(
    project: Project, scheme: Scheme, *, failure: e.PurchaseFailure, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Too few bids, or a void purchase: the plans fall with it, and another may be published."""
    require(FAIL_PURCHASE, Situation.on(occurred_on, project, scheme), actor)
    return (e.PurchaseFailed(project_id=project.id, failure=failure),)


def end_assignment(
    project: Project,
    organisation: Organisation,
    budget: BudgetAccount,
    scheme: Scheme,
    *,
    cause: e.EndCause,
    reason: str,
    actor: Actor,
    occurred_on: date,
) -> tuple[Sequence[e.ProjectEvent], Sequence[OrganisationEvent], Sequence[BudgetEvent]]:
    """The payer's decision that the organisation carries the project out no longer: posting, locks and seat go with it.

    What it holds of the money stands still until the payer settles it; a successor has money of its own.
    Disqualification is the registry's (SG-3), and no cause of this.
    """
    require(END_ASSIGNMENT, Situation.on(occurred_on, project, scheme, budget), actor)
    if cause is e.EndCause.DISQUALIFIED:
        raise DisqualifiedByFinding
    ended = e.AssignmentEnded(
        project_id=project.id,
        organisation_id=project.carried_out_by,
        cause=cause,
        ended_on=occurred_on,
        reason=reason,
    )
    freed = organisations.end_assignment(organisation, project_id=project.id, reason=EndReason.ENDED_BY_PAYER)
    frozen = freeze(
        budget,
        organisation_id=project.carried_out_by,
        assignment=project.assigned.number,
        frozen_on=occurred_on,
    )
    return (ended,), freed, frozen
