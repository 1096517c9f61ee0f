"""Step 9 and the payer's other decisions: allot, appropriate, adjust, take back, release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import DocumentId, Fen, TenantId, yuan
from funding.domain.budget import events as b
from funding.domain.budget.account import (
    BudgetAccount,
    FundsFrozen,
    NothingToMove,
    held_line,
    require_amounts,
    require_balance,
)
from funding.domain.project import events as e
from funding.domain.project.state import Project, WrongStage, require_stage
from funding.domain.scheme import Scheme
from funding.domain.terms import PAYER_NAMES, Payer, Stage
from kit.errors import Refused, not_before

PAYABLE = tuple(s for s in Stage if not s.before(Stage.STAFFED) and s is not Stage.CLOSED)


class WrongPayer(Refused):
    code = "wrong-payer"
    name = "不由本局出资"
    status = 403
    clause = "R-LZ-33"
    text = "该方案由{payer}出资，须由同级民政局办理。请联系出资的民政局。"


class AppropriationOverCap(Refused):
    code = "appropriation-over-cap"
    name = "超出可拨付额度"
    clause = "R-LZ-13"
    text = "经费项“{line}”尚可拨付 {open} 元，不能拨付 {amount} 元。如需调整，请先办理预算调整。"


class StaffNotVerified(Refused):
    code = "staff-not-verified"
    name = "人员未核验通过"
    clause = "R-LZ-09"
    text = "协议签订且人员核验通过之前不能拨款。目前处于“{stage}”阶段，请先完成协议签订和人员核验。"


class ImpersonationOpen(Refused):
    code = "impersonation-open"
    name = "冒名顶替未处理完毕"
    clause = "R-LZ-08"
    text = "现任承接机构的冒名顶替问题尚未处理完毕，不能解冻经费。请先完成机构处理和更换。"


def allot(
    account: BudgetAccount, project: Project, scheme: Scheme, *, by: Payer, occurred_on: date
) -> Sequence[b.BudgetEvent]:
    """The unit budget, line by line, exactly as the scheme says (R-LZ-13)."""
    if account.project_id is not None:
        return ()
    number, terms = scheme.in_force(occurred_on)
    require_payer(by, terms.funding_source)
    _require_verified(project, occurred_on)
    allotted = b.BudgetAllotted(
        project_id=project.id,
        scheme_id=project.under,
        scheme_version=number,
        district=TenantId(str(project.district)),
        lines=tuple(b.LineAllotment(line.code, line.booked_by, line.cap_fen) for line in terms.lines),
        total_fen=terms.unit_budget_fen,
    )
    return (allotted,)


def appropriate(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    amounts: tuple[b.LineAmount, ...],
    by: Payer,
    occurred_on: date,
) -> tuple[Sequence[b.BudgetEvent], Sequence[e.ProjectEvent]]:
    """One instalment of any number (C-17); no line beyond its cap.  The first one funds the project."""
    terms = scheme.terms(occurred_on)
    require_payer(by, terms.funding_source)
    _require_verified(project, occurred_on)
    if account.frozen:
        raise FundsFrozen
    merged = _merged(amounts)
    for line, amount in merged.items():
        if amount > (left := held_line(account, line).open):
            raise AppropriationOverCap(line=terms.line_name(line), open=yuan(left), amount=yuan(amount))
    paid = b.FundsAppropriated(
        project_id=account.id,
        instalment=account.instalments + 1,
        amounts=tuple(b.LineAmount(line, Fen(amount)) for line, amount in merged.items()),
        total_fen=Fen(sum(merged.values())),
        paid_on=occurred_on,
    )
    funded = (e.ProjectFunded(project_id=project.id),) if project.stage is Stage.STAFFED else ()
    return (paid,), funded


def adjust(
    account: BudgetAccount,
    scheme: Scheme,
    *,
    from_line: str,
    to_line: str,
    amount_fen: Fen,
    reference: DocumentId,
    by: Payer,
    occurred_on: date,
) -> Sequence[b.BudgetEvent]:
    """Moves cap between lines; the unit budget stays (C-17).  Only what is not yet appropriated can move."""
    terms = scheme.terms(occurred_on)
    require_payer(by, terms.funding_source)
    require_amounts((amount_fen,))
    left = held_line(account, from_line).open
    held_line(account, to_line)
    if amount_fen > left or from_line == to_line:
        raise NothingToMove(line=terms.line_name(from_line), open=yuan(left), amount=yuan(amount_fen))
    adjusted = b.BudgetAdjusted(
        project_id=account.id, from_line=from_line, to_line=to_line, amount_fen=amount_fen, reference=reference
    )
    return (adjusted,)


def take_back(
    account: BudgetAccount, scheme: Scheme, *, amounts: tuple[b.LineAmount, ...], by: Payer, occurred_on: date
) -> Sequence[b.BudgetEvent]:
    """Unspent money comes back to the payer, frozen or not; it can be appropriated again."""
    terms = scheme.terms(occurred_on)
    require_payer(by, terms.funding_source)
    merged = _merged(amounts)
    for line, amount in merged.items():
        require_balance(held_line(account, line), line=terms.line_name(line), amount=amount, on=occurred_on)
    returned = b.FundsReturned(
        project_id=account.id,
        amounts=tuple(b.LineAmount(line, Fen(amount)) for line, amount in merged.items()),
        total_fen=Fen(sum(merged.values())),
        returned_on=occurred_on,
    )
    return (returned,)


def release(
    account: BudgetAccount, project: Project, scheme: Scheme, *, by: Payer, occurred_on: date
) -> tuple[Sequence[b.BudgetEvent], Sequence[e.ProjectEvent]]:
    """Money may move again once an organisation stands with verified staff and no finding open against it."""
    require_payer(by, scheme.terms(occurred_on).funding_source)
    if not account.frozen:
        return (), ()
    if project.impersonated:
        raise ImpersonationOpen
    _require_verified(project, occurred_on)
    not_before(occurred_on, account.frozen_on, "冻结经费")
    released = b.AppropriationReleased(project_id=account.id, organisation_id=project.carried_out_by)
    funded = project.stage is Stage.STAFFED and account.balance > 0
    return (released,), (e.ProjectFunded(project_id=project.id),) if funded else ()


def require_payer(by: Payer, payer: Payer) -> None:
    if by is not payer:
        raise WrongPayer(payer=PAYER_NAMES[payer])


def _require_verified(project: Project, occurred_on: date) -> None:
    try:
        require_stage(project, *PAYABLE)
    except WrongStage as wrong:
        raise StaffNotVerified(stage=wrong.facts["stage"]) from wrong
    not_before(occurred_on, project.verified_on, "人员核验")


def _merged(amounts: tuple[b.LineAmount, ...]) -> dict[str, int]:
    require_amounts(part.amount_fen for part in amounts)
    merged: dict[str, int] = {}
    for part in amounts:
        merged[part.line] = merged.get(part.line, 0) + part.amount_fen
    require_amounts((sum(merged.values()),))
    return merged
