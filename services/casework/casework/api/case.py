"""Cases, stage by stage."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from casework import lists
from casework.api.records import CaseRecord, opened
from casework.commands import case
from casework.domain.case import STEPS
from casework.domain.stage import Stage
from casework.projections import records
from contracts.values import CaseId
from kit.auth import Caller
from kit.service import Asks, Events, Sends, answered, listed
from kit.service.possible import actions_of
from kit.store import Store

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


@router.post("/cases/{case_id}/end", summary="提前终止个案")
async def end_case(case_id: CaseId, cmd: case.EndCase, caller: Sends, store: Events) -> Response:
    return answered(await case.end_case(store, caller, case_id, cmd))


listed(router, "/cases", "个案进展", lists.CASES, "个案清单（CAS-R2）；姓名只给在该处服务的机构看。")


@router.get(
    "/cases/{case_id}",
    summary="个案内容",
    description="含各环节的记录，只给在该处服务的机构看；个人信息已删除的，erased 为 true，所记内容为空。",
    response_model=CaseRecord,
    openapi_extra={"x-action": "read-records"},
)
async def show_case(request: Request, case_id: CaseId, caller: Asks, store: Events) -> Response:
    """With what was written at each stage, for the organisation that works there; `erased` as with an entry."""
    return await opened(request, caller, store, lists.CASES, case_id, records.case, _actions)


async def _actions(request: Request, caller: Caller, store: Store, key: CaseId) -> list[dict[str, Any]]:
    return actions_of(request, caller, STEPS, await case.situation(store, caller, key), case_id=key)
