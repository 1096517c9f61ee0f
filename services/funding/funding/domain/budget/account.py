"""The account as its decisions need it, the fold, and the decisions that need no project.

Per line and in total: allotted = appropriated + not yet appropriated; appropriated = spent + written off + balance;
none of the six is ever negative (I8).  Of a line that organisations book, what each assignment was paid, spent and owes
lies apart in a pocket of its own: a freeze binds one assignment's, and no successor gets what another owes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.values import DocumentId, Fen, OrganisationId, ProjectId, yuan
from funding.domain.budget import events as b
from funding.domain.growing import Growing
from funding.domain.terms import Payer
from kit.errors import Refused, not_before

COMMON = 0
"""The pocket of what the payer keeps and books itself; those of organisations bear their assignments' numbers."""


def pocket_of(held_by: Payer, assignment: int | None) -> int:
    """In whose pocket money of a line lies that moves in the time of an assignment; None: in that of none."""
    return assignment or COMMON if held_by is Payer.ORGANISATION else COMMON


@dataclass(frozen=True)
class Pocket:
    """Fen of one line and one assignment."""

    appropriated: int = 0
    spent: int = 0
    written_off: int = 0
    moved: Growing[date, int] = field(default_factory=Growing)
    """What each day changed of the balance."""

    @property
    def funded_on(self) -> date | None:
        """The day of the first appropriation."""
        return min(self.moved, default=None)

    def lowest(self, since: date) -> tuple[int, date]:
        """The least that the balance comes to on any day from `since` on, with all that is recorded, and that day."""
        balance = sum(fen for day, fen in self.moved.items() if day <= since)
        least = (balance, since)
        for day, fen in sorted((day, fen) for day, fen in self.moved.items() if day > since):
            balance += fen
            least = min(least, (balance, day))
        return least

    @property
    def balance(self) -> int:
        """Appropriated, and neither spent nor given up."""
        return self.appropriated - self.spent - self.written_off


@dataclass(frozen=True)
class LineBalance:
    """Fen; `cap` is what the line is allotted."""

    held_by: Payer
    cap: int
    pockets: Growing[int, Pocket] = field(default_factory=Growing)

    def of(self, assignment: int | None) -> Pocket:
        """What moved in the time of an assignment; of a line that the payer books, all that did."""
        return self.pockets.get(pocket_of(self.held_by, assignment), Pocket())

    @property
    def appropriated(self) -> int:
        return sum(pocket.appropriated for pocket in self.pockets.values())

    @property
    def spent(self) -> int:
        return sum(pocket.spent for pocket in self.pockets.values())

    @property
    def written_off(self) -> int:
        return sum(pocket.written_off for pocket in self.pockets.values())

    @property
    def open(self) -> int:
        """Allotted and not yet appropriated."""
        return self.cap - self.appropriated

    @property
    def left(self) -> int:
        """Allotted, and neither spent nor given up."""
        return self.cap - self.spent - self.written_off

    @property
    def balance(self) -> int:
        return sum(pocket.balance for pocket in self.pockets.values())


NO_LINE = LineBalance(Payer.CITY, 0)


@dataclass(frozen=True)
class Booking:
    line: str
    purpose: str
    left: int
    """Fen not reversed."""
    on: date
    voucher: DocumentId | None = None
    phase: str | None = None
    assignment: int | None = None
    """Whose money it was: the number of the assignment at that time; None where there was none."""


