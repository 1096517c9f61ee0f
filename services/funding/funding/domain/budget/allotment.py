"""Step 9 and the payer's other decisions before it settles: allot, appropriate, adjust."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, Fen, TenantId, yuan
from funding.domain.budget import events as b
from funding.domain.budget.account import (
    BudgetAccount,
    NothingToMove,
    held_line,
    require_amounts,
)
from funding.domain.project import events as e
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.state import Project
from funding.domain.project.steps import ADJUST, ALLOT, APPROPRIATE, require
from funding.domain.scheme import Scheme
from funding.domain.terms import Terms
from kit.errors import Refused


class AppropriationOverCap(Refused):
    code = "appropriation-over-cap"
    name = "超出可拨付额度"
    rule = "R-LZ-13"
    text = "经费项“{line}”尚可拨付 {open} 元，不能拨付 {amount} 元。如需调整，请先办理预算调整。"


class LinesOfDifferentHolders(Refused):
    code = "lines-of-different-holders"
    name = "经费项列支单位不同"
    rule = "R-LZ-14"
    text = "经费项“{line}”与调入的经费项列支单位不同，额度不能相互调整。请在同一列支单位的经费项之间调整。"


def allot(
    account: BudgetAccount, project: Project, scheme: Scheme, *, actor: Actor, occurred_on: date
) -> Sequence[b.BudgetEvent]:
    """The unit budget, line by line, exactly as the project's version says (R-LZ-13); after a move, by the new one."""
    s = Situation.on(occurred_on, project, scheme, account)
    if not require(ALLOT, s, actor):
        return ()
    terms = s.terms
    if account.project_id is not None:
        return (_anew(account, project.holds, terms),)
    allotted = b.BudgetAllotted(
        project_id=project.id,
        scheme_id=project.under,
        scheme_version=project.holds,
        district=TenantId(str(project.district)),
        lines=tuple(b.LineAllotment(line.code, line.booked_by, line.cap_fen) for line in terms.lines),
        total_fen=terms.unit_budget_fen,
    )
    return (allotted,)


def _anew(account: BudgetAccount, version: int, terms: Terms) -> b.BudgetReallotted:
    """What is paid stands, and lies where it was paid to: it can be taken back, which is another decision.

    So a line on which money has moved keeps its holder; who books it from now on, the terms say.
    """
    paid = {code: line.appropriated for code, line in account.lines.items()}
    holders = {code: line.held_by for code, line in account.lines.items() if line.pockets}
    asked = [
        b.LineAllotment(
            line.code, holders.get(line.code, line.booked_by), Fen(max(line.cap_fen, paid.get(line.code, 0)))
        )
        for line in terms.lines
    ]
    gone = [
        b.LineAllotment(code, line.held_by, Fen(line.appropriated))
        for code, line in account.lines.items()
        if terms.line(code) is None
    ]
    lines = (*asked, *gone)
    return b.BudgetReallotted(account.id, version, lines, Fen(sum(part.cap_fen for part in lines)))


def appropriate(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    amounts: tuple[b.LineAmount, ...],
    actor: Actor,
    occurred_on: date,
) -> tuple[Sequence[b.BudgetEvent], Sequence[e.ProjectEvent]]:
    """One instalment of any number (C-17); no line beyond its cap.  The first one funds the project."""
    s = Situation.on(occurred_on, project, scheme, account)
    require(APPROPRIATE, s, actor)
    terms = s.terms
    by_line = merged(amounts)
    for line, amount in by_line.items():
        if amount > (left := held_line(account, line).open):
            raise AppropriationOverCap(line=terms.line_name(line), open=yuan(left), amount=yuan(amount))
    paid = b.FundsAppropriated(
        project_id=account.id,
        instalment=account.instalments + 1,
        assignment=project.assigned.number,
        amounts=tuple(b.LineAmount(line, Fen(amount)) for line, amount in by_line.items()),
        total_fen=Fen(sum(by_line.values())),
        paid_on=occurred_on,
    )
    funded = () if project.assigned.funded else (e.ProjectFunded(project_id=project.id),)
    return (paid,), funded


def adjust(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    from_line: str,
    to_line: str,
    amount_fen: Fen,
    reference: DocumentId,
    actor: Actor,
    occurred_on: date,
) -> Sequence[b.BudgetEvent]:
    """Moves cap between lines of one holder; the unit budget stays (C-17), and what the payer keeps (C-49).

    Only what is not yet appropriated can move.
    """
    s = Situation.on(occurred_on, project, scheme, account)
    require(ADJUST, s, actor)
    terms = s.terms
    require_amounts((amount_fen,))
    giving, taking = held_line(account, from_line), held_line(account, to_line)
    if giving.held_by is not taking.held_by:
        raise LinesOfDifferentHolders(line=terms.line_name(from_line))
    left = giving.open
    if amount_fen > left or from_line == to_line:
        raise NothingToMove(line=terms.line_name(from_line), open=yuan(left), amount=yuan(amount_fen))
    adjusted = b.BudgetAdjusted(
        project_id=account.id, from_line=from_line, to_line=to_line, amount_fen=amount_fen, reference=reference
    )
    return (adjusted,)


def merged(amounts: tuple[b.LineAmount, ...]) -> dict[str, int]:
    """Fen by line."""
    require_amounts(part.amount_fen for part in amounts)
    by_line: dict[str, int] = {}
    for part in amounts:
        by_line[part.line] = by_line.get(part.line, 0) + part.amount_fen
    require_amounts((sum(by_line.values()),))
    return by_line
