"""Cases, stage by stage."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Response

from casework.api.records import opened
from casework.commands import case
from casework.commands.streams import CASES
from casework.domain.case import Stage
from casework.projections import case as cases
from casework.projections import records
from contracts.values import CaseId
from kit.service import Asks, Cursor, Events, Limit, Sends, after, answered, paged, shown

router = APIRouter()


@router.post("/cases", summary="接案")
async def open_case(cmd: case.OpenCase, caller: Sends, store: Events) -> Response:
    return answered(await case.open_case(store, caller, cmd))


@router.post("/cases/{case_id}/pre-assess", summary="预估", openapi_extra={"x-action": "advance-case"})
async def pre_assess(case_id: CaseId, cmd: case.CompleteStage, caller: Sends, store: Events) -> Response:
    return answered(await case.advance(store, caller, case_id, Stage.PRE_ASSESSMENT, cmd))


@router.post("/cases/{case_id}/plan", summary="制定计划", openapi_extra={"x-action": "advance-case"})
async def plan(case_id: CaseId, cmd: case.CompleteStage, caller: Sends, store: Events) -> Response:
    return answered(await case.advance(store, caller, case_id, Stage.PLANNING, cmd))


@router.post("/cases/{case_id}/interventions", summary="介入", openapi_extra={"x-action": "advance-case"})
async def intervene(case_id: CaseId, cmd: case.CompleteStage, caller: Sends, store: Events) -> Response:
    return answered(await case.advance(store, caller, case_id, Stage.INTERVENTION, cmd))


@router.post("/cases/{case_id}/evaluate", summary="评估", openapi_extra={"x-action": "advance-case"})
async def evaluate(case_id: CaseId, cmd: case.CompleteStage, caller: Sends, store: Events) -> Response:
    return answered(await case.advance(store, caller, case_id, Stage.EVALUATION, cmd))


@router.post("/cases/{case_id}/close", summary="结案", openapi_extra={"x-action": "advance-case"})
async def close(case_id: CaseId, cmd: case.CompleteStage, caller: Sends, store: Events) -> Response:
    return answered(await case.advance(store, caller, case_id, Stage.CLOSURE, cmd))


@router.get("/cases", summary="个案进展")
async def read_cases(
    caller: Asks,
    store: Events,
    stage: Stage | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The case pipeline (CAS-R2), under pseudonyms."""
    cause = caller.reads("read-cases")
    place = after(cursor, date.fromisoformat, UUID)
    async with store.reading(cause) as tx:
        rows = await cases.cases(tx, list(cause.scope.reads), stage, place, limit + 1)
    return shown(paged(rows, limit, "opened_on", "case_id"))


@router.get("/cases/{case_id}", summary="个案内容", openapi_extra={"x-action": "read-records"})
async def show_case(case_id: CaseId, caller: Asks, store: Events) -> Response:
    """With what was written at each stage, for the agency that works there; `erased` as with an entry."""
    cause = caller.reads("read-records")
    events = await records.told(store, cause, CASES.stream(case_id).name)
    return await opened(store, cause, records.case(events, cause.at))
