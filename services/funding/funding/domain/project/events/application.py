"""Steps 1 to 4: a community applies, its street signs, its district recommends, the payer approves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypeAlias

from contracts.fields import Code, Place
from contracts.values import DocumentId, Event, ProjectId, Role, SchemeId, TenantId, UnitCode
from funding.domain.terms import Payer


@dataclass(frozen=True)
class Attestation:
    """One community condition, attested by a body (never a named person)."""

    condition: Code
    attester: Place
    evidence: DocumentId | None = None


@dataclass(frozen=True)
class ProjectApplicationSubmitted(Event):
    TOPIC: ClassVar[str] = "funding.project-application-submitted"
    NAME: ClassVar[str] = "社区提出申请"
    RULE = "R-LZ-03"
    project_id: ProjectId
    scheme_id: SchemeId
    scheme_version: int
    district: TenantId
    street: UnitCode
    street_name: str
    community: UnitCode
    community_name: str
    area_m2: Decimal
    attestations: tuple[Attestation, ...]


@dataclass(frozen=True)
class StreetSignOffGiven(Event):
    TOPIC: ClassVar[str] = "funding.street-sign-off-given"
    NAME: ClassVar[str] = "街道主要领导签字同意"
    RULE = "R-LZ-02"
    project_id: ProjectId
    street: UnitCode
    signed_by: Role


@dataclass(frozen=True)
class ProjectRecommendedByDistrict(Event):
    TOPIC: ClassVar[str] = "funding.project-recommended-by-district"
    NAME: ClassVar[str] = "区民政局推荐"
    RULE = "R-LZ-02"
    project_id: ProjectId
    district: TenantId


@dataclass(frozen=True)
class ProjectApproved(Event):
    TOPIC: ClassVar[str] = "funding.project-approved"
    NAME: ClassVar[str] = "确定为试点社区"
    RULE = "R-LZ-01"
    project_id: ProjectId
    scheme_id: SchemeId
    scheme_version: int
    district: TenantId
    street: UnitCode
    community: UnitCode
    approved_by: Payer


@dataclass(frozen=True)
class ProjectRejected(Event):
    TOPIC: ClassVar[str] = "funding.project-rejected"
    NAME: ClassVar[str] = "不予确定为试点"
    project_id: ProjectId
    reason: str


@dataclass(frozen=True)
class ApplicationReturned(Event):
    """The community may change its application and submit it again; the street signs anew."""

    TOPIC: ClassVar[str] = "funding.application-returned"
    NAME: ClassVar[str] = "退回申请"
    project_id: ProjectId
    reason: str


@dataclass(frozen=True)
class ApplicationWithdrawn(Event):
    TOPIC: ClassVar[str] = "funding.application-withdrawn"
    NAME: ClassVar[str] = "社区撤回申请"
    project_id: ProjectId
    reason: str


ApplicationEvent: TypeAlias = (
    ProjectApplicationSubmitted
    | StreetSignOffGiven
    | ProjectRecommendedByDistrict
    | ProjectApproved
    | ProjectRejected
    | ApplicationReturned
    | ApplicationWithdrawn
)
