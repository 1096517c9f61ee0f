"""Steps 11 to 13: supervision, reports and their chain, evaluation and audit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from contracts.values import DocumentId, Event, Fen, ProjectId


@dataclass(frozen=True)
class CriterionScore:
    """0 to 100 for one ability or linkage of the plan (R-LZ-36)."""

    criterion: str
    score: int


class Task(StrEnum):
    SUPERVISION = "supervision"
    EVALUATION = "evaluation"
    AUDIT = "audit"


class Opinion(StrEnum):
    CLEAN = "clean"
    QUALIFIED = "qualified"
    ADVERSE = "adverse"


@dataclass(frozen=True)
class ThirdPartyNamed(Event):
    TOPIC: ClassVar[str] = "funding.third-party-named"
    NAME: ClassVar[str] = "确定第三方机构"
    RULE = "R-LZ-16"
    project_id: ProjectId
    task: Task
    third_party: str


@dataclass(frozen=True)
class ThirdPartySupervisionReported(Event):
    TOPIC: ClassVar[str] = "funding.third-party-supervision-reported"
    NAME: ClassVar[str] = "第三方督导报告"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    third_party: str
    report: DocumentId
    satisfactory: bool


@dataclass(frozen=True)
class ReportSubmitted(Event):
    """A midterm or final report (the phases are the plan's), first or again after it was returned."""

    TOPIC: ClassVar[str] = "funding.report-submitted"
    NAME: ClassVar[str] = "提交报告"
    RULE = "R-LZ-25"
    project_id: ProjectId
    phase: str
    report: DocumentId
    revision: int


@dataclass(frozen=True)
class ReportConfirmedByCommunity(Event):
    TOPIC: ClassVar[str] = "funding.report-confirmed-by-community"
    NAME: ClassVar[str] = "社区确认报告并加注意见"
    RULE = "R-LZ-25"
    project_id: ProjectId
    phase: str
    remark: str


@dataclass(frozen=True)
class ReportReviewedByDistrict(Event):
    """Passed, or returned to the organisation for another revision."""

    TOPIC: ClassVar[str] = "funding.report-reviewed-by-district"
    NAME: ClassVar[str] = "区民政局审核报告"
    RULE = "R-LZ-25"
    project_id: ProjectId
    phase: str
    passed: bool
    remark: str


@dataclass(frozen=True)
class EvaluationCompleted(Event):
    """`breaches` is how many staffing breaches the evaluator had before it (SG-4)."""

    TOPIC: ClassVar[str] = "funding.evaluation-completed"
    NAME: ClassVar[str] = "第三方评估完成"
    RULE = "R-LZ-25"
    project_id: ProjectId
    phase: str
    third_party: str
    scores: tuple[CriterionScore, ...]
    breaches: int


@dataclass(frozen=True)
class AuditCompleted(Event):
    TOPIC: ClassVar[str] = "funding.audit-completed"
    NAME: ClassVar[str] = "第三方审计完成"
    RULE = "R-LZ-16"
    project_id: ProjectId
    phase: str
    third_party: str
    opinion: Opinion
    questioned_fen: Fen


@dataclass(frozen=True)
class PhaseEvaluated(Event):
    """Both the evaluation and the audit of a phase are in."""

    TOPIC: ClassVar[str] = "funding.phase-evaluated"
    NAME: ClassVar[str] = "阶段评估审计完成"
    project_id: ProjectId
    phase: str
    last: bool


ReviewEvent: TypeAlias = (
    ThirdPartyNamed
    | ThirdPartySupervisionReported
    | ReportSubmitted
    | ReportConfirmedByCommunity
    | ReportReviewedByDistrict
    | EvaluationCompleted
    | AuditCompleted
    | PhaseEvaluated
)
