"""Supervision, reports, evaluation and audit (FUN-R4)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.edge import Caller_, Phase, Pilot, Store_
from funding.commands import reviews
from kit.service import answered

router = APIRouter(tags=["reports"])


@router.post("/pilots/{pilot_id}/third-parties", summary="确定第三方机构")
async def name_third_party(pilot_id: Pilot, cmd: reviews.NameThirdParty, caller: Caller_, store: Store_) -> Response:
    return answered(await reviews.name_third_party(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/supervisions", summary="提交第三方督导报告")
async def report_supervision(
    pilot_id: Pilot, cmd: reviews.ReportSupervision, caller: Caller_, store: Store_
) -> Response:
    return answered(await reviews.report_supervision(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/reports/{phase}", summary="提交中期或末期报告")
async def submit_report(
    pilot_id: Pilot, phase: Phase, cmd: reviews.SubmitReport, caller: Caller_, store: Store_
) -> Response:
    return answered(await reviews.submit_report(store, caller, pilot_id, phase, cmd))


@router.post("/pilots/{pilot_id}/reports/{phase}/confirm", summary="社区确认报告并加注意见")
async def confirm_report(
    pilot_id: Pilot, phase: Phase, cmd: reviews.ConfirmReport, caller: Caller_, store: Store_
) -> Response:
    return answered(await reviews.confirm_report(store, caller, pilot_id, phase, cmd))


@router.post("/pilots/{pilot_id}/reports/{phase}/review", summary="区民政局审核报告")
async def review_report(
    pilot_id: Pilot, phase: Phase, cmd: reviews.ReviewReport, caller: Caller_, store: Store_
) -> Response:
    return answered(await reviews.review_report(store, caller, pilot_id, phase, cmd))


@router.post("/pilots/{pilot_id}/evaluations/{phase}", summary="提交第三方评估结果")
async def complete_evaluation(
    pilot_id: Pilot, phase: Phase, cmd: reviews.CompleteEvaluation, caller: Caller_, store: Store_
) -> Response:
    return answered(await reviews.complete_evaluation(store, caller, pilot_id, phase, cmd))


@router.post("/pilots/{pilot_id}/audits/{phase}", summary="提交第三方审计结果")
async def complete_audit(
    pilot_id: Pilot, phase: Phase, cmd: reviews.CompleteAudit, caller: Caller_, store: Store_
) -> Response:
    return answered(await reviews.complete_audit(store, caller, pilot_id, phase, cmd))
