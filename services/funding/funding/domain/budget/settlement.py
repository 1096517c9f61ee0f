"""What is paid and not spent comes to zero: it is taken back, or given up with a document.

Money that was spent and comes back is a reversal, and is then taken back like the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, Fen, yuan
from funding.domain.budget import events as b
from funding.domain.budget.account import BudgetAccount, held_line, pocket_of, require_balance
from funding.domain.budget.allotment import merged
from funding.domain.project.funds import NotYetOwed
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.state import Project
from funding.domain.project.steps import RETURN_FUNDS, WRITE_OFF, require
from funding.domain.scheme import Scheme
from kit.errors import Refused, not_before


class MoreThanOwed(Refused):
    code = "more-than-owed"
    name = "超出未结清余额"
    text = "经费项“{line}”在 {lowest_on} 尚有余额 {balance} 元，不能核销 {amount} 元。请核对金额、承接任期和日期。"


def take_back(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    amounts: tuple[b.LineAmount, ...],
    assignment: int | None = None,
    actor: Actor,
    occurred_on: date,
) -> Sequence[b.BudgetEvent]:
    """Unspent money of an assignment comes back to the payer, frozen or not; it can be appropriated again.

    Where none is named it is that of the present one, or of the last.
    """
    s = Situation.on(occurred_on, project, scheme, account)
    require(RETURN_FUNDS, s, actor)
    whose, by_line = project.whose(assignment), merged(amounts)
    for line, amount in by_line.items():
        pocket = held_line(account, line).of(whose)
        require_balance(pocket, line=s.terms.line_name(line), amount=amount, on=occurred_on)
    returned = b.FundsReturned(
        project_id=account.id,
        assignment=whose,
        amounts=tuple(b.LineAmount(line, Fen(amount)) for line, amount in by_line.items()),
        total_fen=Fen(sum(by_line.values())),
        returned_on=occurred_on,
    )
    return (returned,)


def write_off(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    amounts: tuple[b.LineAmount, ...],
    reason: str,
    document: DocumentId,
    assignment: int | None = None,
    actor: Actor,
    occurred_on: date,
) -> Sequence[b.BudgetEvent]:
    """What an ended assignment, or a project that is over or rated, owes and cannot be had back; never more."""
    s = Situation.on(occurred_on, project, scheme, account)
    require(WRITE_OFF, s, actor)
    whose, by_line = project.whose(assignment), merged(amounts)
    for line, amount in by_line.items():
        held = held_line(account, line)
        if not _owes(project, pocket_of(held.held_by, whose)):
            raise NotYetOwed
        not_before(occurred_on, held.of(whose).funded_on, f"经费项“{s.terms.line_name(line)}”首次拨款")
        balance, lowest_on = held.of(whose).lowest(occurred_on)
        if amount > balance:
            name = s.terms.line_name(line)
            raise MoreThanOwed(line=name, lowest_on=lowest_on, balance=yuan(balance), amount=yuan(amount))
    written_off = b.FundsWrittenOff(
        project_id=account.id,
        assignment=whose,
        amounts=tuple(b.LineAmount(line, Fen(amount)) for line, amount in by_line.items()),
        total_fen=Fen(sum(by_line.values())),
        reason=reason,
        document=document,
        written_off_on=occurred_on,
    )
    return (written_off,)


def _owes(project: Project, pocket: int) -> bool:
    """Nobody carries on with this money: its assignment ended, or the project is over, or rated."""
    now = project.assignment
    return project.over or now is None or now.rated or pocket in project.former
