"""Budgets by line, and every expense (FUN-R3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, assert_never
from uuid import UUID

from contracts.values import DocumentId, Fen, ProjectId, SchemeId, WorkerId
from funding.domain import budget as b
from funding.domain.budget import BudgetEvent, ReversalReason
from funding.domain.growing import Growing
from funding.domain.terms import Payer
from funding.domain.window import DaysOff
from kit.store import Meta, Row, Tx, View, titled


class ExpenseKind(StrEnum):
    EXPENSE = "expense"
    TRAINING = "training"


@dataclass(frozen=True)
class AccountRow(
    Row, table="budget_account", key=("project_id",), indexes=(("tenant_id", "allotted_on", "project_id"),)
):
    project_id: Annotated[ProjectId, titled("试点编号")]
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    scheme_version: Annotated[int, titled("方案版次")]
    allotted_on: Annotated[date, titled("预算下达日期")]
    instalments: Annotated[int, titled("拨款次数")] = 0
    frozen: Annotated[bool, titled("是否冻结", "冻结的承接任期尚有余额")] = False


@dataclass(frozen=True)
class LineRow(Row, table="budget_line", key=("project_id", "line"), indexes=(("tenant_id", "scheme_id"),)):
    project_id: Annotated[ProjectId, titled("试点编号")]
    line: Annotated[str, titled("经费项")]
    position: Annotated[int, titled("序号")]
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    booked_by: Annotated[Payer, titled("列支单位")]
    allotted_fen: Annotated[int, titled("下达预算（分）")]
    appropriated_fen: Annotated[int, titled("已拨付（分）")] = 0
    spent_fen: Annotated[int, titled("已支出（分）")] = 0
    written_off_fen: Annotated[int, titled("已核销（分）")] = 0
    balances: Annotated[Mapping[str, int], titled("各承接任期余额（分）", "按任期序号；0 为统一列支")] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class ExpenseRow(
    Row,
    table="budget_expense",
    key=("project_id", "expense_id"),
    indexes=(("tenant_id", "booked_on", "expense_id"), ("tenant_id", "expense_id"), ("tenant_id", "worker_id")),
):
    """As it was booked; what was reversed of it stands in rows of its own."""

    project_id: Annotated[ProjectId, titled("试点编号")]
    expense_id: Annotated[UUID, titled("支出编号")]
    line: Annotated[str, titled("经费项")]
    purpose: Annotated[str, titled("用途")]
    kind: Annotated[ExpenseKind, titled("支出类别")]
    amount_fen: Annotated[Fen, titled("金额（分）")]
    booked_by: Annotated[Payer, titled("列支单位")]
    booked_on: Annotated[date, titled("支出日期")]
    worker_id: Annotated[WorkerId | None, titled("社工编号")]
    wage_grade: Annotated[int | None, titled("薪资对应岗位等级")]
    phase: Annotated[str | None, titled("评估阶段")]
    third_party: Annotated[str | None, titled("第三方机构编号")]
    days_off: Annotated[DaysOff, titled("偏离天数", "发生日期在实施期之前为负，之后为正，在实施期内为零")]
    voucher: Annotated[DocumentId | None, titled("凭证编号")]
    late_booking: Annotated[bool, titled("是否补记", "是否在试点终结或承接任期结束后补记")]
    assignment: Annotated[int | None, titled("承接任期序号")]


@dataclass(frozen=True)
class ReversalRow(
    Row,
    table="budget_reversal",
    key=("project_id", "reversal_id"),
    indexes=(("tenant_id", "project_id", "expense_id"), ("tenant_id", "reversed_on", "reversal_id")),
):
    project_id: Annotated[ProjectId, titled("试点编号")]
    reversal_id: Annotated[UUID, titled("冲销编号")]
    expense_id: Annotated[UUID, titled("支出编号")]
    amount_fen: Annotated[Fen, titled("金额（分）", "冲销的金额")]
    reason: Annotated[ReversalReason, titled("原因")]
    reversed_on: Annotated[date, titled("冲销日期")]


@dataclass(frozen=True)
class Budget:
    """One project's account and its lines."""

    account: AccountRow
    lines: Mapping[str, LineRow]
    frozen: frozenset[int] = frozenset()
    """The assignments whose money stands still."""
    whose: Growing[UUID, int | None] = field(default_factory=Growing)
    """The assignment of each expense."""

    def rows(self) -> Iterable[AccountRow | LineRow]:
        return (self.account, *self.lines.values())

    def capped(self, line: str, fen: int) -> Budget:
        """With so much more allotted to a line."""
        row = self.lines[line]
        return replace(self, lines={**self.lines, line: replace(row, allotted_fen=row.allotted_fen + fen)})

    def moved(
        self, line: str, assignment: int | None, *, appropriated: int = 0, spent: int = 0, written_off: int = 0
    ) -> Budget:
        """With so much more of an assignment on a line, in fen."""
        row = self.lines[line]
        pocket = str(b.pocket_of(row.booked_by, assignment))
        balance = row.balances.get(pocket, 0) + appropriated - spent - written_off
        now = replace(
            row,
            appropriated_fen=row.appropriated_fen + appropriated,
            spent_fen=row.spent_fen + spent,
            written_off_fen=row.written_off_fen + written_off,
            balances={**row.balances, pocket: balance},
        )
        return replace(self, lines={**self.lines, line: now}).standing()

    def standing(self) -> Budget:
        """Frozen is an account as long as an assignment whose money stands still has any."""
        held = any(row.balances.get(str(one)) for row in self.lines.values() for one in self.frozen)
        return replace(self, account=replace(self.account, frozen=held))


