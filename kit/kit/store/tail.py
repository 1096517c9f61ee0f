"""The tail: every settled event once, in an order that never changes.

Sequence values show up out of commit order, so "pos > last" can skip a slow transaction for good.  The order is
(era, tx, pos), read below the oldest transaction still open: everything there is decided.  `append` being its
transaction's first write keeps version n before n + 1 in it; the continuity check says so loudly if that ever fails.

Any open write transaction in the cluster holds the horizon: a delay, never a loss.  `lag` shows it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg
import structlog
from prometheus_client import Gauge

from kit import clock
from kit.store.change import Wake
from kit.store.mapper import RawMapper
from kit.store.replay import HORIZON, meta_of
from kit.store.streams import Projection
from kit.tenancy import Tx

log = structlog.get_logger("kit.store.tail")
LAG = Gauge("tail_lag_seconds", "Age of the oldest settled event a tail has not passed", ["tail"])
REMEMBERED = 50_000
TENANT, STREAM, VERSION = 3, 4, 5
"""Where SETTLED has them: a row is asked by place for every event there ever was."""

SETTLED = f"""
select e.era, e.tx, e.pos, e.tenant_id, e.stream, e.version, e.event_id, e.type, e.schema, e.occurred_on,
       e.recorded_at, e.raw
from event e
where (e.era, e.tx, e.pos) > ($1::smallint, $2::xid8, $3::bigint)
  and {HORIZON}
order by e.era, e.tx, e.pos
limit $4
"""  # noqa: S608 - only our own constants


CURSOR = "select era, tx, pos from tail_cursor where name = $1 and revision = $2"


class Position(NamedTuple):
    """A place in the settled order."""

    era: int
    tx: int
    pos: int


START = Position(0, 0, 0)


class OrderBroken(Exception):  # noqa: N818 - a broken invariant, named for what it is
    """A stream's version came before its predecessor: history was not written through `append`.  Stop and look."""


class LostCursor(Exception):  # noqa: N818
    """Another holder moved this cursor: what was done with the batch is rolled back or repeated by it."""


class Continuity:
    """Remembers the last version seen of recent streams, and asks the database about the others."""

    def __init__(self) -> None:
        self.last: dict[tuple[str, str], int] = {}

    async def check(self, connection: Tx, rows: Sequence[asyncpg.Record]) -> dict[tuple[str, str], int]:
        """Raises OrderBroken if a row's predecessor in its stream was not handed out before it.

        Answers the versions that the streams have come to, for `passed`.
        """
        first: dict[tuple[str, str], asyncpg.Record] = {}
        batch: dict[tuple[str, str], int] = {}
        known, came = self.last.get, batch.get
        for row in rows:
            stream, version = (row[TENANT], row[STREAM]), row[VERSION]
            last = came(stream) or known(stream)
            if last is None:
                if version > 1:
                    first[stream] = row
            elif version != last + 1:
                raise OrderBroken(f"{row['stream']} version {version} came after {last}")
            batch[stream] = version
        if first:
            await self._ask(connection, first)
        return batch

    def passed(self, versions: dict[tuple[str, str], int]) -> None:
        """These were handed out.  Forgets all when it holds too many: then it asks again."""
        if len(self.last) > REMEMBERED:
            self.last.clear()
        self.last.update(versions)

    async def _ask(self, connection: Tx, first: dict[tuple[str, str], asyncpg.Record]) -> None:
        found = await connection.fetch(
            "select e.tenant_id, e.stream, e.era, e.tx, e.pos from event e"
            " join unnest($1::text[], $2::text[], $3::int[]) as w (tenant_id, stream, version)"
            " on (e.tenant_id, e.stream, e.version) = (w.tenant_id, w.stream, w.version)",
            [tenant for tenant, _ in first],
            [stream for _, stream in first],
            [row["version"] - 1 for row in first.values()],
        )
        before = {(r["tenant_id"], r["stream"]): Position(r["era"], r["tx"], r["pos"]) for r in found}
        for stream, row in first.items():
            if stream not in before or before[stream] > position(row):
                raise OrderBroken(f"{row['stream']} version {row['version']} came before its predecessor")


def position(row: asyncpg.Record) -> Position:
    return Position(row["era"], row["tx"], row["pos"])


