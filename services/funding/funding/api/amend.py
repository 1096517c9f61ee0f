"""Moving a project to a later version of its scheme, and extending it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import amend as commands
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/version", summary="改按方案新版本办理")
async def move_project(project_id: Project, cmd: commands.MoveProject, caller: Sends, store: Events) -> Response:
    return answered(await commands.move(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/extension", summary="延长试点期限")
async def extend_project(project_id: Project, cmd: commands.ExtendProject, caller: Sends, store: Events) -> Response:
    return answered(await commands.extend(store, caller, project_id, cmd))
