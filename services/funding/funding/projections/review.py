"""A phase's report, evaluation and audit in one row (FUN-R4)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Annotated, Any, TypeAlias, assert_never

from contracts.values import Fen, ProjectId
from funding.domain.project import events as e
from funding.domain.project.events import ProjectEvent
from kit.store import Meta, Row, Tx, View, titled


@dataclass(frozen=True)
class PhaseRow(
    Row,
    table="project_phase",
    key=("project_id", "assignment", "phase"),
    indexes=(("tenant_id", "first_submitted_on", "project_id", "assignment", "phase"),),
):
    """`steps` of the plan's chain are done for this revision of the report, which is of one `assignment`."""

    project_id: Annotated[ProjectId, titled("试点编号")]
    assignment: Annotated[int, titled("承接任期序号")]
    phase: Annotated[str, titled("评估阶段")]
    revision: Annotated[int, titled("报告稿次")]
    first_submitted_on: Annotated[date, titled("报告首次提交日期")]
    submitted_on: Annotated[date, titled("报告提交日期")]
    steps: Annotated[int, titled("已完成的确认、审核环节数")] = 0
    confirmed_on: Annotated[date | None, titled("社区确认日期")] = None
    remark: Annotated[str | None, titled("意见", "社区的意见")] = None
    reviewed_on: Annotated[date | None, titled("区级审核日期")] = None
    returned: Annotated[bool, titled("是否退回")] = False
    evaluated_on: Annotated[date | None, titled("评估日期")] = None
    evaluator: Annotated[str | None, titled("评估机构")] = None
    scores: Annotated[Mapping[str, int] | None, titled("各项得分")] = None
    breaches: Annotated[int | None, titled("流动违约次数", "评估时的次数")] = None
    audited_on: Annotated[date | None, titled("审计日期")] = None
    auditor: Annotated[str | None, titled("审计机构")] = None
    opinion: Annotated[e.Opinion | None, titled("审计意见")] = None
    questioned_fen: Annotated[Fen | None, titled("审计质疑金额（分）")] = None
    closed_on: Annotated[date | None, titled("评估审计完成日期")] = None
    chain_passed: Annotated[bool, titled("是否已按原版本完成确认审核")] = False


OfPhase: TypeAlias = (
    e.ReportConfirmedByCommunity
    | e.ReportReviewedByDistrict
    | e.EvaluationCompleted
    | e.AuditCompleted
    | e.PhaseEvaluated
)


@dataclass(frozen=True)
class Phases:
    """Those of one project: of the present assignment by their codes, and what earlier ones finished."""

    assignment: int = 0
    by_code: Mapping[str, PhaseRow] = field(default_factory=dict)
    earlier: tuple[PhaseRow, ...] = ()

    def rows(self) -> Iterable[PhaseRow]:
        return (*self.earlier, *self.by_code.values())

    def having(self, row: PhaseRow) -> Phases:
        return replace(self, by_code={**self.by_code, row.phase: row})

    def under_another_chain(self, passed: Collection[str]) -> Phases:
        """What passed the old chain stands; any other report goes through the whole of the new one."""
        rows = self.by_code.items()
        return replace(
            self,
            by_code={
                code: replace(row, chain_passed=True) if code in passed else replace(row, steps=0) for code, row in rows
            },
        )

    def ended(self) -> Phases:
        """What the assignment finished stays on record; what it left open is its successor's to do, or nobody's."""
        finished = (row for row in self.by_code.values() if row.closed_on is not None)
        return replace(self, by_code={}, earlier=(*self.earlier, *finished))


def evolve(phases: Phases | None, event: ProjectEvent, meta: Meta) -> Phases | None:
    if isinstance(event, e.OrganisationSelected):
        phases = phases or Phases()
        return replace(phases, assignment=phases.assignment + 1)
    if isinstance(event, e.AssignmentEnded):
        return phases and phases.ended()
    if isinstance(event, e.ProjectMoved):
        return phases and phases.under_another_chain(event.passed)
    if isinstance(event, e.ReviewEvent):
        return _reviewed(phases, event, meta.occurred_on)
    return phases


def _reviewed(phases: Phases | None, event: e.ReviewEvent, day: date) -> Phases | None:
    match event:
        case e.ReportSubmitted():
            phases = phases or Phases()
            return phases.having(_submitted(phases, event, day))
        case e.ThirdPartyNamed() | e.ThirdPartySupervisionReported():
            return phases
        case _:
            if phases is None or (row := phases.by_code.get(event.phase)) is None:
                return phases
            return phases.having(_gone_on(row, event, day))


def _submitted(phases: Phases, event: e.ReportSubmitted, day: date) -> PhaseRow:
    """A first report, or another revision, with which the chain starts anew."""
    row = phases.by_code.get(event.phase)
    return replace(
        row or PhaseRow(event.project_id, phases.assignment, event.phase, event.revision, day, day),
        revision=event.revision,
        submitted_on=day,
        steps=0,
        confirmed_on=None,
        remark=None,
        reviewed_on=None,
        returned=False,
        chain_passed=False,
    )


def _gone_on(row: PhaseRow, event: OfPhase, day: date) -> PhaseRow:
    match event:
        case e.ReportConfirmedByCommunity():
            return replace(row, steps=row.steps + 1, confirmed_on=day, remark=event.remark)
        case e.ReportReviewedByDistrict():
            return replace(row, steps=row.steps + event.passed, reviewed_on=day, returned=not event.passed)
        case e.EvaluationCompleted():
            scores = {score.criterion: score.score for score in event.scores}
            return replace(row, evaluated_on=day, evaluator=event.third_party, scores=scores, breaches=event.breaches)
        case e.AuditCompleted():
            return replace(
                row,
                audited_on=day,
                auditor=event.third_party,
                opinion=event.opinion,
                questioned_fen=event.questioned_fen,
            )
        case e.PhaseEvaluated():
            return replace(row, closed_on=day)
        case _:
            assert_never(event)


PHASES = View("project_phase", 4, "project", (PhaseRow,), evolve)

SHOWN = tuple(one.name for one in fields(PhaseRow) if one.name != "project_id")


async def of_project(tx: Tx, project_id: ProjectId) -> list[dict[str, Any]]:
    """The phases of one project, in the order in which their reports came."""
    rows = await tx.fetch(
        f"select {', '.join(SHOWN)}, row_stream as stream, row_version as version from project_phase"
        " where project_id = $1 order by submitted_on, phase",
        project_id,
    )
    return [{**dict(row), "scores": json.loads(row["scores"]) if row["scores"] else None} for row in rows]
