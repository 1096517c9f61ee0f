"""I8: money conserves on every day, whatever is asked for in whatever order, early or late."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.soak import SOAK

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget.allotment import adjust, appropriate, release, take_back
from funding.domain.budget.expenses import Bill, record_expense, reverse_expense
from funding.domain.project import state as projects
from funding.domain.project.state import Project
from funding.domain.terms import Payer
from kit.errors import Refused
from kit.testing import Spec

from . import histories as h

RUNNING = Spec(Project(), projects.evolve).state(*h.RUNNING)
LINES = [line.code for line in h.TERMS.lines]
PAYERS = st.sampled_from([Payer.CITY, Payer.CITY, Payer.CITY, Payer.ORGANISATION, Payer.DISTRICT])
DAYS = [h.PAID_ON + timedelta(days=n) for n in range(0, 180, 30)]
AMOUNTS = st.one_of(st.integers(1, 5_000), st.integers(-10, 2_000_000), st.integers(1, 40_000_000))
MOVING = {
    *("FundsAppropriated", "ExpenseRecorded", "TrainingCharged", "ExpenseReversed"),
    *("FundsReturned", "BudgetAdjusted", "AppropriationFrozen", "AppropriationReleased"),
}
PURPOSES = [(line.code, purpose.code) for line in h.TERMS.lines for purpose in line.purposes]


@dataclass(frozen=True)
class Ask:
    """One command of a day; `decide` takes the account and the command's number within its sequence."""

    day: date
    decide: Callable[[b.BudgetAccount, int], Any]


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """One command on the account, sensible or not."""
    day = draw(st.sampled_from(DAYS))
    return Ask(day, _decision(draw, day))


def _decision(draw: st.DrawFn, day: date) -> Callable[[b.BudgetAccount, int], Any]:
    kind = draw(st.sampled_from(["appropriate", "spend", "spend", "spend", "reverse", "return", "adjust", "freeze"]))
    fen, by, line = Fen(draw(AMOUNTS)), draw(PAYERS), draw(st.sampled_from(LINES))
    other, nth = draw(st.sampled_from(LINES)), draw(st.integers(0, 20))
    central: dict[str, Any] = {"actor": h.PAYS[by], "occurred_on": day}
    match kind:
        case "appropriate":
            parts = (b.LineAmount(line, fen), b.LineAmount(other, Fen(draw(AMOUNTS))))
            return lambda a, _: appropriate(a, RUNNING, h.SCHEME, amounts=parts, **central)[0]
        case "spend":
            bill, books = _bill(draw, fen)
            likely = draw(st.sampled_from([books, books, by]))
            payer: dict[str, Any] = {**central, "actor": h.PAYS[likely]}
            return lambda a, n: record_expense(a, RUNNING, h.SCHEME, bill=bill(n), **payer)
        case "reverse":
            return lambda a, n: _reverse(a, n, nth, fen, by, day)
        case "return":
            return lambda a, _: take_back(a, RUNNING, h.SCHEME, amounts=(b.LineAmount(line, fen),), **central)
        case "adjust":
            ask: dict[str, Any] = {
                "from_line": line,
                "to_line": other,
                "amount_fen": fen,
                "reference": h.PAPER,
                **central,
            }
            return lambda a, _: adjust(a, RUNNING, h.SCHEME, **ask)
        case _:
            return lambda a, _: (
                release(a, RUNNING, h.SCHEME, **central)[0]
                if a.frozen
                else b.freeze(a, organisation_id=h.ORGANISATION, frozen_on=day)
            )


def _bill(draw: st.DrawFn, fen: Fen) -> tuple[Callable[[int], Bill], Payer]:
    """A bill, and who may book its line."""
    line, purpose = draw(st.sampled_from(PURPOSES))
    held = h.TERMS.line(line)
    assert held is not None
    worker = draw(st.sampled_from([*h.WORKERS, None]))
    grade = draw(st.sampled_from([10, 12, None]))
    phase = draw(st.sampled_from(["midterm", "final", None]))
    third_party = draw(st.sampled_from([h.EVALUATOR, h.AUDITOR]))
    return lambda n: Bill(UUID(int=n), line, purpose, fen, None, worker, grade, phase, third_party), held.booked_by


def _reverse(a: b.BudgetAccount, n: int, nth: int, fen: Fen, by: Payer, day: date) -> Any:
    known = list(a.bookings)
    expense_id = known[nth % len(known)] if known else UUID(int=0)
    reason = b.ReversalReason.REFUND
    return reverse_expense(
        a,
        RUNNING,
        h.SCHEME,
        reversal_id=UUID(int=n),
        expense_id=expense_id,
        amount_fen=fen,
        reason=reason,
        actor=h.PAYS[by],
        occurred_on=day,
    )


