"""Steps 1 to 4."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.pilot import Pilot
from funding.commands import application as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["pilots"])


@router.post("/pilots", summary="社区提出试点申请")
async def submit_application(cmd: commands.SubmitApplication, caller: Sends, store: Events) -> Response:
    return answered(await commands.submit(store, caller, cmd))


@router.post("/pilots/{pilot_id}/sign-off", summary="街道主要领导签字同意")
async def sign_off_application(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.sign_off(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/recommend", summary="区民政局推荐")
async def recommend_pilot(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.recommend(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/approve", summary="确定为试点社区")
async def approve_pilot(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.approve(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/reject", summary="不予确定")
async def reject_pilot(pilot_id: Pilot, cmd: commands.RejectPilot, caller: Sends, store: Events) -> Response:
    return answered(await commands.reject(store, caller, pilot_id, cmd))
