"""Steps 5 to 7 and x: the purchase, the organisation, the agreement, and the end of a disqualified one's assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias

from contracts.fields import Code
from contracts.values import Event, Fen, OrganisationId, ProjectId, SchemeId, WorkerId
from funding.domain.window import DaysOff


@dataclass(frozen=True)
class ScopeItem:
    """One thing to be bought: a service domain of the plan and the duty in it."""

    domain: Code
    duty: Code


@dataclass(frozen=True)
class ServicePurchasePublished(Event):
    TOPIC: ClassVar[str] = "funding.service-purchase-published"
    NAME: ClassVar[str] = "发布购买服务"
    RULE = "R-LZ-18"
    project_id: ProjectId
    scope: tuple[ScopeItem, ...]


@dataclass(frozen=True)
class ServicePlanReviewed(Event):
    """`preferences` are the plan's preference codes that the organisation meets; they never decide (R-LZ-07)."""

    TOPIC: ClassVar[str] = "funding.service-plan-reviewed"
    NAME: ClassVar[str] = "审核项目服务方案"
    RULE = "R-LZ-07"
    project_id: ProjectId
    organisation_id: OrganisationId
    passed: bool
    preferences: tuple[str, ...]


@dataclass(frozen=True)
class OrganisationSelected(Event):
    """`listed_elsewhere` warns that a bureau of another city has the organisation on its blacklist (C-37)."""

    TOPIC: ClassVar[str] = "funding.organisation-selected"
    NAME: ClassVar[str] = "确定承接机构"
    RULE = "R-LZ-05"
    project_id: ProjectId
    organisation_id: OrganisationId
    replaces: OrganisationId | None
    listed_elsewhere: bool
    selected_on: date


@dataclass(frozen=True)
class PurchaseAgreementSigned(Event):
    """Between the city and the organisation; worth the lines that it books (C-49).  `days_off` the preparation."""

    TOPIC: ClassVar[str] = "funding.purchase-agreement-signed"
    NAME: ClassVar[str] = "签订购买协议"
    RULE = "R-LZ-27"
    project_id: ProjectId
    organisation_id: OrganisationId
    signed_on: date
    amount_fen: Fen
    days_off: DaysOff


@dataclass(frozen=True)
class CredentialImpersonationFound(Event):
    TOPIC: ClassVar[str] = "funding.credential-impersonation-found"
    NAME: ClassVar[str] = "发现借用资质冒名顶替"
    RULE = "R-LZ-08"
    project_id: ProjectId
    organisation_id: OrganisationId
    assignment: int
    """In whose time the worker was declared: that of the present organisation, or of a former one."""
    scheme_id: SchemeId
    worker_id: WorkerId


@dataclass(frozen=True)
class FindingDecided(Event):
    """The registry has revoked who was found out; what is rated stays as it is, and may be closed."""

    TOPIC: ClassVar[str] = "funding.finding-decided"
    NAME: ClassVar[str] = "冒名顶替已处理"
    CLAUSE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    organisation_id: OrganisationId
    assignment: int


class EndCause(StrEnum):
    """Why an organisation carries the project out no longer, while the project goes on."""

    DECLINED = "declined"  # it does not want to
    CANNOT_SIGN = "cannot_sign"
    CONSENT = "consent"
    BREACH = "breach"
    DISSOLVED = "dissolved"
    DISQUALIFIED = "disqualified"  # R-LZ-08, by the registry's finding


@dataclass(frozen=True)
class AssignmentEnded(Event):
    """The organisation carries the project out no longer; the project goes back to procuring."""

    TOPIC: ClassVar[str] = "funding.assignment-ended"
    NAME: ClassVar[str] = "承接任期结束"
    project_id: ProjectId
    organisation_id: OrganisationId
    cause: EndCause
    ended_on: date
    reason: str | None = None
    """A code, where the payer ended it."""


class PurchaseFailure(StrEnum):
    TOO_FEW_BIDS = "too_few_bids"  # 流标
    VOID = "void"  # 废标


@dataclass(frozen=True)
class PurchaseFailed(Event):
    """Nobody is selected in this purchase; another may be published."""

    TOPIC: ClassVar[str] = "funding.purchase-failed"
    NAME: ClassVar[str] = "购买服务流标或废标"
    project_id: ProjectId
    failure: PurchaseFailure


ProcurementEvent: TypeAlias = (
    ServicePurchasePublished
    | ServicePlanReviewed
    | OrganisationSelected
    | PurchaseAgreementSigned
    | CredentialImpersonationFound
    | FindingDecided
    | AssignmentEnded
    | PurchaseFailed
)
