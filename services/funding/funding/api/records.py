"""What records are answered as: one of a list, with what belongs to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import create_model

from contracts.values import ProjectId, Quantity, TenantId, WorkerId
from funding import lists
from funding.commands.streams import PROJECTS, actor_of, budget_of, scheme_of
from funding.domain.budget import ReversalReason
from funding.domain.project.events import NodeStatus, Opinion
from funding.domain.project.situation import Situation
from funding.domain.project.steps import next_actions
from funding.domain.terms import Payer, Stage, Terms
from kit import clock
from kit.auth import Caller
from kit.clock import PRESENT
from kit.service import Listing, shown
from kit.service.listed import sights_of, version_of
from kit.service.possible import Possible, possible
from kit.service.shapes import Shape, item_of, said
from kit.store import Store, Tx, titled


class StageReached(Shape):
    stage: Annotated[Stage, titled("阶段")]
    reached_on: Annotated[date, titled("到达日期")]


class Node(Shape):
    code: Annotated[Stage, titled("节点")]
    name: Annotated[str, titled("节点名称")]
    due: Annotated[date, titled("应完成日期")]
    noticed_on: Annotated[date | None, titled("通报日期")]
    notice: Annotated[NodeStatus | None, titled("通报结果")]
    reached_on: Annotated[date | None, titled("到达日期")]
    overdue: Annotated[bool, titled("是否逾期")]


class Member(Shape):
    worker_id: Annotated[WorkerId, titled("社工编号")]
    licensed: Annotated[bool, titled("是否持证")]
    intermediate: Annotated[bool, titled("是否中级及以上")]
    sw_graduate: Annotated[bool, titled("是否社会工作专业毕业")]
    locked: Annotated[bool, titled("是否不得流动")]
    moved: Annotated[bool, titled("是否违约流动")]
    left_on: Annotated[date | None, titled("离开日期")]


class Counts(Shape):
    """What another service counted for the project up to the end of a day."""

    day: Annotated[date, titled("统计截止日期")]
    totals: Annotated[Mapping[str, Quantity], titled("合计")]


class PhaseRecord(Shape):
    assignment: Annotated[int, titled("承接任期序号")]
    phase: Annotated[str, titled("评估阶段")]
    revision: Annotated[int, titled("报告稿次")]
    first_submitted_on: Annotated[date, titled("报告首次提交日期")]
    submitted_on: Annotated[date, titled("报告提交日期")]
    steps: Annotated[int, titled("已完成的确认、审核环节数")]
    confirmed_on: Annotated[date | None, titled("社区确认日期")]
    remark: Annotated[str | None, titled("意见", "社区的意见")]
    reviewed_on: Annotated[date | None, titled("区级审核日期")]
    returned: Annotated[bool, titled("是否退回")]
    evaluated_on: Annotated[date | None, titled("评估日期")]
    evaluator: Annotated[str | None, titled("评估机构")]
    scores: Annotated[Mapping[str, int] | None, titled("各项得分")]
    breaches: Annotated[int | None, titled("流动违约次数", "评估时的次数")]
    audited_on: Annotated[date | None, titled("审计日期")]
    auditor: Annotated[str | None, titled("审计机构")]
    opinion: Annotated[Opinion | None, titled("审计意见")]
    questioned_fen: Annotated[int | None, titled("审计质疑金额（分）")]
    closed_on: Annotated[date | None, titled("评估审计完成日期")]
    chain_passed: Annotated[bool, titled("是否已按原版本完成确认审核")]
    stream: Annotated[str, said("所在记录", "据此可查其历史记录：/v1/history?stream=")]
    version: Annotated[int, titled("行版本")]


class ProjectParts(Shape):
    stages: Annotated[list[StageReached], titled("已到达的阶段")]
    milestones: Annotated[list[Node], titled("倒推工期节点")]
    staff: Annotated[list[Member], titled("专业社工")]
    counts: Annotated[Mapping[str, Counts], said("服务统计", "按统计来源（casework、volunteer）")]
    phases: Annotated[list[PhaseRecord], titled("评估阶段")]


class ProjectActions(Shape):
    actions: Annotated[
        list[Possible],
        said("可办事项", "本岗位尚未办结的事项：现在可否办理，或不能办理的原因；查看以往时点时为空"),
    ]


ProjectRecord = create_model("ProjectRecord", __base__=(ProjectActions, ProjectParts, item_of(lists.PROJECTS)))


class SchemeVersion(Shape):
    number: Annotated[int, titled("版次")]
    effective_from: Annotated[date, titled("生效日期")]
    published_on: Annotated[date, titled("发布日期")]


class QuotaTaken(Shape):
    district: Annotated[TenantId, titled("区县代码")]
    name: Annotated[str, titled("区县名称")]
    total_projects: Annotated[int, titled("试点名额")]
    taken_projects: Annotated[int, titled("已占用名额")]
    budget_fen: Annotated[int, titled("名额对应经费（分）")]


class DistrictSums(Shape):
    """A district's projects under the scheme and their money."""

    tenant_id: Annotated[TenantId, titled("所属租户")]
    applied: Annotated[int, titled("已申请试点数")]
    approved: Annotated[int, titled("已确定试点数")]
    running: Annotated[int, titled("实施中试点数")]
    closed: Annotated[int, titled("已结项试点数")]
    allotted_fen: Annotated[int, titled(lists.SUMS["allotted_fen"])]
    appropriated_fen: Annotated[int, titled(lists.SUMS["appropriated_fen"])]
    open_fen: Annotated[int, titled(lists.SUMS["open_fen"])]
    spent_fen: Annotated[int, titled(lists.SUMS["spent_fen"])]
    written_off_fen: Annotated[int, titled(lists.SUMS["written_off_fen"])]
    balance_fen: Annotated[int, titled(lists.SUMS["balance_fen"])]


