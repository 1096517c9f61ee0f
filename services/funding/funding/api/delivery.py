"""Steps 8 and 10."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import delivery as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/staffing", summary="申报专业社工")
async def declare_staffing(
    project_id: Project, cmd: commands.DeclareStaffing, caller: Sends, store: Events
) -> Response:
    return answered(await commands.declare_staffing(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/start", summary="启动实施")
async def start_implementation(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.start(store, caller, project_id, cmd))
