"""Schemes and their quota (FUN-R1)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from contracts.values import SchemeId
from funding.api.edge import Caller_, Cursor, Limit, Reader, Store_, document, page, place
from funding.commands import schemes as commands
from funding.commands.schemes import PublishScheme
from funding.projections import districts
from funding.projections import schemes as views
from kit.errors import NotFound
from kit.service import answered

router = APIRouter(tags=["schemes"])


@router.post("/schemes", summary="发布实施方案")
async def publish_scheme(cmd: PublishScheme, caller: Caller_, store: Store_) -> Response:
    return answered(await commands.publish_scheme(store, caller, cmd))


@router.post("/schemes/{scheme_id}/versions", summary="发布方案的新版本")
async def publish_version(scheme_id: SchemeId, cmd: PublishScheme, caller: Caller_, store: Store_) -> Response:
    return answered(await commands.publish_scheme(store, caller, cmd, scheme_id))


@router.get("/schemes", summary="方案列表")
async def list_schemes(caller: Reader, store: Store_, limit: Limit = 50, cursor: Cursor = None) -> Response:
    async with store.reading(caller.reads("read-schemes")) as tx:
        rows = await views.listed(tx, place(cursor), limit + 1)
    return page(rows, limit, "tenant_id", "scheme_id")


@router.get("/schemes/{scheme_id}", summary="方案全文、各版本和名额使用情况")
async def one_scheme(scheme_id: SchemeId, caller: Reader, store: Store_) -> Response:
    async with store.reading(caller.reads("read-schemes")) as tx:
        found = await views.one(tx, scheme_id)
        if found is None:
            raise NotFound
        found["districts"] = await districts.of_scheme(tx, scheme_id)
    return document(found)
