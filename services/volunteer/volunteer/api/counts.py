"""Totals of a day."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.values import ProjectId
from kit.service import Events, Sends, answered
from volunteer.commands import counts

router = APIRouter()


@router.post("/projects/{project_id}/counts", summary="发布试点志愿服务统计")
async def publish_volunteer_counts(
    project_id: ProjectId, cmd: counts.PublishVolunteerCounts, caller: Sends, store: Events
) -> Response:
    return answered(await counts.publish_counts(store, caller, project_id, cmd))
