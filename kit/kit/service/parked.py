"""GET /v1/parked and POST /v1/parked/redrive: messages that could not be handled, for whoever runs the platform.

Messages carry no personal data; they are shown to the province's operators only, of every tenant: what is parked may
be the very message that makes a tenant known.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from kit.auth import Caller
from kit.bus import Down, Parked, list_parked, redrive, show_parked
from kit.errors import NotFound, Refused
from kit.service.access import Reader
from kit.service.command import Part
from kit.service.cursors import refused, unwrapped, wrapped
from kit.service.http import caller
from kit.service.runtime import runtime
from kit.store.mapper import instant

router = APIRouter(prefix="/v1/parked", tags=["parked"])
BIGINT = 2**63


class DependencyDown(Refused):
    code, status, retryable = "dependency-unavailable", 503, True
    text = "重新处理时所依赖的服务暂不可用，已处理的保留，其余仍在等待。请稍后重试。"


class Redrive(Part):
    """Which parked messages to try again: of one stream, or all."""

    stream: Annotated[str, Field(max_length=200)] | None = None


@router.get("", summary="搁置的消息")
async def parked(
    request: Request,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    caller.reads("read-parked")
    held = runtime(request)
    (after,) = unwrapped(cursor, (int,)) if cursor else (0,)
    if not 0 <= after < BIGINT:
        raise refused()
    async with held.store.pool.acquire() as connection:
        found = await list_parked(connection, held.definition.handlers.consumer, after=after, limit=limit + 1)  # type: ignore[arg-type]
    shown = found[:limit]
    return JSONResponse(
        {
            "items": [_item(one) for one in shown],
            "cursor": wrapped([shown[-1].id]) if len(found) > limit else None,
        }
    )


@router.get("/{parked_id}", summary="一条搁置的消息及其内容")
async def one_parked(request: Request, caller: Reader, parked_id: Annotated[int, Path(ge=1, lt=BIGINT)]) -> Response:
    caller.reads("read-parked")
    held = runtime(request)
    async with held.store.pool.acquire() as connection:
        found = await show_parked(connection, held.definition.handlers.consumer, parked_id)  # type: ignore[arg-type]
    if found is None:
        raise NotFound
    return JSONResponse({**_item(found), "headers": found.headers, "body": found.body.decode("utf-8", "replace")})


@router.post("/redrive", summary="重新处理搁置的消息")
async def redrive_parked(request: Request, cmd: Redrive, caller: Annotated[Caller, Depends(caller)]) -> Response:
    """Tries them again now, in order within each stream; a stream stops at its first that fails.

    Safe to repeat: a message that was handled is not handled again.
    """
    caller.reads("redrive-parked")
    held = runtime(request)
    try:
        handled, waiting = await redrive(held.subscriber.intake, held.settings.database_url, cmd.stream)
    except Down:
        raise DependencyDown from None
    return JSONResponse({"handled": handled, "waiting": waiting})


def _item(one: Parked) -> dict[str, Any]:
    return {
        "id": one.id,
        "tenant": one.source.tenant,
        "service": one.source.service,
        "stream": one.source.stream,
        "event_id": str(one.event_id),
        "subject": one.subject,
        "code": one.code,
        "detail": one.detail,
        "retryable": one.retryable,
        "attempts": one.attempts,
        "parked_at": instant(one.parked_at),
        "tried_at": instant(one.tried_at),
    }
