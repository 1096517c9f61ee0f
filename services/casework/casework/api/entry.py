"""The ledger and its home visits."""

from __future__ import annotations

from fastapi import APIRouter, Response

from casework.api.records import opened
from casework.commands import entry
from casework.commands.streams import ENTRIES
from casework.projections import records
from contracts.values import EntryId
from kit.service import Asks, Events, Sends, answered

router = APIRouter()


@router.post("/entries", summary="建立服务台账")
async def enrol_beneficiary(cmd: entry.EnrolBeneficiary, caller: Sends, store: Events) -> Response:
    return answered(await entry.enrol(store, caller, cmd))


@router.post("/entries/{entry_id}/visits", summary="登记入户走访")
async def record_home_visit(entry_id: EntryId, cmd: entry.RecordHomeVisit, caller: Sends, store: Events) -> Response:
    return answered(await entry.record_visit(store, caller, entry_id, cmd))


@router.get("/entries/{entry_id}", summary="服务台账内容", openapi_extra={"x-action": "read-records"})
async def show_entry(entry_id: EntryId, caller: Asks, store: Events) -> Response:
    """With name and findings, for the agency that works there; `erased` once the person's data was erased."""
    cause = caller.reads("read-records")
    events = await records.told(store, cause, ENTRIES.stream(entry_id).name)
    return await opened(store, cause, records.entry(events, cause.at))
