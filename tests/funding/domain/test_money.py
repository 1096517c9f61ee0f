"""I8: money conserves on every day, whatever is asked of a project and its money, in whatever order, early or late."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.soak import SOAK

from contracts.values import Fen
from funding.domain import budget as b
from funding.domain.budget.allotment import adjust, appropriate
from funding.domain.budget.expenses import Bill, record_expense, reverse_expense
from funding.domain.budget.settlement import take_back, write_off
from funding.domain.organisation import Organisation
from funding.domain.organisation import evolve as organisation_after
from funding.domain.project import end, procurement
from funding.domain.project import events as e
from funding.domain.project import state as projects
from funding.domain.project.state import Project
from funding.domain.quota import QuotaUse
from funding.domain.terms import Payer
from kit.errors import Refused
from kit.testing import Spec

from . import histories as h

RUNNING = Spec(Project(), projects.evolve).state(*h.RUNNING)
GOOD = organisation_after(Organisation(), h.organisation_noted)
LINES = [line.code for line in h.TERMS.lines]
PAYERS = st.sampled_from([Payer.CITY, Payer.CITY, Payer.CITY, Payer.ORGANISATION, Payer.DISTRICT])
DAYS = [h.STARTED + timedelta(days=n) for n in range(0, 180, 30)]
AMOUNTS = st.one_of(st.integers(1, 5_000), st.integers(-10, 2_000_000), st.integers(1, 40_000_000))
MOVING = {
    *("FundsAppropriated", "ExpenseRecorded", "TrainingCharged", "ExpenseReversed"),
    *("FundsReturned", "FundsWrittenOff", "BudgetAdjusted", "AppropriationFrozen"),
    *("AssignmentEnded", "OrganisationSelected", "ProjectSuspended", "ProjectResumed", "ProjectTerminated"),
}
PURPOSES = [(line.code, purpose.code) for line in h.TERMS.lines for purpose in line.purposes]
KINDS = [
    *("appropriate", "spend", "spend", "spend", "late", "reverse", "return", "write off", "adjust"),
    *("end", "succeed", "suspend", "resume", "terminate"),
]


@dataclass(frozen=True)
class World:
    project: Project
    account: b.BudgetAccount
    last: dict[str, date] = field(default_factory=dict)
    """The last day of each stream: below it only events that may be late are recorded."""

    def after(self, event: Any, day: date) -> "World":
        stream = "budget" if isinstance(event, b.BudgetEvent) else "project"
        last = self.last if getattr(event, "LATE", False) else {**self.last, stream: day}
        if stream == "budget":
            return replace(self, account=b.evolve(self.account, event), last=last)
        return replace(self, project=projects.evolve(self.project, event), last=last)

    def takes(self, event: Any, day: date) -> bool:
        """What the store asks of the days of a stream."""
        stream = "budget" if isinstance(event, b.BudgetEvent) else "project"
        return getattr(event, "LATE", False) or day >= self.last.get(stream, day)


@dataclass(frozen=True)
class Ask:
    """One command of a day; `decide` takes the world and the command's number within its sequence."""

    kind: str
    day: date
    decide: Callable[[World, int], Any]


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """One command, sensible or not."""
    day, kind = draw(st.sampled_from(DAYS)), draw(st.sampled_from(KINDS))
    return Ask(kind, day, _decision(draw, kind, day))


def _decision(draw: st.DrawFn, kind: str, day: date) -> Callable[[World, int], Any]:
    fen, by, line = Fen(draw(AMOUNTS)), draw(PAYERS), draw(st.sampled_from(LINES))
    other, nth = draw(st.sampled_from(LINES)), draw(st.integers(0, 20))
    whose = draw(st.sampled_from([None, None, 1, 2]))
    central: dict[str, Any] = {"actor": h.PAYS[by], "occurred_on": day}
    city = {**central, "actor": h.CITY}
    match kind:
        case "appropriate":
            parts = (b.LineAmount(line, fen), b.LineAmount(other, Fen(draw(AMOUNTS))))
            return lambda w, _: appropriate(w.account, w.project, h.SCHEME, amounts=parts, **central)
        case "spend" | "late":
            bill, books = _bill(draw, fen, whose if kind == "late" else None)
            likely = Payer.CITY if kind == "late" else draw(st.sampled_from([books, books, by]))
            payer: dict[str, Any] = {**central, "actor": h.PAYS[likely]}
            return lambda w, n: record_expense(w.account, w.project, h.SCHEME, bill=bill(n), **payer)
        case "reverse":
            return lambda w, n: _reverse(w, n, nth, fen, by, day)
        case "return":
            ask: dict[str, Any] = {"amounts": (b.LineAmount(line, fen),), "assignment": whose, **central}
            return lambda w, _: take_back(w.account, w.project, h.SCHEME, **ask)
        case "write off":
            gone: dict[str, Any] = {"amounts": (b.LineAmount(line, fen),), "assignment": whose, **central}
            gone |= {"reason": "dissolved", "document": h.PAPER}
            return lambda w, _: write_off(w.account, w.project, h.SCHEME, **gone)
        case "adjust":
            move = {"from_line": line, "to_line": other, "amount_fen": fen, "reference": h.PAPER, **central}
            return lambda w, _: adjust(w.account, w.project, h.SCHEME, **move)
        case "end":
            cause = {"cause": e.EndCause.BREACH, "reason": "breach", **city}
            return lambda w, _: procurement.end_assignment(w.project, GOOD, w.account, h.SCHEME, **cause)
        case "succeed":
            return lambda w, _: _successor(w, day)
        case "suspend":
            return lambda w, _: end.suspend(w.project, h.SCHEME, reason="flood", **city)
        case "resume":
            return lambda w, _: end.resume(w.project, h.SCHEME, **city)
        case _:
            over = {"reason": "abandoned", "document": h.PAPER, "give_back_place": False, **city}
            return lambda w, _: end.terminate(w.project, QuotaUse(), h.SCHEME, w.account, **over)


