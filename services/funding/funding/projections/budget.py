"""Budgets by line, and every expense (FUN-R3)."""

from __future__ import annotations

from typing import Any, assert_never
from uuid import UUID

from funding.domain import budget as b
from funding.domain.budget import BudgetEvent
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: BudgetEvent, meta: Meta) -> None:
    key = (meta.tenant, event.pilot_id)
    match event:
        case b.BudgetAllotted():
            await _allotted(tx, event, meta)
        case b.BudgetAdjusted():
            await _add(tx, key, "cap_fen", event.from_line, -event.amount_fen)
            await _add(tx, key, "cap_fen", event.to_line, event.amount_fen)
        case b.FundsAppropriated():
            for part in event.amounts:
                await _add(tx, key, "appropriated_fen", part.line, part.amount_fen)
            await _account(tx, key, "instalments = instalments + 1")
        case b.FundsReturned():
            for part in event.amounts:
                await _add(tx, key, "appropriated_fen", part.line, -part.amount_fen)
        case b.ExpenseRecorded() | b.TrainingCharged():
            await _add(tx, key, "spent_fen", event.line, event.amount_fen)
            await _expense(tx, event, meta)
        case b.ExpenseReversed():
            await _add(tx, key, "spent_fen", event.line, -event.amount_fen)
            await tx.execute(
                "update budget_expense set reversed_fen = reversed_fen + $4"
                " where tenant_id = $1 and pilot_id = $2 and expense_id = $3",
                *key,
                event.expense_id,
                event.amount_fen,
            )
        case b.AppropriationFrozen():
            await _account(tx, key, "frozen = true")
        case b.AppropriationReleased():
            await _account(tx, key, "frozen = false")
        case _:
            assert_never(event)


async def _allotted(tx: Tx, event: b.BudgetAllotted, meta: Meta) -> None:
    await tx.execute(
        "insert into budget_account (tenant_id, pilot_id, scheme_id, scheme_version, allotted_fen)"
        " values ($1, $2, $3, $4, $5)",
        meta.tenant,
        event.pilot_id,
        event.scheme_id,
        event.scheme_version,
        event.total_fen,
    )
    await tx.executemany(
        "insert into budget_line (tenant_id, pilot_id, line, position, scheme_id, held_by, cap_fen)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        [
            (meta.tenant, event.pilot_id, part.line, n, event.scheme_id, part.held_by.value, part.cap_fen)
            for n, part in enumerate(event.lines, start=1)
        ],
    )


async def _add(tx: Tx, key: tuple[Any, ...], column: str, line: str, fen: int) -> None:
    await tx.execute(
        f"update budget_line set {column} = {column} + $4 where tenant_id = $1 and pilot_id = $2 and line = $3",
        *key,
        line,
        fen,
    )


async def _account(tx: Tx, key: tuple[Any, ...], change: str) -> None:
    await tx.execute(f"update budget_account set {change} where tenant_id = $1 and pilot_id = $2", *key)


async def _expense(tx: Tx, event: b.ExpenseRecorded | b.TrainingCharged, meta: Meta) -> None:
    recorded = event if isinstance(event, b.ExpenseRecorded) else None
    await tx.execute(
        "insert into budget_expense (tenant_id, pilot_id, expense_id, scheme_id, line, purpose, kind, amount_fen,"
        " booked_by, booked_on, worker_id, wage_grade, phase, third_party, outside_term, voucher,"
        " late_booking)"
        " select $1, $2, $3, scheme_id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16"
        " from budget_account where tenant_id = $1 and pilot_id = $2",
        meta.tenant,
        event.pilot_id,
        event.expense_id,
        event.line,
        event.purpose,
        "expense" if recorded else "training",
        event.amount_fen,
        event.booked_by.value,
        meta.occurred_on,
        recorded.worker_id if recorded else None,
        recorded.wage_grade if recorded else None,
        recorded.phase if recorded else None,
        recorded.third_party if recorded else None,
        event.outside_term,
        event.voucher,
        event.late_booking,
    )


BUDGETS = Projection("budget", 1, ("budget_account", "budget_line", "budget_expense"), ("budget",), apply)


async def of_pilot(tx: Tx, pilot_id: UUID) -> dict[str, Any] | None:
    """The account with its lines; the four sums of I8 per line and in all."""
    account = await tx.fetchrow("select * from budget_account where pilot_id = $1", pilot_id)
    if account is None:
        return None
    rows = await tx.fetch(
        "select line, held_by, cap_fen as allotted_fen, appropriated_fen, cap_fen - appropriated_fen as open_fen,"
        " spent_fen, appropriated_fen - spent_fen as balance_fen from budget_line where pilot_id = $1"
        " order by position",
        pilot_id,
    )
    lines = [dict(row) for row in rows]
    sums = {
        name: sum(line[name] for line in lines)
        for name in ("allotted_fen", "appropriated_fen", "open_fen", "spent_fen", "balance_fen")
    }
    return {**dict(account), **sums, "lines": lines}


async def expenses(tx: Tx, pilot_id: UUID, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    rows = await tx.fetch(
        "select * from budget_expense where pilot_id = $1 and ($2::uuid is null or expense_id > $2)"
        " order by expense_id limit $3",
        pilot_id,
        after,
        limit,
    )
    return [dict(row) for row in rows]
