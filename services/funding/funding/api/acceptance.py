"""Steps 14 to 17."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import acceptance as commands
from funding.commands.application import Dated, WithReason
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/self-assessments", summary="提交自我评估总结报告")
async def file_self_assessment(
    project_id: Project, cmd: commands.FileSummary, caller: Sends, store: Events
) -> Response:
    return answered(await commands.file_self_assessment(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/acceptance", summary="区级验收通过")
async def complete_acceptance(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.complete(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/acceptance-failures", summary="区级验收未通过")
async def fail_acceptance(project_id: Project, cmd: commands.FailAcceptance, caller: Sends, store: Events) -> Response:
    return answered(await commands.fail(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/acceptance-withdrawal", summary="撤回验收")
async def withdraw_acceptance(project_id: Project, cmd: WithReason, caller: Sends, store: Events) -> Response:
    return answered(await commands.withdraw(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/rectification", summary="报告整改")
async def report_rectification(project_id: Project, cmd: commands.FileReport, caller: Sends, store: Events) -> Response:
    return answered(await commands.report_rectification(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/acceptance-report", summary="上报验收报告")
async def file_acceptance_report(
    project_id: Project, cmd: commands.FileReport, caller: Sends, store: Events
) -> Response:
    return answered(await commands.file_report(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/rating", summary="市级综合评价")
async def rate_project(project_id: Project, cmd: commands.RateProject, caller: Sends, store: Events) -> Response:
    return answered(await commands.rate(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/publicity", summary="总结推广经验")
async def publicise_experience(
    project_id: Project, cmd: commands.PubliciseExperience, caller: Sends, store: Events
) -> Response:
    return answered(await commands.publicise(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/close", summary="结项")
async def close_project(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.close(store, caller, project_id, cmd))
