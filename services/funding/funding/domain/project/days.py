"""Which days a step is compared with: nothing lies before what it rests on.

Within a project's history days do not go backwards of themselves; these are for what may be entered late, and for what
another service told.
"""

from __future__ import annotations

from funding.domain.project.situation import Need, Situation
from kit.errors import Refused, not_before


class ImplementationNotOver(Refused):
    code = "implementation-not-over"
    name = "实施期未结束"
    rule = "R-LZ-28"
    text = "试点实施期到 {impl_to} 为止，综合评价须在此之后进行。请在实施期结束后办理。"


def since_start(s: Situation, _: str) -> None:
    not_before(s.day, s.project.assigned.started_on, "启动实施")


def since_accepting(what: str) -> Need:
    """Not before the last day of the steps from self-assessment to the acceptance report."""
    return lambda s, _: not_before(s.day, s.project.assigned.accepting_on, what)


def since_assigned(s: Situation, _: str) -> None:
    """Not before anything that the assignment did or was judged by."""
    now = s.project.assigned
    for day, what in (
        (now.since, "确定承接机构"),
        (now.signed_on, "签订购买协议"),
        (now.verified_on, "人员核验"),
        (now.started_on, "启动实施"),
        (now.accepting_on, "自我评估、验收或整改"),
    ):
        not_before(s.day, day, what)


def since_vacant(s: Situation, _: str) -> None:
    """Not before the end of the last assignment, where there was one."""
    before = s.project.predecessor
    not_before(s.day, before.ended_on if before else None, "原承接机构任期结束")


def term_over(s: Situation, _: str) -> None:
    if s.day <= s.terms.calendar.impl_to:
        raise ImplementationNotOver(impl_to=s.terms.calendar.impl_to)