def _successor(world: World, day: date) -> Any:
    """The same organisation is selected again, and its staff verified, where nobody carries the project out."""
    if world.project.assignment or world.project.terminated or world.project.suspended:
        return ()
    signed = replace(h.agreement_signed, signed_on=day)
    return (replace(h.selected, selected_on=day), signed, h.declared, replace(h.verified, verified_on=day))


def _bill(draw: st.DrawFn, fen: Fen, whose: int | None) -> tuple[Callable[[int], Bill], Payer]:
    """A bill, and who may book its line."""
    line, purpose = draw(st.sampled_from(PURPOSES))
    held = h.TERMS.line(line)
    assert held is not None
    worker = draw(st.sampled_from([*h.WORKERS, None]))
    grade = draw(st.sampled_from([10, 12, None]))
    phase = draw(st.sampled_from(["midterm", "final", None]))
    third_party, late = draw(st.sampled_from([h.EVALUATOR, h.AUDITOR])), draw(st.booleans())
    facts = (line, purpose, fen, None, worker, grade, phase, third_party, late, whose)
    return lambda n: Bill(UUID(int=n), *facts), held.booked_by


def _reverse(w: World, n: int, nth: int, fen: Fen, by: Payer, day: date) -> Any:
    known = list(w.account.bookings)
    return reverse_expense(
        w.account,
        w.project,
        h.SCHEME,
        reversal_id=UUID(int=n),
        expense_id=known[nth % len(known)] if known else UUID(int=0),
        amount_fen=fen,
        reason=b.ReversalReason.REFUND,
        actor=h.PAYS[by],
        occurred_on=day,
    )


Key = tuple[str, int]
"""A line, and the assignment whose money it is; 0 of a line that the city books."""


class Ledger:
    """The same money counted another way: by adding up events, by line, assignment and day."""

    def __init__(self) -> None:
        self.paid = self.spent = self.given_up = 0
        self.left: dict[UUID, int] = {}
        self.whose: dict[UUID, Key] = {}
        self.by_day: dict[Key, list[tuple[date, int]]] = {}

    def note(self, event: Any) -> None:
        match event:
            case b.FundsAppropriated():
                self.paid += event.total_fen
                self._parts(event, event.paid_on, 1)
            case b.FundsReturned():
                self.paid -= event.total_fen
                self._parts(event, event.returned_on, -1)
            case b.FundsWrittenOff():
                self.given_up += event.total_fen
                self._parts(event, event.written_off_on, -1)
            case b.ExpenseRecorded() | b.TrainingCharged():
                self.spent += event.amount_fen
                self.left[event.expense_id] = event.amount_fen
                self.whose[event.expense_id] = self._key(event.line, getattr(event, "assignment", None))
                self._move(self.whose[event.expense_id], event.booked_on, -event.amount_fen)
            case b.ExpenseReversed():
                self.spent -= event.amount_fen
                self.left[event.expense_id] -= event.amount_fen
                self._move(self.whose[event.expense_id], event.reversed_on, event.amount_fen)

    def _parts(self, event: Any, on: date, sign: int) -> None:
        for part in event.amounts:
            self._move(self._key(part.line, event.assignment), on, sign * part.amount_fen)

    def _move(self, key: Key, on: date, fen: int) -> None:
        self.by_day.setdefault(key, []).append((on, fen))

    def _key(self, line: str, assignment: int | None) -> Key:
        held = h.TERMS.line(line)
        assert held is not None
        return line, assignment or 0 if held.booked_by is Payer.ORGANISATION else 0

    def balance(self, key: Key, day: date) -> int:
        return sum(fen for on, fen in self.by_day.get(key, ()) if on <= day)