@dataclass
class Tail:
    """A named, revisioned reader of the settled order, for the relay's or the rebuild role's pool."""

    pool: asyncpg.Pool
    name: str
    revision: int = 1

    def __post_init__(self) -> None:
        self.at: Position | None = None
        self.waiting: deque[asyncpg.Record] = deque()
        """Handed out, and the cursor has not passed them; oldest first."""
        self._reached: Position | None = None
        self._continuity = Continuity()

    async def next(self, limit: int = 500) -> list[asyncpg.Record]:
        """The next settled events after the cursor, at most `limit`; the cursor stays."""
        if self.waiting:
            self._begin_again()
        return await self.ahead(limit)

    async def ahead(self, limit: int = 500) -> list[asyncpg.Record]:
        """The next settled events after the last that was handed out, at most `limit`; the cursor stays.

        One task reads at a time; another may move the cursor meanwhile, over what was handed out before.
        """
        continuity = self._continuity
        async with self.pool.acquire() as connection:
            if self._reached is None:
                self._reached = self.at = self.at or await cursor(connection, self.name, self.revision)
            rows = await read_settled(connection, self._reached, limit)
            versions = await continuity.check(connection, rows)
        if continuity is not self._continuity:
            return []  # forgotten while these were read: they do not follow what is handed out next
        continuity.passed(versions)
        self.waiting.extend(rows)
        if rows:
            self._reached = position(rows[-1])
        self.measure()
        return rows

    async def move(self, row: asyncpg.Record) -> None:
        """Moves the cursor to `row`, compare-and-set.  LostCursor if another holder moved it: read again then."""
        if self.at is None:
            raise LostCursor(self.name)
        try:
            async with self.pool.acquire() as connection:
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
        self._reached, self._continuity = None, Continuity()

    def measure(self) -> float:
        """Sets the lag gauge; answers the age in seconds of the oldest event handed out and not passed, 0 if none."""
        return measure(self.name, self.waiting)

    def leave(self) -> None:
        """Forgets, and takes the gauge back: whoever reads on from here says how late it is."""
        self.forget()
        LAG.remove(self.name)


def measure(name: str, rows: Sequence[asyncpg.Record]) -> float:
    """Sets the lag gauge from what is waiting, oldest first; answers the lag in seconds."""
    lag = max((clock.now() - rows[0]["recorded_at"]).total_seconds(), 0.0) if rows else 0.0
    LAG.labels(name).set(lag)
    return lag


async def read_settled(connection: Tx, after: Position, limit: int) -> list[asyncpg.Record]:
    """Settled events after a position, in order."""
    return await connection.fetch(SETTLED, after.era, after.tx, after.pos, limit)


async def cursor(connection: Tx, name: str, revision: int) -> Position:
    """The cursor's place; a new one is at the start."""
    row = await connection.fetchrow(CURSOR, name, revision)
    if row is None:
        await connection.execute(
            "insert into tail_cursor (name, revision) values ($1, $2) on conflict do nothing", name, revision
        )
        row = await connection.fetchrow(CURSOR, name, revision)
        assert row is not None  # noqa: S101 - nothing deletes a cursor
    return position(row)


async def held_cursor(connection: Tx, name: str, revision: int) -> Position | None:
    """The cursor's place with its row locked until the transaction ends; None while another holds it."""
    row = await connection.fetchrow(CURSOR + " for update skip locked", name, revision)
    return None if row is None else position(row)


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


class Projector:
    """Runs one tailed projection: a batch of events, its rows and its cursor move in one transaction.

    The cursor's row lock lets one instance work at a time; a second finds it held and waits.
    """

    def __init__(self, pool: asyncpg.Pool, projection: Projection, mapper: RawMapper, wake: Wake) -> None:
        self.pool, self.projection, self.mapper, self.wake = pool, projection, mapper, wake
        self.continuity = Continuity()
        self.at: Position | None = None

    async def run(self, stopping: asyncio.Event, sleep: Callable[[float], Awaitable[None]] | None = None) -> None:
        """Projects until `stopping`; an event that cannot be projected stops it, loudly, at that event."""
        wait = sleep or self.wake.wait
        while not stopping.is_set():
            if not await self.step():
                await wait(0.2)

    async def step(self, limit: int = 500) -> int:
        """Projects the next batch and answers how many events it had; 0 also when another instance is at work."""
        name, revision = self.projection.name, self.projection.revision
        async with self.pool.acquire() as connection:
            # Locking a row writes; so an idle projection only looks.
            if not await read_settled(connection, await cursor(connection, name, revision), 1):
                measure(name, ())
                return 0
            return await self._batch(connection, limit)

    async def _batch(self, connection: Tx, limit: int) -> int:
        name, revision = self.projection.name, self.projection.revision
        async with connection.transaction():
            at = await held_cursor(connection, name, revision)
            if at is None:
                return 0
            rows = await read_settled(connection, at, limit)
            measure(name, rows)
            if not rows:
                return 0
            if at != self.at:  # another instance worked in between
                self.continuity = Continuity()
            versions = await self.continuity.check(connection, rows)
            for row in rows:
                if row["stream"].partition("/")[0] in self.projection.categories:
                    event, meta = meta_of(self.mapper, row["raw"])
                    await self.projection.apply(connection, event, meta)
            await move_cursor(connection, name, revision, at, position(rows[-1]))
        self.continuity.passed(versions)
        self.at = position(rows[-1])
        return len(rows)
