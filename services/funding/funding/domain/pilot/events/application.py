"""Steps 1 to 4: a community applies, its street signs, its district recommends, the payer approves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypeAlias

from contracts.fields import Code, Place
from contracts.values import DocumentId, Event, PilotId, Role, SchemeId, TenantId, UnitCode
from funding.domain.terms import Payer


@dataclass(frozen=True)
class Attestation:
    """One community condition, attested by a body (never a named person)."""

    condition: Code
    attester: Place
    evidence: DocumentId | None = None


@dataclass(frozen=True)
class PilotApplicationSubmitted(Event):
    TOPIC: ClassVar[str] = "funding.pilot-application-submitted"
    NAME: ClassVar[str] = "社区提出申请"
    CLAUSE = "R-LZ-03"
    pilot_id: PilotId
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
    CLAUSE = "R-LZ-02"
    pilot_id: PilotId
    street: UnitCode
    signed_by: Role


@dataclass(frozen=True)
class PilotRecommendedByDistrict(Event):
    TOPIC: ClassVar[str] = "funding.pilot-recommended-by-district"
    NAME: ClassVar[str] = "区民政局推荐"
    CLAUSE = "R-LZ-02"
    pilot_id: PilotId
    district: TenantId


@dataclass(frozen=True)
class PilotApproved(Event):
    TOPIC: ClassVar[str] = "funding.pilot-approved"
    NAME: ClassVar[str] = "确定为试点社区"
    CLAUSE = "R-LZ-01"
    pilot_id: PilotId
    scheme_id: SchemeId
    scheme_version: int
    district: TenantId
    street: UnitCode
    community: UnitCode
    approved_by: Payer


@dataclass(frozen=True)
class PilotRejected(Event):
    TOPIC: ClassVar[str] = "funding.pilot-rejected"
    NAME: ClassVar[str] = "不予确定为试点"
    pilot_id: PilotId
    reason: str


ApplicationEvent: TypeAlias = (
    PilotApplicationSubmitted | StreetSignOffGiven | PilotRecommendedByDistrict | PilotApproved | PilotRejected
)
