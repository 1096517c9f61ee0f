"""Totals of a day."""

from __future__ import annotations

from fastapi import APIRouter, Response

from casework.commands import counts
from contracts.values import ProjectId
from kit.service import Events, Sends, answered

router = APIRouter()


@router.post("/projects/{project_id}/counts", summary="发布试点服务统计")
async def publish_service_counts(
    project_id: ProjectId, cmd: counts.PublishServiceCounts, caller: Sends, store: Events
) -> Response:
    return answered(await counts.publish_counts(store, caller, project_id, cmd))
