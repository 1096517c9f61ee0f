"""Steps 8 and 10, milestones and notices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Day
from contracts.values import DocumentId, PilotId, WorkerId
from funding.commands.applications import Dated
from funding.commands.streams import matter
from funding.domain.pilot import delivery, milestones
from funding.domain.terms import Stage
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class DeclareStaffing(Command):
    worker_ids: Annotated[tuple[WorkerId, ...], Field(min_length=1, max_length=100)]


class PlanMilestones(Command):
    """`earlier`: days that the district sets before the plan's own."""

    earlier: dict[Stage, Day] = Field(default_factory=dict)


class IssueNodeNotice(Command):
    milestone: Stage


async def declare_staffing(store: Store, caller: Caller, pilot_id: PilotId, cmd: DeclareStaffing) -> Answer:
    about = await matter(store, caller, "declare-staffing", pilot_id, cmd.occurred_on)
    declaration_id = DocumentId(caller.new_id("declaration"))
    return await about.change(
        store,
        lambda pilot, scheme: (
            delivery.declare_staffing(
                pilot,
                scheme,
                declaration_id=declaration_id,
                worker_ids=cmd.worker_ids,
                acts_for=caller.acts_for,
                occurred_on=cmd.occurred_on,
            ),
            (),
        ),
        about.pilot,
        about.scheme,
    )


async def start(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "start-implementation", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme, budget: delivery.start(
            pilot, scheme, budget, acts_for=caller.acts_for, occurred_on=cmd.occurred_on
        ),
        about.pilot,
        about.scheme,
        about.budget,
    )


async def plan_milestones(store: Store, caller: Caller, pilot_id: PilotId, cmd: PlanMilestones) -> Answer:
    about = await matter(store, caller, "plan-milestones", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme: (
            milestones.plan(pilot, scheme, earlier=cmd.earlier, occurred_on=cmd.occurred_on),
            (),
        ),
        about.pilot,
        about.scheme,
    )


async def issue_notice(store: Store, caller: Caller, pilot_id: PilotId, cmd: IssueNodeNotice) -> Answer:
    about = await matter(store, caller, "issue-node-notice", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, _: (milestones.issue_notice(pilot, milestone=cmd.milestone, occurred_on=cmd.occurred_on), ()),
        about.pilot,
        about.scheme,
    )
