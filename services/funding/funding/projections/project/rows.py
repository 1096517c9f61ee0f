"""The rows of a project: its own, and those of the stages that it reached, its workers, milestones and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from contracts.values import Fen, OrganisationId, ProjectId, Quantity, SchemeId, UnitCode, WorkerId
from funding.domain.project.events import NodeStatus, Reason, Task
from funding.domain.project.situation import Act
from funding.domain.project.stage import ASIDE
from funding.domain.terms import RANK, Level, Stage
from funding.domain.window import DaysOff
from kit.store import Row, titled


class Staffing(StrEnum):
    """How the last declaration of staff stands."""

    NONE = "none"
    DECLARED = "declared"
    VERIFIED = "verified"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Former:
    """A community, or a name of it, that a project had before."""

    community: Annotated[UnitCode, titled("社区（村）代码")]
    community_name: Annotated[str, titled("社区名称")]


@dataclass(frozen=True)
class ProjectRow(
    Row,
    table="project_list",
    key=("project_id",),
    indexes=(
        ("tenant_id", "scheme_id"),
        ("tenant_id", "first_applied_on", "project_id"),
        ("tenant_id", "community", "project_id"),
        ("tenant_id", "organisation_id"),
    ),
):
    """`workers` to `locked` count who is there; `stage` is the furthest one reached, or that it was rejected.

    Who was rejected and applies again has another `applied_on`, and the same `first_applied_on`.
    """

    project_id: Annotated[ProjectId, titled("试点编号")]
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    scheme_version: Annotated[int, titled("方案版次", "本试点适用的版次")]
    street: Annotated[UnitCode, titled("街道（乡镇）代码")]
    street_name: Annotated[str, titled("街道（乡镇）名称")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    community_name: Annotated[str, titled("社区名称")]
    area_m2: Annotated[Decimal, titled("服务面积（平方米）")]
    stage: Annotated[Stage, titled("阶段")]
    first_applied_on: Annotated[date, titled("首次申请日期")]
    applied_on: Annotated[date, titled("申请日期")]
    approved_on: Annotated[date | None, titled("确定日期")] = None
    organisation_id: Annotated[OrganisationId | None, titled("机构编号", "承接机构")] = None
    assignment: Annotated[int, titled("承接任期序号")] = 0
    agreement_fen: Annotated[Fen | None, titled("协议金额")] = None
    agreement_signed_on: Annotated[date | None, titled("协议签订日期")] = None
    staffing: Annotated[Staffing, titled("人员核验")] = Staffing.NONE
    staffing_reasons: Annotated[tuple[Reason, ...], titled("核验未通过的原因")] = ()
    workers: Annotated[int, titled("社工人数")] = 0
    licensed: Annotated[int, titled("持证人数")] = 0
    intermediate: Annotated[int, titled("中级及以上人数")] = 0
    sw_graduates: Annotated[int, titled("社会工作专业毕业人数")] = 0
    locked: Annotated[int, titled("不得流动人数")] = 0
    breaches: Annotated[int, titled("流动违约次数")] = 0
    started_on: Annotated[date | None, titled("启动日期")] = None
    impersonation: Annotated[bool, titled("是否发现冒名顶替")] = False
    disqualified_organisations: Annotated[int, titled("取消资格机构数")] = 0
    third_parties: Annotated[Mapping[Task, str], titled("第三方机构")] = field(default_factory=dict)
    supervisions: Annotated[int, titled("督导报告份数")] = 0
    self_assessed: Annotated[tuple[Level, ...], titled("已自评的层级")] = ()
    accepted_on: Annotated[date | None, titled("区级验收日期")] = None
    acceptance_failures: Annotated[int, titled("验收未通过次数")] = 0
    rectifying: Annotated[bool, titled("是否在整改")] = False
    steps_off: Annotated[
        Mapping[str, DaysOff],
        titled("各环节偏离天数", "按事项代码；方案规定期限的环节，提前为负，逾期为正，按期为零"),
    ] = field(default_factory=dict)
    acceptance_report_on: Annotated[date | None, titled("验收报告日期")] = None
    rating: Annotated[str | None, titled("综合评价等次")] = None
    rated_on: Annotated[date | None, titled("综合评价日期")] = None
    publicity: Annotated[int, titled("推广次数")] = 0
    suspended_on: Annotated[date | None, titled("暂停日期")] = None
    ended_assignments: Annotated[int, titled("提前结束承接任期数")] = 0
    terminated_on: Annotated[date | None, titled("终止日期")] = None
    place_given_back: Annotated[bool, titled("名额是否已退还")] = False
    closed_on: Annotated[date | None, titled("结项日期")] = None
    extended_to: Annotated[date | None, titled("延长后的实施截止日")] = None
    extended_accept_from: Annotated[date | None, titled("延长后的验收起始日")] = None
    extended_accept_to: Annotated[date | None, titled("延长后的验收截止日")] = None
    former_communities: Annotated[tuple[Former, ...], titled("原社区", "撤并或更名之前的社区，先后为序")] = ()
    heirs: Annotated[tuple[UnitCode, ...], titled("可承接的社区", "原社区拆分成的社区")] = ()
    divided_on: Annotated[date | None, titled("原社区撤销日期", "拆分或撤销后尚未确定承接社区的")] = None
    reopening_proposed_on: Annotated[date | None, titled("提议重新打开日期")] = None
    reopening_proposed_by: Annotated[str | None, titled("提议重新打开的办理人")] = None
    reopened_on: Annotated[date | None, titled("重新打开日期")] = None

    def off(self, act: Act, days: DaysOff) -> Mapping[str, DaysOff]:
        """With a step done so many days off its window; of one that is taken several times, the day furthest off."""
        return {**self.steps_off, act: max(self.steps_off.get(act, days), days, key=abs)}

    def without(self, *acts: Act) -> Mapping[str, DaysOff]:
        """Of steps that are taken back nothing is said."""
        return {act: days for act, days in self.steps_off.items() if act not in acts}


@dataclass(frozen=True)
class StageRow(Row, table="project_stage", key=("project_id", "stage")):
    project_id: Annotated[ProjectId, titled("试点编号")]
    stage: Annotated[Stage, titled("阶段")]
    reached_on: Annotated[date, titled("到达日期")]


@dataclass(frozen=True)
class WorkerRow(Row, table="project_worker", key=("project_id", "worker_id"), indexes=(("tenant_id", "worker_id"),)):
    """A worker of the present organisation; one who left keeps the row."""

    project_id: Annotated[ProjectId, titled("试点编号")]
    worker_id: Annotated[WorkerId, titled("社工编号")]
    licensed: Annotated[bool, titled("是否持证")]
    intermediate: Annotated[bool, titled("是否中级及以上")]
    sw_graduate: Annotated[bool, titled("是否社会工作专业毕业")]
    locked: Annotated[bool, titled("是否不得流动")] = False
    moved: Annotated[bool, titled("是否违约流动")] = False
    left_on: Annotated[date | None, titled("离开日期")] = None


@dataclass(frozen=True)
class MilestoneRow(
    Row,
    table="project_milestone",
    key=("project_id", "code", "due"),
    indexes=(("tenant_id", "due", "project_id", "code"),),
):
    """A node that is planned anew for another day is another row."""

    project_id: Annotated[ProjectId, titled("试点编号")]
    code: Annotated[Stage, titled("节点")]
    name: Annotated[str, titled("节点名称")]
    due: Annotated[date, titled("应完成日期")]
    noticed_on: Annotated[date | None, titled("通报日期")] = None
    notice: Annotated[NodeStatus | None, titled("通报结果")] = None


@dataclass(frozen=True)
class CountsRow(Row, table="project_counts", key=("project_id", "source")):
    """What another service counted for the project up to the end of `day`."""

    project_id: Annotated[ProjectId, titled("试点编号")]
    source: Annotated[str, titled("来源")]
    day: Annotated[date, titled("统计截止日期")]
    totals: Annotated[Mapping[str, Quantity], titled("合计")]


@dataclass(frozen=True)
class ProjectRows:
    """All of one project.  `bound`: the lock has begun, and who is verified from then on is locked with it."""

    project: ProjectRow
    bound: bool = False
    stages: Mapping[Stage, date] = field(default_factory=dict)
    staff: Mapping[WorkerId, WorkerRow] = field(default_factory=dict)
    milestones: tuple[MilestoneRow, ...] = ()
    counts: Mapping[str, CountsRow] = field(default_factory=dict)

    def rows(self) -> Iterable[Row]:
        yield self.project
        yield from (StageRow(self.project.project_id, stage, day) for stage, day in self.stages.items())
        yield from self.staff.values()
        yield from self.milestones
        yield from self.counts.values()

    def reaching(self, stage: Stage, day: date) -> ProjectRows:
        """The project shows the furthest stage; each stage keeps the day when it was first reached."""
        return self.at({**self.stages, stage: min(day, self.stages.get(stage, day))})

    def without(self, *stages: Stage) -> ProjectRows:
        """As if it had never come to these."""
        return self.at({stage: day for stage, day in self.stages.items() if stage not in stages})

    def at(self, stages: Mapping[Stage, date]) -> ProjectRows:
        """The project shows the furthest of its stages; what stands outside their order, before all."""
        aside = (stage for stage in ASIDE if stage in stages)
        shown = next(aside, None) or max(stages, key=RANK.__getitem__)
        return replace(self, project=replace(self.project, stage=shown), stages=stages)

    def with_staff(self, staff: Mapping[WorkerId, WorkerRow]) -> ProjectRows:
        """The project counts those of its staff who are there."""
        there = [worker for worker in staff.values() if worker.left_on is None]
        counted = replace(
            self.project,
            workers=len(there),
            licensed=sum(worker.licensed for worker in there),
            intermediate=sum(worker.intermediate for worker in there),
            sw_graduates=sum(worker.sw_graduate for worker in there),
            locked=sum(worker.locked for worker in there),
        )
        return replace(self, project=counted, staff=staff)
