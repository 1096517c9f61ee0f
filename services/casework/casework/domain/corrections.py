"""What is put right, or taken away, of the ledger and of cases.  What was said before stays in history.

`reason` says why; `worker_id` is whose record it is, and `recorder` who put it right where that was somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.values import (
    CaseId,
    CaseStanding,
    CorrectionReason,
    EntryId,
    Event,
    ProjectId,
    Sealed,
    UnitCode,
    WorkerId,
)


@dataclass(frozen=True)
class EntryCorrected(Event):
    """Under other categories, or another name, number or address, each where it was wrong."""

    TOPIC: ClassVar[str] = "casework.entry-corrected"
    NAME: ClassVar[str] = "更正服务台账"
    RULE: ClassVar[str | None] = "R-KL-05"
    LATE: ClassVar[bool] = True

    entry_id: EntryId
    was: tuple[str, ...]
    now: tuple[str, ...]
    name: Sealed[str] | None
    id_number: Sealed[str] | None
    address: Sealed[str] | None
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None


@dataclass(frozen=True)
class HomeVisitCorrected(Event):
    """Paid by another worker, or found otherwise."""

    TOPIC: ClassVar[str] = "casework.home-visit-corrected"
    NAME: ClassVar[str] = "更正入户走访"
    RULE: ClassVar[str | None] = "R-KL-07"
    LATE: ClassVar[bool] = True

    visit_id: UUID
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    was: WorkerId
    now: WorkerId
    findings: Sealed[str] | None
    reason: CorrectionReason
    recorder: str | None


@dataclass(frozen=True)
class HomeVisitAnnulled(Event):
    """The visit was not paid, or not then.

    `before` is the day of the last other visit up to that day, `after` that of the first one after it; `elsewhere`
    says that nothing else of the person was recorded at that place.
    """

    TOPIC: ClassVar[str] = "casework.home-visit-annulled"
    NAME: ClassVar[str] = "作废入户走访"
    RULE: ClassVar[str | None] = "R-KL-07"
    LATE: ClassVar[bool] = True

    visit_id: UUID
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    worker_id: WorkerId
    before: date | None
    after: date | None
    elsewhere: bool
    reason: CorrectionReason
    recorder: str | None


@dataclass(frozen=True)
class CaseCorrected(Event):
    """The case was taken on in another service domain.  `standing` is how it stands now, for who was told of it."""

    TOPIC: ClassVar[str] = "casework.case-corrected"
    NAME: ClassVar[str] = "更正个案服务领域"
    RULE: ClassVar[str | None] = "R-LZ-19"
    LATE: ClassVar[bool] = True

    case_id: CaseId
    project_id: ProjectId | None
    community: UnitCode
    was: str
    now: str
    standing: CaseStanding
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None


@dataclass(frozen=True)
class CaseNoteCorrected(Event):
    """What was written at a stage, or at an early end, was otherwise.  `note` is the event that it was written in."""

    TOPIC: ClassVar[str] = "casework.case-note-corrected"
    NAME: ClassVar[str] = "更正个案记录"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    note: UUID
    text: Sealed[str]
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None


@dataclass(frozen=True)
class CaseNoteAnnulled(Event):
    """The stage that was recorded last, or the early end, is not so: the case is where it was before it.

    Of a case that only was taken on nothing is left.
    """

    TOPIC: ClassVar[str] = "casework.case-note-annulled"
    NAME: ClassVar[str] = "作废个案环节"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    note: UUID
    case_id: CaseId
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    standing: CaseStanding
    reason: CorrectionReason
    worker_id: WorkerId
    recorder: str | None
