"""The account: allotment, appropriation, expenses by line and purpose, reversal, freezing."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Fen, yuan
from funding.domain import budget as b
from funding.domain.budget.allotment import AppropriationOverCap, adjust, allot, appropriate
from funding.domain.budget.expenses import (
    AboveUnitPrice,
    Bill,
    EvaluationBookedCentrally,
    LineExceeded,
    NotAProjectWorker,
    NotYourLine,
    PhaseOrThirdPartyWrong,
    PhasePaid,
    PurposeNotAllowed,
    SublineExceeded,
    TooManyTimes,
    TrainingBookedCentrally,
    WrongWageGrade,
    record_expense,
)
from funding.domain.budget.settlement import take_back
from funding.domain.project.authority import WrongPayer
from funding.domain.project.needs import StaffNotVerified
from funding.domain.scheme import Scheme
from funding.domain.terms import Payer, Purpose, PurposeKind
from funding.domain.window import IN_TIME
from kit.errors import NotYourUnit, Refused

from . import histories as h
from .billing import (
    BILL,
    CITY,
    PAID,
    RUNNING,
    STAFFED,
    account,
    book,
    booked,
    frozen,
    part,
    project,
    reverse,
    spent,
    takes,
)


def test_R_LZ_13_the_unit_budget_is_allotted_line_by_line() -> None:
    account.given().when(allot, STAFFED, h.SCHEME, **CITY).then(h.allotted)
    assert account.state(h.allotted).allotted == 30_000_000
    account.given(h.allotted).when(allot, STAFFED, h.SCHEME, **CITY).then_nothing()


def test_R_LZ_09_no_money_before_the_agreement_and_verified_staff() -> None:
    early = project.state(*h.CONTRACTED)
    account.given().when(allot, early, h.SCHEME, **CITY).then_refused(StaffNotVerified, "R-LZ-09")
    account.given(h.allotted).when(appropriate, early, h.SCHEME, amounts=(part("service", 1),), **CITY).then_refused(
        StaffNotVerified, "R-LZ-09"
    )


def test_C_17_any_number_of_instalments_up_to_the_cap() -> None:
    half = b.FundsAppropriated(h.PROJECT, 1, 1, (part("personnel", 8_000_000),), Fen(8_000_000), h.MIDTERM)
    first = {"amounts": (part("personnel", 5_000_000), part("personnel", 3_000_000)), **CITY}
    account.given(h.allotted).when(appropriate, STAFFED, h.SCHEME, **first).then([half], [h.funded])
    rest = {"amounts": (part("personnel", 8_000_000),), **CITY}
    second = replace(half, instalment=2)
    account.given(h.allotted, half).when(appropriate, RUNNING, h.SCHEME, **rest).then([second], [])
    over = {"amounts": (part("personnel", 8_000_001),), **CITY}
    account.given(h.allotted, half).when(appropriate, RUNNING, h.SCHEME, **over).then_refused(
        AppropriationOverCap, "R-LZ-13", line="社工人力成本", open="80000.00", amount="80000.01"
    )


def test_only_the_payer_moves_money() -> None:
    other = {"actor": h.BUREAU, "occurred_on": h.MIDTERM}
    account.given().when(allot, STAFFED, h.SCHEME, **other).then_refused(WrongPayer, "R-LZ-33")
    some = {"amounts": (part("service", 1),), **other}
    account.given(h.allotted).when(appropriate, STAFFED, h.SCHEME, **some).then_refused(WrongPayer, "R-LZ-33")
    move = {"from_line": "management", "to_line": "service", "amount_fen": Fen(1), "reference": h.PAPER, **other}
    account.given(h.allotted).when(adjust, RUNNING, h.SCHEME, **move).then_refused(WrongPayer, "R-LZ-33")
    PAID.when(take_back, RUNNING, h.SCHEME, amounts=(part("service", 1),), **other).then_refused(WrongPayer)


@pytest.mark.parametrize("fen", [0, -1])
def test_an_amount_is_positive(fen: int) -> None:
    account.given(h.allotted).when(
        appropriate, STAFFED, h.SCHEME, amounts=(part("service", fen),), **CITY
    ).then_refused(b.NotAnAmount)
    book(PAID, "service", "casework", fen).then_refused(b.NotAnAmount)
    move = {"from_line": "management", "to_line": "service", "amount_fen": Fen(fen), "reference": h.PAPER, **CITY}
    account.given(h.allotted).when(adjust, RUNNING, h.SCHEME, **move).then_refused(b.NotAnAmount)
    reverse(account.given(*h.PAID, spent("service", "casework", 300)), fen).then_refused(b.NotAnAmount)


def test_a_payment_moves_something_and_only_after_the_allotment() -> None:
    empty: dict[str, Any] = {"amounts": (), **CITY}
    account.given(h.allotted).when(appropriate, STAFFED, h.SCHEME, **empty).then_refused(b.NotAnAmount)
    some = {"amounts": (part("service", 1),), **CITY}
    account.given().when(appropriate, STAFFED, h.SCHEME, **some).then_refused(b.NotAllotted, "R-LZ-13")
    account.given(h.allotted).when(appropriate, STAFFED, h.SCHEME, amounts=(part("banquet", 1),), **CITY).then_refused(
        b.UnknownLine
    )


def test_an_organisation_takes_back_its_own_bookings_only_and_none_while_frozen() -> None:
    central = account.given(*h.PAID, charged("local_training", 400_000, 1))
    reverse(central, 1, h.OURS).then_refused(TrainingBookedCentrally, "R-LZ-15")
    stopped = account.given(*h.PAID, spent("service", "casework", 300), frozen)
    reverse(stopped, 1, h.OURS).then_refused(b.FundsFrozen, "R-LZ-08")


def test_C_17_a_line_is_adjusted_by_the_payer_only_and_the_total_stays() -> None:
    ask = {"from_line": "management", "to_line": "service", "amount_fen": Fen(100), "reference": h.PAPER, **CITY}
    moved = b.BudgetAdjusted(h.PROJECT, "management", "service", Fen(100), h.PAPER)
    account.given(h.allotted).when(adjust, RUNNING, h.SCHEME, **ask).then(moved)
    after = account.state(h.allotted, moved)
    assert (after.allotted, after.lines["service"].cap) == (30_000_000, 8_000_100)
    PAID.when(adjust, RUNNING, h.SCHEME, **ask).then_refused(
        b.NothingToMove, "R-LZ-14", line="项目执行和管理经费", open="0.00", amount="1.00"
    )


@pytest.mark.parametrize(
    ("line", "purpose", "cap"),
    [("service", "casework", 8_000_000), ("management", "daily_office", 3_000_000)],
)
def test_R_LZ_14_a_line_takes_its_cap_and_not_a_fen_more(line: str, purpose: str, cap: int) -> None:
    rest = account.given(*h.PAID, spent(line, purpose, cap - 10))
    takes(rest, line, purpose, 10)
    held = h.TERMS.line(line)
    assert held is not None
    fen = {"cap": yuan(cap), "spent": yuan(cap - 10), "amount": "0.11"}
    book(rest, line, purpose, 11).then_refused(LineExceeded, "R-LZ-14", line=held.name, **fen)


@pytest.mark.parametrize(
    ("line", "purpose"),
    [("service", "daily_office"), ("management", "casework"), ("personnel", "banquet"), ("service", "wage")],
)
def test_R_LZ_14_a_purpose_belongs_to_its_line(line: str, purpose: str) -> None:
    held = h.TERMS.line(line)
    assert held is not None
    allowed = "、".join(one.name for one in held.purposes)
    book(PAID, line, purpose, 10).then_refused(PurposeNotAllowed, "R-LZ-14", line=held.name, allowed=allowed)


def test_R_LZ_14_the_seven_and_the_two_purposes_of_the_plan_are_accepted() -> None:
    for line in (h.TERMS.lines[1], h.TERMS.lines[4]):
        for purpose in line.purposes:
            takes(PAID, line.code, purpose.code, 10)
    assert [len(h.TERMS.lines[n].purposes) for n in (1, 4)] == [7, 2]


def test_R_LZ_14_nothing_is_spent_that_was_not_appropriated() -> None:
    book(account.given(h.allotted), "service", "casework", 1).then_refused(b.BalanceExceeded, "R-LZ-14")
    book(account.given(), "service", "casework", 1).then_refused(b.NotAllotted)


def test_R_LZ_14_only_the_projects_own_organisation_books_its_lines() -> None:
    book(PAID, "service", "casework", 1, actor=h.THEIRS).then_refused(NotYourUnit)
    book(PAID, "service", "casework", 1, actor=h.CITY).then_refused(NotYourLine, "R-LZ-14")


TRAINING: dict[str, Any] = {"actor": h.CITY}


def charged(purpose: str, fen: int, n: int) -> b.TrainingCharged:
    return b.TrainingCharged(
        h.PROJECT,
        UUID(int=900 + n),
        "training",
        purpose,
        Fen(fen),
        Payer.CITY,
        None,
        n,
        days_off=IN_TIME,
        booked_on=h.MIDTERM,
        late_booking=False,
    )


def test_R_LZ_15_two_local_trainings_of_4000_and_one_outside_of_7000() -> None:
    first, second = charged("local_training", 400_000, 1), charged("local_training", 400_000, 2)
    assert booked(book(PAID, "training", "local_training", 400_000, **TRAINING)) == replace(first, expense_id=BILL)
    once = account.given(*h.PAID, first)
    assert booked(book(once, "training", "local_training", 400_000, **TRAINING)) == replace(second, expense_id=BILL)
    twice = account.given(*h.PAID, first, second)
    third = book(twice, "training", "local_training", 400_000, **TRAINING)
    third.then_refused(TooManyTimes, "R-LZ-15", purpose="市内培训", times=2)
    book(twice, "training", "outside_training", 700_000, **TRAINING).then(
        replace(charged("outside_training", 700_000, 1), expense_id=BILL)
    )
    all_three = account.given(*h.PAID, first, second, charged("outside_training", 700_000, 3))
    book(all_three, "training", "outside_training", 1, **TRAINING).then_refused(TooManyTimes, "R-LZ-15")


def test_R_LZ_15_a_training_costs_its_price_at_most() -> None:
    dear = book(PAID, "training", "local_training", 400_001, **TRAINING)
    dear.then_refused(AboveUnitPrice, "R-LZ-15", purpose="市内培训", price="4000.00", amount="4000.01")
    book(PAID, "training", "outside_training", 700_001, **TRAINING).then_refused(AboveUnitPrice, "R-LZ-15")


def trainings(**limits: int) -> Scheme:
    """The plan with one purpose of training, and these limits of it."""
    only = Purpose("course", "演示培训", PurposeKind.TRAINING, **limits)  # type: ignore[arg-type]
    lines = tuple(replace(line, purposes=(only,)) if line.code == "training" else line for line in h.TERMS.lines)
    return Scheme(h.SCHEME_ID, (replace(h.TERMS, lines=lines),))


@pytest.mark.parametrize(
    ("limits", "fen", "held", "refusal"),
    [
        ({"times": 2}, 1_500_000, 0, None),
        ({"times": 2}, 100, 1, None),
        ({"times": 2}, 100, 2, TooManyTimes),
        ({"unit_price_fen": 400_000}, 400_000, 3, None),
        ({"unit_price_fen": 400_000}, 400_001, 0, AboveUnitPrice),
        ({"cap_fen": 900_000}, 900_000, 0, None),
        ({"cap_fen": 900_000}, 899_700, 3, None),
        ({"cap_fen": 900_000}, 899_701, 3, SublineExceeded),
        ({}, 1_499_700, 3, None),
        ({}, 1_499_701, 3, LineExceeded),
    ],
)
def test_R_LZ_15_a_purpose_has_the_limits_that_the_plan_gives_it_and_no_others(
    limits: dict[str, int], fen: int, held: int, refusal: type[Refused] | None
) -> None:
    """No price, no number of times, no sum of its own: each alone, and none at all."""
    before = [charged("course", 100, n + 1) for n in range(held)]
    bill = Bill(BILL, "training", "course", Fen(fen))
    asked = account.given(*h.PAID, *before).when(record_expense, RUNNING, trainings(**limits), bill=bill, **CITY)
    if refusal is None:
        asked.then(replace(charged("course", fen, held + 1), expense_id=BILL))
    else:
        asked.then_refused(refusal)


def test_R_LZ_15_only_the_city_books_training() -> None:
    book(PAID, "training", "local_training", 400_000).then_refused(TrainingBookedCentrally, "R-LZ-15")


def test_R_LZ_15_a_reversed_training_may_be_held_again() -> None:
    first, second = charged("local_training", 400_000, 1), charged("local_training", 400_000, 2)
    back = b.ExpenseReversed(
        h.PROJECT,
        UUID(int=1),
        second.expense_id,
        "training",
        "local_training",
        Fen(400_000),
        b.ReversalReason.CORRECTION,
        h.MIDTERM,
    )
    again = account.given(*h.PAID, first, second, back)
    takes(again, "training", "local_training", 400_000, time=2, **TRAINING)


EVALUATION: dict[str, Any] = {"actor": h.CITY, "third_party": h.EVALUATOR}


def test_R_LZ_16_evaluation_10000_and_audit_5000_over_both_phases() -> None:
    half = spent("evaluation_audit", "evaluation", 500_000, phase="midterm")
    begun = account.given(*h.PAID, half)
    line = ("evaluation_audit", "evaluation")
    takes(begun, *line, 500_000, phase="final", **EVALUATION)
    more = book(begun, *line, 500_001, phase="final", **EVALUATION)
    fen = {"cap": "10000.00", "spent": "5000.00", "amount": "5000.01"}
    more.then_refused(SublineExceeded, "R-LZ-16", purpose="评估工作经费", **fen)
    book(begun, *line, 1, phase="midterm", **EVALUATION).then_refused(PhasePaid, "R-LZ-16")
    auditing: dict[str, Any] = {"actor": h.CITY, "third_party": h.AUDITOR, "phase": "midterm"}
    book(PAID, "evaluation_audit", "audit", 500_001, **auditing).then_refused(SublineExceeded, "R-LZ-16")
    takes(PAID, "evaluation_audit", "audit", 500_000, **auditing)


def test_R_LZ_16_the_third_party_is_the_one_that_the_city_named() -> None:
    line = ("evaluation_audit", "evaluation", 100)
    book(PAID, *line, phase="final", actor=h.CITY, third_party=h.AUDITOR).then_refused(
        PhaseOrThirdPartyWrong, "R-LZ-16"
    )
    book(PAID, *line, phase="weekly", **EVALUATION).then_refused(PhaseOrThirdPartyWrong, "R-LZ-16")
    book(PAID, *line, phase="final", actor=h.CITY).then_refused(PhaseOrThirdPartyWrong)


def test_R_LZ_16_only_the_city_books_evaluation() -> None:
    book(PAID, "evaluation_audit", "evaluation", 100, phase="final").then_refused(EvaluationBookedCentrally, "R-LZ-16")


@pytest.mark.parametrize(("worker", "grade"), [(0, 10), (1, 12), (2, 12), (2, 10), (2, None)])
def test_R_LZ_17_wages_name_a_worker_of_the_project_and_the_post_grade(worker: int, grade: int | None) -> None:
    takes(PAID, "personnel", "wage", 500_000, worker_id=h.WORKERS[worker], wage_grade=grade)


@pytest.mark.parametrize(
    ("worker", "grade", "allowed"),
    [(0, 12, "10 级"), (0, None, "10 级"), (1, 10, "12 级"), (2, 9, "不定级、10 级、12 级")],
)
def test_R_LZ_17_the_grade_is_the_one_of_the_licence(worker: int, grade: int | None, allowed: str) -> None:
    book(PAID, "personnel", "wage", 1, worker_id=h.WORKERS[worker], wage_grade=grade).then_refused(
        WrongWageGrade, "R-LZ-17", grade=grade or "未填", allowed=allowed
    )


def test_R_LZ_17_nobody_else_is_paid_from_the_personnel_line() -> None:
    book(PAID, "personnel", "wage", 1, worker_id=h.STRANGER, wage_grade=10).then_refused(NotAProjectWorker, "R-LZ-17")
    book(PAID, "personnel", "wage", 1, wage_grade=10).then_refused(NotAProjectWorker, "R-LZ-17")
    book(PAID, "personnel", "director_allowance", 1, worker_id=h.STRANGER).then_refused(NotAProjectWorker, "R-LZ-17")


def test_R_LZ_17_incentives_such_as_a_directors_allowance_are_paid() -> None:
    takes(PAID, "personnel", "director_allowance", 1, worker_id=h.WORKERS[0])


@pytest.mark.parametrize(
    ("day", "off"),
    [(date(2022, 9, 26), -1), (date(2022, 9, 27), 0), (date(2023, 9, 27), 0), (date(2023, 9, 28), 1)],
)
def test_C_01_both_end_days_belong_to_the_term(day: date, off: int) -> None:
    takes(PAID, "service", "casework", 1, occurred_on=day, off=off)


def test_I8_a_correction_is_a_reversal_up_to_what_was_booked() -> None:
    history = (*h.PAID, spent("service", "casework", 300))
    back = b.ExpenseReversed(
        h.PROJECT, UUID(int=1), UUID(int=901), "service", "casework", Fen(200), b.ReversalReason.REFUND, h.MIDTERM
    )
    reverse(account.given(*history), 200).then(back)
    reverse(account.given(*history, back), 101).then_refused(b.MoreThanBooked, left="1.00", amount="1.01")
    reverse(account.given(*h.PAID), 1).then_refused(b.UnknownExpense)
    reverse(account.given(*history), 1, h.THEIRS).then_refused(NotYourUnit)
    after = account.state(*history, back)
    assert (after.spent, after.balance) == (100, 30_000_000 - 100)


def test_R_LZ_08_frozen_money_does_not_reach_the_organisation() -> None:
    stopped = account.given(*h.PAID, frozen)
    book(stopped, "service", "casework", 1).then_refused(b.FundsFrozen, "R-LZ-08")
    half = account.given(h.allotted, frozen)
    half.when(appropriate, RUNNING, h.SCHEME, amounts=(part("service", 1),), **CITY).then_refused(b.FundsFrozen)
    takes(stopped, "training", "local_training", 1, time=1, **TRAINING)


def test_R_LZ_08_frozen_money_comes_back() -> None:
    stopped = account.given(*h.PAID, spent("service", "casework", 300), frozen)
    returned = b.FundsReturned(h.PROJECT, 1, (part("service", 7_999_700),), Fen(7_999_700), h.MIDTERM)
    stopped.when(take_back, RUNNING, h.SCHEME, amounts=(part("service", 7_999_700),), **CITY).then(returned)
    stopped.when(take_back, RUNNING, h.SCHEME, amounts=(part("service", 7_999_701),), **CITY).then_refused(
        b.BalanceExceeded
    )
