"""Expenses: who may book which line, for what, within which limit; and their reversal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn
from uuid import UUID

from contracts.values import DocumentId, Fen, WorkerId, yuan
from funding.domain.budget import events as b
from funding.domain.budget.account import (
    BudgetAccount,
    MoreThanBooked,
    UnknownExpense,
    held_line,
    require_amounts,
    require_balance,
)
from funding.domain.project import events as e
from funding.domain.project.authority import ProjectIsClosed
from funding.domain.project.situation import Actor, Situation, days_off
from funding.domain.project.stage import standing
from funding.domain.project.state import Project
from funding.domain.project.steps import REVERSE, SPEND, require
from funding.domain.scheme import Scheme
from funding.domain.terms import Line, Payer, Purpose, PurposeKind, Terms, WorkerLevel
from funding.domain.window import DaysOff
from kit.errors import Refused, not_before


@dataclass(frozen=True)
class Bill:
    """What is to be booked.  Which of the optional facts are needed, the purpose's kind decides.

    `late_booking` is the payer's word that a bill of a project or an assignment that is over is to be booked all the
    same.
    """

    expense_id: UUID
    line: str
    purpose: str
    amount_fen: Fen
    voucher: DocumentId | None = None
    worker_id: WorkerId | None = None
    wage_grade: int | None = None
    phase: str | None = None
    third_party: str | None = None
    late_booking: bool = False
    assignment: int | None = None
    """The payer names the ended assignment whose expense it is; else it is that of the present one, or of the last."""


class VoucherBooked(Refused):
    code = "voucher-booked"
    name = "凭证已列支"
    text = "凭证 {voucher} 已在本试点列支，不能重复登记。请核对凭证；原登记有误的，请先冲销原支出。"


class AssignmentIsOver(Refused):
    code = "assignment-over"
    name = "承接任期已结束"
    text = "第 {number} 任期已结束，不能再列支其经费。确需补记的，请由出资的民政局注明“补记”和承接任期后办理。"


class WorkerHasLeft(Refused):
    code = "worker-has-left"
    name = "社工已离开试点"
    rule = "R-LZ-17"
    text = "该社工已于 {left_on} 离开本试点，不能列支 {day} 的人力成本。请核对人员和发生日期。"


class LineExceeded(Refused):
    code = "line-exceeded"
    name = "超出经费项标准"
    rule = "R-LZ-14"
    text = (
        "经费项“{line}”标准为 {cap} 元，已支出 {spent} 元，再支出 {amount} 元将超出标准。"
        "请核对金额，或由出资的民政局先办理预算调整。"
    )


class PurposeNotAllowed(Refused):
    code = "purpose-not-allowed"
    name = "用途不符合规定"
    rule = "R-LZ-14"
    text = "经费项“{line}”不能用于所填的用途。请改用允许的用途：{allowed}。"


class NotYourLine(Refused):
    code = "not-your-line"
    name = "非本单位列支的经费项"
    status = 403
    rule = "R-LZ-14"
    text = "经费项“{line}”不由您所在单位列支或冲销。请由该项的列支单位或出资的民政局办理。"


class TrainingBookedCentrally(Refused):
    code = "training-booked-centrally"
    name = "培训经费统一列支"
    status = 403
    rule = "R-LZ-15"
    text = "专业人才培训经费由出资的民政局统一协调开展、列支和冲销。请联系出资的民政局办理。"


class EvaluationBookedCentrally(Refused):
    code = "evaluation-booked-centrally"
    name = "评估审计经费统一列支"
    status = 403
    rule = "R-LZ-16"
    text = "评估、审计工作经费由出资的民政局统一列支和冲销。请联系出资的民政局办理。"


class TooManyTimes(Refused):
    code = "too-many-times"
    name = "超出列支次数"
    rule = "R-LZ-15"
    text = "“{purpose}”每个试点最多 {times} 次，已列支 {times} 次。请核对是否重复登记；原登记有误的，请先冲销。"


class AboveUnitPrice(Refused):
    code = "above-unit-price"
    name = "超出每次标准"
    rule = "R-LZ-15"
    text = "“{purpose}”每次标准为 {price} 元，不能列支 {amount} 元。请按标准核减金额。"


class SublineExceeded(Refused):
    code = "subline-exceeded"
    name = "超出明细合计标准"
    rule = "R-LZ-16"
    text = (
        "“{purpose}”各阶段合计标准为 {cap} 元，已列支 {spent} 元，再列支 {amount} 元将超出标准。"
        "请核减金额，或先冲销有误的支出。"
    )


class PhasePaid(Refused):
    code = "phase-already-paid"
    name = "该阶段已列支"
    rule = "R-LZ-16"
    text = "“{purpose}”分阶段各列支一次，该阶段已列支。请核对阶段；原登记有误的，请先冲销。"


class PhaseOrThirdPartyWrong(Refused):
    code = "phase-or-third-party-wrong"
    name = "阶段或第三方机构不符"
    status = 422
    rule = "R-LZ-16"
    text = "列支“{purpose}”须注明方案规定的阶段和市民政局确定的第三方机构。请核对后重新填写。"


class BookedByPredecessor(Refused):
    code = "booked-by-predecessor"
    name = "原承接机构列支的支出"
    status = 403
    rule = "R-LZ-08"
    text = "该笔支出由原承接机构列支，现任承接机构不能冲销。请由出资的民政局办理。"


class NotAProjectWorker(Refused):
    code = "not-a-project-worker"
    name = "非本试点核验的社工"
    rule = "R-LZ-17"
    text = "社工人力成本只能支付给本试点经核验的专业社工。请核对人员。"


class WrongWageGrade(Refused):
    code = "wrong-wage-grade"
    name = "薪资等级不符"
    rule = "R-LZ-17"
    text = "薪资等级 {grade} 与该社工的资格不符（方案规定：{allowed}）。请核对资格和岗位等级。"


def record_expense(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    bill: Bill,
    actor: Actor,
    occurred_on: date,
) -> Sequence[b.BudgetEvent]:
    """Books a bill to a line (R-LZ-14..17); a day outside the term is flagged (C-01, both ends inclusive).

    On a project that is over, and for an assignment that ended, only the payer books, any line, and says that it is
    late.
    """
    s = Situation.on(occurred_on, project, scheme, account)
    require(SPEND, s, actor)
    require_amounts((bill.amount_fen,))
    by = actor.on_whose_behalf
    held = held_line(account, bill.line)
    terms = s.terms
    line, purpose = _allowed(terms, bill)
    number = project.whose(bill.assignment)
    former = number in project.former and (line.booked_by is Payer.ORGANISATION or bill.assignment is not None)
    late = project.over or project.reopened or former
    if not late:
        _may_book(line, purpose, by)
    elif not bill.late_booking or by is not terms.funding_source:
        over = project.over or project.reopened
        raise ProjectIsClosed(stage=standing(project)) if over else AssignmentIsOver(number=number)
    if by is Payer.ORGANISATION:
        not_before(occurred_on, project.assigned.signed_on, "签订购买协议")
    if bill.voucher is not None and any(x.voucher == bill.voucher and x.left for x in account.bookings.values()):
        raise VoucherBooked(voucher=bill.voucher)
    match purpose.kind:
        case PurposeKind.WAGE | PurposeKind.INCENTIVE:
            _pays_a_worker(project, number, terms, purpose, bill, occurred_on)
        case PurposeKind.TRAINING:
            _within_times(account, purpose, bill)
        case PurposeKind.EVALUATION | PurposeKind.AUDIT:
            _once_a_phase(account, project, number, terms, purpose, bill)
        case PurposeKind.SERVICE:
            pass
    _within_subline(account, purpose, bill)
    if held.spent + bill.amount_fen > held.cap:
        raise LineExceeded(line=line.name, cap=yuan(held.cap), spent=yuan(held.spent), amount=yuan(bill.amount_fen))
    require_balance(held.of(number), line=line.name, amount=bill.amount_fen, on=occurred_on)
    return (_booked(account, bill, purpose, by, occurred_on, off=days_off(SPEND, s), late=late, assignment=number),)


def reverse_expense(
    account: BudgetAccount,
    project: Project,
    scheme: Scheme,
    *,
    reversal_id: UUID,
    expense_id: UUID,
    amount_fen: Fen,
    reason: b.ReversalReason,
    actor: Actor,
    occurred_on: date,
) -> Sequence[b.BudgetEvent]:
    """Takes a booking back, wholly or in part: a wrong booking, or money refunded.  History keeps both.

    Who books the line may, and the payer, who recovers what a disqualified organisation spent; nobody else.
    """
    s = Situation.on(occurred_on, project, scheme, account)
    require(REVERSE, s, actor)
    require_amounts((amount_fen,))
    by = actor.on_whose_behalf
    booking = account.bookings.get(expense_id)
    if booking is None:
        raise UnknownExpense
    held = held_line(account, booking.line)
    not_before(occurred_on, booking.on, "列支")
    terms = s.terms
    if by not in (held.held_by, terms.funding_source):
        line = terms.line(booking.line)
        _not_theirs(terms.line_name(booking.line), line.purpose(booking.purpose) if line else None)
    if by is Payer.ORGANISATION and booking.assignment != project.assigned.number:
        raise BookedByPredecessor
    if amount_fen > booking.left:
        raise MoreThanBooked(left=yuan(booking.left), amount=yuan(amount_fen))
    taken_back = b.ExpenseReversed(
        project_id=account.id,
        reversal_id=reversal_id,
        expense_id=expense_id,
        line=booking.line,
        purpose=booking.purpose,
        amount_fen=amount_fen,
        reason=reason,
        reversed_on=occurred_on,
    )
    return (taken_back,)


def _allowed(terms: Terms, bill: Bill) -> tuple[Line, Purpose]:
    line = terms.line(bill.line)
    purpose = line.purpose(bill.purpose) if line else None
    if line is None or purpose is None:
        allowed = "、".join(p.name for p in line.purposes) if line else "无"
        raise PurposeNotAllowed(line=terms.line_name(bill.line), allowed=allowed)
    return line, purpose


def _may_book(line: Line, purpose: Purpose, by: Payer) -> None:
    if by is not line.booked_by:
        _not_theirs(line.name, purpose)


def _not_theirs(line: str, purpose: Purpose | None) -> NoReturn:
    match purpose.kind if purpose else None:
        case PurposeKind.TRAINING:
            raise TrainingBookedCentrally
        case PurposeKind.EVALUATION | PurposeKind.AUDIT:
            raise EvaluationBookedCentrally
        case _:
            raise NotYourLine(line=line)


def _pays_a_worker(project: Project, number: int | None, terms: Terms, purpose: Purpose, bill: Bill, on: date) -> None:
    """Wages name the worker and the grade that the plan maps the licence to; an incentive may name nobody.

    Nobody is paid for days before the verdict on them, or after they or their organisation left.
    """
    if purpose.kind is PurposeKind.INCENTIVE and bill.worker_id is None:
        return
    before = project.former.get(number or 0)
    team = before.team if before else project.assigned.team
    member = team.get(bill.worker_id) if bill.worker_id else None
    if member is None or member.verified is None:
        raise NotAProjectWorker
    not_before(on, member.since, "人员核验")
    left_on = min((day for day in (member.left_on, before and before.ended_on) if day), default=None)
    if left_on is not None and on > left_on:
        raise WorkerHasLeft(left_on=left_on, day=on)
    if purpose.kind is PurposeKind.WAGE:
        allowed = _grades(terms, member.verified)
        if bill.wage_grade not in allowed:
            shown = "、".join("不定级" if grade is None else f"{grade} 级" for grade in allowed)
            raise WrongWageGrade(grade=bill.wage_grade or "未填", allowed=shown)


def _grades(terms: Terms, worker: e.VerifiedWorker) -> tuple[int | None, ...]:
    """The plan fixes a grade for the licensed; for an unlicensed graduate it says nothing, so any of its grades."""
    if worker.licensed:
        return (terms.grade(WorkerLevel.INTERMEDIATE if worker.intermediate else WorkerLevel.JUNIOR),)
    return (None, *(grade.post_grade for grade in terms.wage_grades))


def _within_times(account: BudgetAccount, purpose: Purpose, bill: Bill) -> None:
    if purpose.times is not None and len(account.standing(bill.line, bill.purpose)) >= purpose.times:
        raise TooManyTimes(purpose=purpose.name, times=purpose.times)
    if purpose.unit_price_fen is not None and bill.amount_fen > purpose.unit_price_fen:
        raise AboveUnitPrice(purpose=purpose.name, price=yuan(purpose.unit_price_fen), amount=yuan(bill.amount_fen))


def _once_a_phase(
    account: BudgetAccount, project: Project, number: int | None, terms: Terms, purpose: Purpose, bill: Bill
) -> None:
    """A phase is paid for once in each assignment: a successor's is evaluated again."""
    task = e.Task.EVALUATION if purpose.kind is PurposeKind.EVALUATION else e.Task.AUDIT
    known = bill.phase in {p.code for p in terms.phases}
    if not known or bill.third_party is None or bill.third_party != project.third_parties.get(task):
        raise PhaseOrThirdPartyWrong(purpose=purpose.name)
    paid = account.standing(bill.line, bill.purpose)
    if any((booking.phase, booking.assignment) == (bill.phase, number) for booking in paid):
        raise PhasePaid(purpose=purpose.name)


