"""GET /v1/held, POST /v1/held/{id}/retry and /skip: events of ours that cannot be told or projected, for operators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from contracts.values import TenantId
from kit import clock
from kit.auth import Cause
from kit.bus import decisions
from kit.errors import NotFound
from kit.service.http import Acts, AsksNow
from kit.service.paging import Cursor, Limit, refused, unwrapped, wrapped
from kit.service.parked import BIGINT, Decided, Reasoned, decided
from kit.service.runtime import Runtime, runtime
from kit.service.shapes import Shape, said
from kit.store import held as machine
from kit.store import titled
from kit.store.mapper import instant
from kit.tenancy import scope

router = APIRouter(prefix="/v1/held", tags=["held"])

OPEN = (
    "select id, tail, revision, tenant_id, stream, version, code, detail, held_at from held"
    " where released_at is null and tenant_id = any ($1::text[])"
)
HeldId = Annotated[int, Path(title="编号", ge=1, lt=BIGINT)]


class HeldItem(Shape):
    id: Annotated[int, titled("编号")]
    tail: Annotated[str, said("停在何处", "发送消息或汇总的环节")]
    tenant_id: Annotated[TenantId, titled("所属租户")]
    stream: Annotated[str, said("所在记录", "类别/编号")]
    version: Annotated[int, said("停在的版本", "该记录从这一版本起等待")]
    code: Annotated[str, titled("原因代码")]
    detail: Annotated[str, titled("原因")]
    held_at: Annotated[datetime, titled("停下的时刻")]


class HeldPage(Shape):
    items: Annotated[list[HeldItem], titled("本页各项")]
    cursor: Annotated[str | None, said("翻页标记", "作为 cursor 参数取下一页；没有下一页时为空")]


class Retried(Shape):
    id: Annotated[int, titled("编号")]
    state: Annotated[Literal["asked"], said("办理情况", "asked 为已要求再试")]


@router.get(
    "",
    summary="本服务中暂不能发送或汇总的记录",
    description="每个等待的记录一行，以及停在哪一版。",
    response_model=HeldPage,
    openapi_extra={"x-action": "read-parked"},
)
async def held(
    request: Request,
    caller: AsksNow,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """One row for each stream that waits, with the version that it waits at."""
    cause = caller.reads("read-parked")
    (after,) = unwrapped(cursor, (int,)) if cursor else (0,)
    if not 0 <= after < BIGINT:
        raise refused()
    found = await runtime(request).pools.reads.fetch(
        f"{OPEN} and id > $2 order by id limit $3", list(cause.scope.reads), after, limit + 1
    )
    shown = found[:limit]
    last = wrapped([shown[-1]["id"]]) if len(found) > limit else None
    return JSONResponse({"items": [_item(row) for row in shown], "cursor": last})


@router.post(
    "/{held_id}/retry",
    summary="再次发送或汇总",
    description="几秒内再试一次；可以重复提交。",
    response_model=Retried,
    openapi_extra={"x-action": "decide-parked"},
)
async def retry(request: Request, caller: Acts, held_id: HeldId) -> Response:
    """Has it tried again within seconds; safe to repeat."""
    running, cause = runtime(request), caller.may("decide-parked", clock.day(caller.now))
    row = await _found(running, cause, held_id)
    async with scope(running.pools.writes, cause.scope) as tx:
        await machine.retry(tx, held_id, by=caller.actor.id)
    return JSONResponse({"id": row["id"], "state": "asked"})


@router.post(
    "/{held_id}/skip",
    summary="跳过一条不能发送的记录（须两人）",
    description="第一人提出，另一人提交同样的请求即为确认；只跳过一个事件，不能撤回。",
    response_model=Decided,
    openapi_extra={"x-action": "decide-parked"},
)
async def skip(
    request: Request,
    cmd: Reasoned,
    caller: Acts,
    held_id: HeldId,
) -> Response:
    """The first person proposes, another one who asks the same confirms.  It passes over one event, for ever."""
    running, cause = runtime(request), caller.may("decide-parked", clock.day(caller.now))
    row = await _found(running, cause, held_id)
    wish = decisions.HeldEventSkipProposed(
        held_id, row["tail"], row["stream"], row["version"], cmd.reason, caller.actor.id
    )
    matter = decisions.matter_of(row["tail"], row["tenant_id"], row["stream"], row["version"])
    stream = decisions.EVENTS.stream(matter, row["tenant_id"])
    await running.store.change(cause, lambda known: decisions.decide_event(known, wish), stream)
    return decided(held_id, await running.store.fold(cause, stream))


async def _found(running: Runtime, cause: Cause, held_id: int) -> asyncpg.Record:
    row = await running.pools.reads.fetchrow(f"{OPEN} and id = $2", list(cause.scope.reads), held_id)
    if row is None:
        raise NotFound
    return row


def _item(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": row["id"],
        "tail": row["tail"],
        "tenant_id": row["tenant_id"],
        "stream": row["stream"],
        "version": row["version"],
        "code": row["code"],
        "detail": row["detail"],
        "held_at": instant(row["held_at"]),
    }
