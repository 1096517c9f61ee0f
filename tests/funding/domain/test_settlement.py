"""What is paid and not spent comes to zero, and what an organisation owes stays its own when another follows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain import organisation as a
from funding.domain.budget import allotment, expenses, settlement
from funding.domain.project import acceptance, procurement
from funding.domain.project import events as e
from funding.domain.project.absent import UnknownAssignment
from funding.domain.project.authority import WrongPayer
from funding.domain.project.funds import ImpersonationOpen, NotSettled, NotYetOwed
from funding.domain.project.state import Project, evolve
from kit.errors import TooEarly
from kit.testing import Outcome, Spec

from . import histories as h
from .test_successor import AGREED, CHOSEN, GONE, PASSED, SIGNED_ON, SUCCEEDED, THEIRS, VACANT

project = Spec(Project(), evolve)
account = Spec(b.BudgetAccount(), b.evolve)
organisation = Spec(a.Organisation(), a.evolve)
WORKING = organisation.state(h.organisation_noted, h.assigned)
LOST = organisation.state(h.organisation_noted, a.OrganisationQualificationLost(h.ORGANISATION, h.SCHEME_ID))
DAY = timedelta(days=1)
HELD = b.AppropriationFrozen(h.PROJECT, h.ORGANISATION, 1, h.TERMS.organisation_fen, h.MIDTERM)
CITY: dict[str, Any] = {"actor": h.CITY, "occurred_on": h.AFTER}
LATER: dict[str, Any] = {"actor": h.CITY, "occurred_on": SIGNED_ON}
FOUND = e.CredentialImpersonationFound(h.PROJECT, h.ORGANISATION, 1, h.SCHEME_ID, h.WORKERS[0])


def part(fen: int, line: str = "service") -> tuple[b.LineAmount, ...]:
    return (b.LineAmount(line, Fen(fen)),)


def gone(fen: int, assignment: int | None = 1, line: str = "service") -> b.FundsWrittenOff:
    return b.FundsWrittenOff(h.PROJECT, assignment, part(fen, line), Fen(fen), "dissolved", h.PAPER, h.AFTER)


def write_off(money: tuple[b.BudgetEvent, ...], history: tuple[Any, ...], fen: int, **ask: Any) -> Outcome:
    facts = {"amounts": part(fen, ask.pop("line", "service")), "reason": "dissolved", "document": h.PAPER, **CITY}
    return account.given(*money).when(settlement.write_off, project.state(*history), h.SCHEME, **{**facts, **ask})


def wage(money: tuple[b.BudgetEvent, ...], history: tuple[Any, ...], **facts: Any) -> Outcome:
    """The last wage of the first organisation's intermediate worker, booked by the payer."""
    on, actor = facts.pop("on", h.MIDTERM), facts.pop("actor", h.CITY)
    told: dict[str, Any] = {"worker_id": h.WORKERS[0], "wage_grade": 10, "late_booking": True, "assignment": 1, **facts}
    bill = expenses.Bill(UUID(int=70), "personnel", "wage", Fen(500_000), **told)
    state = project.state(*history)
    return account.given(*money).when(expenses.record_expense, state, h.SCHEME, bill=bill, actor=actor, occurred_on=on)


def close(money: tuple[b.BudgetEvent, ...], history: tuple[Any, ...] = h.RATED, **ask: Any) -> Outcome:
    budget = account.state(*money)
    return project.given(*history).when(acceptance.close, WORKING, h.SCHEME, budget, **{**CITY, **ask})


def settled(*lines: str) -> tuple[b.BudgetEvent, ...]:
    """Everything paid, and all but these lines taken back on the last day."""
    back = tuple(b.LineAmount(line.code, line.cap_fen) for line in h.TERMS.lines if line.code not in lines)
    returned = b.FundsReturned(h.PROJECT, 1, back, Fen(sum(one.amount_fen for one in back)), h.AFTER)
    return (*h.PAID, returned)


def test_a_project_is_closed_when_no_line_has_a_balance() -> None:
    closed = e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY)
    ended = a.OrganisationAssignmentEnded(h.ORGANISATION, h.PROJECT, h.SCHEME_ID, a.EndReason.PROJECT_CLOSED)
    close(settled()).then([closed], [ended])
    left = close(settled("service", "training"))
    left.then_refused(NotSettled, lines="“专业服务经费”（第 1 任期）80000.00 元、“专业人才培训经费”15000.00 元")
    assert "核销" in h.said(left)
    close((*settled("service"), gone(8_000_000))).then([closed], [ended])
    close((*settled("service"), gone(7_999_999))).then_refused(NotSettled)


