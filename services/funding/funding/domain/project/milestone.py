"""The district's back-scheduled plan and its notices of how nodes were completed (R-LZ-29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from funding.domain.project import events as e
from funding.domain.project.state import STAGE_NAMES, Project, require_stage
from funding.domain.scheme import Scheme
from funding.domain.terms import Stage
from kit.errors import Refused


class LaterThanPlan(Refused):
    code = "milestone-later-than-plan"
    name = "节点晚于方案要求"
    clause = "R-LZ-29"
    text = "节点“{name}”倒排为 {due}，晚于方案要求的 {latest}。请改为不晚于该日期。"


class NoSuchMilestone(Refused):
    code = "no-such-milestone"
    name = "没有该节点"
    status = 422
    clause = "R-LZ-29"
    text = "倒排计划中没有节点“{name}”。请先制定倒排计划，或核对节点。"


def plan(
    project: Project, scheme: Scheme, *, earlier: dict[Stage, date] | None = None, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Every node of the scheme with its day, back from the calendar; the district may only set earlier days."""
    require_stage(project, *(s for s in Stage if not s.before(Stage.APPROVED)))
    terms = scheme.terms(occurred_on)
    own = earlier or {}
    for code in own:
        if code not in {rule.code for rule in terms.milestones}:
            raise NoSuchMilestone(name=STAGE_NAMES[code])
    nodes = []
    for rule in terms.milestones:
        latest = terms.due(rule)
        due = own.get(rule.code, latest)
        if due > latest:
            raise LaterThanPlan(name=rule.name, due=due, latest=latest)
        nodes.append(e.Milestone(code=rule.code, name=rule.name, due=due))
    planned = tuple(nodes)
    return () if planned == project.milestones else (e.MilestonesPlanned(project_id=project.id, milestones=planned),)


def issue_notice(project: Project, *, milestone: Stage, occurred_on: date) -> Sequence[e.ProjectEvent]:
    """Tells whether a node is reached, pending, or overdue on that day; an overdue one is put on record too."""
    node = next((m for m in project.milestones if m.code is milestone), None)
    if node is None:
        raise NoSuchMilestone(name=STAGE_NAMES[milestone])
    if not project.stage.before(node.code):
        return (e.NodeNoticeIssued(project_id=project.id, milestone=milestone, status=e.NodeStatus.REACHED),)
    if occurred_on <= node.due:
        return (e.NodeNoticeIssued(project_id=project.id, milestone=milestone, status=e.NodeStatus.PENDING),)
    late = (occurred_on - node.due).days
    return (
        e.MilestoneOverdue(project_id=project.id, milestone=milestone, due=node.due, days_late=late),
        e.NodeNoticeIssued(project_id=project.id, milestone=milestone, status=e.NodeStatus.OVERDUE),
    )
