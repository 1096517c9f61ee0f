"""What the facts of a project come to, in a word: for lists and for the plan's nodes.  No rule rests on it."""

from __future__ import annotations

from collections.abc import Callable

from funding.domain.project.assignment import Assignment
from funding.domain.project.state import Project
from funding.domain.terms import Stage

STAGE_NAMES = {
    Stage.NONE: "未申报",
    Stage.REJECTED: "未批准",
    Stage.WITHDRAWN: "已撤回申请",
    Stage.TERMINATED: "已终止",
    Stage.RETURNED: "已退回申请",
    Stage.APPLIED: "已申请",
    Stage.STREET_ENDORSED: "街道已签批",
    Stage.RECOMMENDED: "区级已推荐",
    Stage.APPROVED: "已确定",
    Stage.PROCURING: "采购中",
    Stage.ORGANISATION_SELECTED: "机构已选定",
    Stage.CONTRACTED: "已签协议",
    Stage.STAFFED: "人员已核验",
    Stage.FUNDED: "已拨款",
    Stage.RUNNING: "实施中",
    Stage.MIDTERM_EVALUATED: "中期已评估",
    Stage.FINAL_EVALUATED: "末期已评估",
    Stage.SELF_ASSESSED: "已自评",
    Stage.DISTRICT_ACCEPTED: "区级已验收",
    Stage.RATED: "已综合评价",
    Stage.CLOSED: "已结项",
}


def _assignment_has(fact: Callable[[Assignment], bool]) -> Callable[[Project], bool]:
    return lambda project: project.assignment is not None and fact(project.assignment)


OWN_FACT: dict[Stage, Callable[[Project], bool]] = {
    Stage.NONE: lambda _: True,
    Stage.REJECTED: lambda project: project.rejected,
    Stage.WITHDRAWN: lambda project: project.withdrawn,
    Stage.TERMINATED: lambda project: project.terminated,
    Stage.RETURNED: lambda project: project.returned,
    Stage.APPLIED: lambda project: project.project_id is not None,
    Stage.STREET_ENDORSED: lambda project: project.signed,
    Stage.RECOMMENDED: lambda project: project.recommended,
    Stage.APPROVED: lambda project: project.approved,
    Stage.PROCURING: lambda project: project.purchase or project.assignment is not None,
    Stage.ORGANISATION_SELECTED: lambda project: project.assignment is not None,
    Stage.CONTRACTED: _assignment_has(lambda one: one.signed_on is not None),
    Stage.STAFFED: _assignment_has(lambda one: one.verified_on is not None),
    Stage.FUNDED: _assignment_has(lambda one: one.funded),
    Stage.RUNNING: _assignment_has(lambda one: one.running),
    Stage.MIDTERM_EVALUATED: _assignment_has(lambda one: len(one.phases_closed) > one.last_phase_closed),
    Stage.FINAL_EVALUATED: _assignment_has(lambda one: one.last_phase_closed),
    Stage.SELF_ASSESSED: _assignment_has(lambda one: one.all_assessed),
    Stage.DISTRICT_ACCEPTED: _assignment_has(lambda one: one.report_filed),
    Stage.RATED: _assignment_has(lambda one: one.rated),
    Stage.CLOSED: lambda project: project.closed,
}
ASIDE = (Stage.REJECTED, Stage.WITHDRAWN, Stage.TERMINATED, Stage.RETURNED)
"""What stands outside the order of the steps."""
_FURTHEST_FIRST = tuple((s, OWN_FACT[s]) for s in (*ASIDE, *(s for s in reversed(Stage) if s not in ASIDE)))


def standing(project: Project) -> str:
    """What is said of a project in which nothing goes on any more."""
    return "终结后重新打开" if project.reopened and not project.over else STAGE_NAMES[stage_of(project)]


def stage_of(project: Project) -> Stage:
    """The furthest that its facts have come, as lists show it."""
    return next(stage for stage, reached in _FURTHEST_FIRST if reached(project))


def reached(project: Project, node: Stage) -> bool:
    """Whether the node's own fact is there, whatever came later (R-LZ-29)."""
    return OWN_FACT[node](project)
