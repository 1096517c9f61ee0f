"""Suspending, resuming and terminating a project."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import end as commands
from funding.commands.application import Dated, WithReason
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/suspension", summary="暂停试点")
async def suspend_project(project_id: Project, cmd: WithReason, caller: Sends, store: Events) -> Response:
    return answered(await commands.suspend(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/resumption", summary="恢复试点")
async def resume_project(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.resume(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/termination", summary="终止试点")
async def terminate_project(
    project_id: Project, cmd: commands.TerminateProject, caller: Sends, store: Events
) -> Response:
    return answered(await commands.terminate(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/reopening-proposal", summary="提议重新打开试点")
async def propose_reopening(
    project_id: Project, cmd: commands.ProposeReopening, caller: Sends, store: Events
) -> Response:
    return answered(await commands.propose_reopening(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/reopening", summary="确认重新打开试点（另一人）")
async def reopen_project(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.reopen(store, caller, project_id, cmd))
