"""Step 9 and everything else that moves a project's money."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.fields import Amount, Code, Positive, PostGrade, ThirdParty
from contracts.values import DocumentId, ProjectId, WorkerId
from funding.commands.application import Dated
from funding.commands.streams import PROJECTS, actor_of, budget_of, scheme_of
from funding.domain.budget import LineAmount, ReversalReason, allotment, expenses, settlement
from funding.domain.budget.expenses import Bill
from kit.auth import Caller
from kit.service import Command, Part
from kit.store import Answer, Store


class LinePart(Part):
    line: Code
    amount_fen: Amount


class MoveFunds(Command):
    """An instalment, line by line."""

    amounts: Annotated[tuple[LinePart, ...], Field(min_length=1, max_length=50)]


class SettleFunds(MoveFunds):
    """Money that comes back.  `assignment`: whose, if not that of the present organisation, or the last."""

    assignment: Positive | None = None


class WriteOffFunds(SettleFunds):
    """What cannot be had back."""

    reason: Code
    document: DocumentId


class AdjustBudget(Command):
    from_line: Code
    to_line: Code
    amount_fen: Amount
    reference: DocumentId


class RecordExpense(Command):
    """`worker_id` and `wage_grade` for wages, `phase` and `third_party` for evaluation and audit.

    `late_booking`: the payer books a bill of a project that is over, or of an assignment that ended (补记), which
    `assignment` names; nobody else may.
    """

    line: Code
    purpose: Code
    amount_fen: Amount
    voucher: DocumentId | None = None
    worker_id: WorkerId | None = None
    wage_grade: PostGrade | None = None
    phase: Code | None = None
    third_party: ThirdParty | None = None
    late_booking: bool = False
    assignment: Positive | None = None


class ReverseExpense(Command):
    amount_fen: Amount
    reason: ReversalReason


async def allot(store: Store, caller: Caller, project_id: ProjectId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("allot-budget", cmd.occurred_on),
        lambda budget, project, scheme: allotment.allot(
            budget, project, scheme, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        budget_of(project_id),
        reads=PROJECTS.stream(project_id).then(scheme_of),
    )


async def appropriate(store: Store, caller: Caller, project_id: ProjectId, cmd: MoveFunds) -> Answer:
    return await store.change(
        caller.may("appropriate-funds", cmd.occurred_on),
        lambda budget, project, scheme: allotment.appropriate(
            budget, project, scheme, amounts=_parts(cmd), actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        budget_of(project_id),
        PROJECTS.stream(project_id),
        reads=lambda _, project: scheme_of(project),
    )


async def take_back(store: Store, caller: Caller, project_id: ProjectId, cmd: SettleFunds) -> Answer:
    return await store.change(
        caller.may("return-funds", cmd.occurred_on),
        lambda budget, project, scheme: settlement.take_back(
            budget,
            project,
            scheme,
            amounts=_parts(cmd),
            assignment=cmd.assignment,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        budget_of(project_id),
        reads=PROJECTS.stream(project_id).then(scheme_of),
    )


async def adjust(store: Store, caller: Caller, project_id: ProjectId, cmd: AdjustBudget) -> Answer:
    return await store.change(
        caller.may("adjust-budget", cmd.occurred_on),
        lambda budget, project, scheme: allotment.adjust(
            budget,
            project,
            scheme,
            from_line=cmd.from_line,
            to_line=cmd.to_line,
            amount_fen=cmd.amount_fen,
            reference=cmd.reference,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        budget_of(project_id),
        reads=PROJECTS.stream(project_id).then(scheme_of),
    )


async def write_off(store: Store, caller: Caller, project_id: ProjectId, cmd: WriteOffFunds) -> Answer:
    return await store.change(
        caller.may("write-off-funds", cmd.occurred_on),
        lambda budget, project, scheme: settlement.write_off(
            budget,
            project,
            scheme,
            amounts=_parts(cmd),
            reason=cmd.reason,
            document=cmd.document,
            assignment=cmd.assignment,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        budget_of(project_id),
        reads=PROJECTS.stream(project_id).then(scheme_of),
    )


async def record_expense(store: Store, caller: Caller, project_id: ProjectId, cmd: RecordExpense) -> Answer:
    """The expense's id is uuid5(command id, "expense")."""
    bill = Bill(
        expense_id=caller.new_id("expense"),
        line=cmd.line,
        purpose=cmd.purpose,
        amount_fen=cmd.amount_fen,
        voucher=cmd.voucher,
        worker_id=cmd.worker_id,
        wage_grade=cmd.wage_grade,
        phase=cmd.phase,
        third_party=cmd.third_party,
        late_booking=cmd.late_booking,
        assignment=cmd.assignment,
    )
    return await store.change(
        caller.may("record-expense", cmd.occurred_on),
        lambda budget, project, scheme: expenses.record_expense(
            budget, project, scheme, bill=bill, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        budget_of(project_id),
        reads=PROJECTS.stream(project_id).then(scheme_of),
    )


async def reverse_expense(
    store: Store, caller: Caller, project_id: ProjectId, expense_id: UUID, cmd: ReverseExpense
) -> Answer:
    return await store.change(
        caller.may("reverse-expense", cmd.occurred_on),
        lambda budget, project, scheme: expenses.reverse_expense(
            budget,
            project,
            scheme,
            reversal_id=caller.new_id("reversal"),
            expense_id=expense_id,
            amount_fen=cmd.amount_fen,
            reason=cmd.reason,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        budget_of(project_id),
        reads=PROJECTS.stream(project_id).then(scheme_of),
    )


def _parts(cmd: MoveFunds) -> tuple[LineAmount, ...]:
    return tuple(LineAmount(part.line, part.amount_fen) for part in cmd.amounts)
