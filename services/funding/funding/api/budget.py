"""A project's money (FUN-R3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from funding import lists
from funding.api.project import Project
from funding.api.records import BudgetRecord, ExpenseRecord, whole
from funding.commands import budget as commands
from funding.commands.application import Dated
from funding.projections.budget import lines_of, reversals_of
from kit.service import Asks, Events, Sends, answered, listed
from kit.store import Tx

router = APIRouter(tags=["money"])


listed(router, "/budgets", "试点账户清单", lists.BUDGETS, "每个试点的下达、拨付、支出和余额（FUN-R3）。")
listed(router, "/budget-lines", "分项预算清单", lists.LINES, "每个试点的每一经费项（FUN-R3，R-LZ-13）。")
listed(router, "/expenses", "支出明细", lists.EXPENSES, "各试点的支出，按支出日期；已冲销的金额单列。")
listed(router, "/reversals", "冲销明细", lists.REVERSALS)


@router.get(
    "/projects/{project_id}/budget",
    summary="分项预算、拨付、支出和余额",
    response_model=BudgetRecord,
    openapi_extra={"x-stream": "budget", "x-action": lists.BUDGETS.action},
)
async def show_budget(request: Request, project_id: Project, caller: Asks, store: Events) -> Response:
    async def lines(tx: Tx) -> dict[str, Any]:
        return {"lines": await lines_of(tx, project_id)}

    return await whole(request, caller, store, lists.BUDGETS, project_id, lines)


@router.get(
    "/expenses/{expense_id}",
    summary="一笔支出和它的冲销",
    response_model=ExpenseRecord,
    openapi_extra={"x-action": lists.EXPENSES.action},
)
async def show_expense(request: Request, expense_id: UUID, caller: Asks, store: Events) -> Response:
    async def reversals(tx: Tx) -> dict[str, Any]:
        return {"reversals": await reversals_of(tx, expense_id)}

    return await whole(request, caller, store, lists.EXPENSES, expense_id, reversals)


@router.post("/projects/{project_id}/budget", summary="下达预算")
async def allot_budget(project_id: Project, cmd: Dated, caller: Sends, store: Events) -> Response:
    return answered(await commands.allot(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/appropriations", summary="拨款")
async def appropriate_funds(project_id: Project, cmd: commands.MoveFunds, caller: Sends, store: Events) -> Response:
    return answered(await commands.appropriate(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/returns", summary="收回未使用的经费")
async def return_funds(project_id: Project, cmd: commands.SettleFunds, caller: Sends, store: Events) -> Response:
    return answered(await commands.take_back(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/adjustments", summary="调整预算")
async def adjust_budget(project_id: Project, cmd: commands.AdjustBudget, caller: Sends, store: Events) -> Response:
    return answered(await commands.adjust(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/write-offs", summary="核销无法收回的经费")
async def write_off_funds(project_id: Project, cmd: commands.WriteOffFunds, caller: Sends, store: Events) -> Response:
    return answered(await commands.write_off(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/expenses", summary="登记支出")
async def record_expense(project_id: Project, cmd: commands.RecordExpense, caller: Sends, store: Events) -> Response:
    return answered(await commands.record_expense(store, caller, project_id, cmd))


@router.post("/projects/{project_id}/expenses/{expense_id}/reversals", summary="冲销支出")
async def reverse_expense(
    project_id: Project, expense_id: UUID, cmd: commands.ReverseExpense, caller: Sends, store: Events
) -> Response:
    return answered(await commands.reverse_expense(store, caller, project_id, expense_id, cmd))
