"""Replay: the same projection code over old events, to rebuild a table or to ask what was true on a day.

Order is (recorded) settled order always; `as_of` a day keeps the events whose `occurred_on` is not later, `known_at`
an instant keeps those recorded by then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from contracts.values import Event, Role, TenantId
from kit.auth import Actor, Scope
from kit.store.mapper import RawMapper
from kit.store.streams import Meta, Projection
from kit.tenancy import Tx, scope

HORIZON = "(e.era < (select current from era) or e.tx < pg_snapshot_xmin(pg_current_snapshot()))"
"""True of events whose place in the order is settled (see kit.store.tail)."""


@dataclass(frozen=True)
class Moment:
    """A point to look back to: a day of the facts, or an instant of the recording, or neither (now)."""

    as_of: date | None = None
    known_at: datetime | None = None


def meta_of(mapper: RawMapper, raw: bytes) -> tuple[Event, Meta]:
    """An event and what its envelope says, read from the stored bytes alone."""
    body: dict[str, Any] = orjson.loads(raw)
    actor = body["actor"]
    meta = Meta(
        tenant=TenantId(body["tenant"]),
        stream=body["stream"],
        version=body["version"],
        event_id=UUID(body["id"]),
        type=body["type"],
        occurred_on=date.fromisoformat(body["occurred_on"]),
        recorded_at=datetime.fromisoformat(body["recorded_at"]),
        actor=Actor(id=actor["id"], role=Role(actor["role"]), tenant=actor["tenant"], unit=actor["unit"]),
        command_id=UUID(body["command"]),
        correlation=UUID(body["correlation"]),
        trace=body["trace"],
        clause=(body.get("basis") or {}).get("clause"),
    )
    return mapper.from_body(body, b'"$sealed"' in raw), meta


async def rebuild(pool: asyncpg.Pool, mapper: RawMapper, projection: Projection, *, inline: bool) -> int:
    """Empties a projection's tables and fills them again from the events, in one transaction; answers how many.

    Inline: appends wait until it commits.  Tailed: its cursor ends where the replay ended, so nothing is applied twice.
    """
    async with pool.acquire() as connection, connection.transaction():
        if inline:
            await connection.execute("select hold_appends()")
        else:
            await connection.execute(
                "insert into tail_cursor (name, revision) values ($1, $2) on conflict do nothing",
                projection.name,
                projection.revision,
            )
            await connection.execute(
                "select 1 from tail_cursor where name = $1 and revision = $2 for update",
                projection.name,
                projection.revision,
            )
        for table in projection.tables:
            await connection.execute(f'delete from "{table}"')  # noqa: S608 - a name from our own code
        settled = (
            ""
            if inline
            else "and (e.era < (select current from era) or e.tx < pg_snapshot_xmin(pg_current_snapshot()))"
        )
        rows = connection.cursor(
            f"select e.era, e.tx, e.pos, e.raw from event e where true {settled} order by e.era, e.tx, e.pos",  # noqa: S608
            prefetch=500,
        )
        count, last = 0, None
        async for row in rows:
            count += await _apply(connection, mapper, (projection,), row["raw"])
            last = row
        if not inline and last is not None:
            await connection.execute(
                "update tail_cursor set era = $3, tx = $4, pos = $5 where name = $1 and revision = $2",
                projection.name,
                projection.revision,
                last["era"],
                last["tx"],
                last["pos"],
            )
    return count


@asynccontextmanager
async def looking_back(
    pool: asyncpg.Pool, mapper: RawMapper, projections: Sequence[Projection], tenants: Scope, moment: Moment
) -> AsyncIterator[Tx]:
    """A transaction whose view tables hold what the tenants' events said at `moment`.

    Temporary tables stand before the real ones on the search path, so queries and projections run unchanged.  They
    vanish with the transaction.
    """
    async with scope(pool, tenants) as tx:
        await tx.execute("set local search_path to pg_temp, public")
        for table in {name for p in projections for name in p.tables}:
            await tx.execute(f'create temp table "{table}" (like public."{table}" including all) on commit drop')
        # Statements that this session prepared before still mean the real tables, for reading and for writing.
        await tx.execute("discard plans")
        rows = tx.cursor(
            "select raw from event where tenant_id = any ($1::text[]) and ($2::date is null or occurred_on <= $2)"
            " and ($3::timestamptz is null or recorded_at <= $3) order by era, tx, pos",
            sorted({*tenants.reads, *tenants.writes}),
            moment.as_of,
            moment.known_at,
            prefetch=500,
        )
        async for row in rows:
            await _apply(tx, mapper, projections, row["raw"])
        yield tx


async def _apply(tx: Tx, mapper: RawMapper, projections: Sequence[Projection], raw: bytes) -> int:
    category = orjson.loads(raw)["stream"].partition("/")[0]
    wanted = [p for p in projections if category in p.categories]
    if wanted:
        event, meta = meta_of(mapper, raw)
        for projection in wanted:
            await projection.apply(tx, event, meta)
    return bool(wanted)
