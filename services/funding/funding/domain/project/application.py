"""Steps 1 to 4: a community applies, its street signs, its district recommends, the payer approves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from contracts.values import ProjectId, TenantId, UnitCode
from funding.domain import quota
from funding.domain.budget import BudgetAccount
from funding.domain.project import events as e
from funding.domain.project.needs import AlreadyApplied
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.state import Project
from funding.domain.project.steps import APPROVE, RECOMMEND, REJECT, RETURN, SIGN_OFF, SUBMIT, WITHDRAW, require
from funding.domain.quota import NotAProjectDistrict, QuotaEvent, QuotaUse
from funding.domain.scheme import Scheme, require_open
from funding.domain.unit import Unit, standing
from kit.errors import Refused, require_unit


class AreaTooSmall(Refused):
    code = "area-too-small"
    name = "服务面积不足"
    rule = "R-LZ-03"
    text = "社区服务面积 {area} 平方米，低于方案要求的 {least} 平方米。请核实面积，或另选社区申报。"


class ConditionsNotAttested(Refused):
    code = "conditions-not-attested"
    name = "申报条件未证明"
    rule = "R-LZ-04"
    text = "以下申报条件尚无证明：{conditions}。请逐项注明证明单位后再提交。"


class StreetNotOfCommunity(Refused):
    code = "street-not-of-community"
    name = "街道与社区不符"
    status = 422
    rule = "R-LZ-02"
    text = "社区 {community} 属于街道（乡镇）{own}，不属于所填的 {street}。请填写社区所在街道的代码，由其主要领导签字。"


def submit(
    project: Project,
    scheme: Scheme,
    budget: BudgetAccount,
    unit: Unit,
    others: Sequence[ProjectId] = (),
    *,
    project_id: ProjectId,
    district: TenantId,
    street: UnitCode,
    street_name: str,
    community: UnitCode,
    community_name: str,
    area_m2: Decimal,
    attestations: tuple[e.Attestation, ...],
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """A community's written application (R-LZ-02..04).

    One that was rejected may apply again, and one whose project ended and gave its place back before there was money.
    `others` are projects of the scheme that have their place there: they came with a community that was merged.
    """
    require_unit(actor.acts_for, community)
    if street != (own := standing(unit, community, occurred_on).parent):
        raise StreetNotOfCommunity(community=community, own=own, street=street)
    require(SUBMIT, Situation.on(occurred_on, project, scheme, budget), actor)
    require_open(scheme, occurred_on)
    if any(other != project_id for other in others):
        raise AlreadyApplied
    number, terms = scheme.in_force(occurred_on)
    if scheme.scheme_id is None or terms.quota(district) is None:
        raise NotAProjectDistrict(district=district)
    if area_m2 < terms.community.min_area_m2:
        raise AreaTooSmall(area=area_m2, least=terms.community.min_area_m2)
    attested = {a.condition for a in attestations if a.attester in (community, street)}
    missing = [c.name for c in terms.community.attested if c.code not in attested]
    if missing:
        raise ConditionsNotAttested(conditions="、".join(missing))
    return (
        e.ProjectApplicationSubmitted(
            project_id=project_id,
            scheme_id=scheme.scheme_id,
            scheme_version=number,
            district=district,
            street=street,
            street_name=street_name,
            community=community,
            community_name=community_name,
            area_m2=area_m2,
            attestations=attestations,
        ),
    )


def sign_off(project: Project, scheme: Scheme, *, actor: Actor, occurred_on: date) -> Sequence[e.ProjectEvent]:
    """The street's principal leader agrees in writing (R-LZ-02)."""
    if not require(SIGN_OFF, Situation.on(occurred_on, project, scheme), actor):
        return ()
    street = UnitCode(str(project.street))
    return (e.StreetSignOffGiven(project_id=project.id, street=street, signed_by=actor.role),)


def recommend(project: Project, scheme: Scheme, *, actor: Actor, occurred_on: date) -> Sequence[e.ProjectEvent]:
    require(RECOMMEND, Situation.on(occurred_on, project, scheme), actor)
    return (e.ProjectRecommendedByDistrict(project_id=project.id, district=actor.tenant),)


def approve(
    project: Project, use: QuotaUse, scheme: Scheme, *, actor: Actor, occurred_on: date
) -> tuple[Sequence[e.ProjectEvent], Sequence[QuotaEvent]]:
    """Takes one place of the district's quota (R-LZ-01); the payer decides (R-LZ-33, C-43).

    How many places there are is the scheme's and not the project's: the version of the day says it.
    """
    s = Situation.on(occurred_on, project, scheme)
    require(APPROVE, s, actor)
    _, today = scheme.in_force(occurred_on)
    district = TenantId(str(project.district))
    taken = quota.take(use, today, scheme_id=project.under, project_id=project.id, district=district)
    approved = e.ProjectApproved(
        project_id=project.id,
        scheme_id=project.under,
        scheme_version=project.holds,
        district=district,
        street=UnitCode(str(project.street)),
        community=UnitCode(str(project.community)),
        approved_by=s.terms.funding_source,
    )
    return (approved,), taken


def reject(
    project: Project, scheme: Scheme, *, reason: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The other outcome of the same decision (step 4): of the same application, by the same payer."""
    require(REJECT, Situation.on(occurred_on, project, scheme), actor)
    return (e.ProjectRejected(project_id=project.id, reason=reason),)


def return_application(
    project: Project, scheme: Scheme, *, reason: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Back to the community by whoever has it before them, to be changed and submitted again."""
    require(RETURN, Situation.on(occurred_on, project, scheme), actor)
    return (e.ApplicationReturned(project_id=project.id, reason=reason),)


def withdraw(
    project: Project, scheme: Scheme, *, reason: str, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """The community's own, until the payer decided; it may apply again."""
    require(WITHDRAW, Situation.on(occurred_on, project, scheme), actor)
    return (e.ApplicationWithdrawn(project_id=project.id, reason=reason),)
