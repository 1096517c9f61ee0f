"""The cases and how far they are (CAS-R2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, assert_never
from uuid import UUID

from casework.domain.case import BACK
from casework.domain.case_events import (
    CaseClosed,
    CaseEndedEarly,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
)
from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled, CaseNoteCorrected
from casework.domain.stage import CaseEndReason, Stage
from contracts.values import CaseId, CaseStanding, EntryId, ProjectId, TenantId, UnitCode, WorkerId
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


@dataclass(frozen=True)
class Case:
    """A case, and what it was before each of its last steps, oldest first."""

    row: CaseRow
    back: tuple[CaseRow, ...] = ()

    def rows(self) -> Iterable[CaseRow]:
        return (self.row,)

    def step(self, **changed: Any) -> Case:
        return Case(replace(self.row, **changed), (*self.back[1 - BACK :], self.row))


def evolve(case: Case | None, event: CaseEvent, meta: Meta) -> Case | None:
    day = meta.occurred_on
    match event:
        case CaseOpened():
            row = CaseRow(
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
            return Case(row)
        case CasePreAssessed():
            return case and case.step(stage=Stage.PRE_ASSESSMENT, stage_on=day)
        case CasePlanMade():
            return case and case.step(stage=Stage.PLANNING, stage_on=day)
        case InterventionRecorded():
            return case and _intervened(case, day)
        case CaseEvaluated():
            return case and case.step(stage=Stage.EVALUATION, stage_on=day)
        case CaseClosed():
            return case and case.step(stage=Stage.CLOSURE, stage_on=day, closed_on=day)
        case CaseEndedEarly(reason=reason):
            return case and case.step(ended_on=day, end_reason=reason)
        case CaseCorrected(now=domain):
            return case and Case(replace(case.row, domain=domain), _in_domain(domain, case.back))
        case CaseNoteCorrected():
            return case
        case CaseNoteAnnulled(standing=CaseStanding.ANNULLED):
            return None
        case CaseNoteAnnulled():
            return Case(case.back[-1], case.back[:-1]) if case and case.back else case
        case _:
            assert_never(event)


def _in_domain(domain: str, rows: tuple[CaseRow, ...]) -> tuple[CaseRow, ...]:
    return tuple(replace(row, domain=domain) for row in rows)


def _intervened(case: Case, day: date) -> Case:
    """An intervention that is entered late counts, and the latest day stays."""
    row = case.row
    latest = max(row.stage_on, day) if row.interventions else day
    return case.step(stage=Stage.INTERVENTION, stage_on=latest, interventions=row.interventions + 1)


OPEN = (
    "select count(*) from case_list where (tenant_id, entry_id) = ($1, $2) and closed_on is null and ended_on is null"
)


async def still_open(tx: Tx, tenant: TenantId, entry_id: EntryId) -> int:
    """How many cases of an entry were neither closed nor ended early."""
    ((found,),) = await tx.fetch(OPEN, tenant, entry_id)
    return int(found)


CASES = View("case_list", 4, "case", (CaseRow,), evolve)