FIRST = b.FundsAppropriated(
    project_id=h.PROJECT,
    instalment=1,
    assignment=1,
    amounts=tuple(b.LineAmount(line.code, Fen(line.cap_fen // 2)) for line in h.TERMS.lines),
    total_fen=Fen(sum(line.cap_fen // 2 for line in h.TERMS.lines)),
    paid_on=h.STARTED,
)
"""Half of every line, so that there is something to draw on from the first day."""


def _flat(decided: Any) -> Iterator[Any]:
    for one in decided:
        if isinstance(one, tuple | list):
            yield from _flat(one)
        elif isinstance(one, (*get_args(b.BudgetEvent), *_PROJECT)):
            yield one


_PROJECT = tuple(kind for part in get_args(e.ProjectEvent) for kind in (get_args(part) or (part,)))
Played = tuple[World, Ledger, list[tuple[date, Any]]]


def played(sequence: list[Ask], reached: set[str] | None = None) -> Iterator[Played]:
    """The world after each command that the rules and the order of days accept, and what was recorded so far."""
    world, ledger = World(RUNNING, b.BudgetAccount()), Ledger()
    recorded: list[tuple[date, Any]] = []
    for event in (h.allotted, FIRST):
        world = world.after(event, h.STARTED)
        ledger.note(event)
        recorded.append((h.STARTED, event))
    for n, ask in enumerate(sequence, start=1):
        try:
            decided = list(_flat(ask.decide(world, n)))
        except Refused:
            continue
        if not all(world.takes(event, ask.day) for event in decided):
            continue
        before = world
        for event in decided:
            world = world.after(event, ask.day)
            ledger.note(event)
            recorded.append((ask.day, event))
            if reached is not None:
                reached.add(type(event).__name__)
        stands_still(before, ask, decided)
        yield world, ledger, recorded


@pytest.mark.soak
@settings(max_examples=150 * SOAK, deadline=None)
@given(st.lists(asks(), max_size=40))
def test_I8_money_conserves_over_any_sequence_of_commands(sequence: list[Ask]) -> None:
    for world, ledger, recorded in played(sequence):
        conserves(world.account, ledger)
        order_of_recording_does_not_matter(world.account, recorded)


def conserves(account: b.BudgetAccount, ledger: Ledger) -> None:
    """Nothing appears, nothing vanishes, nothing is negative, no line and no purpose is exceeded."""
    open_ = sum(line.open for line in account.lines.values())
    assert account.allotted == h.TERMS.unit_budget_fen == account.appropriated + open_
    given_up = sum(line.written_off for line in account.lines.values())
    assert (account.appropriated, account.spent, given_up) == (ledger.paid, ledger.spent, ledger.given_up)
    assert account.appropriated == account.spent + given_up + account.balance
    for held in account.lines.values():
        assert 0 <= held.spent + held.written_off <= held.appropriated <= held.cap
    assert account.spent == sum(booking.left for booking in account.bookings.values())
    assert {key: booking.left for key, booking in account.bookings.items()} == ledger.left
    for line in h.TERMS.lines:
        on_each_day(account.lines[line.code], line.code, ledger)
        for purpose in line.purposes:
            standing = account.standing(line.code, purpose.code)
            assert sum(x.left for x in standing) <= (purpose.most_fen or line.cap_fen + h.TERMS.unit_budget_fen)
            assert len(standing) <= (purpose.times or len(standing))


def on_each_day(held: b.LineBalance, line: str, ledger: Ledger) -> None:
    """On no day has an assignment spent more than it was paid by then, and the account says what the least is."""
    assert {(line, number) for number in held.pockets} == {key for key in ledger.by_day if key[0] == line}
    for number, pocket in held.pockets.items():
        balances = {day: ledger.balance((line, number), day) for day in DAYS}
        assert all(balance >= 0 for balance in balances.values()), balances
        for day in DAYS:
            assert pocket.lowest(day)[0] == min(balance for on, balance in balances.items() if on >= day)


def order_of_recording_does_not_matter(account: b.BudgetAccount, recorded: list[tuple[date, Any]]) -> None:
    """What came late stands as if it had come on its day."""
    again = b.BudgetAccount()
    for _, event in sorted(recorded, key=lambda one: one[0]):
        if isinstance(event, b.BudgetEvent):
            again = b.evolve(again, event)
    for code, held in account.lines.items():
        assert dict(again.lines[code].pockets) == dict(held.pockets)


def stands_still(before: World, ask: Ask, decided: list[Any]) -> None:
    """Money of an ended assignment is moved by the payer's own act for it, and by no successor's."""
    for event in decided:
        whose = getattr(event, "assignment", None)
        if isinstance(event, b.ExpenseRecorded) and event.booked_by is Payer.ORGANISATION:
            assert whose is not None
            assert whose not in before.account.frozen
        if isinstance(event, b.ExpenseRecorded) and whose in before.project.former and event.line != "evaluation_audit":
            assert event.late_booking
            assert event.booked_by is Payer.CITY
        if isinstance(event, b.FundsAppropriated):
            assert whose not in before.account.frozen


def test_I8_the_sequences_do_reach_money() -> None:
    """The generator is worth nothing if everything it asks is refused."""
    reached: set[str] = set()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(st.lists(asks(), min_size=10, max_size=40))
    def run(sequence: list[Ask]) -> None:
        if not reached >= MOVING:
            for _ in played(sequence, reached):
                pass

    run()
    assert reached >= MOVING, MOVING - reached
