"""Steps 8 to 10: staff, implementation, breaches, counts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.values import DocumentId, Quantity, Unit, WorkerId
from funding.domain import budget as b
from funding.domain.budget import BudgetAccount, FundsFrozen
from funding.domain.pilot import events as e
from funding.domain.pilot.delivery import (
    LockedWorkersLeave,
    StaffingPending,
    WorkerTwice,
    declare_staffing,
    note_breach,
    note_counts,
    note_lock,
    note_rejected,
    note_verified,
    start,
)
from funding.domain.pilot.state import NotYourUnit, Pilot, WrongStage, evolve
from funding.domain.terms import Stage
from kit.errors import NotKnownYet
from kit.testing import Spec

from . import histories as h

pilot = Spec(Pilot(), evolve)
PAID = Spec(BudgetAccount(), b.evolve).state(*h.PAID)
DECLARE = {"declaration_id": h.DECLARATION, "worker_ids": h.WORKERS, "unit": h.UNIT, "occurred_on": h.PREP_DUE}
NEXT = DocumentId(UUID(int=50))
NEWCOMER = WorkerId(UUID(int=51))


def test_the_agency_declares_its_workers_under_the_plans_rule() -> None:
    pilot.given(*h.CONTRACTED).when(declare_staffing, h.SCHEME, **DECLARE).then(h.declared)
    pilot.given(*h.CONTRACTED).when(declare_staffing, h.SCHEME, **{**DECLARE, "unit": "x"}).then_refused(NotYourUnit)
    pilot.given(*h.SELECTED).when(declare_staffing, h.SCHEME, **DECLARE).then_refused(WrongStage)


def test_one_declaration_at_a_time_and_no_worker_twice() -> None:
    pilot.given(*h.CONTRACTED, h.declared).when(declare_staffing, h.SCHEME, **DECLARE).then_refused(StaffingPending)
    twice = {**DECLARE, "worker_ids": (h.WORKERS[0], h.WORKERS[1], h.WORKERS[0])}
    pilot.given(*h.CONTRACTED).when(declare_staffing, h.SCHEME, **twice).then_refused(WorkerTwice, "R-LZ-09")


def test_R_LZ_09_a_rejected_declaration_is_followed_by_another() -> None:
    reasons = (e.Reason("too-few-licensed", "R-LZ-10"),)
    rejected = e.StaffingRejected(h.PILOT, h.DECLARATION, reasons)
    history = (*h.CONTRACTED, h.declared)
    pilot.given(*history).when(note_rejected, declaration_id=h.DECLARATION, reasons=reasons).then(rejected)
    again = {**DECLARE, "declaration_id": NEXT}
    pilot.given(*history, rejected).when(declare_staffing, h.SCHEME, **again).then(
        replace(h.declared, declaration_id=NEXT)
    )


def test_R_LZ_10_the_registrys_verdict_makes_the_pilot_staffed() -> None:
    pilot.given(*h.CONTRACTED, h.declared).when(note_verified, declaration_id=h.DECLARATION, workers=h.STAFF).then(
        h.verified
    )
    assert pilot.state(*h.STAFFED).stage is Stage.STAFFED


def test_a_verdict_on_an_overtaken_declaration_changes_nothing() -> None:
    pilot.given(*h.STAFFED).when(note_verified, declaration_id=h.DECLARATION, workers=h.STAFF).then_nothing()
    pilot.given(*h.STAFFED).when(note_rejected, declaration_id=NEXT, reasons=()).then_nothing()


def test_R_LZ_28_implementation_starts_on_the_plans_day_and_a_later_day_is_flagged() -> None:
    here = {"unit": h.UNIT, "occurred_on": h.STARTED}
    pilot.given(*h.FUNDED).when(start, h.SCHEME, PAID, **here).then([h.started], [], [])
    late = {**here, "occurred_on": date(2022, 10, 7)}
    pilot.given(*h.FUNDED).when(start, h.SCHEME, PAID, **late).then([replace(h.started, days_late=10)], [], [])


def test_implementation_waits_for_money_that_moves() -> None:
    here = {"unit": h.UNIT, "occurred_on": h.STARTED}
    pilot.given(*h.STAFFED).when(start, h.SCHEME, PAID, **here).then_refused(WrongStage)
    stopped = b.evolve(PAID, b.AppropriationFrozen(h.PILOT, h.AGENCY, h.TERMS.unit_budget_fen))
    pilot.given(*h.FUNDED).when(start, h.SCHEME, stopped, **here).then_refused(FundsFrozen, "R-LZ-08")


def test_R_LZ_12_two_of_the_starters_stay() -> None:
    one_new = {**DECLARE, "declaration_id": NEXT, "worker_ids": (*h.WORKERS[:2], NEWCOMER)}
    pilot.given(*h.RUNNING).when(declare_staffing, h.SCHEME, **one_new).then(
        replace(h.declared, declaration_id=NEXT, worker_ids=(*h.WORKERS[:2], NEWCOMER))
    )
    two_new = {**one_new, "worker_ids": (h.WORKERS[0], NEWCOMER, h.STRANGER)}
    pilot.given(*h.RUNNING).when(declare_staffing, h.SCHEME, **two_new).then_refused(LockedWorkersLeave, "R-LZ-12")


def test_R_LZ_12_who_left_in_fact_can_be_replaced_and_the_breach_stays() -> None:
    gone = tuple(e.StaffingBreachNoted(h.PILOT, w, remaining=2 - n) for n, w in enumerate(h.WORKERS[:2]))
    new = {**DECLARE, "declaration_id": NEXT, "worker_ids": (h.WORKERS[2], NEWCOMER, h.STRANGER)}
    pilot.given(*h.RUNNING, *gone).when(declare_staffing, h.SCHEME, **new).then(
        replace(h.declared, declaration_id=NEXT, worker_ids=(h.WORKERS[2], NEWCOMER, h.STRANGER))
    )
    assert pilot.state(*h.RUNNING, *gone).breaches == 2


def test_R_LZ_12_a_move_is_noted_as_a_breach_once() -> None:
    breach = e.StaffingBreachNoted(h.PILOT, h.WORKERS[0], remaining=2)
    ask = {"worker_id": h.WORKERS[0], "remaining": 2}
    pilot.given(*h.RUNNING).when(note_breach, **ask).then(breach)
    pilot.given(*h.RUNNING, breach).when(note_breach, **ask).then_nothing()
    pilot.given(*h.ACCEPTED).when(note_breach, **ask).then(breach)


def test_a_lock_is_noted_once_for_a_worker_of_the_pilot() -> None:
    lock = e.WorkerLockNoted(h.PILOT, h.WORKERS[0])
    pilot.given(*h.RUNNING).when(note_lock, worker_id=h.WORKERS[0]).then(lock)
    pilot.given(*h.RUNNING, lock).when(note_lock, worker_id=h.WORKERS[0]).then_nothing()
    pilot.given(*h.RUNNING).when(note_lock, worker_id=h.STRANGER).then_nothing()


def test_counts_of_a_later_day_replace_and_of_an_earlier_day_do_not() -> None:
    totals = {"home_visits": Quantity(Decimal(12), Unit.SESSIONS)}
    noted = e.ProjectCountsNoted(h.PILOT, "casework", h.MIDTERM, totals)
    ask = {"source": "casework", "day": h.MIDTERM, "totals": totals}
    pilot.given(*h.RUNNING).when(note_counts, **ask).then(noted)
    pilot.given(*h.RUNNING, noted).when(note_counts, **{**ask, "day": h.STARTED}).then_nothing()
    pilot.given().when(note_counts, **ask).then_refused(NotKnownYet)