def _within_subline(account: BudgetAccount, purpose: Purpose, bill: Bill) -> None:
    if purpose.cap_fen is None:
        return
    spent = sum(booking.left for booking in account.standing(bill.line, bill.purpose))
    if spent + bill.amount_fen > purpose.cap_fen:
        raise SublineExceeded(
            purpose=purpose.name, cap=yuan(purpose.cap_fen), spent=yuan(spent), amount=yuan(bill.amount_fen)
        )


def _booked(
    account: BudgetAccount,
    bill: Bill,
    purpose: Purpose,
    by: Payer,
    on: date,
    *,
    off: DaysOff,
    late: bool,
    assignment: int | None,
) -> b.BudgetEvent:
    if purpose.kind is PurposeKind.TRAINING:
        return b.TrainingCharged(
            project_id=account.id,
            expense_id=bill.expense_id,
            line=bill.line,
            purpose=bill.purpose,
            amount_fen=bill.amount_fen,
            booked_by=by,
            voucher=bill.voucher,
            time=len(account.standing(bill.line, bill.purpose)) + 1,
            days_off=off,
            booked_on=on,
            late_booking=late,
        )
    return b.ExpenseRecorded(
        project_id=account.id,
        expense_id=bill.expense_id,
        line=bill.line,
        purpose=bill.purpose,
        amount_fen=bill.amount_fen,
        booked_by=by,
        voucher=bill.voucher,
        worker_id=bill.worker_id,
        wage_grade=bill.wage_grade if purpose.kind is PurposeKind.WAGE else None,
        phase=bill.phase,
        third_party=bill.third_party,
        days_off=off,
        booked_on=on,
        late_booking=late,
        assignment=assignment,
    )
