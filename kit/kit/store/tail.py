"""The tail: every settled event once, in an order that never changes.

Sequence values show up out of commit order, so "pos > last" can skip a slow transaction for good.  The order is
(era, tx, pos), read below the oldest transaction still open: everything there is decided.  `append` being its
transaction's first write keeps version n before n + 1 in it; a stream for which that ever fails is held, alone.

Any open write transaction in the cluster holds the horizon: a delay, never a loss.  See kit.store.horizon.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from kit.store.held import Held, OrderBroken, Position, position
from kit.store.horizon import HORIZON
from kit.tenancy import Tx
from kit.tenancy.pools import glance

REMEMBERED = 50_000
TENANT, STREAM, VERSION = 3, 4, 5
"""Where SETTLED has them: a row is asked by place for every event there ever was."""

SETTLED = f"""
select e.era, e.tx, e.pos, e.tenant_id, e.stream, e.version, e.nth, e.event_id, e.type, e.schema, e.occurred_on,
       e.recorded_at, e.raw
from event e
where (e.era, e.tx, e.pos) > ($1::smallint, $2::xid8, $3::bigint)
  and {HORIZON}
order by e.era, e.tx, e.pos
limit $4
"""
CURSOR = "select era, tx, pos from tail_cursor where name = $1 and revision = $2"
HANDED_OUT = """
select w.tenant_id, w.stream, (
    select e.version from event e
    where (e.tenant_id, e.stream) = (w.tenant_id, w.stream) and e.version < w.version
      and (e.era, e.tx, e.pos) <= ($4::smallint, $5::xid8, $6::bigint)
    order by e.version desc limit 1) as version
