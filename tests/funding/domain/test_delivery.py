"""Steps 8 to 10: staff, implementation, breaches, counts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.values import DocumentId, Quantity, Unit, WorkerId
from funding.domain import budget as b
from funding.domain.budget import BudgetAccount, FundsFrozen
from funding.domain.project import events as e
from funding.domain.project.delivery import (
    CountsOfALaterDay,
    CountsOfAnother,
    LockedWorkersLeave,
    WorkerTwice,
    declare_staffing,
    note_counts,
    note_departure,
    note_end,
    note_lock,
    note_rejected,
    note_verified,
    require_own_counts,
    start,
)
from funding.domain.project.needs import StaffIncomplete, StaffingPending
from funding.domain.project.situation import StepDone, StepMissing
from funding.domain.project.stage import stage_of
from funding.domain.project.state import Project, evolve
from funding.domain.terms import Stage
from funding.domain.window import DaysOff
from kit.errors import NotKnownYet, NotYourUnit, TooEarly
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
PAID = Spec(BudgetAccount(), b.evolve).state(*h.PAID)
DECLARE = {
    "declaration_id": h.DECLARATION,
    "worker_ids": h.WORKERS,
    "actor": h.OURS,
    "occurred_on": h.PREP_DUE,
}
VERDICT = {"declaration_id": h.DECLARATION, "workers": h.STAFF, "occurred_on": h.VERIFIED}
NEXT = DocumentId(UUID(int=50))
NEWCOMER = WorkerId(UUID(int=51))


def test_the_organisation_declares_its_workers_under_the_plans_rule() -> None:
    project.given(*h.CONTRACTED).when(declare_staffing, h.SCHEME, **DECLARE).then(h.declared)
    project.given(*h.CONTRACTED).when(declare_staffing, h.SCHEME, **{**DECLARE, "actor": h.THEIRS}).then_refused(
        NotYourUnit
    )
    project.given(*h.SELECTED).when(declare_staffing, h.SCHEME, **DECLARE).then_refused(StepMissing)


def test_one_declaration_at_a_time_and_no_worker_twice() -> None:
    project.given(*h.CONTRACTED, h.declared).when(declare_staffing, h.SCHEME, **DECLARE).then_refused(StaffingPending)
    twice = {**DECLARE, "worker_ids": (h.WORKERS[0], h.WORKERS[1], h.WORKERS[0])}
    project.given(*h.CONTRACTED).when(declare_staffing, h.SCHEME, **twice).then_refused(WorkerTwice, "R-LZ-09")


def test_R_LZ_09_a_rejected_declaration_is_followed_by_another() -> None:
    reasons = (e.Reason("too-few-licensed", "R-LZ-10"),)
    rejected = e.StaffingRejected(h.PROJECT, h.DECLARATION, reasons)
    history = (*h.CONTRACTED, h.declared)
    project.given(*history).when(note_rejected, declaration_id=h.DECLARATION, reasons=reasons).then(rejected)
    again = {**DECLARE, "declaration_id": NEXT}
    project.given(*history, rejected).when(declare_staffing, h.SCHEME, **again).then(
        replace(h.declared, declaration_id=NEXT)
    )


def test_R_LZ_10_the_registrys_verdict_makes_the_project_staffed() -> None:
    project.given(*h.CONTRACTED, h.declared).when(note_verified, **VERDICT).then(h.verified)
    assert stage_of(project.state(*h.STAFFED)) is Stage.STAFFED


def test_a_verdict_on_an_overtaken_declaration_changes_nothing() -> None:
    project.given(*h.STAFFED).when(note_verified, **VERDICT).then_nothing()
    project.given(*h.STAFFED).when(note_rejected, declaration_id=NEXT, reasons=()).then_nothing()


@pytest.mark.parametrize(
    ("day", "off"),
    [(date(2022, 9, 26), -1), (h.STARTED, 0), (date(2022, 9, 28), 1), (date(2022, 10, 7), 10)],
)
def test_R_LZ_28_implementation_starts_on_the_plans_day_and_another_day_is_flagged(day: date, off: int) -> None:
    here = {"actor": h.OURS, "occurred_on": day}
    flagged = replace(h.started, days_off=DaysOff(off), started_on=day)
    project.given(*h.FUNDED).when(start, h.SCHEME, PAID, **here).then(flagged)


def test_implementation_waits_for_money_that_moves() -> None:
    here = {"actor": h.OURS, "occurred_on": h.STARTED}
    early = project.given(*h.STAFFED).when(start, h.SCHEME, PAID, **here)
    early.then_refused(StepMissing, missing="首笔经费拨付")
    stopped = b.evolve(PAID, b.AppropriationFrozen(h.PROJECT, h.ORGANISATION, 1, h.TERMS.unit_budget_fen, h.STARTED))
    project.given(*h.FUNDED).when(start, h.SCHEME, stopped, **here).then_refused(FundsFrozen, "R-LZ-08")


def test_R_LZ_12_two_of_the_starters_stay() -> None:
    one_new = {**DECLARE, "declaration_id": NEXT, "worker_ids": (*h.WORKERS[:2], NEWCOMER)}
    project.given(*h.RUNNING).when(declare_staffing, h.SCHEME, **one_new).then(
        replace(h.declared, declaration_id=NEXT, worker_ids=(*h.WORKERS[:2], NEWCOMER))
    )
    two_new = {**one_new, "worker_ids": (h.WORKERS[0], NEWCOMER, h.STRANGER)}
    project.given(*h.RUNNING).when(declare_staffing, h.SCHEME, **two_new).then_refused(
        LockedWorkersLeave, "R-LZ-12", least=2, kept=1
    )


def departed(worker: WorkerId, on: date = h.MIDTERM) -> e.WorkerDepartureNoted:
    return e.WorkerDepartureNoted(h.PROJECT, worker, left_on=on)


def test_R_LZ_12_who_left_in_fact_can_be_replaced_and_the_breach_stays() -> None:
    gone = tuple(
        event
        for n, w in enumerate(h.WORKERS[:2])
        for event in (departed(w), e.StaffingBreachNoted(h.PROJECT, w, remaining=2 - n))
    )
    new = {**DECLARE, "declaration_id": NEXT, "worker_ids": (h.WORKERS[2], NEWCOMER, h.STRANGER)}
    project.given(*h.RUNNING, *gone).when(declare_staffing, h.SCHEME, **new).then(
        replace(h.declared, declaration_id=NEXT, worker_ids=(h.WORKERS[2], NEWCOMER, h.STRANGER))
    )
    assert project.state(*h.RUNNING, *gone).assigned.breaches == 2


LEFT = {"worker_id": h.WORKERS[0], "breach": False, "remaining": 2, "occurred_on": h.MIDTERM}
LOCK = e.PostingLockNoted(h.PROJECT, h.WORKERS)


def locked(*history: e.ProjectEvent) -> tuple[WorkerId, ...]:
    """Who must not move: those who are there, once the lock has begun."""
    state = project.state(*history)
    return state.assigned.posted if state.assigned.bound else ()


def test_R_LZ_12_a_departure_lowers_who_is_there_and_locked_and_a_breach_is_recorded_beside() -> None:
    here = project.given(*h.RUNNING, LOCK)
    gone, breach = departed(h.WORKERS[0]), e.StaffingBreachNoted(h.PROJECT, h.WORKERS[0], remaining=2)
    here.when(note_departure, **LEFT).then(gone)
    here.when(note_departure, **{**LEFT, "breach": True}).then(gone, breach)
    assert locked(*h.RUNNING, LOCK) == h.WORKERS
    assert locked(*h.RUNNING, LOCK, gone) == h.WORKERS[1:]
    project.given(*h.RUNNING, LOCK, gone).when(note_departure, **LEFT).then_nothing()
    project.given(*h.RUNNING).when(note_departure, **{**LEFT, "worker_id": h.STRANGER}).then_nothing()


def test_a_breach_is_on_record_though_a_disqualification_has_overtaken_it() -> None:
    over = (*h.RUNNING, e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM))
    breach = e.StaffingBreachNoted(h.PROJECT, h.WORKERS[0], remaining=2)
    gone = e.WorkerDepartureNoted(h.PROJECT, h.WORKERS[0], h.MIDTERM)
    project.given(*over).when(note_departure, **{**LEFT, "breach": True}).then(gone, breach)
    project.given(*over, gone).when(note_departure, **LEFT).then_nothing()
    project.given(*over).when(note_departure, **{**LEFT, "worker_id": h.STRANGER}).then_nothing()


def test_a_lock_is_noted_once_and_not_for_an_organisation_that_is_out() -> None:
    ask = {"organisation_id": h.ORGANISATION, "worker_ids": h.WORKERS}
    project.given(*h.RUNNING).when(note_lock, **ask).then(LOCK)
    project.given(*h.RUNNING, LOCK).when(note_lock, **ask).then_nothing()
    project.given(*h.RUNNING).when(note_lock, **{**ask, "organisation_id": h.OTHER_ORGANISATION}).then_nothing()
    over = (*h.RUNNING, e.AssignmentEnded(h.PROJECT, h.ORGANISATION, e.EndCause.DISQUALIFIED, h.MIDTERM))
    project.given(*over).when(note_lock, **ask).then_nothing()


def test_a_replacement_is_locked_with_the_verdict() -> None:
    staff = (*h.STAFF[:2], replace(h.STAFF[2], worker_id=NEWCOMER))
    again = e.StaffingVerified(h.PROJECT, NEXT, staff, verified_on=h.MIDTERM)
    assert locked(*h.RUNNING, LOCK, again) == (*h.WORKERS[:2], NEWCOMER)


def test_an_ended_posting_leaves_nobody_there_unless_the_project_itself_is_over() -> None:
    project.given(*h.RUNNING, LOCK).when(note_end).then(e.PostingEndNoted(h.PROJECT))
    assert locked(*h.RUNNING, LOCK, e.PostingEndNoted(h.PROJECT)) == ()
    over = (*h.RATED, LOCK, e.ProjectClosed(h.PROJECT, h.ORGANISATION, h.COMMUNITY))
    project.given(*over).when(note_end).then_nothing()
    assert locked(*over) == h.WORKERS
    project.given(*h.CONTRACTED).when(note_end).then_nothing()


def test_R_LZ_09_a_withdrawal_between_verdict_and_start_asks_for_a_new_declaration() -> None:
    here = {"actor": h.OURS, "occurred_on": h.STARTED}
    history = (*h.FUNDED, departed(h.WORKERS[0], h.PAID_ON))
    refused = project.given(*history).when(start, h.SCHEME, PAID, **here)
    refused.then_refused(StaffIncomplete, "R-LZ-09")
    assert refused.refused is not None
    assert "重新申报" in refused.refused.detail
    team = (NEWCOMER, *h.WORKERS[1:])
    again = {**DECLARE, "declaration_id": NEXT, "worker_ids": team, "occurred_on": h.PAID_ON}
    declared = replace(h.declared, declaration_id=NEXT, worker_ids=team)
    project.given(*history).when(declare_staffing, h.SCHEME, **again).then(declared)
    project.given(*h.FUNDED).when(declare_staffing, h.SCHEME, **again).then_refused(StepDone)
    project.given(*history, declared).when(start, h.SCHEME, PAID, **here).then_refused(StaffIncomplete)
    staff = (replace(h.STAFF[0], worker_id=NEWCOMER), *h.STAFF[1:])
    complete = e.StaffingVerified(h.PROJECT, NEXT, staff, verified_on=h.STARTED)
    project.given(*history, declared, complete).when(start, h.SCHEME, PAID, **here).then(
        replace(h.started, worker_ids=team)
    )


def test_implementation_does_not_start_before_the_verdict_on_the_staff() -> None:
    history = (*h.CONTRACTED, h.declared, replace(h.verified, verified_on=h.STARTED), h.funded)
    before = {"actor": h.OURS, "occurred_on": h.STARTED - timedelta(days=1)}
    project.given(*history).when(start, h.SCHEME, PAID, **{**before, "occurred_on": h.STARTED}).then(h.started)
    project.given(*history).when(start, h.SCHEME, PAID, **before).then_refused(TooEarly)


def test_counts_of_a_later_day_replace_and_of_an_earlier_day_do_not() -> None:
    totals = {"home_visits": Quantity(Decimal(12), Unit.SESSIONS)}
    noted = e.ProjectCountsNoted(h.PROJECT, "casework", h.MIDTERM, totals)
    ask = {"source": "casework", "day": h.MIDTERM, "totals": totals, "told_on": h.MIDTERM}
    project.given(*h.RUNNING).when(note_counts, **ask).then(noted)
    project.given(*h.RUNNING, noted).when(note_counts, **{**ask, "day": h.STARTED}).then_nothing()
    project.given(*h.RUNNING, noted).when(note_counts, **ask).then_nothing()
    project.given().when(note_counts, **ask).then_refused(NotKnownYet)
    tomorrow = h.MIDTERM + timedelta(days=1)
    project.given(*h.RUNNING).when(note_counts, **{**ask, "day": tomorrow}).then_refused(
        CountsOfALaterDay, day=tomorrow, told_on=h.MIDTERM
    )


def test_counts_come_from_the_projects_own_stream() -> None:
    require_own_counts(f"counts/{h.PROJECT}", h.PROJECT)
    other = f"counts/{h.SCHEME_ID}"
    with pytest.raises(CountsOfAnother) as refused:
        require_own_counts(other, h.PROJECT)
    assert refused.value.facts == {"stream": other, "project": h.PROJECT}
