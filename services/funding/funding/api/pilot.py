"""Pilots as they stand (FUN-R2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from contracts.values import PilotId
from funding.domain.terms import Stage
from funding.projections import review
from funding.projections.pilot import state
from funding.projections.pilot.state import Asked
from kit import clock
from kit.auth import Caller
from kit.errors import NotFound
from kit.service import Asks, Cursor, Events, Limit, after, paged, shown

router = APIRouter(tags=["pilots"])

Pilot = Annotated[PilotId, Path(description="试点编号")]
"""The pilot that a path names."""


def day_of(caller: Caller) -> date:
    """The day on which a pilot is late or not: that of the moment asked for."""
    return caller.at.as_of or clock.day(caller.at.known_at or caller.now)


@router.get("/pilots", summary="试点列表", openapi_extra={"x-action": "read-pilots"})
async def list_pilots(
    caller: Asks,
    store: Events,
    scheme_id: UUID | None = None,
    stage: Stage | None = None,
    district: Annotated[str | None, Query(pattern=r"^[0-9]{6}$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    asked = Asked(scheme_id, stage, district, after(cursor, str, UUID), limit + 1)
    async with store.reading(caller.reads("read-pilots")) as tx:
        rows = await state.listed(tx, caller.actor, day_of(caller), asked)
    return shown(paged(rows, limit, "district", "pilot_id"))


@router.get(
    "/pilots/{pilot_id}", summary="一个试点的进度、节点、人员、评估和提示", openapi_extra={"x-action": "read-pilots"}
)
async def one_pilot(pilot_id: Pilot, caller: Asks, store: Events) -> Response:
    async with store.reading(caller.reads("read-pilots")) as tx:
        found = await state.one(tx, caller.actor, day_of(caller), pilot_id)
        if found is None:
            raise NotFound
        found["phases"] = await review.of_pilot(tx, pilot_id)
    return shown(found)
