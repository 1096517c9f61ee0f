"""Steps 8 to 10: staff, first money, implementation, and what other services report of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from contracts.values import DocumentId, Event, OrganisationId, ProjectId, Quantity, SchemeId, UnitCode, WorkerId
from funding.domain.terms import StaffingRule


@dataclass(frozen=True)
class VerifiedWorker:
    """What the registry found of a declared worker."""

    worker_id: WorkerId
    licensed: bool
    intermediate: bool
    sw_graduate: bool


@dataclass(frozen=True)
class Reason:
    """Why a verification failed: a code and the rule it rests on."""

    code: str
    rule: str | None = None


@dataclass(frozen=True)
class StaffingDeclared(Event):
    TOPIC: ClassVar[str] = "funding.staffing-declared"
    NAME: ClassVar[str] = "申报专业社工"
    RULE = "R-LZ-09"
    project_id: ProjectId
    declaration_id: DocumentId
    organisation_id: OrganisationId
    scheme_id: SchemeId
    worker_ids: tuple[WorkerId, ...]
    rule: StaffingRule
    lock_from: date
    lock_to: date


@dataclass(frozen=True)
class StaffingVerified(Event):
    TOPIC: ClassVar[str] = "funding.staffing-verified"
    NAME: ClassVar[str] = "人员核验通过"
    RULE = "R-LZ-10"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    declaration_id: DocumentId
    workers: tuple[VerifiedWorker, ...]
    verified_on: date


@dataclass(frozen=True)
class StaffingRejected(Event):
    TOPIC: ClassVar[str] = "funding.staffing-rejected"
    NAME: ClassVar[str] = "人员核验未通过"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    declaration_id: DocumentId
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class ProjectFunded(Event):
    """The first instalment of the present assignment has been appropriated."""

    TOPIC: ClassVar[str] = "funding.project-funded"
    NAME: ClassVar[str] = "首笔经费到位"
    project_id: ProjectId


@dataclass(frozen=True)
class ImplementationStarted(Event):
    """`days_late` after the plan's first day; below zero for a start before it."""

    TOPIC: ClassVar[str] = "funding.implementation-started"
    NAME: ClassVar[str] = "启动实施"
    RULE = "R-LZ-28"
    project_id: ProjectId
    organisation_id: OrganisationId
    community: UnitCode
    impl_from: date
    impl_to: date
    worker_ids: tuple[WorkerId, ...]
    started_on: date
    days_late: int


@dataclass(frozen=True)
class PostingLockNoted(Event):
    """These workers must not move (R-LZ-12); whoever is verified after them is locked with the verdict."""

    TOPIC: ClassVar[str] = "funding.posting-lock-noted"
    NAME: ClassVar[str] = "获知社工锁定"
    RULE = "R-LZ-12"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    worker_ids: tuple[WorkerId, ...]


@dataclass(frozen=True)
class WorkerDepartureNoted(Event):
    """A verified worker left; `left_on` is the last day that may be paid."""

    TOPIC: ClassVar[str] = "funding.worker-departure-noted"
    NAME: ClassVar[str] = "获知社工离开"
    RULE = "R-LZ-12"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    worker_id: WorkerId
    left_on: date


@dataclass(frozen=True)
class StaffingBreachNoted(Event):
    """A locked worker moved: a fact, recorded for the evaluation, never refused (C-16)."""

    TOPIC: ClassVar[str] = "funding.staffing-breach-noted"
    NAME: ClassVar[str] = "获知锁定社工流动"
    RULE = "R-LZ-12"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    worker_id: WorkerId
    remaining: int


@dataclass(frozen=True)
class PostingEndNoted(Event):
    """Nobody is posted any more, and the project goes on without: its organisation lost it."""

    TOPIC: ClassVar[str] = "funding.posting-end-noted"
    NAME: ClassVar[str] = "获知派驻结束"
    LATE: ClassVar[bool] = True
    project_id: ProjectId


@dataclass(frozen=True)
class ProjectCountsNoted(Event):
    """Another service's totals for the project up to the end of `day`; a later day replaces an earlier one."""

    TOPIC: ClassVar[str] = "funding.project-counts-noted"
    NAME: ClassVar[str] = "获知服务统计"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    source: str
    day: date
    totals: dict[str, Quantity]


DeliveryEvent: TypeAlias = (
    StaffingDeclared
    | StaffingVerified
    | StaffingRejected
    | ProjectFunded
    | ImplementationStarted
    | PostingLockNoted
    | WorkerDepartureNoted
    | StaffingBreachNoted
    | PostingEndNoted
    | ProjectCountsNoted
)
