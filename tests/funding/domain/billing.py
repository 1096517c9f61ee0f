"""How bills reach the account of a running project, for the tests of its budget and its bookings."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget.expenses import Bill, record_expense, reverse_expense
from funding.domain.project import state as projects
from funding.domain.project.situation import Actor
from funding.domain.project.state import Project
from funding.domain.terms import Payer
from funding.domain.window import IN_TIME
from kit.testing import Given, Outcome, Spec

from . import histories as h

account = Spec(b.BudgetAccount(), b.evolve)
project = Spec(Project(), projects.evolve)
RUNNING, STAFFED = project.state(*h.RUNNING), project.state(*h.STAFFED)
BILL = UUID(int=900)
CITY = {"actor": h.CITY, "occurred_on": h.MIDTERM}
frozen = b.AppropriationFrozen(h.PROJECT, h.ORGANISATION, 1, h.TERMS.organisation_fen, h.MIDTERM)


def part(line: str, fen: int) -> b.LineAmount:
    return b.LineAmount(line, Fen(fen))


def spent(
    line: str, purpose: str, fen: int, n: int = 1, phase: str | None = None, on: date = h.MIDTERM
) -> b.ExpenseRecorded:
    """An expense in history, with only what the account reads."""
    return b.ExpenseRecorded(
        project_id=h.PROJECT,
        expense_id=UUID(int=900 + n),
        line=line,
        purpose=purpose,
        amount_fen=Fen(fen),
        booked_by=Payer.ORGANISATION,
        voucher=None,
        worker_id=None,
        wage_grade=None,
        phase=phase,
        third_party=None,
        days_off=IN_TIME,
        booked_on=on,
        late_booking=False,
    )


def book(given: Given[b.BudgetAccount], line: str, purpose: str, fen: int, **facts: Any) -> Outcome:
    actor = facts.pop("actor", h.OURS)
    day = facts.pop("occurred_on", h.MIDTERM)
    state = facts.pop("project", RUNNING)
    bill = Bill(BILL, line, purpose, Fen(fen), **facts)
    return given.when(record_expense, state, h.SCHEME, bill=bill, actor=actor, occurred_on=day)


def booked(outcome: Outcome) -> b.BudgetEvent:
    """The one event of an accepted booking."""
    assert outcome.refused is None, outcome.refused
    (event,) = outcome.events
    return event  # type: ignore[no-any-return]


def takes(given: Given[b.BudgetAccount], line: str, purpose: str, fen: int, **facts: Any) -> None:
    """Accepted; and recorded is the bill as it was presented, whole, with what the test says that follows from it.

    `time` is that of a training; `off` how far the day lies from the term.
    """
    time, off = facts.pop("time", None), facts.pop("off", 0)
    by, day = facts.get("actor", h.OURS).pays, facts.get("occurred_on", h.MIDTERM)
    outcome = book(given, line, purpose, fen, **facts)
    recorded: dict[str, Any] = {
        "project_id": h.PROJECT,
        "expense_id": BILL,
        "line": line,
        "purpose": purpose,
        "amount_fen": Fen(fen),
        "booked_by": by,
        "voucher": facts.get("voucher"),
        "days_off": off,
        "booked_on": day,
        "late_booking": facts.get("late_booking", False),
    }
    if time is not None:
        outcome.then(b.TrainingCharged(**recorded, time=time))
        return
    of_whom: dict[str, Any] = {name: facts.get(name) for name in ("worker_id", "wage_grade", "phase", "third_party")}
    outcome.then(b.ExpenseRecorded(**recorded, **of_whom))


PAID = account.given(*h.PAID)


def reverse(
    given: Given[b.BudgetAccount],
    fen: int,
    actor: Actor = h.CITY,
    on: date = h.MIDTERM,
    state: Project = RUNNING,
) -> Outcome:
    return given.when(
        reverse_expense,
        state,
        h.SCHEME,
        reversal_id=UUID(int=1),
        expense_id=UUID(int=901),
        amount_fen=Fen(fen),
        reason=b.ReversalReason.REFUND,
        actor=actor,
        occurred_on=on,
    )
