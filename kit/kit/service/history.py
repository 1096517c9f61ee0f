"""GET /v1/history: an auditor's replay of what was recorded, refusals included.

Events and refusals come in one settled order, so that a page once shown never gains a row before its end.  Personal
data stays sealed.  An event that cannot be read is shown as that, with its place, and keeps nobody from the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
import orjson
import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from contracts.values import TenantId
from kit.service.access import Tenant, tenants_of
from kit.service.http import Asks, Events
from kit.service.named import Named
from kit.service.paging import refused, unwrapped, wrapped
from kit.service.runtime import runtime
from kit.store import HORIZON, Moment, Tx
from kit.store.mapper import instant

router = APIRouter(prefix="/v1", tags=["history"])
log = structlog.get_logger("kit.service")

EVENTS = f"""
select e.era, e.tx, e.pos, e.tenant_id, e.stream, e.version, e.event_id, e.type, e.command_id, e.occurred_on,
       e.recorded_at, e.raw
from event e
where e.tenant_id = any ($1::text[]) and ($2::text is null or e.stream = $2)
  and ($3::date is null or e.occurred_on <= $3) and ($4::timestamptz is null or e.recorded_at <= $4)
  and (e.era, e.tx, e.pos) > ($5::smallint, $6::xid8, $7::bigint) and {HORIZON}
order by e.era, e.tx, e.pos limit $8
"""

REFUSALS = f"""
select e.era, e.tx, e.pos, e.tenant_id, e.command_id, e.code, e.clause, e.action, e.streams, e.actor, e.occurred_on,
       e.recorded_at
from refusal e
where e.tenant_id = any ($1::text[]) and ($2::text is null or $2 = any (e.streams))
  and ($3::date is null or e.occurred_on <= $3) and ($4::timestamptz is null or e.recorded_at <= $4)
  and (e.era, e.tx, e.pos) > ($5::smallint, $6::xid8, $7::bigint) and {HORIZON}
order by e.era, e.tx, e.pos limit $8
"""


@dataclass(frozen=True)
class Place:
    """Behind which row the next page begins."""

    era: int = 0
    tx: int = 0
    pos: int = 0

    @classmethod
    def of(cls, row: asyncpg.Record) -> Place:
        return cls(row["era"], row["tx"], row["pos"])

    def __str__(self) -> str:
        return wrapped([self.era, self.tx, self.pos])

    @classmethod
    def parse(cls, cursor: str | None) -> Place:
        """InvalidRequest for what this route did not hand out."""
        if cursor is None:
            return cls()
        era, tx, pos = unwrapped(cursor, (int, int, int))
        if not (0 <= era < 2**15 and 0 <= tx < 2**63 and 0 <= pos < 2**63):
            raise refused()
        return cls(era, tx, pos)


@router.get("/history", summary="事件与驳回记录（审计回放）")
async def read_history(
    request: Request,
    caller: Asks,
    held: Events,
    tenant: Tenant = None,
    stream: Annotated[str | None, Query(max_length=200, description="如 pilot/<编号>")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    cause = caller.reads("read-history")
    tenants, place = tenants_of(cause, tenant, caller.tree), Place.parse(cursor)
    async with held.reading(cause) as tx:
        rows = await _rows(tx, tenants, stream, caller.at, place, limit + 1)
    shown, named = rows[:limit], runtime(request).named
    after = str(Place.of(shown[-1])) if len(rows) > limit else None
    return JSONResponse({"items": [_item(row, named) for row in shown], "cursor": after})


async def _rows(
    tx: Tx, tenants: list[TenantId], stream: str | None, at: Moment, place: Place, limit: int
) -> list[asyncpg.Record]:
    """Both kinds in one order, at most `limit`."""
    asked = (tenants, stream, at.as_of, at.known_at, place.era, place.tx, place.pos, limit)
    # A refusal is written in a transaction of its own, so no two rows of different kinds have one place.
    both = [*await tx.fetch(EVENTS, *asked), *await tx.fetch(REFUSALS, *asked)]
    return sorted(both, key=lambda row: (row["era"], row["tx"], row["pos"]))[:limit]


def _item(row: asyncpg.Record, named: Named) -> dict[str, Any]:
    if "raw" in row:
        try:
            item = _event(orjson.loads(row["raw"]), named)
            orjson.dumps(item)  # what cannot be written out would end the page as well
        except Exception as error:
            log.error(
                "history.unreadable", tenant=row["tenant_id"], stream=row["stream"], version=row["version"], error=error
            )
            return _unreadable(row)
        return item
    code = row["code"]
    refusal = named.refusals.get(code)
    return {
        "kind": "refusal",
        "tenant": row["tenant_id"],
        "streams": row["streams"],
        "action": row["action"],
        "name": named.actions.get(row["action"], row["action"]),
        "code": code,
        "code_name": refusal.name if refusal else code,
        "retryable": refusal is not None and refusal.retryable,
        "clause": row["clause"],
        "occurred_on": row["occurred_on"].isoformat(),
        "recorded_at": instant(row["recorded_at"]),
        "actor": orjson.loads(row["actor"]),
        "command_id": str(row["command_id"]),
    }


def _event(raw: dict[str, Any], named: Named) -> dict[str, Any]:
    basis = raw.get("basis") or {}
    return {
        "kind": "event",
        "tenant": raw["tenant"],
        "stream": raw["stream"],
        "version": raw["version"],
        "event_id": raw["id"],
        "type": raw["type"],
        "name": named.events.get(raw["type"], raw["type"]),
        "clause": basis.get("clause"),
        "scheme": {"id": basis["scheme"], "version": basis["version"]} if basis.get("scheme") else None,
        "occurred_on": raw["occurred_on"],
        "recorded_at": raw["recorded_at"],
        "actor": raw["actor"],
        "command_id": raw["command"],
        "data": masked(raw["data"]),
    }


def _unreadable(row: asyncpg.Record) -> dict[str, Any]:
    """What the columns say, which the database compares with the bytes."""
    return {
        "kind": "unreadable",
        "tenant": row["tenant_id"],
        "stream": row["stream"],
        "version": row["version"],
        "event_id": str(row["event_id"]),
        "type": row["type"],
        "occurred_on": row["occurred_on"].isoformat(),
        "recorded_at": instant(row["recorded_at"]),
        "command_id": str(row["command_id"]),
    }


def masked(value: Any) -> Any:
    """Event data with every sealed field shown as {"sealed": true}."""
    if isinstance(value, dict):
        return {"sealed": True} if "$sealed" in value else {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value
