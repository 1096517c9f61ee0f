"""Activities, and what came of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.values import ActivityId
from kit.auth import Caller
from kit.service import Events, Sends, answered, listed, record
from kit.service.possible import actions_of
from kit.store import Store
from volunteer import lists
from volunteer.commands import activity
from volunteer.domain.activity import STEPS

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


listed(router, "/activities", "志愿服务活动清单", lists.ACTIVITIES)


async def _actions(request: Request, caller: Caller, store: Store, key: ActivityId) -> list[dict[str, Any]]:
    situation = await activity.situation(store, caller, key)
    return actions_of(request, caller, STEPS, situation, activity_id=key)


record(router, "/activities/{activity_id}", "一次志愿服务活动", lists.ACTIVITIES, actions=_actions)
listed(router, "/attendance", "活动参与情况清单", lists.ATTENDANCE, "姓名只给该志愿者所在社区、所属机构的组织人员看。")
