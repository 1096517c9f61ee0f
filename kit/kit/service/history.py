"""GET /v1/history: an auditor's replay of what was recorded, refusals included.

Events come in settled order, so that a page once shown never gains a row before its end; refusals are placed among
them by the instant of their recording.  Personal data stays sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from contracts.values import TenantId
from kit.service.access import Reader, Tenant, tenants_of
from kit.service.cursors import refused, unwrapped, wrapped
from kit.service.http import store
from kit.service.moments import EARLIEST, LATEST, AsOf, KnownAt, moment
from kit.store import Moment, Store, Tx
from kit.store.mapper import instant
from kit.store.replay import HORIZON

router = APIRouter(prefix="/v1", tags=["history"])
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)

EVENTS = f"""
select e.era, e.tx, e.pos, e.recorded_at, e.raw from event e
where e.tenant_id = any ($1::text[]) and ($2::text is null or e.stream = $2)
  and ($3::date is null or e.occurred_on <= $3) and ($4::timestamptz is null or e.recorded_at <= $4)
  and (e.era, e.tx, e.pos) > ($5::smallint, $6::xid8, $7::bigint) and {HORIZON}
order by e.era, e.tx, e.pos limit $8
"""  # noqa: S608 - only our own constants

REFUSALS = """
select tenant_id, command_id, code, clause, action, streams, actor, occurred_on, recorded_at from refusal
where tenant_id = any ($1::text[]) and ($2::text is null or $2 = any (streams))
  and ($3::date is null or occurred_on <= $3) and ($4::timestamptz is null or recorded_at <= $4)
  and (recorded_at, command_id, code) > ($5::timestamptz, $6::uuid, $7::text)
order by recorded_at, command_id, code limit $8
"""


@dataclass(frozen=True)
class Place:
    """After which event and after which refusal the next page begins."""

    era: int = 0
    tx: int = 0
    pos: int = 0
    refused_at: datetime = BEGINNING
    command_id: UUID = NOBODY
    code: str = ""

    def past(self, row: asyncpg.Record) -> Place:
        """This place moved behind one row of either kind."""
        if "raw" in row:
            return Place(row["era"], row["tx"], row["pos"], self.refused_at, self.command_id, self.code)
        return Place(self.era, self.tx, self.pos, row["recorded_at"], row["command_id"], row["code"])

    def __str__(self) -> str:
        refusal = [instant(self.refused_at), str(self.command_id), self.code]
        return wrapped([self.era, self.tx, self.pos, *refusal])

    @classmethod
    def parse(cls, cursor: str | None) -> Place:
        """InvalidRequest for what this route did not hand out."""
        if cursor is None:
            return cls()
        era, tx, pos, at, command_id, code = unwrapped(cursor, (int, int, int, str, str, str))
        try:
            place = cls(era, tx, pos, datetime.fromisoformat(at), UUID(command_id), code)
        except ValueError:
            raise refused() from None
        if not (0 <= era < 2**15 and 0 <= tx < 2**63 and 0 <= pos < 2**63):
            raise refused()
        if place.refused_at.tzinfo is None or not EARLIEST <= place.refused_at < LATEST:
            raise refused()
        return place


@router.get("/history", summary="事件与驳回记录（审计回放）")
async def history(
    caller: Reader,
    held: Annotated[Store, Depends(store)],
    tenant: Tenant = None,
    stream: Annotated[str | None, Query(max_length=200, description="如 pilot/<编号>")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    cause = caller.reads("read-history")
    tenants, place = tenants_of(cause, tenant, caller.tree), Place.parse(cursor)
    at = moment(as_of, known_at)
    async with held.reading(cause) as tx:
        rows = await _rows(tx, tenants, stream, at, place, limit + 1)
    shown = rows[:limit]
    for row in shown:
        place = place.past(row)
    return JSONResponse(
        {"items": [_item(row) for row in shown], "cursor": str(place) if len(rows) > limit else None},
    )


async def _rows(
    tx: Tx, tenants: list[TenantId], stream: str | None, at: Moment, place: Place, limit: int
) -> list[asyncpg.Record]:
    """Both kinds in one order, at most `limit`."""
    asked = (tenants, stream, at.as_of, at.known_at)
    events = await tx.fetch(EVENTS, *asked, place.era, place.tx, place.pos, limit)
    refusals = await tx.fetch(REFUSALS, *asked, place.refused_at, place.command_id, place.code, limit)
    merged: list[asyncpg.Record] = []
    while (events or refusals) and len(merged) < limit:
        first = not events or (refusals and refusals[0]["recorded_at"] < events[0]["recorded_at"])
        merged.append((refusals if first else events).pop(0))
    return merged


def _item(row: asyncpg.Record) -> dict[str, Any]:
    if "raw" in row:
        return _event(orjson.loads(row["raw"]))
    return {
        "kind": "refusal",
        "tenant": row["tenant_id"],
        "streams": row["streams"],
        "action": row["action"],
        "code": row["code"],
        "clause": row["clause"],
        "occurred_on": row["occurred_on"].isoformat(),
        "recorded_at": instant(row["recorded_at"]),
        "actor": orjson.loads(row["actor"]),
        "command_id": str(row["command_id"]),
    }


def _event(raw: dict[str, Any]) -> dict[str, Any]:
    basis = raw.get("basis") or {}
    return {
        "kind": "event",
        "tenant": raw["tenant"],
        "stream": raw["stream"],
        "version": raw["version"],
        "event_id": raw["id"],
        "type": raw["type"],
        "clause": basis.get("clause"),
        "scheme": {"id": basis["scheme"], "version": basis["version"]} if basis.get("scheme") else None,
        "occurred_on": raw["occurred_on"],
        "recorded_at": raw["recorded_at"],
        "actor": raw["actor"],
        "command_id": raw["command"],
        "data": masked(raw["data"]),
    }


def masked(value: Any) -> Any:
    """Event data with every sealed field shown as {"sealed": true}."""
    if isinstance(value, dict):
        return {"sealed": True} if "$sealed" in value else {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value