@dataclass(frozen=True)
class BudgetAccount:
    project_id: ProjectId | None = None
    lines: dict[str, LineBalance] = field(default_factory=dict)
    bookings: Growing[UUID, Booking] = field(default_factory=Growing)
    instalments: int = 0
    frozen: frozenset[int] = frozenset()
    """The assignments whose money stands still, for good: it is brought to zero by the payer."""
    version: int | None = None
    """The version of the scheme that it is allotted by."""

    @property
    def allotted(self) -> int:
        return sum(line.cap for line in self.lines.values())

    @property
    def appropriated(self) -> int:
        return sum(line.appropriated for line in self.lines.values())

    @property
    def spent(self) -> int:
        return sum(line.spent for line in self.lines.values())

    @property
    def balance(self) -> int:
        return sum(line.balance for line in self.lines.values())

    def unspent_of(self, held_by: Payer) -> Fen:
        """What of the lines of one holder is neither spent nor given up, appropriated or not."""
        return Fen(sum(line.left for line in self.lines.values() if line.held_by is held_by))

    def owed_by(self, assignment: int) -> Fen:
        """The balance of one assignment."""
        return Fen(sum(line.pockets.get(assignment, Pocket()).balance for line in self.lines.values()))

    def moved_on(self, assignment: int | None = None) -> date | None:
        """The last day on which money moved: that of one assignment, or any."""
        pockets = (
            pocket
            for line in self.lines.values()
            for number, pocket in line.pockets.items()
            if assignment is None or number == assignment
        )
        return max((day for pocket in pockets for day in pocket.moved), default=None)

    def standing(self, line: str, purpose: str) -> list[Booking]:
        """Bookings of a purpose that are not wholly reversed."""
        return [x for x in self.bookings.values() if (x.line, x.purpose) == (line, purpose) and x.left]

    @property
    def id(self) -> ProjectId:
        if self.project_id is None:
            raise NotAllotted
        return self.project_id


def evolve(account: BudgetAccount, event: b.BudgetEvent) -> BudgetAccount:
    match event:
        case b.BudgetAllotted():
            lines = {part.line: LineBalance(part.held_by, part.cap_fen) for part in event.lines}
            return replace(account, project_id=event.project_id, lines=lines, version=event.scheme_version)
        case b.BudgetReallotted():
            before = account.lines
            lines = {
                part.line: replace(before.get(part.line, NO_LINE), held_by=part.held_by, cap=part.cap_fen)
                for part in event.lines
            }
            return replace(account, lines=lines, version=event.scheme_version)
        case b.BudgetAdjusted():
            account = _capped(account, event.from_line, -event.amount_fen)
            return _capped(account, event.to_line, event.amount_fen)
        case b.FundsAppropriated():
            for part in event.amounts:
                account = _moved(account, part.line, event.assignment, event.paid_on, appropriated=part.amount_fen)
            return replace(account, instalments=account.instalments + 1)
        case b.ExpenseRecorded() | b.TrainingCharged():
            phase, assignment = (
                (event.phase, event.assignment) if isinstance(event, b.ExpenseRecorded) else (None, None)
            )
            booking = Booking(
                event.line, event.purpose, event.amount_fen, event.booked_on, event.voucher, phase, assignment
            )
            account = _moved(account, event.line, assignment, event.booked_on, spent=event.amount_fen)
            return replace(account, bookings=account.bookings | {event.expense_id: booking})
        case b.ExpenseReversed():
            known = account.bookings[event.expense_id]
            left = replace(known, left=known.left - event.amount_fen)
            account = _moved(account, event.line, known.assignment, event.reversed_on, spent=-event.amount_fen)
            return replace(account, bookings=account.bookings | {event.expense_id: left})
        case b.FundsReturned():
            for part in event.amounts:
                account = _moved(account, part.line, event.assignment, event.returned_on, appropriated=-part.amount_fen)
            return account
        case b.FundsWrittenOff():
            for part in event.amounts:
                on = event.written_off_on
                account = _moved(account, part.line, event.assignment, on, written_off=part.amount_fen)
            return account
        case b.AppropriationFrozen():
            return replace(account, frozen=account.frozen | {event.assignment})
        case _:
            assert_never(event)


def _capped(account: BudgetAccount, line: str, fen: int) -> BudgetAccount:
    held = account.lines[line]
    return replace(account, lines={**account.lines, line: replace(held, cap=held.cap + fen)})


