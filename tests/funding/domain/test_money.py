"""I8: money conserves, whatever is asked for in whatever order."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget.allotment import adjust, appropriate, release, take_back
from funding.domain.budget.expenses import Bill, record_expense, reverse_expense
from funding.domain.pilot import state as pilots
from funding.domain.pilot.state import Pilot
from funding.domain.terms import Payer
from kit.errors import Refused
from kit.testing import Spec

from . import histories as h

RUNNING = Spec(Pilot(), pilots.evolve).state(*h.RUNNING)
LINES = [line.code for line in h.TERMS.lines]
PAYERS = st.sampled_from([Payer.CITY, Payer.CITY, Payer.CITY, Payer.AGENCY, Payer.DISTRICT])
AMOUNTS = st.one_of(st.integers(1, 5_000), st.integers(-10, 2_000_000), st.integers(1, 40_000_000))
PURPOSES = [(line.code, purpose.code) for line in h.TERMS.lines for purpose in line.purposes]
Ask = Callable[[b.BudgetAccount, int], Any]


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """One command on the account, sensible or not; `n` numbers it within its sequence."""
    kind = draw(st.sampled_from(["appropriate", "spend", "spend", "spend", "reverse", "return", "adjust", "freeze"]))
    fen, by, line = Fen(draw(AMOUNTS)), draw(PAYERS), draw(st.sampled_from(LINES))
    other, nth = draw(st.sampled_from(LINES)), draw(st.integers(0, 20))
    central: dict[str, Any] = {"by": by, "occurred_on": h.MIDTERM}
    unit = h.UNIT if by is Payer.AGENCY else None
    match kind:
        case "appropriate":
            parts = (b.LineAmount(line, fen), b.LineAmount(other, Fen(draw(AMOUNTS))))
            return lambda a, _: appropriate(a, RUNNING, h.SCHEME, amounts=parts, **central)[0]
        case "spend":
            bill, books = _bill(draw, fen)
            likely = draw(st.sampled_from([books, books, by]))
            payer: dict[str, Any] = {**central, "by": likely, "unit": h.UNIT if likely is Payer.AGENCY else None}
            return lambda a, n: record_expense(a, RUNNING, h.SCHEME, bill=bill(n), **payer)[0]
        case "reverse":
            return lambda a, n: _reverse(a, n, nth, fen, by, unit)
        case "return":
            return lambda a, _: take_back(a, h.SCHEME, amounts=(b.LineAmount(line, fen),), **central)[0]
        case "adjust":
            ask: dict[str, Any] = {
                "from_line": line,
                "to_line": other,
                "amount_fen": fen,
                "reference": h.PAPER,
                **central,
            }
            return lambda a, _: adjust(a, h.SCHEME, **ask)[0]
        case _:
            return lambda a, _: (
                release(a, RUNNING, h.SCHEME, **central)[0]
                if a.frozen
                else b.freeze(a, agency_id=h.AGENCY, frozen_on=h.MIDTERM)
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


def _reverse(a: b.BudgetAccount, n: int, nth: int, fen: Fen, by: Payer, unit: str | None) -> Any:
    known = list(a.bookings)
    expense_id = known[nth % len(known)] if known else UUID(int=0)
    reason = b.ReversalReason.REFUND
    return reverse_expense(
        a,
        RUNNING,
        reversal_id=UUID(int=n),
        expense_id=expense_id,
        amount_fen=fen,
        reason=reason,
        by=by,
        unit=unit,
        occurred_on=h.MIDTERM,
    )[0]


class Ledger:
    """The same money counted another way: by adding up events, in total and by line."""

    def __init__(self) -> None:
        self.allotted = self.paid = self.spent = 0
        self.left: dict[UUID, int] = {}

    def note(self, event: Any) -> None:
        match event:
            case b.BudgetAllotted():
                self.allotted += event.total_fen
            case b.FundsAppropriated():
                self.paid += event.total_fen
            case b.FundsReturned():
                self.paid -= event.total_fen
            case b.ExpenseRecorded() | b.TrainingCharged():
                self.spent += event.amount_fen
                self.left[event.expense_id] = event.amount_fen
            case b.ExpenseReversed():
                self.spent -= event.amount_fen
                self.left[event.expense_id] -= event.amount_fen


@settings(max_examples=300, deadline=None)
@given(st.lists(asks(), max_size=40))
def test_I8_money_conserves_over_any_sequence_of_commands(sequence: list[Ask]) -> None:
    account, ledger = b.evolve(b.BudgetAccount(), h.allotted), Ledger()
    ledger.note(h.allotted)
    for n, ask in enumerate(sequence, start=1):
        try:
            decided = ask(account, n)
        except Refused:
            continue
        for event in decided:
            account = b.evolve(account, event)
            ledger.note(event)
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
        for purpose in line.purposes:
            standing = account.standing(line.code, purpose.code)
            assert sum(x.left for x in standing) <= (purpose.most_fen or line.cap_fen + h.TERMS.unit_budget_fen)
            assert len(standing) <= (purpose.times or len(standing))


def test_I8_the_sequences_do_reach_money() -> None:
    """The generator is worth nothing if everything it asks is refused."""
    reached: set[str] = set()

    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    @given(st.lists(asks(), min_size=10, max_size=40))
    def run(sequence: list[Ask]) -> None:
        account = b.evolve(b.BudgetAccount(), h.allotted)
        for n, ask in enumerate(sequence, start=1):
            try:
                decided = ask(account, n)
            except Refused:
                continue
            for event in decided:
                account = b.evolve(account, event)
                reached.add(type(event).__name__)

    run()
    assert reached >= {"FundsAppropriated", "ExpenseRecorded", "TrainingCharged", "ExpenseReversed"}
    assert reached >= {"FundsReturned", "BudgetAdjusted", "AppropriationFrozen", "AppropriationReleased"}
