"""HTTP: commands of organisers, and the bulletin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from contracts.values import ActivityId, PilotId
from kit.auth import Caller
from kit.service import answered, caller, reader, store
from kit.service.moments import Day
from kit.store import Store
from volunteer import commands, projections

router = APIRouter(prefix="/v1")
Sender = Annotated[Caller, Depends(caller)]
Reader = Annotated[Caller, Depends(reader)]
Events = Annotated[Store, Depends(store)]


@router.post("/volunteers", summary="登记志愿者")
async def register_volunteer(cmd: commands.RegisterVolunteer, caller: Sender, store: Events) -> Response:
    return answered(await commands.register_volunteer(store, caller, cmd))


@router.post("/activities", summary="计划志愿服务活动")
async def plan_activity(cmd: commands.PlanActivity, caller: Sender, store: Events) -> Response:
    return answered(await commands.plan_activity(store, caller, cmd))


@router.post("/activities/{activity_id}/hold", summary="登记活动已开展")
async def hold_activity(activity_id: ActivityId, cmd: commands.HoldActivity, caller: Sender, store: Events) -> Response:
    return answered(await commands.hold_activity(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/attendance", summary="登记参与志愿者")
async def record_attendance(
    activity_id: ActivityId, cmd: commands.RecordAttendance, caller: Sender, store: Events
) -> Response:
    return answered(await commands.record_attendance(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/served", summary="登记服务居民人次")
async def record_served(
    activity_id: ActivityId, cmd: commands.RecordResidentsServed, caller: Sender, store: Events
) -> Response:
    return answered(await commands.record_served(store, caller, activity_id, cmd))


@router.post("/pilots/{pilot_id}/counts", summary="发布试点志愿服务统计")
async def publish_counts(
    pilot_id: PilotId, cmd: commands.PublishVolunteerCounts, caller: Sender, store: Events
) -> Response:
    return answered(await commands.publish_counts(store, caller, pilot_id, cmd))


@router.get("/bulletin", summary="志愿服务统计公报")
async def show_bulletin(
    caller: Reader, store: Events, from_day: Day | None = None, to_day: Day | None = None
) -> Response:
    """Sums by community (VOL-R1)."""
    cause = caller.reads("read-bulletin")
    async with store.reading(cause) as tx:
        rows = await projections.bulletin(tx, list(cause.scope.reads), from_day, to_day)
    return JSONResponse({"items": jsonable_encoder([dict(row) for row in rows])})
