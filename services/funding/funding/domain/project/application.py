"""Steps 1 to 4: a community applies, its street signs, its district recommends, the payer approves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from contracts.values import ProjectId, Role, TenantId, UnitCode
from funding.domain import quota
from funding.domain.project import events as e
from funding.domain.project.state import Project, require_stage
from funding.domain.quota import NotAProjectDistrict, QuotaEvent, QuotaUse
from funding.domain.scheme import Scheme
from funding.domain.terms import PAYER_NAMES, Payer, Stage, Terms
from kit.errors import ActsFor, Refused, require_unit

STREET_DIGITS = 9
"""How much of a community's 12-digit division code is its street's (统计用区划代码)."""


class AlreadyApplied(Refused):
    code = "already-applied"
    name = "社区已申请"
    text = "该社区已在本方案内提出申请，不能重复申请。请在原申请上继续办理。"


class AreaTooSmall(Refused):
    code = "area-too-small"
    name = "服务面积不足"
    clause = "R-LZ-03"
    text = "社区服务面积 {area} 平方米，低于方案要求的 {least} 平方米。请核实面积，或另选社区申报。"


class ConditionsNotAttested(Refused):
    code = "conditions-not-attested"
    name = "申报条件未证明"
    clause = "R-LZ-04"
    text = "以下申报条件尚无证明：{conditions}。请逐项注明证明单位后再提交。"


class SignerNotPrincipalLeader(Refused):
    code = "signer-not-principal-leader"
    name = "签字人非街道主要领导"
    status = 403
    clause = "R-LZ-02"
    text = "书面申请须由街道主要领导签字同意。请由街道主要领导办理。"


class StreetSignatureMissing(Refused):
    code = "street-signature-missing"
    name = "街道未签批"
    clause = "R-LZ-02"
    text = "该申请尚未经街道主要领导签字同意，不能推荐，也不能决定是否批准。请先完成街道签批。"


class StreetNotOfCommunity(Refused):
    code = "street-not-of-community"
    name = "街道与社区不符"
    status = 422
    clause = "R-LZ-02"
    text = "社区 {community} 属于街道（乡镇）{own}，不属于所填的 {street}。请填写社区所在街道的代码，由其主要领导签字。"


class NotOwnDistrict(Refused):
    code = "not-own-district"
    name = "非本辖区试点"
    status = 403
    text = "只能推荐本辖区的试点地点。请由试点所在的区民政局推荐。"


class WrongApprover(Refused):
    code = "wrong-approver"
    name = "不由本局确定"
    status = 403
    clause = "R-LZ-33"
    text = "该方案由{payer}出资，须由同级民政局确定试点社区。请由出资的民政局办理。"


def submit(
    project: Project,
    scheme: Scheme,
    *,
    project_id: ProjectId,
    district: TenantId,
    street: UnitCode,
    street_name: str,
    community: UnitCode,
    community_name: str,
    area_m2: Decimal,
    attestations: tuple[e.Attestation, ...],
    acts_for: ActsFor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """A community's written application (R-LZ-02..04).  A rejected one may apply again."""
    require_unit(acts_for, community)
    if street != (own := community[:STREET_DIGITS]):
        raise StreetNotOfCommunity(community=community, own=own, street=street)
    if project.stage not in (Stage.NONE, Stage.REJECTED):
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


def sign_off(project: Project, *, role: Role, acts_for: ActsFor) -> Sequence[e.ProjectEvent]:
    """The street's principal leader agrees in writing (R-LZ-02)."""
    if role is not Role.STREET_PRINCIPAL_LEADER:
        raise SignerNotPrincipalLeader
    require_unit(acts_for, project.street)
    if project.signed:
        return ()
    require_stage(project, Stage.APPLIED)
    return (e.StreetSignOffGiven(project_id=project.id, street=UnitCode(str(project.street)), signed_by=role),)


def recommend(project: Project, *, district: TenantId) -> Sequence[e.ProjectEvent]:
    if project.stage is Stage.APPLIED:
        raise StreetSignatureMissing
    require_stage(project, Stage.STREET_ENDORSED)
    if project.district != district:
        raise NotOwnDistrict
    return (e.ProjectRecommendedByDistrict(project_id=project.id, district=district),)


def approve(
    project: Project, use: QuotaUse, scheme: Scheme, *, by: Payer, occurred_on: date
) -> tuple[Sequence[e.ProjectEvent], Sequence[QuotaEvent]]:
    """Takes one place of the district's quota (R-LZ-01); the payer decides (R-LZ-33, C-43)."""
    number, terms = _decides(project, scheme, by, occurred_on)
    district = TenantId(str(project.district))
    taken = quota.take(use, terms, scheme_id=project.under, project_id=project.id, district=district)
    approved = e.ProjectApproved(
        project_id=project.id,
        scheme_id=project.under,
        scheme_version=number,
        district=district,
        street=UnitCode(str(project.street)),
        community=UnitCode(str(project.community)),
        approved_by=by,
    )
    return (approved,), taken


def reject(project: Project, scheme: Scheme, *, reason: str, by: Payer, occurred_on: date) -> Sequence[e.ProjectEvent]:
    """The other outcome of the same decision (step 4): of the same application, by the same payer."""
    _decides(project, scheme, by, occurred_on)
    return (e.ProjectRejected(project_id=project.id, reason=reason),)


def _decides(project: Project, scheme: Scheme, by: Payer, occurred_on: date) -> tuple[int, Terms]:
    """The payer, about a recommended application; answers the scheme's version in force, and its terms."""
    if not project.signed and project.stage is not Stage.NONE:
        raise StreetSignatureMissing
    require_stage(project, Stage.RECOMMENDED)
    number, terms = scheme.in_force(occurred_on)
    if by is not terms.funding_source:
        raise WrongApprover(payer=PAYER_NAMES[terms.funding_source])
    return number, terms
