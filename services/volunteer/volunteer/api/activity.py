"""Activities, and what came of them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import ActivityId
from kit.service import Events, Sends, answered
from volunteer.commands import activity

router = APIRouter()


@router.post("/activities", summary="计划志愿服务活动")
async def plan_activity(cmd: activity.PlanActivity, caller: Sends, store: Events) -> Response:
    return answered(await activity.plan_activity(store, caller, cmd))


@router.post("/activities/{activity_id}/hold", summary="登记活动已开展")
async def hold_activity(activity_id: ActivityId, cmd: activity.HoldActivity, caller: Sends, store: Events) -> Response:
    return answered(await activity.hold_activity(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/attendance", summary="登记参与志愿者")
async def record_attendance(
    activity_id: ActivityId, cmd: activity.RecordAttendance, caller: Sends, store: Events
) -> Response:
    return answered(await activity.record_attendance(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/served", summary="登记服务居民人次")
async def record_residents_served(
    activity_id: ActivityId, cmd: activity.RecordResidentsServed, caller: Sends, store: Events
) -> Response:
    return answered(await activity.record_served(store, caller, activity_id, cmd))
