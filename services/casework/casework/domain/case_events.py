"""What happens in a case (个案).  What is written about the person is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias
from uuid import UUID

from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled, CaseNoteCorrected
from casework.domain.stage import CaseEndReason
from contracts.values import CaseId, EntryId, Event, ProjectId, Sealed, UnitCode, WorkerId


@dataclass(frozen=True)
class CaseOpened(Event):
    TOPIC: ClassVar[str] = "casework.case-opened"
    NAME: ClassVar[str] = "个案接案"
    RULE: ClassVar[str | None] = "R-JX-03"

    case_id: CaseId
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    worker_id: WorkerId
    recorder: str | None
    opened_on: date
    problem: Sealed[str]


@dataclass(frozen=True)
class CasePreAssessed(Event):
    TOPIC: ClassVar[str] = "casework.case-pre-assessed"
    NAME: ClassVar[str] = "个案预估"
    RULE: ClassVar[str | None] = "R-JX-03"

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    assessment: Sealed[str]


@dataclass(frozen=True)
class CasePlanMade(Event):
    TOPIC: ClassVar[str] = "casework.case-plan-made"
    NAME: ClassVar[str] = "个案制定计划"
    RULE: ClassVar[str | None] = "R-JX-03"

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    plan: Sealed[str]


@dataclass(frozen=True)
class InterventionRecorded(Event):
    TOPIC: ClassVar[str] = "casework.intervention-recorded"
    NAME: ClassVar[str] = "个案介入"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    record: Sealed[str]


@dataclass(frozen=True)
class CaseEvaluated(Event):
    TOPIC: ClassVar[str] = "casework.case-evaluated"
    NAME: ClassVar[str] = "个案评估"
    RULE: ClassVar[str | None] = "R-JX-03"

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    evaluation: Sealed[str]


@dataclass(frozen=True)
class CaseClosed(Event):
    """`community`, `project_id` and `domain` are repeated so that the fact can be told without the history."""

    TOPIC: ClassVar[str] = "casework.case-closed"
    NAME: ClassVar[str] = "个案结案"
    RULE: ClassVar[str | None] = "R-JX-03"

    case_id: CaseId
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    worker_id: WorkerId
    recorder: str | None
    done_on: date
    closing: Sealed[str]


@dataclass(frozen=True)
class CaseEndedEarly(Event):
    """The case ended without its closure, and claims no stage; `note` is what the worker wrote of it.

    The rest is repeated as in `CaseClosed`.
    """

    TOPIC: ClassVar[str] = "casework.case-ended-early"
    NAME: ClassVar[str] = "个案提前终止"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    case_id: CaseId
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    reason: CaseEndReason
    worker_id: WorkerId
    recorder: str | None
    ended_on: date
    note: Sealed[str]


CaseEvent: TypeAlias = (
    CaseOpened
    | CasePreAssessed
    | CasePlanMade
    | InterventionRecorded
    | CaseEvaluated
    | CaseClosed
    | CaseEndedEarly
    | CaseCorrected
    | CaseNoteCorrected
    | CaseNoteAnnulled
)
