"""The rows of a project's budget, as its events come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from tests.funding.domain import histories as h
from tests.told import meta, rows

from contracts.values import Event, Fen
from funding.domain import budget as b
from funding.domain.terms import Payer
from funding.domain.window import IN_TIME
from funding.projections.budget import BUDGETS, AccountRow, ExpenseKind, ExpenseRow, LineRow, ReversalRow, evolve
from kit.store import Row

T = TypeVar("T", bound=Row)
DAY = h.PAID_ON
BILL, BACK = UUID(int=900), UUID(int=901)
expense = b.ExpenseRecorded(
    project_id=h.PROJECT,
    expense_id=BILL,
    line="service",
    purpose="casework",
    amount_fen=Fen(1_000),
    booked_by=Payer.ORGANISATION,
    voucher=None,
    worker_id=None,
    wage_grade=None,
    phase=None,
    third_party=None,
    days_off=IN_TIME,
    booked_on=DAY,
    late_booking=False,
)
training = b.TrainingCharged(
    project_id=h.PROJECT,
    expense_id=UUID(int=902),
    line="training",
    purpose="local_training",
    amount_fen=Fen(400),
    booked_by=Payer.CITY,
    voucher=None,
    time=1,
    days_off=IN_TIME,
    booked_on=DAY,
    late_booking=False,
)
reversal = b.ExpenseReversed(
    project_id=h.PROJECT,
    reversal_id=BACK,
    expense_id=BILL,
    line="service",
    purpose="casework",
    amount_fen=Fen(300),
    reason=b.ReversalReason.REFUND,
    reversed_on=DAY,
)
returned = b.FundsReturned(
    project_id=h.PROJECT,
    assignment=1,
    amounts=(b.LineAmount("service", Fen(500)),),
    total_fen=Fen(500),
    returned_on=DAY,
)
adjusted = b.BudgetAdjusted(
    project_id=h.PROJECT, from_line="service", to_line="management", amount_fen=Fen(200), reference=h.PAPER
)
frozen = b.AppropriationFrozen(
    project_id=h.PROJECT, organisation_id=h.ORGANISATION, assignment=1, balance_fen=Fen(0), frozen_on=DAY
)
OWED = {line.code: line.cap_fen for line in h.TERMS.lines if line.booked_by is Payer.ORGANISATION}
written_off = b.FundsWrittenOff(
    project_id=h.PROJECT,
    assignment=1,
    amounts=tuple(b.LineAmount(code, Fen(fen)) for code, fen in OWED.items()),
    total_fen=Fen(sum(OWED.values())),
    reason="dissolved",
    document=h.PAPER,
    written_off_on=DAY,
)
CAPS = {line.code: line.cap_fen for line in h.TERMS.lines}


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def found(kind: type[T], history: Sequence[tuple[date, Event]], n: int) -> list[T]:
    return [row for row in rows(BUDGETS, history, day(n)) if isinstance(row, kind)]


def line(history: Sequence[tuple[date, Event]], n: int, code: str = "service") -> tuple[int, int, int]:
    (row,) = [row for row in found(LineRow, history, n) if row.line == code]
    return row.allotted_fen, row.appropriated_fen, row.spent_fen


def test_an_allotment_makes_the_account_and_its_lines_in_the_order_of_the_plan() -> None:
    made = evolve(None, h.allotted, meta(DAY))
    assert made is not None
    account, *lines = made.rows()
    assert account == AccountRow(h.PROJECT, h.SCHEME_ID, 1, DAY)
    assert [(row.line, row.position, row.allotted_fen) for row in lines if isinstance(row, LineRow)] == [
        (code, n, cap) for n, (code, cap) in enumerate(CAPS.items(), start=1)
    ]


@pytest.mark.parametrize(
    "event", [h.paid_in_full, adjusted, returned, expense, training, reversal, frozen, written_off]
)
def test_before_the_allotment_there_is_nothing(event: b.BudgetEvent) -> None:
    assert evolve(None, event, meta(DAY)) is None


def test_money_of_each_day_also_where_a_bill_came_late() -> None:
    cap = CAPS["service"]
    history = [(day(0), h.allotted), (day(1), h.paid_in_full), (day(5), returned), (day(9), adjusted)]
    late = [*history, (day(3), expense), (day(7), reversal), (day(4), training)]
    assert [line(history, n) for n in (0, 1, 4, 5, 9)] == [
        (cap, 0, 0),
        (cap, cap, 0),
        (cap, cap, 0),
        (cap, cap - 500, 0),
        (cap - 200, cap - 500, 0),
    ]
    assert [line(late, n)[2] for n in (2, 3, 6, 7, 9)] == [0, 1_000, 1_000, 700, 700]
    assert line(late, 9) == (cap - 200, cap - 500, 700)
    assert line(late, 9, "management")[0] == CAPS["management"] + 200
    assert [line(late, n, "training")[2] for n in (3, 4)] == [0, 400]


def test_an_expense_stays_as_it_was_booked_and_a_reversal_stands_beside_it() -> None:
    history = [(day(0), h.allotted), (day(3), expense), (day(7), reversal), (day(4), training)]
    assert [(row.expense_id, row.kind, row.amount_fen, row.booked_on) for row in found(ExpenseRow, history, 9)] == [
        (BILL, ExpenseKind.EXPENSE, 1_000, day(3)),
        (training.expense_id, ExpenseKind.TRAINING, 400, day(4)),
    ]
    assert found(ReversalRow, history, 6) == []
    assert found(ReversalRow, history, 7) == [
        ReversalRow(h.PROJECT, BACK, BILL, Fen(300), b.ReversalReason.REFUND, day(7))
    ]


def test_what_is_written_off_is_no_balance_of_its_assignment_and_stays_appropriated() -> None:
    history = [(day(0), h.allotted), (day(1), h.paid_in_full), (day(8), written_off)]
    for n, gone in ((7, 0), (8, CAPS["service"])):
        (row,) = [row for row in found(LineRow, history, n) if row.line == "service"]
        assert (row.appropriated_fen, row.spent_fen, row.written_off_fen) == (CAPS["service"], 0, gone)
        assert row.balances == {"1": CAPS["service"] - gone}
    (row,) = [row for row in found(LineRow, history, 8) if row.line == "training"]
    assert row.balances == {"0": CAPS["training"]}


def test_an_account_is_frozen_until_what_stood_still_is_settled_and_counts_its_instalments() -> None:
    history = [(day(0), h.allotted), (day(1), h.paid_in_full), (day(5), frozen), (day(8), written_off)]
    accounts = [found(AccountRow, history, n) for n in (0, 1, 5, 7, 8)]
    assert [(row.instalments, row.frozen) for (row,) in accounts] == [
        (0, False),
        (1, False),
        (1, True),
        (1, True),
        (1, False),
    ]
