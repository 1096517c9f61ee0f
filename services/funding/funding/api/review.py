"""Supervision, reports, evaluation and audit (FUN-R4)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from contracts.fields import Code
from funding.api.project import Project
from funding.commands import review as commands
from kit.service import Events, Sends, answered

router = APIRouter(tags=["reports"])

Phase = Annotated[Code, Path(description="评估阶段，如 midterm、final")]


@router.post("/projects/{project_id}/third-parties", summary="确定第三方机构")
async def name_third_party(project_id: Project, cmd: commands.NameThirdParty, caller: Sends, store: Events) -> Response:
    return answered(await commands.name_third_party(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/supervisions", summary="提交第三方督导报告")
async def report_supervision(
    project_id: Project, cmd: commands.ReportSupervision, caller: Sends, store: Events
) -> Response:
    return answered(await commands.report_supervision(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/reports/{phase}", summary="提交中期或末期报告")
async def submit_report(
    project_id: Project, phase: Phase, cmd: commands.SubmitReport, caller: Sends, store: Events
) -> Response:
    return answered(await commands.submit_report(store, caller, project_id, phase, cmd))


@router.post("/projects/{project_id}/reports/{phase}/confirm", summary="社区确认报告并加注意见")
async def confirm_report(
    project_id: Project, phase: Phase, cmd: commands.ConfirmReport, caller: Sends, store: Events
) -> Response:
    return answered(await commands.confirm_report(store, caller, project_id, phase, cmd))


@router.post("/projects/{project_id}/reports/{phase}/review", summary="区民政局审核报告")
async def review_report(
    project_id: Project, phase: Phase, cmd: commands.ReviewReport, caller: Sends, store: Events
) -> Response:
    return answered(await commands.review_report(store, caller, project_id, phase, cmd))


@router.post("/projects/{project_id}/evaluations/{phase}", summary="提交第三方评估结果")
async def complete_evaluation(
    project_id: Project, phase: Phase, cmd: commands.CompleteEvaluation, caller: Sends, store: Events
) -> Response:
    return answered(await commands.complete_evaluation(store, caller, project_id, phase, cmd))


@router.post("/projects/{project_id}/audits/{phase}", summary="提交第三方审计结果")
async def complete_audit(
    project_id: Project, phase: Phase, cmd: commands.CompleteAudit, caller: Sends, store: Events
) -> Response:
    return answered(await commands.complete_audit(store, caller, project_id, phase, cmd))
