"""Schemes and their quota (FUN-R1)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from contracts.values import SchemeId
from funding import lists
from funding.api.records import SchemeRecord, whole
from funding.commands import scheme as commands
from funding.commands.scheme import PublishScheme, WithdrawScheme
from funding.projections.scheme import parts
from kit.service import Asks, Events, Sends, answered, listed

router = APIRouter(tags=["schemes"])


@router.post("/schemes", summary="发布实施方案")
async def publish_scheme(cmd: PublishScheme, caller: Sends, store: Events) -> Response:
    return answered(await commands.publish_scheme(store, caller, cmd))


@router.post("/schemes/{scheme_id}/versions", summary="发布方案的新版本", openapi_extra={"x-action": "publish-scheme"})
async def publish_version(scheme_id: SchemeId, cmd: PublishScheme, caller: Sends, store: Events) -> Response:
    return answered(await commands.publish_scheme(store, caller, cmd, scheme_id))


@router.post("/schemes/{scheme_id}/withdrawal", summary="停止实施方案")
async def withdraw_scheme(scheme_id: SchemeId, cmd: WithdrawScheme, caller: Sends, store: Events) -> Response:
    return answered(await commands.withdraw_scheme(store, caller, scheme_id, cmd))


listed(router, "/schemes", "方案列表", lists.SCHEMES, "每个方案一项，内容为最近发布的版次（FUN-R1）。")


@router.get(
    "/schemes/{scheme_id}",
    summary="方案全文、各版本和名额使用情况",
    response_model=SchemeRecord,
    openapi_extra={"x-action": lists.SCHEMES.action},
)
async def show_scheme(request: Request, scheme_id: SchemeId, caller: Asks, store: Events) -> Response:
    return await whole(request, caller, store, lists.SCHEMES, scheme_id, lambda tx: parts(tx, scheme_id))
