"""GET /v1/history and /v1/events/{event_id}: what was recorded, refusals included, for everybody who may look into it.

Events and refusals come in one settled order, from whichever end: a page once shown never gains a row before its end.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from kit.auth import Caller
from kit.errors import NotFound
from kit.service.access import Tenant, looks_back, tenants_of
from kit.service.described import described
from kit.service.happened import HistoryPage, Unreadable, WholeEvent, brief, event, item
from kit.service.http import Asks, Events, shown
from kit.service.listed import sights_of
from kit.service.paging import Cursor, Limit
from kit.service.runtime import Runtime, runtime
from kit.service.sight import Bound
from kit.service.sought import EVENT, Place, Question, Sought, moment, only_known, sought
from kit.store import Tx

router = APIRouter(prefix="/v1", tags=["history"])
BY = {"x-action": "read-history", "x-action-within-unit": "read-own-history"}
MOST = 200
"""Events that are shown beside one; more have a command or a cause in common only by a fault."""


@router.get("/history", summary="事件与驳回记录", response_model=HistoryPage, openapi_extra=BY)
async def read_history(
    request: Request,
    caller: Asks,
    held: Events,
    asked: Annotated[Sought, Depends(sought)],
    tenant_id: Tenant = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """谁在何时办理了什么、依据哪一条款，以及哪些被驳回、为什么。省、市、区民政局和审计人员看到本级及下级的全部记录；街道、
    社区、机构等单位的岗位看到目前有权查阅的记录，以及本人被驳回的请求。各条件须同时满足。代码不存在时返回 422，
    存在而没有发生过的，返回空的清单。"""
    cause = looks_back(caller)
    named = runtime(request).named
    only_known(asked, named, _routes(request) if asked.action else ())
    question = Question(caller, sights_of(request), tenants_of(cause, tenant_id, caller.tree), asked)
    place = question.place(cursor)
    async with held.reading(cause) as tx:
        rows = await _page(tx, question, place, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return shown(
        {
            "items": [item(row, named) for row in rows[:limit]],
            "cursor": question.cursor(Place(*_place(last))) if last else None,
        }
    )


async def _page(tx: Tx, question: Question, place: Place | None, limit: int) -> list[asyncpg.Record]:
    """Both kinds in one order, at most `limit`."""
    found: list[asyncpg.Record] = []
    for statement in (question.events, question.refusals):
        bound = Bound()
        if text := statement(bound, place, limit):
            found += await tx.fetch(text, *bound.values)
    # A refusal is written in a transaction of its own, so no two rows of different kinds have one place.
    return sorted(found, key=_place, reverse=question.sought.order == "newest")[:limit]


def _place(row: asyncpg.Record) -> tuple[int, int, int]:
    return row["era"], row["tx"], row["pos"]


def _routes(request: Request) -> list[str]:
    """As actions name the routes that turned somebody away before it was known what for."""
    paths = described(request.app, runtime(request).definition)["paths"]
    return [f"{method.upper()} {path}" for path, operations in paths.items() for method in operations]


@router.get("/events/{event_id}", summary="一个事件", response_model=WholeEvent | Unreadable, openapi_extra=BY)
async def show_event(request: Request, caller: Asks, held: Events, event_id: UUID) -> Response:
    """一个事件的全部内容，以及它与其他事件的关系：同一请求的其他事件、起因事件、所引起的事件。有权查阅的范围与历史记录相同。"""
    cause, own = looks_back(caller), runtime(request)
    question = Question(caller, sights_of(request), sorted(cause.scope.reads), Sought())
    async with held.reading(cause) as tx:
        rows = await _events(tx, question, "e.event_id = {}", event_id)
        if not rows:
            raise NotFound
        row = rows[0]
        found = event(row, own.named)
        if found["kind"] == "event":
            found |= await _around(tx, question, row, own)
            found["links"] = _links(request, own, caller, row)
    return shown(found)


async def _around(tx: Tx, question: Question, row: asyncpg.Record, own: Runtime) -> dict[str, Any]:
    """What an event hangs together with."""
    raw = orjson.loads(row["raw"])
    place, cause = (row["era"], row["tx"], row["command_id"], row["event_id"]), raw["causation"]
    same = "(e.era, e.tx) = ({}::smallint, {}::xid8) and e.command_id = {} and e.event_id <> {}"
    together = await _events(tx, question, same, *place)
    causes = await _events(tx, question, "e.event_id = {}", UUID(cause)) if cause else []
    caused = await _events(tx, question, "e.causation = {}", raw["id"])
    return {
        "schema_version": raw["schema"],
        "correlation": raw["correlation"],
        "causation": cause,
        "caused_by": brief(causes[0], own.named) if causes else None,
        "together": [brief(one, own.named) for one in together],
        "caused": [brief(one, own.named) for one in caused],
    }


async def _events(tx: Tx, question: Question, which: str, *values: Any) -> list[asyncpg.Record]:
    """Those in sight, in order, of which the condition holds."""
    bound = Bound()
    where = [f"e.tenant_id = any ({bound(question.tenants)}::text[])", which.format(*map(bound, values))]
    where += [*moment(question.caller.at, bound), question.seen(bound)]
    order = f"order by e.era, e.tx, e.pos limit {MOST}"
    rows: list[asyncpg.Record] = await tx.fetch(
        f"select {EVENT} from event e where {' and '.join(where)} {order}", *bound.values
    )
    return rows


def _links(request: Request, own: Runtime, caller: Caller, row: asyncpg.Record) -> dict[str, Any]:
    tenant, stream = row["tenant_id"], row["stream"]
    category, _, name = stream.partition("/")
    path = _record_of(described(request.app, own.definition), category, caller)
    return {
        "record": path.format(name) if path else None,
        "history": f"/v1/history?{urlencode({'tenant_id': tenant, 'stream': stream})}",
        "caused": f"/v1/history?{urlencode({'caused_by': row['event_id']})}",
    }


def _record_of(document: dict[str, Any], category: str, caller: Caller) -> str | None:
    """The path of the record of a stream, with `{}` for its name, where the caller's role may read that: it is the one
    that ends with the id of what the category is of, or that says so itself (`x-stream`)."""
    last = f"/{{{category.replace('-', '_')}_id}}"
    for path, operations in document["paths"].items():
        read = operations.get("get", {})
        own = path.endswith(last) or read.get("x-stream") == category
        if own and path.count("{") == 1 and caller.actor.role in read.get("x-roles", ()):
            return re.sub(r"\{[^}]+\}", "{}", path)
    return None
