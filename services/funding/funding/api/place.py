"""Which community carries a project on."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import place as commands
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/place", summary="确定承接社区")
async def assign_place(project_id: Project, cmd: commands.AssignPlace, caller: Sends, store: Events) -> Response:
    return answered(await commands.assign(store, caller, project_id, cmd))
