"""A pilot's money (FUN-R3)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from contracts.values import PilotId
from funding.api.pilot import Pilot, day_of
from funding.commands import budget as commands
from funding.commands.application import Dated
from funding.projections import budget as views
from funding.projections.pilot import state
from kit.auth import Caller
from kit.errors import NotFound
from kit.service import Asks, Cursor, Events, Limit, Sends, after, answered, paged, shown
from kit.store import Tx

router = APIRouter(tags=["money"])


@router.get(
    "/pilots/{pilot_id}/budget", summary="分项预算、拨付、支出和余额", openapi_extra={"x-action": "read-budgets"}
)
async def budget(pilot_id: Pilot, caller: Asks, store: Events) -> Response:
    async with store.reading(caller.reads("read-budgets")) as tx:
        await _in_sight(tx, caller, pilot_id)
        found = await views.of_pilot(tx, pilot_id)
    if found is None:
        raise NotFound
    return shown(found)


@router.get("/pilots/{pilot_id}/expenses", summary="支出明细", openapi_extra={"x-action": "read-budgets"})
async def expenses(pilot_id: Pilot, caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    begin = after(cursor, str, UUID)
    async with store.reading(caller.reads("read-budgets")) as tx:
        await _in_sight(tx, caller, pilot_id)
        rows = await views.expenses(tx, pilot_id, begin[1] if begin else None, limit + 1)
    return shown(paged(rows, limit, "tenant_id", "expense_id"))


async def _in_sight(tx: Tx, caller: Caller, pilot_id: PilotId) -> None:
    if await state.one(tx, caller.actor, day_of(caller), pilot_id) is None:
        raise NotFound


@router.post("/pilots/{pilot_id}/budget", summary="下达预算")
async def allot_budget(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.allot(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/appropriations", summary="拨款")
async def appropriate_funds(pilot_id: Pilot, cmd: commands.MoveFunds, caller: Sends, store: Events) -> Response:
    return answered(await commands.appropriate(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/returns", summary="收回未使用的经费")
async def return_funds(pilot_id: Pilot, cmd: commands.MoveFunds, caller: Sends, store: Events) -> Response:
    return answered(await commands.take_back(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/adjustments", summary="调整预算")
async def adjust_budget(pilot_id: Pilot, cmd: commands.AdjustBudget, caller: Sends, store: Events) -> Response:
    return answered(await commands.adjust(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/release", summary="解冻经费")
async def release_funds(pilot_id: Pilot, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.release(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/expenses", summary="登记支出")
async def record_expense(pilot_id: Pilot, cmd: commands.RecordExpense, caller: Sends, store: Events) -> Response:
    return answered(await commands.record_expense(store, caller, pilot_id, cmd))


@router.post("/pilots/{pilot_id}/expenses/{expense_id}/reversals", summary="冲销支出")
async def reverse_expense(
    pilot_id: Pilot, expense_id: UUID, cmd: commands.ReverseExpense, caller: Sends, store: Events
) -> Response:
    return answered(await commands.reverse_expense(store, caller, pilot_id, expense_id, cmd))
