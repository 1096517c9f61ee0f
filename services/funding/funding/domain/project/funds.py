"""What steps need of a project's money."""

from __future__ import annotations

from contracts.values import yuan
from funding.domain.budget.account import FundsFrozen, NotAllotted
from funding.domain.project.situation import Situation, StepMissing
from kit.errors import Refused, not_before


class NotYetOwed(Refused):
    code = "not-yet-owed"
    name = "尚在承接期内"
    text = "只有承接任期已结束，或试点已综合评价、已终结，才能核销其经费。未使用的经费请收回，误记的支出请冲销。"


class NotSettled(Refused):
    code = "not-settled"
    name = "经费未结清"
    rule = "R-LZ-14"
    text = "试点经费尚有余额：{lines}。请先收回或补记支出；已支出应退还的请冲销后收回，确实无法收回的请凭文件核销。"


class ImpersonationOpen(Refused):
    code = "impersonation-open"
    name = "冒名顶替未处理完毕"
    rule = "R-LZ-08"
    text = "现任承接机构的冒名顶替问题尚未处理完毕，不能办理该事项。请先完成机构处理和更换。"


def funded(s: Situation, _: str) -> None:
    """The assignment has had money of its own."""
    if not s.project.assigned.funded:
        raise StepMissing(missing="首笔经费拨付")


def allotted(s: Situation, _: str) -> None:
    if s.account.project_id is None:
        raise NotAllotted


def not_frozen(s: Situation, _: str) -> None:
    if s.project.assigned.number in s.account.frozen:
        raise FundsFrozen


def settling(s: Situation, _: str) -> None:
    """There is somebody who owes: the project is over or rated, or an assignment ended."""
    now = s.project.assignment
    if not (s.project.over or s.project.predecessor or (now and now.rated)):
        raise NotYetOwed


def settled(s: Situation, _: str) -> None:
    """No line has a balance, of whatever assignment, and none had on a later day."""
    left = [
        (s.terms.line_name(code), number, pocket.balance)
        for code, line in s.account.lines.items()
        for number, pocket in sorted(line.pockets.items())
        if pocket.balance
    ]
    if left:
        raise NotSettled(
            lines="、".join(
                f"“{line}”{f'（第 {number} 任期）' if number else ''}{yuan(fen)} 元" for line, number, fen in left
            )
        )
    since_money(s, "")


def since_money(s: Situation, _: str) -> None:
    """Not before the last day on which its money moved."""
    not_before(s.day, s.account.moved_on(), "最近一次经费收支")


def since_own_money(s: Situation, _: str) -> None:
    """Not before the last day on which money of the present assignment moved."""
    not_before(s.day, s.account.moved_on(s.project.assigned.number), "该任期最近一次经费收支")


def no_finding(s: Situation, _: str) -> None:
    if s.project.assignment is not None and s.project.assignment.impersonated:
        raise ImpersonationOpen
