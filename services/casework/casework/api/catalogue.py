"""Service catalogues."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from casework import lists
from casework.api.records import CatalogueRecord
from casework.commands import catalogue
from casework.commands.streams import CATALOGUES
from casework.projections import records
from kit.clock import PRESENT
from kit.errors import NotFound
from kit.service import Asks, Events, Sends, answered, listed, shown

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
async def show_catalogue(catalogue_id: UUID, caller: Asks, store: Events) -> Response:
    cause = caller.reads("read-catalogues")
    found = records.catalogue(await records.told(store, cause, CATALOGUES.stream(catalogue_id).name), cause.at)
    if found is None:
        raise NotFound
    return shown(found, found["version"] if cause.at == PRESENT else None)
