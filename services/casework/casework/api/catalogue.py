"""Service catalogues."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from casework import lists
from casework.api.records import CatalogueRecord
from casework.commands import catalogue
from casework.projections import records
from kit.service import Asks, Events, Sends, answered, listed, shown
from kit.service.listed import sights_of, version_of

router = APIRouter()


@router.post("/catalogues", summary="发布服务目录")
async def declare_service_catalogue(cmd: catalogue.DeclareServiceCatalogue, caller: Sends, store: Events) -> Response:
    return answered(await catalogue.declare_catalogue(store, caller, cmd))


@router.post("/catalogues/{catalogue_id}/categories", summary="登记服务对象类别")
async def register_ledger_category(
    catalogue_id: UUID, cmd: catalogue.RegisterLedgerCategory, caller: Sends, store: Events
) -> Response:
    return answered(await catalogue.register_category(store, caller, catalogue_id, cmd))


listed(router, "/catalogues", "服务目录清单", lists.CATALOGUES)


@router.get(
    "/catalogues/{catalogue_id}",
    summary="服务目录内容",
    response_model=CatalogueRecord,
    openapi_extra={"x-action": "read-catalogues"},
)
async def show_catalogue(request: Request, catalogue_id: UUID, caller: Asks, store: Events) -> Response:
    """含服务领域、服务对象类别和救助政策的名称。"""
    async with store.reading(caller.reads("read-catalogues")) as tx:
        found = await lists.CATALOGUES.one(tx, store, caller, sights_of(request), catalogue_id)
        events = await records.told(tx, store, found["tenant_id"], found["stream"])
        return shown({**records.catalogue(events, caller.at), **found}, await version_of(tx, caller, found))
