"""The back-scheduled plan, and its notices."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.pilot import Pilot
from funding.commands import milestone as commands
from kit.service import Events, Sends, answered

router = APIRouter(tags=["pilots"])


@router.post("/pilots/{pilot_id}/milestones", summary="制定倒推工期")
async def plan_milestones(pilot_id: Pilot, cmd: commands.PlanMilestones, caller: Sends, store: Events) -> Response:
    return answered(await commands.plan_milestones(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/node-notices", summary="通报节点完成情况")
async def issue_node_notice(pilot_id: Pilot, cmd: commands.IssueNodeNotice, caller: Sends, store: Events) -> Response:
    return answered(await commands.issue_notice(store, caller, pilot_id, cmd))
