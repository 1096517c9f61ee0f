"""The district's back-scheduled plan, and its notices (R-LZ-29)."""

from __future__ import annotations

from pydantic import Field

from contracts.fields import Day
from contracts.values import ProjectId
from funding.commands.streams import PROJECTS, actor_of, scheme_of
from funding.domain.project import milestone
from funding.domain.terms import Stage
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class PlanMilestones(Command):
    """`earlier`: days that the district sets before the plan's own."""

    earlier: dict[Stage, Day] = Field(default_factory=dict)


class IssueNodeNotice(Command):
    milestone: Stage


async def plan_milestones(store: Store, caller: Caller, project_id: ProjectId, cmd: PlanMilestones) -> Answer:
    return await store.change(
        caller.may("plan-milestones", cmd.occurred_on),
        lambda project, scheme: milestone.plan(
            project, scheme, earlier=cmd.earlier, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )


async def issue_notice(store: Store, caller: Caller, project_id: ProjectId, cmd: IssueNodeNotice) -> Answer:
    return await store.change(
        caller.may("issue-node-notice", cmd.occurred_on),
        lambda project, scheme: milestone.issue_notice(
            project, scheme, milestone=cmd.milestone, actor=actor_of(caller), occurred_on=cmd.occurred_on
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )
