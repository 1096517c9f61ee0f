"""Steps 5 to 7 and x: the purchase, the agency, the agreement, and the end of a disqualified agency's assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from contracts.fields import Code
from contracts.values import AgencyId, Event, Fen, PilotId, SchemeId, WorkerId


@dataclass(frozen=True)
class ScopeItem:
    """One thing to be bought: a service domain of the plan and the duty in it."""

    domain: Code
    duty: Code


@dataclass(frozen=True)
class ServicePurchasePublished(Event):
    TOPIC: ClassVar[str] = "funding.service-purchase-published"
    NAME: ClassVar[str] = "发布购买服务"
    CLAUSE = "R-LZ-18"
    pilot_id: PilotId
    scope: tuple[ScopeItem, ...]


@dataclass(frozen=True)
class ServicePlanReviewed(Event):
    """`preferences` are the plan's preference codes that the agency meets; they never decide (R-LZ-07)."""

    TOPIC: ClassVar[str] = "funding.service-plan-reviewed"
    NAME: ClassVar[str] = "审核项目服务方案"
    CLAUSE = "R-LZ-07"
    pilot_id: PilotId
    agency_id: AgencyId
    passed: bool
    preferences: tuple[str, ...]


@dataclass(frozen=True)
class AgencySelected(Event):
    """`listed_elsewhere` warns that a bureau of another city has the agency on its blacklist (C-37)."""

    TOPIC: ClassVar[str] = "funding.agency-selected"
    NAME: ClassVar[str] = "确定承接机构"
    CLAUSE = "R-LZ-05"
    pilot_id: PilotId
    agency_id: AgencyId
    replaces: AgencyId | None
    listed_elsewhere: bool


@dataclass(frozen=True)
class PurchaseAgreementSigned(Event):
    """Between the city and the agency; worth the lines that the agency books (C-49).  `days_late` after prep_due."""

    TOPIC: ClassVar[str] = "funding.purchase-agreement-signed"
    NAME: ClassVar[str] = "签订购买协议"
    CLAUSE = "R-LZ-27"
    pilot_id: PilotId
    agency_id: AgencyId
    signed_on: date
    amount_fen: Fen
    days_late: int


@dataclass(frozen=True)
class CredentialImpersonationFound(Event):
    TOPIC: ClassVar[str] = "funding.credential-impersonation-found"
    NAME: ClassVar[str] = "发现借用资质冒名顶替"
    CLAUSE = "R-LZ-08"
    pilot_id: PilotId
    agency_id: AgencyId
    scheme_id: SchemeId
    worker_id: WorkerId


@dataclass(frozen=True)
class AgencyDisqualified(Event):
    """Ends the agency's assignment, not the pilot, which goes back to procuring."""

    TOPIC: ClassVar[str] = "funding.agency-disqualified"
    NAME: ClassVar[str] = "取消机构承接资格"
    CLAUSE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    agency_id: AgencyId
    disqualified_on: date


ProcurementEvent: TypeAlias = (
    ServicePurchasePublished
    | ServicePlanReviewed
    | AgencySelected
    | PurchaseAgreementSigned
    | CredentialImpersonationFound
    | AgencyDisqualified
)
