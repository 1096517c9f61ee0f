"""Step 9 and everything else that moves a pilot's money."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.fields import Amount, Code, PostGrade, ThirdParty
from contracts.values import DocumentId, PilotId, WorkerId
from funding.commands.applications import Dated
from funding.commands.streams import matter, payer
from funding.domain.budget import LineAmount, ReversalReason, allotment, expenses
from funding.domain.budget.expenses import Bill
from kit.auth import Caller
from kit.service import Command, Part
from kit.store import Answer, Store


class LinePart(Part):
    line: Code
    amount_fen: Amount


class MoveFunds(Command):
    """An instalment, or money that comes back, line by line."""

    amounts: Annotated[tuple[LinePart, ...], Field(min_length=1, max_length=50)]


class AdjustBudget(Command):
    from_line: Code
    to_line: Code
    amount_fen: Amount
    reference: DocumentId


class RecordExpense(Command):
    """`worker_id` and `wage_grade` for wages, `phase` and `third_party` for evaluation and audit.

    `late_booking`: the payer books a bill of a pilot that is closed (补记); nobody else may.
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


class ReverseExpense(Command):
    amount_fen: Amount
    reason: ReversalReason


async def allot(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "allot-budget", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda budget, pilot, scheme: allotment.allot(
            budget, pilot, scheme, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        about.budget,
        about.pilot,
        about.scheme,
    )


async def appropriate(store: Store, caller: Caller, pilot_id: PilotId, cmd: MoveFunds) -> Answer:
    about = await matter(store, caller, "appropriate-funds", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda budget, pilot, scheme: allotment.appropriate(
            budget, pilot, scheme, amounts=_parts(cmd), by=payer(caller), occurred_on=cmd.occurred_on
        ),
        about.budget,
        about.pilot,
        about.scheme,
    )


async def take_back(store: Store, caller: Caller, pilot_id: PilotId, cmd: MoveFunds) -> Answer:
    about = await matter(store, caller, "return-funds", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda budget, scheme: allotment.take_back(
            budget, scheme, amounts=_parts(cmd), by=payer(caller), occurred_on=cmd.occurred_on
        ),
        about.budget,
        about.scheme,
    )


async def adjust(store: Store, caller: Caller, pilot_id: PilotId, cmd: AdjustBudget) -> Answer:
    about = await matter(store, caller, "adjust-budget", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda budget, scheme: allotment.adjust(
            budget,
            scheme,
            from_line=cmd.from_line,
            to_line=cmd.to_line,
            amount_fen=cmd.amount_fen,
            reference=cmd.reference,
            by=payer(caller),
            occurred_on=cmd.occurred_on,
        ),
        about.budget,
        about.scheme,
    )


async def release(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "release-funds", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda budget, pilot, scheme: allotment.release(
            budget, pilot, scheme, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        about.budget,
        about.pilot,
        about.scheme,
    )


async def record_expense(store: Store, caller: Caller, pilot_id: PilotId, cmd: RecordExpense) -> Answer:
    """The expense's id is uuid5(command id, "expense")."""
    about = await matter(store, caller, "record-expense", pilot_id, cmd.occurred_on)
    facts = cmd.model_dump(exclude={"occurred_on"})
    bill = Bill(expense_id=caller.new_id("expense"), **facts)
    return await about.change(
        store,
        lambda budget, pilot, scheme: expenses.record_expense(
            budget, pilot, scheme, bill=bill, by=payer(caller), acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        about.budget,
        about.pilot,
        about.scheme,
    )


async def reverse_expense(
    store: Store, caller: Caller, pilot_id: PilotId, expense_id: UUID, cmd: ReverseExpense
) -> Answer:
    about = await matter(store, caller, "reverse-expense", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda budget, pilot, scheme: expenses.reverse_expense(
            budget,
            pilot,
            scheme,
            reversal_id=caller.new_id("reversal"),
            expense_id=expense_id,
            amount_fen=cmd.amount_fen,
            reason=cmd.reason,
            by=payer(caller),
            acts_for=caller.acts_for,
            occurred_on=cmd.occurred_on,
        ),
        about.budget,
        about.pilot,
        about.scheme,
    )


def _parts(cmd: MoveFunds) -> tuple[LineAmount, ...]:
    return tuple(LineAmount(part.line, part.amount_fen) for part in cmd.amounts)