from unnest($1::text[], $2::text[], $3::int[]) as w (tenant_id, stream, version)
"""


class LostCursor(Exception):
    """Another holder moved this cursor: what was done with the batch is rolled back or repeated by it."""


class Continuity:
    """Knows the last version that was handed out of each stream.

    Of recent streams by memory; of others by the database, which is asked for what lay at or before the place where
    this memory began: all of that was handed out, and nothing behind it that this does not remember.
    """

    def __init__(self, since: Position) -> None:
        self.since = since
        self.last: dict[tuple[str, str], int] = {}

    async def check(self, connection: Tx, rows: Sequence[asyncpg.Record], held: Held) -> dict[tuple[str, str], int]:
        """Holds each stream of which a row's predecessor was not handed out before it, from the missing version on.

        Answers the versions that the other streams have come to, for `passed`.
        """
        asked = await self._ask(connection, rows, held)
        batch: dict[tuple[str, str], int] = {}
        known, came = self.last.get, batch.get
        for row in rows:
            stream, version = (row[TENANT], row[STREAM]), row[VERSION]
            if stream in held.streams:
                continue
            last = came(stream) or known(stream) or asked.get(stream, 0)
            if version == last + 1:
                batch[stream] = version
                continue
            broken = OrderBroken(f"version {version} came after {last}")
            await held.hold(connection, *stream, last + 1, broken)
        return {stream: version for stream, version in batch.items() if stream not in held.streams}

    def passed(self, versions: dict[tuple[str, str], int], at: Position) -> None:
        """These were handed out, up to `at`.  Forgets all when it holds too many: then it asks again."""
        if len(self.last) > REMEMBERED:
            self.last.clear()
            self.since = at
        else:
            self.last.update(versions)

    async def _ask(self, connection: Tx, rows: Sequence[asyncpg.Record], held: Held) -> dict[tuple[str, str], int]:
        """The last versions that were handed out of the streams that are not remembered and do not begin here."""
        first: dict[tuple[str, str], int] = {}
        for row in rows:
            stream = row[TENANT], row[STREAM]
            if stream not in self.last and stream not in held.streams:
                first.setdefault(stream, row[VERSION])
        unknown = [(*stream, version) for stream, version in first.items() if version > 1]
        if not unknown:
            return {}
        found = await connection.fetch(HANDED_OUT, *map(list, zip(*unknown, strict=True)), *self.since)
        return {(r["tenant_id"], r["stream"]): r["version"] or 0 for r in found}


@dataclass
class Tail:
    """A named, revisioned reader of the settled order, for the relay's pool.

    It hands out every event, those of held streams too: whoever takes them asks `held.holds` and goes over those.
    """

    pool: asyncpg.Pool
    name: str
    revision: int = 1

    def __post_init__(self) -> None:
        self.at: Position | None = None
        self.held = Held(self.name, self.revision)
        self.waiting: deque[asyncpg.Record] = deque()
        """Handed out, and the cursor has not passed them; oldest first."""
        self._reached: Position | None = None
        self._continuity: Continuity | None = None

    async def next(self, limit: int = 500) -> list[asyncpg.Record]:
        """The next settled events after the cursor, at most `limit`; the cursor stays."""
        if self.waiting:
            self._begin_again()
        return await self.ahead(limit)

    async def ahead(self, limit: int = 500) -> list[asyncpg.Record]:
        """The next settled events after the last that was handed out, at most `limit`; the cursor stays.

        One task reads at a time; another may move the cursor meanwhile, over what was handed out before.
        """
        async with glance(self.pool) as connection:
            if self._reached is None or self._continuity is None:
                self._reached = self.at = self.at or await cursor(connection, self.name, self.revision)
                self._continuity = Continuity(self._reached)
                await self.held.load(connection)
            continuity = self._continuity
            rows = await read_settled(connection, self._reached, limit)
            versions = await continuity.check(connection, rows, self.held)
        if continuity is not self._continuity:
            return []  # forgotten while these were read: they do not follow what is handed out next
        self.waiting.extend(rows)
        if rows:
            self._reached = position(rows[-1])
            continuity.passed(versions, self._reached)
        return rows

    async def hold(self, row: asyncpg.Record, error: Exception) -> None:
        """Holds the row's stream from this event on, because it cannot be passed on; kept before this returns."""
        async with self.pool.acquire() as connection:
            await self.held.hold(connection, row["tenant_id"], row["stream"], row["version"], error)

    async def retry(self, tell: Callable[[asyncpg.Record], Awaitable[None]], *, starting: bool = False) -> None:
        """Tells what waits of held streams, when nothing is handed out that the cursor has not passed.

        See Held.retry.
        """
        async with self.pool.acquire() as connection:
            at = self.at or await cursor(connection, self.name, self.revision)
            await self.held.retry(connection, at, tell, starting=starting)

    async def move(self, row: asyncpg.Record) -> None:
        """Moves the cursor to `row`, compare-and-set.  LostCursor if another holder moved it: read again then."""
        if self.at is None:
            raise LostCursor(self.name)
        try:
            async with glance(self.pool) as connection:
                await move_cursor(connection, self.name, self.revision, self.at, position(row))
        except BaseException:
            self.forget()  # it may have moved or not
            raise
        self.at = position(row)
        while self.waiting and position(self.waiting[0]) <= self.at:
            self.waiting.popleft()

    def forget(self) -> None:
        """Reads the cursor anew next time: after a batch was given up, or another holder may have moved it."""
        self.at = None
        self._begin_again()

    def _begin_again(self) -> None:
        self.waiting.clear()
        self._reached = self._continuity = None


async def read_settled(connection: Tx, after: Position, limit: int) -> list[asyncpg.Record]:
    """Settled events after a position, in order.

    No row can keep the others from being fetched: each column has a type of which the driver can hold every value
    (the domain `day`; instants are the database's own), and what the bytes say is read row by row.
    """
    return await connection.fetch(SETTLED, after.era, after.tx, after.pos, limit)


async def cursor(connection: Tx, name: str, revision: int) -> Position:
    """The cursor's place; a new one is at the start."""
    row = await connection.fetchrow(CURSOR, name, revision)
    if row is None:
        await connection.execute(
            "insert into tail_cursor (name, revision) values ($1, $2) on conflict do nothing", name, revision
        )
        row = await connection.fetchrow(CURSOR, name, revision)
        assert row is not None
    return position(row)


async def move_cursor(connection: Tx, name: str, revision: int, old: Position, new: Position) -> None:
    """Compare-and-set; LostCursor when the cursor is no longer at `old`."""
    moved = await connection.execute(
        "update tail_cursor set era = $6, tx = $7, pos = $8"
        " where name = $1 and revision = $2 and (era, tx, pos) = ($3::smallint, $4::xid8, $5::bigint)",
        name,
        revision,
        *old,
        *new,
    )
    if moved != "UPDATE 1":
        raise LostCursor(f"{name} is no longer at {old}")
