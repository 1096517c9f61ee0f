"""The cases and how far they are (CAS-R2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from casework.domain.case import (
    CaseClosed,
    CaseEndedEarly,
    CaseEndReason,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
    Stage,
)
from contracts.values import CaseId, EntryId, ProjectId, TenantId, UnitCode, WorkerId
from kit.store import Meta, Row, Tx, View, titled


@dataclass(frozen=True)
class CaseRow(
    Row,
    table="case_list",
    key=("case_id",),
    indexes=(
        ("tenant_id", "project_id", "opened_on"),
        ("tenant_id", "opened_on", "case_id"),
        ("tenant_id", "place_id"),
        ("tenant_id", "entry_id"),
    ),
    counted=("stage", "end_reason"),
):
    """`stage` is the last one completed, `stage_on` the day it was, also of a case that ended early."""

    case_id: Annotated[CaseId, titled("个案编号")]
    entry_id: Annotated[EntryId, titled("台账编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    domain: Annotated[str, titled("服务领域")]
    worker_id: Annotated[WorkerId, titled("社工编号", "接案的社工")]
    stage: Annotated[Stage, titled("最近完成的环节")]
    opened_on: Annotated[date, titled("接案日期")]
    stage_on: Annotated[date, titled("环节完成日期")]
    interventions: Annotated[int, titled("介入次数")] = 0
    closed_on: Annotated[date | None, titled("结案日期")] = None
    ended_on: Annotated[date | None, titled("结束日期", "提前终止的日期；结案的见结案日期")] = None
    end_reason: Annotated[CaseEndReason | None, titled("终止原因", "提前终止的原因")] = None


def evolve(row: CaseRow | None, event: CaseEvent, meta: Meta) -> CaseRow | None:
    day = meta.occurred_on
    match event:
        case CaseOpened():
            return CaseRow(
                case_id=event.case_id,
                entry_id=event.entry_id,
                place_id=event.place_id,
                project_id=event.project_id,
                community=event.community,
                domain=event.domain,
                worker_id=event.worker_id,
                stage=Stage.INTAKE,
                opened_on=day,
                stage_on=day,
            )
        case CasePreAssessed():
            return row and replace(row, stage=Stage.PRE_ASSESSMENT, stage_on=day)
        case CasePlanMade():
            return row and replace(row, stage=Stage.PLANNING, stage_on=day)
        case InterventionRecorded():
            return row and _intervened(row, day)
        case CaseEvaluated():
            return row and replace(row, stage=Stage.EVALUATION, stage_on=day)
        case CaseClosed():
            return row and replace(row, stage=Stage.CLOSURE, stage_on=day, closed_on=day)
        case CaseEndedEarly(reason=reason):
            return row and replace(row, ended_on=day, end_reason=reason)
        case _:
            assert_never(event)


def _intervened(row: CaseRow, day: date) -> CaseRow:
    """An intervention that is entered late counts, and the latest day stays."""
    latest = max(row.stage_on, day) if row.interventions else day
    return replace(row, stage=Stage.INTERVENTION, stage_on=latest, interventions=row.interventions + 1)


OPEN = (
    "select count(*) from case_list where (tenant_id, entry_id) = ($1, $2) and closed_on is null and ended_on is null"
)


async def still_open(tx: Tx, tenant: TenantId, entry_id: EntryId) -> int:
    """How many cases of an entry were neither closed nor ended early."""
    ((found,),) = await tx.fetch(OPEN, tenant, entry_id)
    return int(found)


CASES = View("case_list", 3, "case", (CaseRow,), evolve)
