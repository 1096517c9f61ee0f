"""The back-scheduled plan, and its notices."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.project import Project
from funding.commands import milestone as commands
from kit.service import Events, Sends, answered

router = APIRouter(tags=["projects"])


@router.post("/projects/{project_id}/milestones", summary="制定倒推工期")
async def plan_milestones(project_id: Project, cmd: commands.PlanMilestones, caller: Sends, store: Events) -> Response:
    return answered(await commands.plan_milestones(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/node-notices", summary="通报节点完成情况")
async def issue_node_notice(
    project_id: Project, cmd: commands.IssueNodeNotice, caller: Sends, store: Events
) -> Response:
    return answered(await commands.issue_notice(store, caller, project_id, cmd))
