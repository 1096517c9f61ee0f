"""What can happen to a project's money.  Every amount is positive fen; a correction is an event of its own (I8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias
from uuid import UUID

from contracts.values import DocumentId, Event, Fen, OrganisationId, ProjectId, SchemeId, TenantId, WorkerId
from funding.domain.terms import Payer
from funding.domain.window import DaysOff


class ReversalReason(StrEnum):
    CORRECTION = "correction"  # the booking was wrong
    REFUND = "refund"  # the money was paid and came back


@dataclass(frozen=True)
class LineAllotment:
    line: str
    held_by: Payer
    cap_fen: Fen


@dataclass(frozen=True)
class LineAmount:
    line: str
    amount_fen: Fen


@dataclass(frozen=True)
class BudgetAllotted(Event):
    """The unit budget of the scheme's version in force, line by line."""

    TOPIC: ClassVar[str] = "funding.budget-allotted"
    NAME: ClassVar[str] = "下达预算"
    RULE = "R-LZ-13"
    project_id: ProjectId
    scheme_id: SchemeId
    scheme_version: int
    district: TenantId
    lines: tuple[LineAllotment, ...]
    total_fen: Fen


@dataclass(frozen=True)
class BudgetReallotted(Event):
    """The unit budget of the version that the project was moved to, in place of what it was allotted before.

    No line gets less than it was paid, and one that the version does not have keeps what it was paid.
    """

    TOPIC: ClassVar[str] = "funding.budget-reallotted"
    NAME: ClassVar[str] = "按新版本下达预算"
    RULE = "R-LZ-13"
    project_id: ProjectId
    scheme_version: int
    lines: tuple[LineAllotment, ...]
    total_fen: Fen


@dataclass(frozen=True)
class BudgetAdjusted(Event):
    """The payer moved part of a line's cap to another line (C-17)."""

    TOPIC: ClassVar[str] = "funding.budget-adjusted"
    NAME: ClassVar[str] = "调整预算"
    RULE = "R-LZ-14"
    project_id: ProjectId
    from_line: str
    to_line: str
    amount_fen: Fen
    reference: DocumentId


@dataclass(frozen=True)
class FundsAppropriated(Event):
    """One instalment.  What goes to a central line stays with the payer (C-49)."""

    TOPIC: ClassVar[str] = "funding.funds-appropriated"
    NAME: ClassVar[str] = "拨付经费"
    RULE = "R-LZ-13"
    project_id: ProjectId
    instalment: int
    assignment: int
    """Whose time it is paid in; what goes to lines that the payer books is nobody's."""
    amounts: tuple[LineAmount, ...]
    total_fen: Fen
    paid_on: date


@dataclass(frozen=True)
class ExpenseRecorded(Event):
    """`wage_grade` is the professional post grade paid (R-LZ-17); `days_off` counts from the term of the project.

    `late_booking` says that the payer booked it after the project was over, or into the lines of an ended assignment.
    """

    TOPIC: ClassVar[str] = "funding.expense-recorded"
    NAME: ClassVar[str] = "登记支出"
    RULE = "R-LZ-14"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    expense_id: UUID
    line: str
    purpose: str
    amount_fen: Fen
    booked_by: Payer
    voucher: DocumentId | None
    worker_id: WorkerId | None
    wage_grade: int | None
    phase: str | None
    third_party: str | None
    days_off: DaysOff
    booked_on: date
    late_booking: bool
    assignment: int | None = 1
    """The number of the assignment whose expense it is; None where nobody was ever assigned."""


@dataclass(frozen=True)
class TrainingCharged(Event):
    """`time` counts the standing charges of this purpose."""

    TOPIC: ClassVar[str] = "funding.training-charged"
    NAME: ClassVar[str] = "列支培训经费"
    RULE = "R-LZ-15"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    expense_id: UUID
    line: str
    purpose: str
    amount_fen: Fen
    booked_by: Payer
    voucher: DocumentId | None
    time: int
    days_off: DaysOff
    booked_on: date
    late_booking: bool


@dataclass(frozen=True)
class ExpenseReversed(Event):
    TOPIC: ClassVar[str] = "funding.expense-reversed"
    NAME: ClassVar[str] = "冲销支出"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    reversal_id: UUID
    expense_id: UUID
    line: str
    purpose: str
    amount_fen: Fen
    reason: ReversalReason
    reversed_on: date


@dataclass(frozen=True)
class FundsReturned(Event):
    """Unspent money that went back to the payer and may be appropriated again."""

    TOPIC: ClassVar[str] = "funding.funds-returned"
    NAME: ClassVar[str] = "收回经费"
    project_id: ProjectId
    assignment: int | None
    """Whose it was; of lines that the payer books, nobody's."""
    amounts: tuple[LineAmount, ...]
    total_fen: Fen
    returned_on: date


@dataclass(frozen=True)
class FundsWrittenOff(Event):
    """What an ended assignment or project owes and cannot be had back: given up by the payer, with a document.

    It stays appropriated: no part of it is paid out again.
    """

    TOPIC: ClassVar[str] = "funding.funds-written-off"
    NAME: ClassVar[str] = "核销经费"
    project_id: ProjectId
    assignment: int | None
    amounts: tuple[LineAmount, ...]
    total_fen: Fen
    reason: str
    document: DocumentId
    written_off_on: date


@dataclass(frozen=True)
class AppropriationFrozen(Event):
    """What one assignment holds stands still: neither its organisation nor a successor moves it any more."""

    TOPIC: ClassVar[str] = "funding.appropriation-frozen"
    NAME: ClassVar[str] = "冻结经费"
    RULE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    organisation_id: OrganisationId
    assignment: int
    balance_fen: Fen
    frozen_on: date


BudgetEvent: TypeAlias = (
    BudgetAllotted
    | BudgetReallotted
    | BudgetAdjusted
    | FundsAppropriated
    | ExpenseRecorded
    | TrainingCharged
    | ExpenseReversed
    | FundsReturned
    | FundsWrittenOff
    | AppropriationFrozen
)