class SchemeParts(Shape):
    terms: Annotated[Terms, titled("方案内容")]
    quota: Annotated[list[QuotaTaken], titled("名额使用情况")]
    versions: Annotated[list[SchemeVersion], titled("各版本")]
    districts: Annotated[list[DistrictSums], titled("各区县办理情况")]


SchemeRecord = create_model("SchemeRecord", __base__=(SchemeParts, item_of(lists.SCHEMES)))


class LineSums(Shape):
    line: Annotated[str, titled("经费项")]
    booked_by: Annotated[Payer, titled("列支单位")]
    allotted_fen: Annotated[int, titled(lists.SUMS["allotted_fen"])]
    appropriated_fen: Annotated[int, titled(lists.SUMS["appropriated_fen"])]
    open_fen: Annotated[int, titled(lists.SUMS["open_fen"])]
    spent_fen: Annotated[int, titled(lists.SUMS["spent_fen"])]
    written_off_fen: Annotated[int, titled(lists.SUMS["written_off_fen"])]
    balance_fen: Annotated[int, titled(lists.SUMS["balance_fen"])]
    balances: Annotated[Mapping[str, int], titled("各承接任期余额（分）", "按任期序号；0 为统一列支")]


class BudgetParts(Shape):
    lines: Annotated[list[LineSums], titled("各经费项")]


BudgetRecord = create_model("BudgetRecord", __base__=(BudgetParts, item_of(lists.BUDGETS)))


class ReversalOf(Shape):
    reversal_id: Annotated[UUID, titled("冲销编号")]
    amount_fen: Annotated[int, titled("金额（分）", "冲销的金额")]
    reason: Annotated[ReversalReason, titled("原因")]
    reversed_on: Annotated[date, titled("冲销日期")]


class ExpenseParts(Shape):
    reversals: Annotated[list[ReversalOf], titled("冲销")]


ExpenseRecord = create_model("ExpenseRecord", __base__=(ExpenseParts, item_of(lists.EXPENSES)))


async def actions_of(request: Request, caller: Caller, store: Store, project_id: ProjectId) -> list[dict[str, Any]]:
    """What the caller may do with a project today, or why not; of a moment that is gone, nothing."""
    if caller.at != PRESENT:
        return []
    cause, today = caller.reads("read-projects"), clock.day(caller.now)
    project, scheme, account = await store.look(
        cause, PROJECTS.stream(project_id), lambda known: scheme_of(known) & budget_of(known.id)
    )
    mine = {action for action, rule in caller.policy.items() if caller.actor.role in rule.roles}
    told = next_actions(Situation.on(today, project, scheme, account), actor_of(caller), mine)
    return [
        possible(
            request,
            one.act,
            name=one.name,
            of=one.of,
            refusal=one.refusal,
            opens=one.opens,
            due=one.due,
            project_id=project_id,
            phase=one.of,
            expense_id="{expense_id}",
        )
        for one in told
    ]


async def whole(
    request: Request,
    caller: Caller,
    store: Store,
    listing: Listing,
    key: UUID,
    parts: Callable[[Tx], Awaitable[dict[str, Any]]],
    more: Callable[[], Awaitable[dict[str, Any]]] | None = None,
) -> Response:
    """One of a list with what belongs to it, and the version of its stream.  NotFound if it is not in sight.

    `more` is asked for when the record was found, and has a connection of its own.
    """
    async with store.reading(caller.reads(listing.action)) as tx:
        found = await listing.one(tx, store, caller, sights_of(request), key)
        body, version = {**found, **await parts(tx)}, await version_of(tx, caller, found)
    return shown({**body, **await more()} if more else body, version)
