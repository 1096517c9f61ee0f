"""Steps 1 to 4."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import application as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects", summary="社区提出试点申请")
async def submit_application(cmd: commands.SubmitApplication, caller: Sends, store: Events) -> Response:
    return answered(await commands.submit(store, caller, cmd))


@router.post("/projects/{project_id}/sign-off", summary="街道主要领导签字同意")
async def sign_off_application(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.sign_off(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/recommend", summary="区民政局推荐")
async def recommend_project(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.recommend(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/approve", summary="确定为试点社区")
async def approve_project(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.approve(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/reject", summary="不予确定")
async def reject_project(project_id: Project, cmd: commands.WithReason, caller: Sends, store: Events) -> Response:
    return answered(await commands.reject(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/return", summary="退回申请")
async def return_application(project_id: Project, cmd: commands.WithReason, caller: Sends, store: Events) -> Response:
    return answered(await commands.return_application(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/withdrawal", summary="撤回申请")
async def withdraw_application(project_id: Project, cmd: commands.WithReason, caller: Sends, store: Events) -> Response:
    return answered(await commands.withdraw(store, caller, project_id, cmd))
