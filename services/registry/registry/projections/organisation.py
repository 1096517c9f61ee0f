"""REG-R2: organisations, and the blacklist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never

from contracts.values import OrganisationId, ProjectId, SchemeId, TenantId
from kit.store import Meta, Row, View, titled
from registry.domain import organisation
from registry.domain.organisation import Condition, InspectionResult, OrganisationEvent, OrganisationRegistered


@dataclass(frozen=True)
class OrganisationRow(
    Row,
    table="organisation_list",
    key=("organisation_id",),
    indexes=(("tenant_id", "registered_on", "organisation_id"),),
):
    organisation_id: Annotated[OrganisationId, titled("机构编号")]
    name: Annotated[str, titled("机构名称")]
    authority: Annotated[str, titled("登记管理机关")]
    civil_affairs: Annotated[bool, titled("是否由民政部门登记")]
    registered_on: Annotated[date, titled("登记成立日期")]
    number: Annotated[str, titled("统一社会信用代码")]
    attested: Annotated[tuple[Condition, ...], titled("已证明的条件")]
    penalties: Annotated[int, titled("处罚次数")] = 0
    failed_inspections: Annotated[int, titled("年检不合格次数")] = 0
    refused_inspections: Annotated[int, titled("不接受年检次数")] = 0
    party_organisation: Annotated[str | None, titled("党组织")] = None
    revoked_schemes: Annotated[tuple[SchemeId, ...], titled("已取消资格的方案")] = ()
    listed_by: Annotated[TenantId | None, titled("列入黑名单的民政局")] = None
    listed_on: Annotated[date | None, titled("列入日期")] = None
    listed_reason: Annotated[str | None, titled("列入原因")] = None
    listed_project: Annotated[ProjectId | None, titled("列入所涉试点")] = None
    lifted_on: Annotated[date | None, titled("移出日期")] = None
    listed_elsewhere: Annotated[tuple[TenantId, ...], titled("其他市列入黑名单的民政局")] = ()


def evolve(row: OrganisationRow | None, event: OrganisationEvent, meta: Meta) -> OrganisationRow | None:
    if row is None:
        return _registered(event) if isinstance(event, OrganisationRegistered) else None
    match event:
        case OrganisationRegistered():
            return row
        case organisation.OrganisationConditionAttested(attestation=attestation):
            return replace(row, attested=(*row.attested, attestation.condition))
        case organisation.OrganisationPenalised():
            return replace(row, penalties=row.penalties + 1)
        case organisation.AnnualInspectionRecorded(result=InspectionResult.FAILED):
            return replace(row, failed_inspections=row.failed_inspections + 1)
        case organisation.AnnualInspectionRecorded(result=InspectionResult.REFUSED):
            return replace(row, refused_inspections=row.refused_inspections + 1)
        case organisation.AnnualInspectionRecorded():
            return row
        case organisation.PartyOrganisationEstablished():
            return replace(row, party_organisation=event.name)
        case organisation.OrganisationQualificationRevoked():
            return replace(row, revoked_schemes=(*row.revoked_schemes, event.scheme_id))
        case organisation.OrganisationBlacklisted():
            return replace(
                row,
                listed_by=event.authority,
                listed_on=meta.occurred_on,
                listed_reason=event.reason,
                listed_project=event.project_id,
                lifted_on=None,
            )
        case organisation.BlacklistLifted():
            return replace(row, listed_by=None, lifted_on=meta.occurred_on)
        case organisation.OrganisationListedElsewhere(authority=authority, listed=listed):
            if listed == (authority in row.listed_elsewhere):
                return row
            others = tuple(one for one in row.listed_elsewhere if one != authority)
            return replace(row, listed_elsewhere=(*others, authority) if listed else others)
        case _:
            assert_never(event)


def _registered(event: OrganisationRegistered) -> OrganisationRow:
    registration = event.registration
    return OrganisationRow(
        organisation_id=event.organisation_id,
        name=event.name,
        authority=registration.authority,
        civil_affairs=registration.civil_affairs,
        registered_on=registration.registered_on,
        number=registration.number,
        attested=tuple(attestation.condition for attestation in event.attestations),
    )


ORGANISATIONS = View("organisation_list", 2, "organisation", (OrganisationRow,), evolve)
