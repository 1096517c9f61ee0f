"""Steps 14 to 17, and the milestones that lead there.

Steps 14 and 15 run beside the third parties' (C-03): their days stand in the events, to be compared among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias

from contracts.values import AgencyId, DocumentId, Event, PilotId, UnitCode
from funding.domain.terms import Level, Stage


@dataclass(frozen=True)
class Milestone:
    code: Stage
    name: str
    due: date


class NodeStatus(StrEnum):
    REACHED = "reached"
    PENDING = "pending"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class SelfAssessmentFiled(Event):
    TOPIC: ClassVar[str] = "funding.self-assessment-filed"
    CLAUSE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    level: Level
    summary: DocumentId
    outside_window: bool
    filed_on: date


@dataclass(frozen=True)
class SelfAssessmentsCompleted(Event):
    TOPIC: ClassVar[str] = "funding.self-assessments-completed"
    CLAUSE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId


@dataclass(frozen=True)
class DistrictAcceptanceCompleted(Event):
    TOPIC: ClassVar[str] = "funding.district-acceptance-completed"
    CLAUSE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    outside_window: bool
    accepted_on: date


@dataclass(frozen=True)
class DistrictAcceptanceFailed(Event):
    TOPIC: ClassVar[str] = "funding.district-acceptance-failed"
    CLAUSE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    reasons: tuple[str, ...]
    rectify_by: date
    failed_on: date


@dataclass(frozen=True)
class RectificationReported(Event):
    TOPIC: ClassVar[str] = "funding.rectification-reported"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    report: DocumentId
    reported_on: date


@dataclass(frozen=True)
class AcceptanceReportFiled(Event):
    TOPIC: ClassVar[str] = "funding.acceptance-report-filed"
    CLAUSE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    report: DocumentId
    outside_window: bool
    filed_on: date


@dataclass(frozen=True)
class CityOverallRatingGiven(Event):
    TOPIC: ClassVar[str] = "funding.pilot-rated"
    CLAUSE = "R-LZ-26"
    pilot_id: PilotId
    rating: str


@dataclass(frozen=True)
class ExperiencePublicised(Event):
    TOPIC: ClassVar[str] = "funding.experience-publicised"
    pilot_id: PilotId
    title: str
    medium: str


@dataclass(frozen=True)
class PilotClosed(Event):
    TOPIC: ClassVar[str] = "funding.pilot-closed"
    pilot_id: PilotId
    agency_id: AgencyId
    community: UnitCode


@dataclass(frozen=True)
class MilestonesPlanned(Event):
    TOPIC: ClassVar[str] = "funding.milestones-planned"
    CLAUSE = "R-LZ-29"
    pilot_id: PilotId
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True)
class MilestoneOverdue(Event):
    TOPIC: ClassVar[str] = "funding.milestone-overdue"
    CLAUSE = "R-LZ-29"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    milestone: Stage
    due: date
    days_late: int


@dataclass(frozen=True)
class NodeNoticeIssued(Event):
    TOPIC: ClassVar[str] = "funding.node-notice-issued"
    CLAUSE = "R-LZ-29"
    LATE: ClassVar[bool] = True
    pilot_id: PilotId
    milestone: Stage
    status: NodeStatus


AcceptanceEvent: TypeAlias = (
    SelfAssessmentFiled
    | SelfAssessmentsCompleted
    | DistrictAcceptanceCompleted
    | DistrictAcceptanceFailed
    | RectificationReported
    | AcceptanceReportFiled
    | CityOverallRatingGiven
    | ExperiencePublicised
    | PilotClosed
)

MilestoneEvent: TypeAlias = MilestonesPlanned | MilestoneOverdue | NodeNoticeIssued