def evolve(budget: Budget | None, event: BudgetEvent, meta: Meta) -> Budget | None:
    if isinstance(event, b.BudgetAllotted):
        return _allotted(event, meta.occurred_on)
    if budget is None:
        return None
    account = budget.account
    match event:
        case b.BudgetReallotted():
            return _reallotted(budget, event)
        case b.BudgetAdjusted():
            return budget.capped(event.from_line, -event.amount_fen).capped(event.to_line, event.amount_fen)
        case b.FundsAppropriated():
            budget = replace(budget, account=replace(account, instalments=account.instalments + 1))
            for part in event.amounts:
                budget = budget.moved(part.line, event.assignment, appropriated=part.amount_fen)
            return budget
        case b.FundsReturned():
            for part in event.amounts:
                budget = budget.moved(part.line, event.assignment, appropriated=-part.amount_fen)
            return budget
        case b.FundsWrittenOff():
            for part in event.amounts:
                budget = budget.moved(part.line, event.assignment, written_off=part.amount_fen)
            return budget
        case b.ExpenseRecorded():
            budget = replace(budget, whose=budget.whose | {event.expense_id: event.assignment})
            return budget.moved(event.line, event.assignment, spent=event.amount_fen)
        case b.TrainingCharged():
            return budget.moved(event.line, None, spent=event.amount_fen)
        case b.ExpenseReversed():
            return budget.moved(event.line, budget.whose.get(event.expense_id), spent=-event.amount_fen)
        case b.AppropriationFrozen():
            return replace(budget, frozen=budget.frozen | {event.assignment}).standing()
        case _:
            assert_never(event)


def _allotted(event: b.BudgetAllotted, day: date) -> Budget:
    lines = {
        part.line: LineRow(event.project_id, part.line, position, event.scheme_id, part.held_by, part.cap_fen)
        for position, part in enumerate(event.lines, start=1)
    }
    return Budget(AccountRow(event.project_id, event.scheme_id, event.scheme_version, day), lines)


def _reallotted(budget: Budget, event: b.BudgetReallotted) -> Budget:
    """A line that was not there before is as a new one."""
    of = budget.account
    new = LineRow(of.project_id, "", 0, of.scheme_id, Payer.CITY, 0)
    lines = {
        part.line: replace(
            budget.lines.get(part.line, new),
            line=part.line,
            position=position,
            booked_by=part.held_by,
            allotted_fen=part.cap_fen,
        )
        for position, part in enumerate(event.lines, start=1)
    }
    return replace(budget, account=replace(of, scheme_version=event.scheme_version), lines=lines)


def booked(event: BudgetEvent, meta: Meta) -> Iterable[ExpenseRow | ReversalRow]:
    """Each expense and each reversal, for good."""
    match event:
        case b.ExpenseRecorded():
            yield ExpenseRow(
                project_id=event.project_id,
                expense_id=event.expense_id,
                line=event.line,
                purpose=event.purpose,
                kind=ExpenseKind.EXPENSE,
                amount_fen=event.amount_fen,
                booked_by=event.booked_by,
                booked_on=meta.occurred_on,
                worker_id=event.worker_id,
                wage_grade=event.wage_grade,
                phase=event.phase,
                third_party=event.third_party,
                days_off=event.days_off,
                voucher=event.voucher,
                late_booking=event.late_booking,
                assignment=event.assignment,
            )
        case b.TrainingCharged():
            yield ExpenseRow(
                project_id=event.project_id,
                expense_id=event.expense_id,
                line=event.line,
                purpose=event.purpose,
                kind=ExpenseKind.TRAINING,
                amount_fen=event.amount_fen,
                booked_by=event.booked_by,
                booked_on=meta.occurred_on,
                worker_id=None,
                wage_grade=None,
                phase=None,
                third_party=None,
                days_off=event.days_off,
                voucher=event.voucher,
                late_booking=event.late_booking,
                assignment=None,
            )
        case b.ExpenseReversed():
            yield ReversalRow(
                project_id=event.project_id,
                reversal_id=event.reversal_id,
                expense_id=event.expense_id,
                amount_fen=event.amount_fen,
                reason=event.reason,
                reversed_on=meta.occurred_on,
            )
        case (
            b.BudgetAllotted()
            | b.BudgetReallotted()
            | b.BudgetAdjusted()
            | b.FundsAppropriated()
            | b.FundsReturned()
            | b.FundsWrittenOff()
            | b.AppropriationFrozen()
        ):
            return
        case _:
            assert_never(event)


BUDGETS = View("budget", 4, "budget", (AccountRow, LineRow, ExpenseRow, ReversalRow), evolve, booked)


async def lines_of(tx: Tx, project_id: UUID) -> list[dict[str, Any]]:
    """The lines of a project's account, as the plan has them in order, each with the sums of I8."""
    rows = await tx.fetch(
        "select line, booked_by, allotted_fen, appropriated_fen, allotted_fen - appropriated_fen as open_fen,"
        " spent_fen, written_off_fen, appropriated_fen - spent_fen - written_off_fen as balance_fen, balances"
        " from budget_line where project_id = $1 order by position",
        project_id,
    )
    return [{**dict(row), "balances": json.loads(row["balances"])} for row in rows]


async def reversals_of(tx: Tx, expense_id: UUID) -> list[dict[str, Any]]:
    """What was reversed of an expense, first things first."""
    rows = await tx.fetch(
        "select reversal_id, amount_fen, reason, reversed_on from budget_reversal where expense_id = $1"
        " order by reversed_on, reversal_id",
        expense_id,
    )
    return [dict(row) for row in rows]
