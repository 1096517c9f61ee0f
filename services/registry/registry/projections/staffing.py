"""Each project's posting: every attempt and its verdict, who is there, the lock, and breaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, SchemeId, WorkerId
from kit.store import Meta, Row, View, titled
from registry.domain import posting
from registry.domain.posting import Ending, PostingEvent, StaffingRejected, StaffingVerified


@dataclass(frozen=True)
class StaffingRow(Row, table="staffing_list", key=("project_id",), indexes=(("tenant_id", "organisation_id"),)):
    project_id: Annotated[ProjectId, titled("试点编号")]
    organisation_id: Annotated[OrganisationId | None, titled("机构编号")] = None
    scheme_id: Annotated[SchemeId | None, titled("方案编号")] = None
    attempts: Annotated[int, titled("核验次数")] = 0
    verified_on: Annotated[date | None, titled("核验通过日期")] = None
    headcount: Annotated[int | None, titled("规定社工人数")] = None
    licensed_min: Annotated[int | None, titled("持证人数下限")] = None
    intermediate_min: Annotated[int | None, titled("中级及以上人数下限")] = None
    sw_graduate_min: Annotated[int | None, titled("社会工作专业毕业人数下限")] = None
    locked_min: Annotated[int | None, titled("不得流动人数下限")] = None
    licensed: Annotated[int | None, titled("持证人数", "实有人数")] = None
    intermediate: Annotated[int | None, titled("中级及以上人数", "实有人数")] = None
    sw_graduates: Annotated[int | None, titled("社会工作专业毕业人数")] = None
    present: Annotated[tuple[WorkerId, ...], titled("在岗社工")] = ()
    from_day: Annotated[date | None, titled("锁定起始日期")] = None
    to_day: Annotated[date | None, titled("锁定截止日期")] = None
    starters: Annotated[int | None, titled("启动时人数")] = None
    breaches: Annotated[int, titled("流动违约次数")] = 0
    ended_on: Annotated[date | None, titled("结束日期")] = None
    ending: Annotated[Ending | None, titled("结束原因")] = None


@dataclass(frozen=True)
class AttemptRow(
    Row,
    table="staffing_attempt",
    key=("project_id", "declaration_id"),
    indexes=(("tenant_id", "judged_on", "project_id", "declaration_id"), ("tenant_id", "project_id")),
):
    project_id: Annotated[ProjectId, titled("试点编号")]
    declaration_id: Annotated[UUID, titled("申报编号")]
    judged_on: Annotated[date, titled("核验日期")]
    verified: Annotated[bool, titled("核验是否通过")]
    codes: Annotated[tuple[str, ...], titled("不通过的原因")]
    rules: Annotated[tuple[str, ...], titled("原因所据条款")]


NUMBERED = (
    "(select *, row_number() over (partition by tenant_id, project_id order by row_version) as attempt"
    " from staffing_attempt)"
)
"""Attempts in the order of their verdicts."""


def evolve(row: StaffingRow | None, event: PostingEvent, meta: Meta) -> StaffingRow | None:
    match event:
        case StaffingVerified():
            return _verified(row or StaffingRow(event.project_id), event, meta)
        case StaffingRejected():
            row = row or StaffingRow(event.project_id)
            return replace(row, attempts=row.attempts + 1)
        case posting.PostingLocked():
            return row and replace(row, from_day=event.from_day, to_day=event.to_day, starters=len(event.starters))
        case posting.WorkerLeftPosting():
            return row and replace(
                row,
                present=tuple(one for one in row.present if one != event.worker_id),
                breaches=row.breaches + event.breach,
            )
        case posting.PostingEnded(cause=cause):
            return row and replace(
                row,
                ended_on=meta.occurred_on,
                ending=cause,
                present=(),
                from_day=row.from_day if cause is Ending.PROJECT_CLOSED else None,
            )
        case _:
            assert_never(event)


def _verified(row: StaffingRow, event: StaffingVerified, meta: Meta) -> StaffingRow:
    rule = event.declaration.rule
    return replace(
        row,
        organisation_id=event.declaration.organisation_id,
        scheme_id=event.declaration.scheme_id,
        attempts=row.attempts + 1,
        verified_on=meta.occurred_on,
        headcount=rule.headcount,
        licensed_min=rule.licensed_min,
        intermediate_min=rule.intermediate_min,
        sw_graduate_min=rule.sw_graduate_min,
        locked_min=rule.locked_min,
        licensed=sum(worker.licensed for worker in event.workers),
        intermediate=sum(worker.intermediate for worker in event.workers),
        sw_graduates=sum(worker.sw_graduate for worker in event.workers),
        present=event.declaration.worker_ids,
        ended_on=None,
        ending=None,
    )


def judged(event: PostingEvent, meta: Meta) -> Iterable[AttemptRow]:
    """Every attempt, for good; which one it was follows from how many came before it."""
    if isinstance(event, StaffingVerified | StaffingRejected):
        reasons = event.reasons if isinstance(event, StaffingRejected) else ()
        yield AttemptRow(
            project_id=event.project_id,
            declaration_id=event.declaration.declaration_id,
            judged_on=meta.occurred_on,
            verified=not reasons,
            codes=tuple(reason.code for reason in reasons),
            rules=tuple(reason.rule for reason in reasons),
        )


STAFFING = View("staffing_list", 2, "staffing", (StaffingRow, AttemptRow), evolve, judged)
