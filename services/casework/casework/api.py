"""HTTP: commands of workers and bureaus, and the lists behind the figures."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from casework.commands import cases, catalogues, counts, ledger, referrals
from casework.commands.streams import CASES, CATALOGUES, ENTRIES, PLACES
from casework.domain.case import Stage
from casework.projections import bulletin, lists, placements, records
from casework.projections.records import Record
from contracts.values import CaseId, EntryId, PilotId, ReferralId
from kit.auth import Caller, Cause, acts_for
from kit.errors import NotFound
from kit.service import answered, caller, reader, store
from kit.service.paging import refused, unwrapped, wrapped
from kit.service.moments import Day
from kit.store import Store

router = APIRouter(prefix="/v1")
Sender = Annotated[Caller, Depends(caller)]
Reader = Annotated[Caller, Depends(reader)]
Events = Annotated[Store, Depends(store)]


@router.post("/catalogues", summary="发布服务目录")
async def declare_catalogue(cmd: catalogues.DeclareServiceCatalogue, caller: Sender, store: Events) -> Response:
    return answered(await catalogues.declare_catalogue(store, caller, cmd))


@router.post("/catalogues/{catalogue_id}/categories", summary="登记服务对象类别")
async def register_category(
    catalogue_id: UUID, cmd: catalogues.RegisterLedgerCategory, caller: Sender, store: Events
) -> Response:
    return answered(await catalogues.register_category(store, caller, catalogue_id, cmd))


@router.post("/entries", summary="建立服务台账")
async def enrol(cmd: ledger.EnrolBeneficiary, caller: Sender, store: Events) -> Response:
    return answered(await ledger.enrol(store, caller, cmd))


@router.post("/entries/{entry_id}/visits", summary="登记入户走访")
async def record_visit(entry_id: EntryId, cmd: ledger.RecordHomeVisit, caller: Sender, store: Events) -> Response:
    return answered(await ledger.record_visit(store, caller, entry_id, cmd))


@router.post("/cases", summary="接案")
async def open_case(cmd: cases.OpenCase, caller: Sender, store: Events) -> Response:
    return answered(await cases.open_case(store, caller, cmd))


@router.post("/cases/{case_id}/pre-assess", summary="预估")
async def pre_assess(case_id: CaseId, cmd: cases.CompleteStage, caller: Sender, store: Events) -> Response:
    return answered(await cases.advance(store, caller, case_id, Stage.PRE_ASSESSMENT, cmd))


@router.post("/cases/{case_id}/plan", summary="制定计划")
async def plan(case_id: CaseId, cmd: cases.CompleteStage, caller: Sender, store: Events) -> Response:
    return answered(await cases.advance(store, caller, case_id, Stage.PLANNING, cmd))


@router.post("/cases/{case_id}/interventions", summary="介入")
async def intervene(case_id: CaseId, cmd: cases.CompleteStage, caller: Sender, store: Events) -> Response:
    return answered(await cases.advance(store, caller, case_id, Stage.INTERVENTION, cmd))


@router.post("/cases/{case_id}/evaluate", summary="评估")
async def evaluate(case_id: CaseId, cmd: cases.CompleteStage, caller: Sender, store: Events) -> Response:
    return answered(await cases.advance(store, caller, case_id, Stage.EVALUATION, cmd))


@router.post("/cases/{case_id}/close", summary="结案")
async def close(case_id: CaseId, cmd: cases.CompleteStage, caller: Sender, store: Events) -> Response:
    return answered(await cases.advance(store, caller, case_id, Stage.CLOSURE, cmd))


@router.post("/referrals", summary="登记救助协助")
async def refer(cmd: referrals.ReferAssistance, caller: Sender, store: Events) -> Response:
    return answered(await referrals.refer(store, caller, cmd))


@router.post("/referrals/{referral_id}/outcome", summary="登记救助协助结果")
async def record_outcome(
    referral_id: ReferralId, cmd: referrals.RecordAssistanceOutcome, caller: Sender, store: Events
) -> Response:
    return answered(await referrals.record_outcome(store, caller, referral_id, cmd))


@router.post("/pilots/{pilot_id}/counts", summary="发布试点服务统计")
async def publish_counts(
    pilot_id: PilotId, cmd: counts.PublishServiceCounts, caller: Sender, store: Events
) -> Response:
    return answered(await counts.publish_counts(store, caller, pilot_id, cmd))


@router.get("/catalogues", summary="服务目录清单")
async def list_catalogues(caller: Reader, store: Events) -> Response:
    cause = caller.reads("read-catalogues")
    async with store.reading(cause) as tx:
        rows = await lists.catalogues(tx, list(cause.scope.reads))
    return _json({"items": [dict(row) for row in rows]})


@router.get("/catalogues/{catalogue_id}", summary="服务目录内容")
async def show_catalogue(catalogue_id: UUID, caller: Reader, store: Events) -> Response:
    state = await store.fold(caller.reads("read-catalogues"), CATALOGUES.stream(catalogue_id))
    shown = jsonable_encoder(state.declared)
    return _json({**shown, "categories": jsonable_encoder(state.categories)})


@router.get("/bulletin", summary="服务统计公报")
async def show_bulletin(
    caller: Reader, store: Events, from_day: Day | None = None, to_day: Day | None = None
) -> Response:
    """Sums by community (CAS-R1); a moment behind the newest entries."""
    cause = caller.reads("read-bulletin")
    async with store.reading(cause) as tx:
        rows = await bulletin.bulletin(tx, list(cause.scope.reads), from_day, to_day)
    return _json({"items": [dict(row) for row in rows]})


@router.get("/cases", summary="个案进展")
async def list_cases(
    caller: Reader,
    store: Events,
    stage: Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The case pipeline (CAS-R2), under pseudonyms."""
    cause = caller.reads("read-cases")
    async with store.reading(cause) as tx:
        rows = await lists.cases(tx, list(cause.scope.reads), stage, _after(cursor), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    following = wrapped([last["opened_on"].isoformat(), str(last["case_id"])]) if last else None
    return _json({"items": [dict(row) for row in rows[:limit]], "cursor": following})


@router.get("/entries/{entry_id}", summary="服务台账内容")
async def show_entry(entry_id: EntryId, caller: Reader, store: Events) -> Response:
    """With name and findings, for the agency that works there; `erased` once the person's data was erased."""
    cause = caller.reads("read-records")
    events = await records.told(store, cause, ENTRIES.stream(entry_id).name)
    return await _opened(store, cause, records.entry(events) if events else None)


@router.get("/cases/{case_id}", summary="个案内容")
async def show_case(case_id: CaseId, caller: Reader, store: Events) -> Response:
    """With what was written at each stage, for the agency that works there; `erased` as with an entry."""
    cause = caller.reads("read-records")
    events = await records.told(store, cause, CASES.stream(case_id).name)
    return await _opened(store, cause, records.case(events) if events else None)


async def _opened(store: Store, cause: Cause, record: Record | None) -> Response:
    """Another agency's record is not told apart from one that is not there."""
    if record is None or not await _works_there(store, cause, record):
        raise NotFound
    return JSONResponse(jsonable_encoder(await records.opened(store, record)), headers={"etag": f'"{record.version}"'})


async def _works_there(store: Store, cause: Cause, record: Record) -> bool:
    """Whether the actor's agency carries out one of the record's pilots, or has a worker placed at one of its sites."""
    agency = cause.actor.unit or ""
    places = [await store.fold(cause, PLACES.stream(place_id)) for place_id in record.places]
    if any(acts_for(cause.actor, place.agency_id) for place in places):
        return True
    async with store.reading(cause) as tx:
        return await placements.works_at(tx, agency, record.places)


def _after(cursor: str | None) -> tuple[date, UUID] | None:
    if cursor is None:
        return None
    day, case_id = unwrapped(cursor, (str, str))
    try:
        return date.fromisoformat(day), UUID(case_id)
    except ValueError:
        raise refused() from None


def _json(body: dict[str, Any]) -> Response:
    return JSONResponse(jsonable_encoder(body))
