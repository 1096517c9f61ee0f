"""The ledger and its home visits."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from casework import lists
from casework.api.records import EntryRecord, opened
from casework.commands import entry
from casework.projections import records
from contracts.values import EntryId
from kit.service import Asks, Events, Sends, answered, listed

router = APIRouter()


@router.post("/entries", summary="建立服务台账")
async def enrol_beneficiary(cmd: entry.EnrolBeneficiary, caller: Sends, store: Events) -> Response:
    return answered(await entry.enrol(store, caller, cmd))


@router.post("/entries/{entry_id}/visits", summary="登记入户走访")
async def record_home_visit(entry_id: EntryId, cmd: entry.RecordHomeVisit, caller: Sends, store: Events) -> Response:
    return answered(await entry.record_visit(store, caller, entry_id, cmd))


@router.post("/entries/{entry_id}/move", summary="变更台账社区")
async def move_entry(entry_id: EntryId, cmd: entry.MoveEntry, caller: Sends, store: Events) -> Response:
    return answered(await entry.move(store, caller, entry_id, cmd))


@router.post("/entries/{entry_id}/end", summary="终止服务台账")
async def end_entry(entry_id: EntryId, cmd: entry.EndEntry, caller: Sends, store: Events) -> Response:
    return answered(await entry.end(store, caller, entry_id, cmd))


listed(router, "/entries", "服务台账清单", lists.ENTRIES, "姓名只给在该处服务的机构看。")
listed(router, "/visits", "入户走访清单", lists.VISITS)


@router.get(
    "/entries/{entry_id}",
    summary="服务台账内容",
    description="含姓名和走访记录，只给在该处服务的机构看；个人信息已删除的，erased 为 true，所记内容为空。",
    response_model=EntryRecord,
    openapi_extra={"x-action": "read-records"},
)
async def show_entry(request: Request, entry_id: EntryId, caller: Asks, store: Events) -> Response:
    """With name and findings, for the organisation that works there; `erased` once the person's data was erased."""
    return await opened(request, caller, store, lists.ENTRIES, entry_id, records.entry)
