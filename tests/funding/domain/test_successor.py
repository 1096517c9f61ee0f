"""One assignment after another: which days are compared, what a successor owes, and what it may do with the money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget import allotment, expenses
from funding.domain.organisation import Organisation
from funding.domain.organisation import evolve as organisation_after
from funding.domain.project import acceptance, application, end, milestone, procurement, review
from funding.domain.project import events as e
from funding.domain.project.authority import NotOwnDistrict, ProjectIsClosed
from funding.domain.project.funds import ImpersonationOpen
from funding.domain.project.needs import PhaseNotOwed, UnknownPhase
from funding.domain.project.situation import Act, ProjectOver, Situation
from funding.domain.project.state import Project, evolve
from funding.domain.project.steps import next_actions
from funding.domain.quota import QuotaUse
from funding.domain.terms import Payer, Stage
from funding.domain.window import DaysOff
from kit.errors import TooEarly
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
account = Spec(b.BudgetAccount(), b.evolve)
GOOD = organisation_after(Organisation(), h.organisation_noted)
DAY = timedelta(days=1)
NEXT = h.OTHER_ORGANISATION
MANAGER = h.of(str(NEXT))
GONE = e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.CONSENT, h.MIDTERM, "by_consent")
NO_MONEY = b.BudgetAccount()
PASSED = replace(h.plan_reviewed, organisation_id=NEXT)
SIGNED_ON = h.MIDTERM + 10 * DAY
CHOSEN = e.OrganisationSelected(h.PROJECT, NEXT, h.ORGANISATION, listed_elsewhere=False, selected_on=SIGNED_ON)
AGREED = replace(h.agreement_signed, organisation_id=NEXT, signed_on=SIGNED_ON)
THEIRS = (
    replace(h.declared, organisation_id=NEXT),
    replace(h.verified, verified_on=SIGNED_ON),
    h.funded,
    replace(h.started, organisation_id=NEXT, started_on=SIGNED_ON),
)
VACANT = (*h.RUNNING, GONE)
SUCCEEDED = (*VACANT, PASSED, CHOSEN, AGREED, *THEIRS)


def spent(fen: int, assignment: int, line: str = "service", purpose: str = "casework") -> b.ExpenseRecorded:
    (booked,) = expenses.record_expense(
        account.state(*h.PAID),
        project.state(*h.RUNNING),
        h.SCHEME,
        bill=expenses.Bill(UUID(int=9), line, purpose, Fen(fen)),
        actor=h.OURS,
        occurred_on=h.STARTED,
    )
    assert isinstance(booked, b.ExpenseRecorded)
    return replace(booked, assignment=assignment)


def ended(history: tuple[Any, ...], day: date, *money: b.BudgetEvent) -> Any:
    ask = {"cause": e.EndCause.BREACH, "reason": "breach", "actor": h.CITY, "occurred_on": day}
    return project.given(*history).when(procurement.end_assignment, GOOD, account.state(*money), h.SCHEME, **ask)


@pytest.mark.parametrize(
    ("history", "first", "what"),
    [
        (h.SELECTED, h.SPRING, "确定承接机构"),
        (h.CONTRACTED, h.PREP_DUE, "签订购买协议"),
        (h.STAFFED, h.VERIFIED, "人员核验"),
        (h.RUNNING, h.STARTED, "启动实施"),
        ((*h.RUNNING, *h.ASSESSED, h.accepted), h.WINDOW, "自我评估、验收或整改"),
    ],
)
def test_an_assignment_ends_no_sooner_than_what_it_did(history: tuple[Any, ...], first: date, what: str) -> None:
    early = ended(history, first - DAY)
    early.then_refused(TooEarly, day=first - DAY, what=what, earliest=first)
    assert ended(history, first).refused is None


def test_an_assignment_ends_no_sooner_than_what_was_paid_and_spent_in_it() -> None:
    late = (*h.PAID, spent(300, 1), replace(spent(300, 1), expense_id=UUID(int=11), booked_on=h.MIDTERM))
    early = ended(h.RUNNING, h.MIDTERM - DAY, *late)
    early.then_refused(TooEarly, day=h.MIDTERM - DAY, what="该任期最近一次经费收支", earliest=h.MIDTERM)
    assert ended(h.RUNNING, h.MIDTERM, *late).refused is None
    over = {"reason": "abandoned", "document": h.PAPER, "give_back_place": False, "actor": h.CITY}
    returned = b.FundsReturned(h.PROJECT, 1, (b.LineAmount("service", Fen(1)),), Fen(1), h.MIDTERM + DAY)
    for day, refused in ((h.MIDTERM, True), (h.MIDTERM + DAY, False)):
        money = account.state(*h.PAID, returned)
        asked = project.given(*VACANT).when(end.terminate, QuotaUse(), h.SCHEME, money, **over, occurred_on=day)
        assert isinstance(asked.refused, TooEarly) is refused


def test_the_end_that_the_payer_decides_keeps_the_order_of_the_projects_days() -> None:
    """Only what another service told may come late; what the payer dates is compared with every day before it."""
    assert not e.AssignmentEnded.LATE


def test_nothing_after_an_assignment_is_dated_before_its_end() -> None:
    early = {"occurred_on": h.MIDTERM - DAY}
    over = {"reason": "abandoned", "document": h.PAPER, "give_back_place": False, "actor": h.CITY}
    asked = project.given(*VACANT).when(end.terminate, QuotaUse(), h.SCHEME, NO_MONEY, **over, **early)
    asked.then_refused(TooEarly, day=h.MIDTERM - DAY, what="原承接机构任期结束", earliest=h.MIDTERM)
    assert (
        project.given(*VACANT).when(end.terminate, QuotaUse(), h.SCHEME, NO_MONEY, **over, occurred_on=h.MIDTERM).events
    )
    plan = {"organisation_id": h.ORGANISATION, "passed": True, "preferences": (), "actor": h.BUREAU}
    project.given(*VACANT).when(procurement.review_plan, h.SCHEME, GOOD, **plan, **early).then_refused(TooEarly)
    failed = {"failure": e.PurchaseFailure.VOID, "actor": h.BUREAU}
    project.given(*VACANT).when(procurement.fail_purchase, h.SCHEME, **failed, **early).then_refused(TooEarly)


def test_C_49_a_successors_agreement_is_worth_what_is_not_spent_of_what_the_organisation_books() -> None:
    ask = {"actor": h.CITY, "occurred_on": SIGNED_ON}
    history = (*VACANT, PASSED, CHOSEN)
    used = account.state(*h.PAID, spent(300_000, 1))
    signed = project.given(*history).when(procurement.sign_agreement, h.SCHEME, used, **ask)
    signed.then(replace(AGREED, amount_fen=Fen(26_700_000), days_off=DaysOff((SIGNED_ON - h.PREP_DUE).days)))
    first = project.given(*h.SELECTED).when(
        procurement.sign_agreement, h.SCHEME, b.BudgetAccount(), actor=h.CITY, occurred_on=h.PREP_DUE
    )
    first.then(h.agreement_signed)


def test_C_49_what_the_payer_keeps_is_not_adjusted_to_what_the_organisation_books() -> None:
    move = {"amount_fen": Fen(100), "reference": h.PAPER, "actor": h.CITY, "occurred_on": h.MIDTERM}
    for lines in (("training", "service"), ("service", "training")):
        asked = account.given(h.allotted).when(
            allotment.adjust, project.state(*h.RUNNING), h.SCHEME, from_line=lines[0], to_line=lines[1], **move
        )
        asked.then_refused(allotment.LinesOfDifferentHolders, "R-LZ-14")


def test_a_successor_books_nothing_of_before_its_agreement() -> None:
    bill = expenses.Bill(UUID(int=10), "service", "casework", Fen(100))
    state = project.state(*SUCCEEDED)
    ask = {"bill": bill, "actor": MANAGER}
    paid = account.given(h.allotted, replace(h.paid_in_full, assignment=2))
    early = paid.when(expenses.record_expense, state, h.SCHEME, **ask, occurred_on=SIGNED_ON - DAY)
    early.then_refused(TooEarly, day=SIGNED_ON - DAY, what="签订购买协议", earliest=SIGNED_ON)
    on_the_day = paid.when(expenses.record_expense, state, h.SCHEME, **ask, occurred_on=SIGNED_ON)
    assert on_the_day.refused is None
    assert on_the_day.events[0].assignment == 2


def test_a_former_organisations_bookings_are_the_payers_to_take_back() -> None:
    state = project.state(*SUCCEEDED)
    ask = {"reversal_id": UUID(int=8), "expense_id": UUID(int=9), "amount_fen": Fen(1), "occurred_on": h.AFTER}
    refund = {**ask, "reason": b.ReversalReason.REFUND}
    theirs = account.given(*h.PAID, spent(100, 1))
    refused = theirs.when(expenses.reverse_expense, state, h.SCHEME, **refund, actor=MANAGER)
    refused.then_refused(expenses.BookedByPredecessor, "R-LZ-08")
    assert theirs.when(expenses.reverse_expense, state, h.SCHEME, **refund, actor=h.CITY).refused is None
    own = account.given(*h.PAID, spent(100, 2))
    assert own.when(expenses.reverse_expense, state, h.SCHEME, **refund, actor=MANAGER).refused is None


def test_R_LZ_08_an_open_finding_holds_money_that_was_not_allotted_yet_and_the_rating() -> None:
    """A finding before the allotment has nothing to freeze; the money stays where it is all the same."""
    found = e.CredentialImpersonationFound(h.PROJECT, h.ORGANISATION, 1, h.SCHEME_ID, h.WORKERS[0])
    some = {"amounts": (b.LineAmount("service", Fen(1)),), "actor": h.CITY, "occurred_on": h.PAID_ON}
    asked = account.given(h.allotted).when(allotment.appropriate, project.state(*h.STAFFED, found), h.SCHEME, **some)
    asked.then_refused(ImpersonationOpen, "R-LZ-08")
    rating = {"rating": "good", "actor": h.CITY, "occurred_on": h.AFTER}
    project.given(*h.ACCEPTED, found).when(acceptance.rate, h.SCHEME, **rating).then_refused(ImpersonationOpen)


LATE_ON = date(2023, 8, 1)
"""After the day by which the midterm is to be evaluated."""
LATE = (*VACANT, PASSED, replace(CHOSEN, selected_on=LATE_ON), AGREED, *THEIRS)


def test_C_19_a_phase_that_ended_before_a_successor_began_is_not_its_own() -> None:
    ask = {"phase": "midterm", "report": h.PAPER, "actor": MANAGER, "occurred_on": h.AFTER}
    asked = project.given(*LATE).when(review.submit_report, h.SCHEME, **ask)
    asked.then_refused(PhaseNotOwed, "R-LZ-25")
    assert h.said(asked).endswith("请从以下阶段中选择：末期。")
    unknown = {**ask, "phase": "monthly"}
    project.given(*LATE).when(review.submit_report, h.SCHEME, **unknown).then_refused(UnknownPhase)


def test_R_LZ_29_the_midterm_is_not_reached_by_the_final() -> None:
    nodes = (e.Milestone(Stage.MIDTERM_EVALUATED, "中期评估", h.MIDTERM),)
    history = (*LATE, *h.evaluated("final"), e.MilestonesPlanned(h.PROJECT, nodes))
    ask = {"milestone": Stage.MIDTERM_EVALUATED, "actor": h.BUREAU, "occurred_on": h.MIDTERM}
    told = project.given(*history).when(milestone.issue_notice, h.SCHEME, **ask)
    told.then(e.NodeNoticeIssued(h.PROJECT, Stage.MIDTERM_EVALUATED, e.NodeStatus.PENDING))


def test_a_plan_without_phases_owes_no_report_and_is_rated() -> None:
    terms = replace(h.TERMS, phases=())
    state = project.state(*h.RUNNING, *h.ASSESSED, h.accepted, h.report_filed)
    s = Situation(state, terms, h.AFTER)
    assert next_actions(s, h.OURS, {Act.SUBMIT_REPORT}) == ()
    (rate,) = next_actions(s, h.CITY, {Act.RATE})
    assert rate.refusal is None


def test_sentences_name_the_case() -> None:
    over = (*VACANT, e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=False))
    bill = expenses.Bill(UUID(int=10), "service", "casework", Fen(100))
    late = account.given(*h.PAID).when(
        expenses.record_expense, project.state(*over), h.SCHEME, bill=bill, actor=h.CITY, occurred_on=h.AFTER
    )
    late.then_refused(ProjectIsClosed)
    assert "已终止" in h.said(late)
    ask = {"reason": "incomplete", "actor": h.CITY, "occurred_on": h.SPRING}
    scheme = replace(h.SCHEME, versions=(replace(h.TERMS, funding_source=Payer.DISTRICT),))
    other = project.given(*h.ENDORSED).when(application.return_application, scheme, **ask)
    other.then_refused(NotOwnDistrict)
    assert "推荐" not in h.said(other)


def test_R_LZ_29_no_node_of_a_terminated_project_is_told_overdue() -> None:
    nodes = (e.Milestone(Stage.RUNNING, "启动实施", h.STARTED),)
    over = e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=True)
    ask = {"milestone": Stage.RUNNING, "actor": h.BUREAU, "occurred_on": h.AFTER}
    history = (*h.APPROVED, e.MilestonesPlanned(h.PROJECT, nodes))
    assert project.given(*history).when(milestone.issue_notice, h.SCHEME, **ask).refused is None
    told = project.given(*history, over).when(milestone.issue_notice, h.SCHEME, **ask)
    told.then_refused(ProjectOver)
