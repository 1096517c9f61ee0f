"""A project that is over is opened again for its books: by two officers, and nobody carries it out any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.values import Fen, ProjectId, Role
from funding.domain import budget as b
from funding.domain import organisation as a
from funding.domain import quota
from funding.domain.budget import allotment, expenses, settlement
from funding.domain.project import acceptance, application, delivery, end
from funding.domain.project import events as e
from funding.domain.project.authority import ProjectIsClosed, SamePerson, WrongPayer
from funding.domain.project.needs import AlreadyApplied, NotOver, TerminatedHere
from funding.domain.project.situation import OpenForBooks, StepMissing
from funding.domain.project.stage import stage_of
from funding.domain.project.state import Project, evolve
from funding.domain.quota import QuotaExceeded, QuotaGivenBack, QuotaTaken, QuotaUse
from funding.domain.terms import Stage
from kit.testing import Outcome, Spec

from . import histories as h
from .test_settlement import part, settled
from .test_steps import CLOSED, PROPOSED, REOPENED
from .test_successor import VACANT

project = Spec(Project(), evolve)
account = Spec(b.BudgetAccount(), b.evolve)
places = Spec(QuotaUse(), quota.evolve)
CITY: dict[str, Any] = {"actor": h.CITY, "occurred_on": h.AFTER}
WANT: dict[str, Any] = {"reason": "wrong_books", "document": h.PAPER, **CITY}
TERMINATED = e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=True)
NO_MONEY = b.BudgetAccount()


def reopen(history: tuple[Any, ...], *use: Any, **who: Any) -> Outcome:
    ask = {**CITY, "actor": h.SECOND, **who}
    return project.given(*history).when(end.reopen, places.state(*use), h.SCHEME, **ask)


def test_one_officer_proposes_and_another_one_decides() -> None:
    project.given(*CLOSED).when(end.propose_reopening, h.SCHEME, **WANT).then(PROPOSED)
    project.given(*CLOSED, PROPOSED).when(end.propose_reopening, h.SCHEME, **WANT).then_nothing()
    reopen((*CLOSED, PROPOSED)).then([REOPENED], [])
    same = reopen((*CLOSED, PROPOSED), actor=h.CITY)
    same.then_refused(SamePerson)
    assert "另一名工作人员" in h.said(same)
    reopen(CLOSED).then_refused(StepMissing, missing="提议重新打开试点")
    reopen((*CLOSED, PROPOSED), actor=h.who(Role.DISTRICT_BUREAU)).then_refused(WrongPayer)
    reopen((*CLOSED, PROPOSED, REOPENED)).then_refused(NotOver)
    project.given(*h.RATED).when(end.propose_reopening, h.SCHEME, **WANT).then_refused(NotOver)
    rejected = (*h.RECOMMENDED, e.ProjectRejected(h.PROJECT, "quota_used"))
    project.given(*rejected).when(end.propose_reopening, h.SCHEME, **WANT).then_refused(NotOver)


def test_who_proposes_last_is_whom_another_one_answers() -> None:
    other = e.ReopeningProposed(h.PROJECT, "wrong_books", h.PAPER, h.SECOND.id)
    reopen((*CLOSED, PROPOSED, other)).then_refused(SamePerson)
    reopen((*CLOSED, PROPOSED, other), actor=h.CITY).then([REOPENED], [])


def test_what_stood_stands_and_only_the_books_are_open() -> None:
    state = project.state(*CLOSED, PROPOSED, REOPENED)
    assert (stage_of(state), state.over, state.assigned.rated) == (Stage.RATED, False, True)
    again: dict[str, Any] = {"declaration_id": h.PAPER, "worker_ids": h.WORKERS, "actor": h.OURS}
    asked = project.given(*CLOSED, PROPOSED, REOPENED).when(
        delivery.declare_staffing, h.SCHEME, **again, occurred_on=h.AFTER
    )
    asked.then_refused(OpenForBooks)
    project.given(*CLOSED, PROPOSED, REOPENED).when(
        acceptance.publicise, h.SCHEME, title="一社一品", medium="newspaper", **CITY
    ).then(e.ExperiencePublicised(h.PROJECT, "一社一品", "newspaper"))
    closed = e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY)
    ended = a.OrganisationAssignmentEnded(h.ORGANISATION, h.PROJECT, h.SCHEME_ID, a.EndReason.PROJECT_CLOSED)
    gone = Spec(a.Organisation(), a.evolve).state(h.organisation_noted, h.assigned, ended)
    closing = project.given(*CLOSED, PROPOSED, REOPENED).when(
        acceptance.close, gone, h.SCHEME, account.state(*settled()), **CITY
    )
    closing.then([closed], [])


def test_the_books_are_the_payers_alone() -> None:
    """An instalment that was forgotten is paid, and the bill that it was for is booked by the payer, as late."""
    state = project.state(*CLOSED, PROPOSED, REOPENED)
    money = settled()
    paid = account.given(*money).when(allotment.appropriate, state, h.SCHEME, amounts=part(100), **CITY)
    instalment = b.FundsAppropriated(h.PROJECT, 2, 1, part(100), Fen(100), h.AFTER)
    paid.then([instalment], [])
    bill = expenses.Bill(UUID(int=80), "service", "casework", Fen(100))
    with_money = account.given(*money, instalment)
    for actor, late, refusal in ((h.OURS, True, ProjectIsClosed), (h.CITY, False, ProjectIsClosed)):
        ask = {"bill": replace(bill, late_booking=late), "actor": actor, "occurred_on": h.AFTER}
        with_money.when(expenses.record_expense, state, h.SCHEME, **ask).then_refused(refusal)
    ask = {"bill": replace(bill, late_booking=True), **CITY}
    (booked,) = with_money.when(expenses.record_expense, state, h.SCHEME, **ask).events
    assert (booked.late_booking, booked.assignment) == (True, 1)
    back = with_money.when(settlement.take_back, state, h.SCHEME, amounts=part(100), **CITY)
    assert back.refused is None


TAKEN = QuotaTaken(h.SCHEME_ID, h.PROJECT, h.DISTRICT, 1, 1)
BACK = QuotaGivenBack(h.SCHEME_ID, h.PROJECT, h.DISTRICT)


def test_R_LZ_01_a_place_that_was_given_back_is_taken_again_where_one_is_free() -> None:
    over = (*VACANT, TERMINATED, PROPOSED)
    again = QuotaTaken(h.SCHEME_ID, h.PROJECT, h.DISTRICT, 1, 1, time=2)
    opened = e.ProjectReopened(h.PROJECT, "wrong_books", h.PAPER, place_taken=True)
    reopen(over, TAKEN, BACK).then([opened], [again])
    others = [
        QuotaTaken(h.SCHEME_ID, ProjectId(UUID(int=100 + n)), h.DISTRICT, n, n)
        for n in range(1, h.TERMS.quota(h.DISTRICT).projects + 1)  # type: ignore[union-attr]
    ]
    reopen(over, TAKEN, BACK, *others).then_refused(QuotaExceeded, "R-LZ-01")
    state = project.state(*over, opened)
    assert (state.terminated, state.place_given_back, stage_of(state)) == (False, False, Stage.APPROVED)
    use = places.state(TAKEN, BACK, again)
    ending = {"reason": "abandoned", "document": h.PAPER, "give_back_place": True, **CITY}
    ended = project.given(*over, opened).when(end.terminate, use, h.SCHEME, NO_MONEY, **ending)
    ended.then([TERMINATED], [QuotaGivenBack(h.SCHEME_ID, h.PROJECT, h.DISTRICT, time=2)])


KEPT = e.ProjectTerminated(h.PROJECT, "abandoned", h.PAPER, place_given_back=False)


@pytest.mark.parametrize(
    ("history", "money", "refusal"),
    [
        ((*h.PROCURING, TERMINATED), (), None),
        ((*h.PROCURING, KEPT), (), TerminatedHere),
        ((*VACANT, TERMINATED), h.PAID, TerminatedHere),
        (h.PROCURING, (), AlreadyApplied),
    ],
    ids=["given back", "kept", "there was money", "going on"],
)
def test_who_was_terminated_before_there_was_money_applies_again(
    history: tuple[Any, ...], money: tuple[Any, ...], refusal: Any
) -> None:
    asked = project.given(*history).when(
        application.submit, h.SCHEME, account.state(*money), h.HERE, project_id=h.PROJECT, district=h.DISTRICT,
        street=h.STREET, street_name="演示街道", community=h.COMMUNITY, community_name="演示社区",
        area_m2=h.submitted.area_m2, attestations=h.ATTESTED, actor=h.COMMITTEE, occurred_on=h.SPRING,
    )  # fmt: skip
    if refusal:
        asked.then_refused(refusal)
    else:
        asked.then(h.submitted)
        after = project.state(*history, h.submitted)
        assert (after.terminated, after.approved, after.place_given_back) == (False, False, False)


def test_who_carried_it_out_before_stays_known_when_it_is_applied_for_again() -> None:
    after = project.state(*h.SELECTED, e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DECLINED, h.SPRING))
    again = evolve(evolve(after, TERMINATED), h.submitted)
    assert [one.organisation for one in again.former.values()] == [h.ORGANISATION]