class Ledger:
    """The same money counted another way: by adding up events, in total, by line and by day."""

    def __init__(self) -> None:
        self.allotted = self.paid = self.spent = 0
        self.left: dict[UUID, int] = {}
        self.last = h.PAID_ON
        self.by_day: dict[str, list[tuple[date, int]]] = {line: [] for line in LINES}

    def in_order(self, event: Any, day: date) -> bool:
        """What the store asks of the days of a stream."""
        if type(event) in LATE:
            return True
        ordered = day >= self.last
        self.last = max(self.last, day)
        return ordered

    def note(self, event: Any) -> None:
        match event:
            case b.BudgetAllotted():
                self.allotted += event.total_fen
            case b.FundsAppropriated():
                self.paid += event.total_fen
                for part in event.amounts:
                    self.by_day[part.line].append((event.paid_on, part.amount_fen))
            case b.FundsReturned():
                self.paid -= event.total_fen
                for part in event.amounts:
                    self.by_day[part.line].append((event.returned_on, -part.amount_fen))
            case b.ExpenseRecorded() | b.TrainingCharged():
                self.spent += event.amount_fen
                self.left[event.expense_id] = event.amount_fen
                self.by_day[event.line].append((event.booked_on, -event.amount_fen))
            case b.ExpenseReversed():
                self.spent -= event.amount_fen
                self.left[event.expense_id] -= event.amount_fen
                self.by_day[event.line].append((event.reversed_on, event.amount_fen))

    def balance(self, line: str, day: date) -> int:
        return sum(fen for on, fen in self.by_day[line] if on <= day)


FIRST = b.FundsAppropriated(
    project_id=h.PROJECT,
    instalment=1,
    amounts=tuple(b.LineAmount(line.code, Fen(line.cap_fen // 2)) for line in h.TERMS.lines),
    total_fen=Fen(sum(line.cap_fen // 2 for line in h.TERMS.lines)),
    paid_on=h.PAID_ON,
)
"""Half of every line, so that there is something to draw on from the first day."""
LATE = {event for event in get_args(b.BudgetEvent) if getattr(event, "LATE", False)}


def played(sequence: list[Ask], reached: set[str] | None = None) -> Iterator[tuple[b.BudgetAccount, Ledger]]:
    """The account after each command that the rules and the order of days accept."""
    account, ledger = b.BudgetAccount(), Ledger()
    for event in (h.allotted, FIRST):
        account = b.evolve(account, event)
        ledger.note(event)
    for n, ask in enumerate(sequence, start=1):
        try:
            decided = ask.decide(account, n)
        except Refused:
            continue
        if not all(ledger.in_order(event, ask.day) for event in decided):
            continue
        for event in decided:
            account = b.evolve(account, event)
            ledger.note(event)
            if reached is not None:
                reached.add(type(event).__name__)
        yield account, ledger


@pytest.mark.soak
@settings(max_examples=100 * SOAK, deadline=None)
@given(st.lists(asks(), max_size=40))
def test_I8_money_conserves_over_any_sequence_of_commands(sequence: list[Ask]) -> None:
    for account, ledger in played(sequence):
        conserves(account, ledger)


def conserves(account: b.BudgetAccount, ledger: Ledger) -> None:
    """Nothing appears, nothing vanishes, nothing is negative, no line and no purpose is exceeded."""
    open_ = sum(line.open for line in account.lines.values())
    assert account.allotted == ledger.allotted == h.TERMS.unit_budget_fen
    assert account.allotted == account.appropriated + open_
    assert (account.appropriated, account.spent) == (ledger.paid, ledger.spent)
    assert account.appropriated == account.spent + account.balance
    assert all(0 <= held.spent <= held.appropriated <= held.cap for held in account.lines.values())
    assert account.spent == sum(booking.left for booking in account.bookings.values())
    assert {key: booking.left for key, booking in account.bookings.items()} == ledger.left
    for line in h.TERMS.lines:
        on_each_day(account.lines[line.code], line.code, ledger)
        for purpose in line.purposes:
            standing = account.standing(line.code, purpose.code)
            assert sum(x.left for x in standing) <= (purpose.most_fen or line.cap_fen + h.TERMS.unit_budget_fen)
            assert len(standing) <= (purpose.times or len(standing))


def on_each_day(held: b.LineBalance, line: str, ledger: Ledger) -> None:
    """On no day is more spent than was paid by then, and the account says what the least is from each day on."""
    balances = {day: ledger.balance(line, day) for day in DAYS}
    assert all(balance >= 0 for balance in balances.values()), balances
    for day in DAYS:
        assert held.lowest(day)[0] == min(balance for on, balance in balances.items() if on >= day)


def test_I8_the_sequences_do_reach_money() -> None:
    """The generator is worth nothing if everything it asks is refused."""
    reached: set[str] = set()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(st.lists(asks(), min_size=10, max_size=40))
    def run(sequence: list[Ask]) -> None:
        if not reached >= MOVING:
            for _ in played(sequence, reached):
                pass

    run()
    assert reached >= MOVING
