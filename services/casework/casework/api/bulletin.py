"""The service bulletin."""

from __future__ import annotations

from fastapi import APIRouter, Response

from casework.projections import bulletin
from kit.service import Asks, Events, shown
from kit.service.moments import Day

router = APIRouter()


@router.get("/bulletin", summary="服务统计公报")
async def read_bulletin(
    caller: Asks, store: Events, from_day: Day | None = None, to_day: Day | None = None
) -> Response:
    """Counts by community (CAS-R1)."""
    cause = caller.reads("read-bulletin")
    async with store.reading(cause) as tx:
        rows = await bulletin.bulletin(tx, list(cause.scope.reads), from_day, to_day)
    return shown({"items": [dict(row) for row in rows]})
