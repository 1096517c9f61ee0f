"""The district's back-scheduled plan and its notices of how nodes were completed (R-LZ-29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from funding.domain.project import events as e
from funding.domain.project.needs import NoSuchMilestone
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.stage import STAGE_NAMES, reached
from funding.domain.project.state import Project
from funding.domain.project.steps import ISSUE_NOTICE, PLAN_MILESTONES, require
from funding.domain.scheme import Scheme
from funding.domain.terms import Stage
from kit.errors import Refused


class LaterThanPlan(Refused):
    code = "milestone-later-than-plan"
    name = "节点晚于方案要求"
    rule = "R-LZ-29"
    text = "节点“{name}”倒排为 {due}，晚于方案要求的 {latest}。请改为不晚于该日期。"


def plan(
    project: Project, scheme: Scheme, *, earlier: dict[Stage, date] | None = None, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Every node of the scheme with its day, back from the calendar; the district may only set earlier days."""
    s = Situation.on(occurred_on, project, scheme)
    require(PLAN_MILESTONES, s, actor)
    terms = s.terms
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


def issue_notice(
    project: Project, scheme: Scheme, *, milestone: Stage, actor: Actor, occurred_on: date
) -> Sequence[e.ProjectEvent]:
    """Tells whether a node is reached, pending, or overdue on that day; an overdue one is put on record too.

    A node is reached by its own fact, and by no other that came later.
    """
    require(ISSUE_NOTICE, Situation.on(occurred_on, project, scheme), actor, milestone)
    due = next(node.due for node in project.milestones if node.code is milestone)
    if reached(project, milestone):
        return (e.NodeNoticeIssued(project_id=project.id, milestone=milestone, status=e.NodeStatus.REACHED),)
    if occurred_on <= due:
        return (e.NodeNoticeIssued(project_id=project.id, milestone=milestone, status=e.NodeStatus.PENDING),)
    late = (occurred_on - due).days
    return (
        e.MilestoneOverdue(project_id=project.id, milestone=milestone, due=due, days_late=late),
        e.NodeNoticeIssued(project_id=project.id, milestone=milestone, status=e.NodeStatus.OVERDUE),
    )