def test_a_project_is_closed_on_no_day_before_its_money_was_settled() -> None:
    late = (*settled("service"), replace(gone(8_000_000), written_off_on=h.AFTER + DAY))
    close(late).then_refused(TooEarly, day=h.AFTER, what="最近一次经费收支", earliest=h.AFTER + DAY)
    assert close(late, occurred_on=h.AFTER + DAY).refused is None


def test_what_cannot_be_had_back_is_written_off_up_to_what_is_owed() -> None:
    write_off(h.PAID, h.RATED, 8_000_000).then(gone(8_000_000))
    write_off(h.PAID, h.RATED, 8_000_001).then_refused(
        settlement.MoreThanOwed, line="专业服务经费", lowest_on=h.AFTER, balance="80000.00", amount="80000.01"
    )
    write_off(h.PAID, h.RATED, 0).then_refused(b.NotAnAmount)
    write_off(h.PAID, h.RATED, 1, actor=h.BUREAU).then_refused(WrongPayer)
    write_off(h.PAID, h.RATED, 1, assignment=2).then_refused(UnknownAssignment, number=2)
    write_off((h.allotted,), h.RATED, 1).then_refused(settlement.MoreThanOwed)
    after = account.state(*h.PAID, gone(300))
    service = after.lines["service"]
    assert (service.appropriated, service.written_off, service.balance, service.open) == (8_000_000, 300, 7_999_700, 0)


def test_nothing_is_written_off_that_somebody_carries_on_with() -> None:
    write_off(h.PAID, h.ACCEPTED, 1).then_refused(NotYetOwed)
    write_off(h.PAID, VACANT, 1).then(gone(1))
    second = replace(h.paid_in_full, assignment=2)
    write_off((h.allotted, second), SUCCEEDED, 1, assignment=2).then_refused(NotYetOwed)
    write_off((*h.PAID, HELD), SUCCEEDED, 1, assignment=1).then(gone(1))
    write_off((*h.PAID, HELD), SUCCEEDED, 1, line="training", assignment=1).then_refused(NotYetOwed)
    over = (*VACANT, e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=False))
    write_off(h.PAID, over, 1, line="training").then(gone(1, line="training"))


def test_R_LZ_08_a_freeze_binds_no_successor_and_none_gets_what_stood_still() -> None:
    """Its line is empty until it is paid itself, and what is paid to it is its own."""
    money = (*h.PAID, HELD)
    state = project.state(*VACANT, PASSED, CHOSEN, AGREED, *THEIRS[:2])
    bill = expenses.Bill(UUID(int=10), "service", "casework", Fen(100))
    mine = {"bill": bill, "actor": h.of(str(h.OTHER_ORGANISATION)), "occurred_on": SIGNED_ON}
    account.given(*money).when(expenses.record_expense, state, h.SCHEME, **mine).then_refused(b.BalanceExceeded)
    back = b.FundsReturned(h.PROJECT, 1, part(8_000_000), Fen(8_000_000), SIGNED_ON)
    asked = account.given(*money).when(
        settlement.take_back, state, h.SCHEME, amounts=part(8_000_000), assignment=1, **LATER
    )
    asked.then(back)
    paid = account.given(*money, back).when(allotment.appropriate, state, h.SCHEME, amounts=part(100), **LATER)
    again = b.FundsAppropriated(h.PROJECT, 2, 2, part(100), Fen(100), SIGNED_ON)
    paid.then([again], [h.funded])
    own = account.given(*money, back, again)
    assert own.when(expenses.record_expense, state, h.SCHEME, **mine).refused is None
    assert own.state.owed_by(1) == h.TERMS.organisation_fen - 8_000_000


