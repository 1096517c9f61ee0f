"""Putting right, or taking away, what was recorded."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import ActivityId, VolunteerId
from kit.service import Events, Sends, answered
from volunteer.commands import correction

router = APIRouter()


@router.post("/activities/{activity_id}/correct", summary="更正志愿服务活动")
async def correct_activity(
    activity_id: ActivityId, cmd: correction.CorrectActivity, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_activity(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/annul", summary="作废志愿服务活动")
async def annul_activity(activity_id: ActivityId, cmd: correction.Annul, caller: Sends, store: Events) -> Response:
    return answered(await correction.annul_activity(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/attendance/{volunteer_id}/annul", summary="作废参与登记")
async def annul_attendance(
    activity_id: ActivityId, volunteer_id: VolunteerId, cmd: correction.Annul, caller: Sends, store: Events
) -> Response:
    return answered(await correction.annul_attendance(store, caller, activity_id, volunteer_id, cmd))


@router.post("/activities/{activity_id}/served/correct", summary="更正服务居民人次")
async def correct_residents_served(
    activity_id: ActivityId, cmd: correction.CorrectResidentsServed, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_served(store, caller, activity_id, cmd))


@router.post("/activities/{activity_id}/served/annul", summary="作废服务居民人次")
async def annul_residents_served(
    activity_id: ActivityId, cmd: correction.Annul, caller: Sends, store: Events
) -> Response:
    return answered(await correction.annul_served(store, caller, activity_id, cmd))


@router.post("/volunteers/{volunteer_id}/correct", summary="更正志愿者登记")
async def correct_volunteer(
    volunteer_id: VolunteerId, cmd: correction.CorrectVolunteer, caller: Sends, store: Events
) -> Response:
    return answered(await correction.correct_volunteer(store, caller, volunteer_id, cmd))
