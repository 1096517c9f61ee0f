"""Steps 8 and 10."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from funding.api.pilot import Pilot
from funding.commands import delivery as commands
from funding.commands.application import Dated
from kit.service import Events, Sends, answered

router = APIRouter(tags=["pilots"])


@router.post("/pilots/{pilot_id}/staffing", summary="申报专业社工")
async def declare_staffing(pilot_id: Pilot, cmd: commands.DeclareStaffing, caller: Sends, store: Events) -> Response:
    return answered(await commands.declare_staffing(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/start", summary="启动实施")
async def start_implementation(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.start(store, caller, pilot_id, cmd))
