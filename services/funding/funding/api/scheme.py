"""Schemes and their quota (FUN-R1)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from contracts.values import SchemeId
from funding.commands import scheme as commands
from funding.commands.scheme import PublishScheme
from funding.projections import scheme as views
from kit.errors import NotFound
from kit.service import Asks, Cursor, Events, Limit, Sends, after, answered, paged, shown

router = APIRouter(tags=["schemes"])


@router.post("/schemes", summary="发布实施方案")
async def publish_scheme(cmd: PublishScheme, caller: Sends, store: Events) -> Response:
    return answered(await commands.publish_scheme(store, caller, cmd))


@router.post("/schemes/{scheme_id}/versions", summary="发布方案的新版本", openapi_extra={"x-action": "publish-scheme"})
async def publish_version(scheme_id: SchemeId, cmd: PublishScheme, caller: Sends, store: Events) -> Response:
    return answered(await commands.publish_scheme(store, caller, cmd, scheme_id))


@router.get("/schemes", summary="方案列表", openapi_extra={"x-action": "read-schemes"})
async def list_schemes(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    async with store.reading(caller.reads("read-schemes")) as tx:
        rows = await views.listed(tx, after(cursor, str, UUID), limit + 1)
    return shown(paged(rows, limit, "tenant_id", "scheme_id"))


@router.get(
    "/schemes/{scheme_id}", summary="方案全文、各版本和名额使用情况", openapi_extra={"x-action": "read-schemes"}
)
async def one_scheme(scheme_id: SchemeId, caller: Asks, store: Events) -> Response:
    async with store.reading(caller.reads("read-schemes")) as tx:
        found = await views.one(tx, scheme_id)
    if found is None:
        raise NotFound
    return shown(found)
