"""What a booking rests on: money that was there on every day, a voucher of its own, staff present, an open project."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget.allotment import allot, appropriate
from funding.domain.budget.expenses import (
    EvaluationBookedCentrally,
    NotYourLine,
    TrainingBookedCentrally,
    VoucherBooked,
    WorkerHasLeft,
)
from funding.domain.budget.settlement import take_back
from funding.domain.project import events as e
from funding.domain.project.authority import ProjectIsClosed
from funding.domain.terms import Payer
from kit.errors import NotYourUnit, TooEarly

from . import histories as h
from .billing import (
    BILL,
    PAID,
    STAFFED,
    account,
    book,
    part,
    project,
    reverse,
    spent,
    takes,
)
from .test_budget import TRAINING, charged

DAY = timedelta(days=1)


def taken_back(fen: int) -> b.ExpenseReversed:
    """What `reverse` asks for."""
    return b.ExpenseReversed(
        h.PROJECT, UUID(int=1), UUID(int=901), "service", "casework", Fen(fen), b.ReversalReason.REFUND, h.MIDTERM
    )


def test_nothing_is_spent_before_the_line_was_first_paid() -> None:
    takes(PAID, "service", "casework", 1, occurred_on=h.PAID_ON, off=-7)
    early = book(PAID, "service", "casework", 1, occurred_on=h.PAID_ON - DAY)
    early.then_refused(TooEarly)
    assert early.refused is not None
    assert (early.refused.facts["day"], early.refused.facts["earliest"]) == (h.PAID_ON - DAY, h.PAID_ON)


def test_on_no_day_is_more_spent_than_was_paid_by_then() -> None:
    """A bill that comes late draws on every day from its own on: on what was paid then, and what later bills took."""
    first = b.FundsAppropriated(h.PROJECT, 1, 1, (part("service", 300),), Fen(300), h.PAID_ON)
    second = replace(first, instalment=2, paid_on=h.MIDTERM)
    later = spent("service", "casework", 250, on=h.PAID_ON + 9 * DAY)
    history = account.given(h.allotted, first, later, second)
    for day in (h.PAID_ON, h.PAID_ON + 8 * DAY, h.PAID_ON + 9 * DAY, h.MIDTERM - DAY):
        takes(history, "service", "casework", 50, occurred_on=day, off=min(0, (day - h.STARTED).days))
        short = book(history, "service", "casework", 51, occurred_on=day)
        least = {"lowest_on": max(day, h.PAID_ON + 9 * DAY), "balance": "0.50"}
        short.then_refused(b.BalanceExceeded, "R-LZ-14", line="专业服务经费", day=day, amount="0.51", **least)
    takes(history, "service", "casework", 350, occurred_on=h.MIDTERM)
    book(history, "service", "casework", 351, occurred_on=h.MIDTERM).then_refused(b.BalanceExceeded, "R-LZ-14")


def test_what_is_taken_back_was_there_on_every_day_since() -> None:
    later = spent("service", "casework", 7_000_000, on=h.MIDTERM)
    back = {"actor": h.CITY, "occurred_on": h.PAID_ON + DAY}
    given = account.given(*h.PAID, later)
    given.when(
        take_back, project.state(*h.RUNNING), h.SCHEME, amounts=(part("service", 1_000_001),), **back
    ).then_refused(b.BalanceExceeded)
    returned = b.FundsReturned(h.PROJECT, 1, (part("service", 1_000_000),), Fen(1_000_000), h.PAID_ON + DAY)
    given.when(take_back, project.state(*h.RUNNING), h.SCHEME, amounts=(part("service", 1_000_000),), **back).then(
        returned
    )


def test_no_money_is_dated_before_the_verdict_on_the_staff() -> None:
    on = {"actor": h.CITY, "occurred_on": h.VERIFIED}
    before = {**on, "occurred_on": h.VERIFIED - DAY}
    account.given().when(allot, STAFFED, h.SCHEME, **on).then(h.allotted)
    account.given().when(allot, STAFFED, h.SCHEME, **before).then_refused(TooEarly)
    paid = b.FundsAppropriated(h.PROJECT, 1, 1, (part("service", 1),), Fen(1), h.VERIFIED)
    some = {"amounts": (part("service", 1),)}
    account.given(h.allotted).when(appropriate, STAFFED, h.SCHEME, **some, **on).then([paid], [h.funded])
    account.given(h.allotted).when(appropriate, STAFFED, h.SCHEME, **some, **before).then_refused(TooEarly)


def test_no_reversal_is_dated_before_its_expense() -> None:
    history = account.given(*h.PAID, spent("service", "casework", 300))
    reverse(history, 1, on=h.MIDTERM).then(taken_back(1))
    reverse(history, 1, on=h.MIDTERM - DAY).then_refused(TooEarly)


def test_a_voucher_is_booked_once_until_its_expense_is_taken_back() -> None:
    once = replace(spent("service", "casework", 300), voucher=h.PAPER)
    book(account.given(*h.PAID, once), "management", "daily_office", 1, voucher=h.PAPER).then_refused(VoucherBooked)
    takes(account.given(*h.PAID, once), "service", "casework", 300, voucher=h.DECLARATION)
    back = b.ExpenseReversed(
        h.PROJECT, UUID(int=1), once.expense_id, "service", "casework", Fen(300), b.ReversalReason.CORRECTION, h.MIDTERM
    )
    part_back = replace(back, amount_fen=Fen(299))
    book(account.given(*h.PAID, once, part_back), "service", "casework", 1, voucher=h.PAPER).then_refused(VoucherBooked)
    takes(account.given(*h.PAID, once, back), "service", "casework", 300, voucher=h.PAPER)
    training = {"voucher": h.PAPER, **TRAINING}
    charge = replace(charged("local_training", 1, 2), voucher=h.PAPER)
    book(account.given(*h.PAID, charge), "training", "local_training", 1, **training).then_refused(VoucherBooked)


@pytest.mark.parametrize("by", list(Payer))
@pytest.mark.parametrize("late", [False, True])
def test_on_a_closed_project_only_the_payer_books_and_says_that_it_is_late(by: Payer, late: bool) -> None:
    over = project.state(*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY))
    bill: dict[str, Any] = {"actor": h.PAYS[by], "project": over, "late_booking": late}
    if by is Payer.CITY and late:
        takes(PAID, "service", "casework", 1, **bill)
    else:
        book(PAID, "service", "casework", 1, **bill).then_refused(ProjectIsClosed)


def test_a_late_booking_is_for_a_closed_project_only() -> None:
    book(PAID, "service", "casework", 1, actor=h.CITY, late_booking=True).then_refused(NotYourLine, "R-LZ-14")
    on_time = replace(spent("service", "casework", 1), expense_id=BILL)
    book(PAID, "service", "casework", 1, late_booking=True).then(on_time)


def test_the_organisation_takes_nothing_back_on_a_closed_project() -> None:
    over = project.state(*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY))
    history = account.given(*h.PAID, spent("service", "casework", 300))
    reverse(history, 1, h.OURS, state=over).then_refused(ProjectIsClosed)
    reverse(history, 1, state=over).then(taken_back(1))


def test_another_organisation_learns_nothing_of_the_money() -> None:
    """Not that the project is closed, that money is frozen, what is allotted, nor what was booked."""
    over = project.state(*h.RATED, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY))
    for given, state in ((PAID, over), (account.given(), over), (PAID, project.state(*h.RUNNING))):
        for line in ("service", "training", "nothing"):
            book(given, line, "casework", 1, actor=h.THEIRS, project=state).then_refused(NotYourUnit)
        reverse(given, 1, h.THEIRS, state=state).then_refused(NotYourUnit)


WAGE: dict[str, Any] = {"worker_id": h.WORKERS[0], "wage_grade": 10}


def test_R_LZ_17_nobody_is_paid_for_days_after_they_left() -> None:
    without = project.state(*h.RUNNING, e.WorkerDepartureNoted(h.PROJECT, h.WORKERS[0], left_on=h.MIDTERM))
    takes(PAID, "personnel", "wage", 1, project=without, **WAGE)
    after = {"occurred_on": h.MIDTERM + DAY, "project": without}
    gone = book(PAID, "personnel", "wage", 1, **after, **WAGE)
    gone.then_refused(WorkerHasLeft, "R-LZ-17", left_on=h.MIDTERM, day=h.MIDTERM + DAY)
    allowance = {**after, "worker_id": h.WORKERS[0]}
    book(PAID, "personnel", "director_allowance", 1, **allowance).then_refused(WorkerHasLeft)
    stays = {"worker_id": h.WORKERS[1], "wage_grade": 12}
    takes(PAID, "personnel", "wage", 1, **after, **stays)


def test_R_LZ_17_nobody_is_paid_for_days_before_the_verdict_on_them() -> None:
    later = h.MIDTERM + 10 * DAY
    newcomer = replace(h.STAFF[2], worker_id=h.STRANGER)
    again = e.StaffingVerified(h.PROJECT, h.DECLARATION, (*h.STAFF[:2], newcomer), verified_on=later)
    state = project.state(*h.RUNNING, again)
    wage: dict[str, Any] = {"worker_id": h.STRANGER, "wage_grade": 12, "project": state}
    takes(PAID, "personnel", "wage", 1, occurred_on=later, **wage)
    book(PAID, "personnel", "wage", 1, occurred_on=later - DAY, **wage).then_refused(TooEarly)
    replaced: dict[str, Any] = {"worker_id": h.WORKERS[2], "wage_grade": 12, "project": state}
    takes(PAID, "personnel", "wage", 1, occurred_on=later, **replaced)
    book(PAID, "personnel", "wage", 1, occurred_on=later + DAY, **replaced).then_refused(WorkerHasLeft)
    stayed: dict[str, Any] = {**WAGE, "project": state}
    takes(PAID, "personnel", "wage", 1, occurred_on=h.VERIFIED + 20 * DAY, **stayed)


def test_R_LZ_14_who_books_a_line_or_pays_for_it_takes_a_booking_back() -> None:
    own = account.given(*h.PAID, spent("service", "casework", 300))
    for actor in (h.OURS, h.CITY):
        assert reverse(own, 300, actor).refused is None
    other = reverse(own, 300, h.BUREAU)
    other.then_refused(NotYourLine, "R-LZ-14")
    assert h.said(other) == "经费项“专业服务经费”不由您所在单位列支或冲销。请由该项的列支单位或出资的民政局办理。"


def test_R_LZ_15_only_the_payer_takes_a_training_back() -> None:
    training = account.given(*h.PAID, charged("local_training", 400_000, 1))
    assert reverse(training, 400_000).refused is None
    for actor in (h.OURS, h.BUREAU):
        refused = reverse(training, 1, actor)
        refused.then_refused(TrainingBookedCentrally, "R-LZ-15")
        assert h.said(refused) == "专业人才培训经费由出资的民政局统一协调开展、列支和冲销。请联系出资的民政局办理。"


def test_R_LZ_16_only_the_payer_takes_an_evaluation_back() -> None:
    evaluation = account.given(*h.PAID, spent("evaluation_audit", "evaluation", 300, phase="midterm"))
    assert reverse(evaluation, 300).refused is None
    for actor in (h.OURS, h.BUREAU):
        refused = reverse(evaluation, 1, actor)
        refused.then_refused(EvaluationBookedCentrally, "R-LZ-16")
        assert h.said(refused) == "评估、审计工作经费由出资的民政局统一列支和冲销。请联系出资的民政局办理。"