def test_the_payer_books_the_last_wages_of_an_ended_assignment_within_the_workers_days() -> None:
    money = (*h.PAID, HELD)
    for history in (VACANT, SUCCEEDED):
        (booked,) = wage(money, history).events
        assert (booked.assignment, booked.late_booking, booked.booked_on) == (1, True, h.MIDTERM)
        wage(money, history, late_booking=False).then_refused(expenses.AssignmentIsOver, number=1)
        wage(money, history, on=h.MIDTERM + DAY).then_refused(
            expenses.WorkerHasLeft, left_on=h.MIDTERM, day=h.MIDTERM + DAY
        )
        wage(money, history, worker_id=h.STRANGER).then_refused(expenses.NotAProjectWorker)
        wage(money, history, actor=h.BUREAU).then_refused(expenses.AssignmentIsOver)
    left = e.WorkerDepartureNoted(h.PROJECT, h.WORKERS[0], h.MIDTERM - DAY)
    gone_before: tuple[tuple[Any, ...], ...] = ((*h.RUNNING, left, GONE), (*VACANT, left))
    for known in gone_before:
        wage(money, known).then_refused(expenses.WorkerHasLeft, left_on=h.MIDTERM - DAY, day=h.MIDTERM)
        assert wage(money, known, on=h.MIDTERM - DAY).refused is None
    wage(money, SUCCEEDED, assignment=3).then_refused(UnknownAssignment)


def test_a_successor_books_nothing_for_its_predecessor() -> None:
    wage((*h.PAID, HELD), SUCCEEDED, actor=h.of(str(h.OTHER_ORGANISATION)), on=SIGNED_ON).then_refused(
        expenses.AssignmentIsOver
    )


def test_R_LZ_16_a_phase_that_a_successor_is_evaluated_in_again_is_paid_again() -> None:
    facts: dict[str, Any] = {"phase": "midterm", "third_party": h.EVALUATOR}
    bill = expenses.Bill(UUID(int=71), "evaluation_audit", "evaluation", Fen(100), **facts)
    first = expenses.record_expense(
        account.state(*h.PAID), project.state(*h.RUNNING), h.SCHEME, bill=bill, actor=h.CITY, occurred_on=h.MIDTERM
    )
    again = {"bill": replace(bill, expense_id=UUID(int=72)), "actor": h.CITY, "occurred_on": h.AFTER}
    money = account.given(*h.PAID, *first)
    money.when(expenses.record_expense, project.state(*h.RUNNING), h.SCHEME, **again).then_refused(expenses.PhasePaid)
    (second,) = money.when(expenses.record_expense, project.state(*SUCCEEDED), h.SCHEME, **again).events
    assert second.assignment == 2
    twice = account.given(*h.PAID, *first, second)
    third = {**again, "bill": replace(bill, expense_id=UUID(int=73))}
    twice.when(expenses.record_expense, project.state(*SUCCEEDED), h.SCHEME, **third).then_refused(expenses.PhasePaid)


@pytest.mark.parametrize(
    "history",
    [VACANT, SUCCEEDED, (*VACANT, e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=False))],
    ids=["vacant", "succeeded", "terminated"],
)
def test_R_LZ_08_a_former_organisation_is_found_out_and_no_successor_suffers(history: tuple[Any, ...]) -> None:
    ask = {"worker_id": h.WORKERS[1], **CITY}
    found = replace(FOUND, worker_id=h.WORKERS[1])
    before = project.state(*history)
    if before.assignment:  # the successor has the same workers in these histories
        before = replace(before, assignment=replace(before.assignment, team=type(before.assignment.team)()))
    asked = procurement.report_impersonation(before, account.state(*h.PAID, HELD), h.SCHEME, WORKING, **ask)
    assert asked == ((found,), ())
    after = evolve(before, found)
    assert after.former[1].team[h.WORKERS[1]].impersonator
    assert after.assignment == before.assignment
    assert procurement.report_impersonation(after, account.state(*h.PAID), h.SCHEME, WORKING, **ask) == ((), ())


def test_R_LZ_08_a_finding_holds_the_closing_until_the_registry_has_judged() -> None:
    found = (*h.RATED, FOUND)
    close(settled(), found).then_refused(ImpersonationOpen, "R-LZ-08")
    decided = e.FindingDecided(h.PROJECT, h.ORGANISATION, 1)
    judged = procurement.disqualify(
        WORKING,
        {h.PROJECT: project.state(*found)},
        {h.PROJECT: account.state(*settled())},
        organisation_id=h.ORGANISATION,
        scheme_id=h.SCHEME_ID,
        occurred_on=h.AFTER,
    )
    assert judged[1] == {h.PROJECT: (decided,)}
    assert close(settled(), (*found, decided)).refused is None
    late = project.given(*h.RATED).when(
        procurement.report_impersonation, account.state(*settled()), h.SCHEME, LOST, worker_id=h.WORKERS[0], **CITY
    )
    frozen = b.AppropriationFrozen(h.PROJECT, h.ORGANISATION, 1, Fen(0), h.AFTER)
    late.then([FOUND, decided], [frozen])
