"""Replay: the same projection code over old events, in their settled order, to rebuild a table."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import structlog

from kit.errors import Refused
from kit.store.held import Held, Position, is_its_own, position
from kit.store.horizon import HORIZON
from kit.store.mapper import RawMapper, meta_of
from kit.store.rebuild import RecordUnreadable
from kit.store.streams import Projection
from kit.tenancy import Tx

log = structlog.get_logger("kit.store")
BATCH = 500

SETTLED = f"""
select e.era, e.tx, e.pos, e.tenant_id, e.stream, e.version, e.nth, e.event_id, e.type, e.schema, e.occurred_on,
       e.recorded_at, e.raw
from event e
where (e.era, e.tx, e.pos) > ($1::smallint, $2::xid8, $3::bigint)
  and {HORIZON}
order by e.era, e.tx, e.pos
limit $4
"""
ALL = "select tenant_id, stream, version, type, raw from event order by era, tx, pos"
START = Position(0, 0, 0)


async def read_settled(connection: Tx, after: Position, limit: int) -> list[asyncpg.Record]:
    """Settled events after a position, in order.

    No row can keep the others from being fetched: each column has a type of which the driver can hold every value
    (the domain `day`; instants are the database's own), and what the bytes say is read row by row.
    """
    return await connection.fetch(SETTLED, after.era, after.tx, after.pos, limit)


async def rebuild(pool: asyncpg.Pool, mapper: RawMapper, projection: Projection, *, inline: bool) -> int:
    """Empties a projection's tables and fills them again from the events, in one transaction; answers how many.

    Inline: appends wait until it commits, and an event that cannot be projected is RecordUnreadable: nothing changes.
    Tailed: its cursor ends where the replay ended, so nothing is applied twice, and such an event's stream is held.
    """
    async with pool.acquire() as connection, connection.transaction():
        if inline:
            return await _all(connection, mapper, projection)
        return await _settled(connection, mapper, projection)


async def _all(connection: Tx, mapper: RawMapper, projection: Projection) -> int:
    await connection.execute("select hold_appends()")
    await _empty(connection, projection)
    rows = connection.cursor(ALL, prefetch=BATCH)
    count = 0
    async for row in rows:
        count += await _apply_or_name(connection, mapper, (projection,), row)
    return count


async def _settled(connection: Tx, mapper: RawMapper, projection: Projection) -> int:
    name, revision = projection.name, projection.revision
    await connection.execute(
        "insert into tail_cursor (name, revision) values ($1, $2) on conflict do nothing", name, revision
    )
    await connection.execute("select 1 from tail_cursor where name = $1 and revision = $2 for update", name, revision)
    await _empty(connection, projection)
    await connection.execute(
        "update held set released_at = clock_timestamp() where tail = $1 and revision = $2 and released_at is null",
        name,
        revision,
    )
    held, at, count = Held(name, revision), START, 0
    while rows := await read_settled(connection, at, BATCH):
        count += await apply_or_hold(connection, mapper, projection, held, rows)
        at = position(rows[-1])
    await connection.execute(
        "update tail_cursor set era = $3, tx = $4, pos = $5 where name = $1 and revision = $2", name, revision, *at
    )
    return count


async def _empty(connection: Tx, projection: Projection) -> None:
    for table in projection.tables:
        await connection.execute(f'delete from "{table}"')


async def apply_or_hold(
    connection: Tx, mapper: RawMapper, projection: Projection, held: Held, rows: Sequence[asyncpg.Record]
) -> int:
    """Projects the rows of streams that are not held, in a transaction of the caller's; answers how many.

    A stream whose event cannot be projected is held from there.  Raises what is not an event's own fault.
    """
    mine = [row for row in rows if not held.holds(row)]
    try:
        async with connection.transaction():
            return sum([await _apply(connection, mapper, (projection,), row) for row in mine])
    except Exception as error:
        if not is_its_own(error):
            raise
    count = 0
    for row in mine:  # the same again, each by itself: one of them cannot be projected
        if held.holds(row):
            continue
        try:
            async with connection.transaction():
                count += await _apply(connection, mapper, (projection,), row)
        except Exception as error:
            if not is_its_own(error):
                raise
            await held.hold(connection, row["tenant_id"], row["stream"], row["version"], error)
    return count


async def _apply_or_name(tx: Tx, mapper: RawMapper, projections: Sequence[Projection], row: asyncpg.Record) -> int:
    """As `_apply`; what is an event's own fault is said of it, with its place."""
    try:
        return await _apply(tx, mapper, projections, row)
    except Refused:
        raise
    except Exception as error:
        if not is_its_own(error):
            raise
        place = {name: row[name] for name in ("stream", "version", "type")}
        log.error("replay.unreadable", tenant=row["tenant_id"], **place, error=error)
        raise RecordUnreadable(tenant=row["tenant_id"], **place) from None


async def _apply(tx: Tx, mapper: RawMapper, projections: Sequence[Projection], row: asyncpg.Record) -> int:
    category = row["stream"].partition("/")[0]
    wanted = [p for p in projections if category in p.categories]
    if wanted:
        event, meta = meta_of(mapper, row["raw"])
        for projection in wanted:
            await projection.apply(tx, event, meta)
    return bool(wanted)
