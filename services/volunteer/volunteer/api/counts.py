"""Totals of a day."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import PilotId
from kit.service import Events, Sends, answered
from volunteer.commands import counts

router = APIRouter()


@router.post("/pilots/{pilot_id}/counts", summary="发布试点志愿服务统计")
async def publish_volunteer_counts(
    pilot_id: PilotId, cmd: counts.PublishVolunteerCounts, caller: Sends, store: Events
) -> Response:
    return answered(await counts.publish_counts(store, caller, pilot_id, cmd))
