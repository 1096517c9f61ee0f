"""Totals of a day."""

from __future__ import annotations

from fastapi import APIRouter, Response

from casework.commands import counts
from contracts.values import PilotId
from kit.service import Events, Sends, answered

router = APIRouter()


@router.post("/pilots/{pilot_id}/counts", summary="发布试点服务统计")
async def publish_service_counts(
    pilot_id: PilotId, cmd: counts.PublishServiceCounts, caller: Sends, store: Events
) -> Response:
    return answered(await counts.publish_counts(store, caller, pilot_id, cmd))
