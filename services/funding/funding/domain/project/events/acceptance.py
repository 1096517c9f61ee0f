"""Steps 14 to 17, and the milestones that lead there.

Steps 14 and 15 run beside the third parties' (C-03): their days stand in the events, to be compared among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias

from contracts.values import DocumentId, Event, OrganisationId, ProjectId, UnitCode
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
    NAME: ClassVar[str] = "提交自我评估总结报告"
    RULE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    level: Level
    summary: DocumentId
    outside_window: bool
    filed_on: date


@dataclass(frozen=True)
class SelfAssessmentsCompleted(Event):
    TOPIC: ClassVar[str] = "funding.self-assessments-completed"
    NAME: ClassVar[str] = "三级自我评估完成"
    RULE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    project_id: ProjectId


@dataclass(frozen=True)
class DistrictAcceptanceCompleted(Event):
    TOPIC: ClassVar[str] = "funding.district-acceptance-completed"
    NAME: ClassVar[str] = "区级验收通过"
    RULE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    outside_window: bool
    accepted_on: date


@dataclass(frozen=True)
class DistrictAcceptanceFailed(Event):
    TOPIC: ClassVar[str] = "funding.district-acceptance-failed"
    NAME: ClassVar[str] = "区级验收未通过"
    RULE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    reasons: tuple[str, ...]
    rectify_by: date
    failed_on: date


@dataclass(frozen=True)
class RectificationReported(Event):
    TOPIC: ClassVar[str] = "funding.rectification-reported"
    NAME: ClassVar[str] = "报告整改"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    report: DocumentId
    reported_on: date


@dataclass(frozen=True)
class AcceptanceReportFiled(Event):
    TOPIC: ClassVar[str] = "funding.acceptance-report-filed"
    NAME: ClassVar[str] = "上报验收报告"
    RULE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    report: DocumentId
    outside_window: bool
    filed_on: date


@dataclass(frozen=True)
class AcceptanceWithdrawn(Event):
    """The district takes its acceptance back before the rating; the report that it filed falls with it."""

    TOPIC: ClassVar[str] = "funding.acceptance-withdrawn"
    NAME: ClassVar[str] = "撤回区级验收"
    RULE = "R-LZ-26"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    reason: str
    withdrawn_on: date


@dataclass(frozen=True)
class CityOverallRatingGiven(Event):
    TOPIC: ClassVar[str] = "funding.project-rated"
    NAME: ClassVar[str] = "市级综合评价"
    RULE = "R-LZ-26"
    project_id: ProjectId
    rating: str


@dataclass(frozen=True)
class ExperiencePublicised(Event):
    TOPIC: ClassVar[str] = "funding.experience-publicised"
    NAME: ClassVar[str] = "总结推广经验"
    project_id: ProjectId
    title: str
    medium: str


@dataclass(frozen=True)
class ProjectClosed(Event):
    TOPIC: ClassVar[str] = "funding.project-closed"
    NAME: ClassVar[str] = "试点结项"
    project_id: ProjectId
    organisation_id: OrganisationId
    community: UnitCode


@dataclass(frozen=True)
class MilestonesPlanned(Event):
    TOPIC: ClassVar[str] = "funding.milestones-planned"
    NAME: ClassVar[str] = "制定倒推工期"
    RULE = "R-LZ-29"
    project_id: ProjectId
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True)
class MilestoneOverdue(Event):
    TOPIC: ClassVar[str] = "funding.milestone-overdue"
    NAME: ClassVar[str] = "节点逾期"
    RULE = "R-LZ-29"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    milestone: Stage
    due: date
    days_late: int


@dataclass(frozen=True)
class NodeNoticeIssued(Event):
    TOPIC: ClassVar[str] = "funding.node-notice-issued"
    NAME: ClassVar[str] = "通报节点完成情况"
    RULE = "R-LZ-29"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    milestone: Stage
    status: NodeStatus


AcceptanceEvent: TypeAlias = (
    SelfAssessmentFiled
    | SelfAssessmentsCompleted
    | DistrictAcceptanceCompleted
    | DistrictAcceptanceFailed
    | RectificationReported
    | AcceptanceReportFiled
    | AcceptanceWithdrawn
    | CityOverallRatingGiven
    | ExperiencePublicised
    | ProjectClosed
)

MilestoneEvent: TypeAlias = MilestonesPlanned | MilestoneOverdue | NodeNoticeIssued
