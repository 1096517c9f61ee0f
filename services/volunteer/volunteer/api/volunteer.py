"""Volunteers."""

from __future__ import annotations

from fastapi import APIRouter, Response

from kit.service import Events, Sends, answered
from volunteer.commands import volunteer

router = APIRouter()


@router.post("/volunteers", summary="登记志愿者")
async def register_volunteer(cmd: volunteer.RegisterVolunteer, caller: Sends, store: Events) -> Response:
    return answered(await volunteer.register_volunteer(store, caller, cmd))