def _moved(
    account: BudgetAccount,
    line: str,
    assignment: int | None,
    on: date,
    *,
    appropriated: int = 0,
    spent: int = 0,
    written_off: int = 0,
) -> BudgetAccount:
    held = account.lines[line]
    before = held.of(assignment)
    now = Pocket(
        before.appropriated + appropriated,
        before.spent + spent,
        before.written_off + written_off,
        before.moved | {on: before.moved.get(on, 0) + appropriated - spent - written_off},
    )
    pockets = held.pockets | {pocket_of(held.held_by, assignment): now}
    return replace(account, lines={**account.lines, line: replace(held, pockets=pockets)})


class NotAllotted(Refused):
    code = "budget-not-allotted"
    name = "预算未下达"
    rule = "R-LZ-13"
    text = "该试点的预算尚未下达。请由出资的民政局先下达预算。"


class UnknownLine(Refused):
    code = "unknown-line"
    name = "没有该经费项"
    status = 422
    rule = "R-LZ-14"
    text = "预算中没有所填的经费项。请按方案的经费分项填写。"


class NotAnAmount(Refused):
    code = "not-an-amount"
    name = "金额不合规"
    status = 422
    text = "金额须为大于零的整数分。请核对后重新填写。"


class FundsFrozen(Refused):
    code = "funds-frozen"
    name = "经费已冻结"
    rule = "R-LZ-08"
    text = "现任承接机构的经费已冻结，不能拨付和支用。请由出资的民政局先完成机构处理和更换。"


class BalanceExceeded(Refused):
    code = "balance-exceeded"
    name = "超出已拨付余额"
    rule = "R-LZ-14"
    text = (
        "经费项“{line}”的已拨付余额在 {lowest_on} 为 {balance} 元，不足以在 {day} 支付 {amount} 元。"
        "请先申请拨款，或核对发生日期。"
    )


class UnknownExpense(Refused):
    code = "unknown-expense"
    name = "没有该笔支出"
    status = 422
    text = "该试点没有这笔支出。请核对支出编号。"


class MoreThanBooked(Refused):
    code = "more-than-booked"
    name = "超出可冲销金额"
    text = "该笔支出尚可冲销 {left} 元，不能冲销 {amount} 元。请核对冲销金额。"


class NothingToMove(Refused):
    code = "line-not-adjustable"
    name = "超出可调出额度"
    rule = "R-LZ-14"
    text = "经费项“{line}”尚未拨付的额度为 {open} 元，不能调出 {amount} 元。请减少金额，或从其他经费项调出。"


def held_line(account: BudgetAccount, code: str) -> LineBalance:
    line = account.lines.get(code)
    if line is None:
        raise NotAllotted if account.project_id is None else UnknownLine
    return line


def require_balance(pocket: Pocket, *, line: str, amount: int, on: date) -> None:
    """Spent is above appropriated on no day: neither on this one, nor on a later one that is recorded already."""
    not_before(on, pocket.funded_on, f"经费项“{line}”首次拨款")
    balance, lowest_on = pocket.lowest(on)
    if amount > balance:
        raise BalanceExceeded(line=line, lowest_on=lowest_on, balance=yuan(balance), day=on, amount=yuan(amount))


def require_amounts(amounts: Iterable[int]) -> None:
    if not all(amount > 0 for amount in amounts):
        raise NotAnAmount


def freeze(
    account: BudgetAccount, *, organisation_id: OrganisationId, assignment: int, frozen_on: date
) -> Sequence[b.BudgetEvent]:
    """What one assignment holds stands still.  Nothing to freeze before an allotment; twice is once."""
    if account.project_id is None or assignment in account.frozen:
        return ()
    frozen = b.AppropriationFrozen(
        project_id=account.project_id,
        organisation_id=organisation_id,
        assignment=assignment,
        balance_fen=account.owed_by(assignment),
        frozen_on=frozen_on,
    )
    return (frozen,)
