"""What happens to a person in the ledger (台账), as it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias
from uuid import UUID

from casework.domain.corrections import EntryCorrected, HomeVisitAnnulled, HomeVisitCorrected
from contracts.values import CaseId, EntryId, Event, ProjectId, Sealed, UnitCode, WorkerId


class EntryEndReason(StrEnum):
    """Why a person belongs to the ledger no longer."""

    DIED = "died"
    MOVED_OUT = "moved_out"
    LEFT_GROUP = "left_group"
    MISTAKE = "mistake"


ENTRY_END_NAMES = dict(zip(EntryEndReason, ("去世", "迁出本区县", "不再属于服务对象类别", "误登"), strict=True))


@dataclass(frozen=True)
class BeneficiaryEnrolled(Event):
    """Registered in the ledger of one community.  Who it is, only sealed; every other figure is about the pseudonym.

    `recorder` is the subject of the token that sent it in, where that did not name the worker (so in every record).
    """

    TOPIC: ClassVar[str] = "casework.beneficiary-enrolled"
    NAME: ClassVar[str] = "建立服务台账"
    RULE: ClassVar[str | None] = "R-KL-05"

    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    catalogue_id: UUID
    categories: tuple[str, ...]
    worker_id: WorkerId
    recorder: str | None
    enrolled_on: date
    name: Sealed[str]
    id_number: Sealed[str] | None
    address: Sealed[str] | None


@dataclass(frozen=True)
class HomeVisitRecorded(Event):
    """One visit to one registered person: a person visited twice is two visits and one person (R-KL-07)."""

    TOPIC: ClassVar[str] = "casework.home-visit-recorded"
    NAME: ClassVar[str] = "登记入户走访"
    RULE: ClassVar[str | None] = "R-KL-07"
    LATE: ClassVar[bool] = True

    visit_id: UUID
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    worker_id: WorkerId
    recorder: str | None
    findings: Sealed[str]


@dataclass(frozen=True)
class EntryMoved(Event):
    """The person lives in another community of the district from that day on, and is served from that place."""

    TOPIC: ClassVar[str] = "casework.entry-moved"
    NAME: ClassVar[str] = "变更台账社区"
    RULE: ClassVar[str | None] = "R-KL-06"
    LATE: ClassVar[bool] = True

    entry_id: EntryId
    place_id: UUID
    community: UnitCode
    worker_id: WorkerId
    recorder: str | None
    moved_on: date


@dataclass(frozen=True)
class EntryEnded(Event):
    """The day on which the person left the ledger; what was given until then stays counted."""

    TOPIC: ClassVar[str] = "casework.entry-ended"
    NAME: ClassVar[str] = "终止服务台账"
    RULE: ClassVar[str | None] = "R-KL-06"
    LATE: ClassVar[bool] = True

    entry_id: EntryId
    reason: EntryEndReason
    worker_id: WorkerId
    recorder: str | None
    ended_on: date


@dataclass(frozen=True)
class EntryPassedOn(Event):
    """The community goes on in another from that day on, and with it who is in its ledger; nobody has moved."""

    TOPIC: ClassVar[str] = "casework.entry-passed-on"
    NAME: ClassVar[str] = "台账随行政区划调整"
    LATE: ClassVar[bool] = True

    entry_id: EntryId
    community: UnitCode
    passed_on: date


@dataclass(frozen=True)
class CaseTakenOn(Event):
    """A case of the person is open from then on, once more after its end was annulled.

    Written with what opens it: so nobody ends or moves the entry meanwhile who has not seen that case.
    """

    TOPIC: ClassVar[str] = "casework.case-taken-on"
    NAME: ClassVar[str] = "台账下新开个案"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    entry_id: EntryId
    case_id: CaseId


EntryEvent: TypeAlias = (
    BeneficiaryEnrolled
    | HomeVisitRecorded
    | EntryMoved
    | EntryEnded
    | EntryPassedOn
    | CaseTakenOn
    | EntryCorrected
    | HomeVisitCorrected
    | HomeVisitAnnulled
)
