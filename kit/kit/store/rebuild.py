"""Rebuilding the rows of a view from the events: beside the live ones, which are read and written meanwhile.

Streams are folded one after another in one snapshot, and those that went on since again.  Then appends wait, for as
long as it takes to fold the last few, and the new tables take the place of the old: in an instant in which no reader is
in the way.  For that this waits briefly and often, because whoever waits for a lock keeps others waiting behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from time import monotonic
from typing import Any, Self

import asyncpg
import structlog

from contracts.values import Event
from kit.errors import Refused
from kit.privacy import Vault
from kit.store.due import PEOPLE
from kit.store.held import is_its_own
from kit.store.mapper import RawMapper, meta_of
from kit.store.names import People, know_again
from kit.store.rows import Change, Days, Row, Span, View, by_command
from kit.store.streams import Meta
from kit.store.tables import columns, json_of, shown
from kit.store.tenants import TENANT_TABLE, TENANTS
from kit.tenancy import Tx

log = structlog.get_logger("kit.store")
BATCH = 2000
"""Events that are fetched, and versions that are written, at a time."""
KEPT = ("tenant_id", "day_from", "day_to", "rec_from", "rec_to", "row_stream", "row_version")
HISTORY = (
    "select tenant_id, stream, version, type, raw from event"
    " where stream >= $1 || '/' and stream < $1 || '0' order by tenant_id, stream, version"
)
"""A slash comes right before a 0."""
WENT_ON = """
select distinct tenant_id, stream from event
where stream >= $1 || '/' and stream < $1 || '0' and era = (select current from era)
  and tx >= pg_snapshot_xmin($2::text::pg_snapshot) and not pg_visible_in_snapshot(tx, $2::text::pg_snapshot)
"""
OF_STREAMS = (
    "select e.tenant_id, e.stream, e.version, e.type, e.raw from event e"
    " join unnest($1::text[], $2::text[]) as w (tenant_id, stream) on (w.tenant_id, w.stream) = (e.tenant_id, e.stream)"
    " order by 1, 2, 3"
)
IN_ORDER = (
    "select tenant_id, stream, version, type, raw from event"
    " where stream >= $1 || '/' and stream < $1 || '0' order by era, tx, pos"
)
FORGET = """
delete from versions."{table}__new" v using unnest($1::text[], $2::text[]) as w (tenant, stream)
where (v.tenant_id, v.row_stream) = (w.tenant, w.stream)
"""
OF_TYPES = "select tenant_id, stream, version, type, raw from event where type = any ($1::text[])"
PERSONS = 500
"""Whose names are opened at a time."""

SNAPSHOT = "select pg_current_snapshot()::text"
BUREAUS = "tenant"
"""What the table of bureaus is called among what can be rebuilt."""
REBUILDING = 0x4C445242
"""With a view's name, the advisory lock under which one process rebuilds it ("LDRB")."""
BRIEF = 500
"""Milliseconds that others wait at most because this waits for a lock, again and again.

Shorter than the server's `deadlock_timeout`, after which it would end a reader, and than what readers wait for a lock.
"""
RECORD = (
    "insert into rebuilt (name, revision, started_at, events) values ($1, $2, $3, $4) on conflict (name) do update set"
    " revision = excluded.revision, started_at = excluded.started_at, finished_at = clock_timestamp(),"
    " events = excluded.events"
)
"""Written with the change itself, so that no rebuild is told of that did not come about."""
FILLED = "delete from rebuild_due where name = $1 and revision is not distinct from $2"
NOW = "select clock_timestamp()"
ROUNDS = 2
PAUSE, PATIENCE = 0.2, 120.0
"""Seconds between two attempts to take the place of the live tables, and for all of them."""


class RebuildGoesOn(Refused):
    """Somebody else is rebuilding the same view."""

    code = "rebuild-goes-on"
    name = "正在重算"
    text = "{view} 正由他人重算。请等其结束后再试。"


class RecordUnreadable(Refused):
    """An event that a rebuild needs cannot be read or projected: without it the answer is wrong."""

    code = "record-unreadable"
    name = "记录无法读取"
    text = "{tenant} 的记录 {stream} 第 {version} 版（{type}）无法读取，不能据此重算。请联系平台运维人员。"


async def rebuild(pool: asyncpg.Pool, mapper: RawMapper, view: View[Any, Any]) -> int:
    """Fills the view's tables again, and answers how many events that took.

    RecordUnreadable names an event that cannot be read, and RebuildGoesOn says that somebody else rebuilds the view:
    nothing changes then.  QueryCanceledError when readers left no room for PATIENCE seconds.
    """
    async with pool.acquire() as reading, pool.acquire() as writing:
        # Whoever is second would make the tables anew that the first is filling.  The connection's end frees it.
        if not await writing.fetchval("select pg_try_advisory_lock($1, hashtext($2))", REBUILDING, view.name):
            raise RebuildGoesOn(view=view.name)
        started = await writing.fetchval(NOW)
        for row in view.tables:
            await writing.execute("select begin_rebuild($1)", row.TABLE)
        # Reading by itself takes no transaction id: whoever holds one for long holds up every tail.
        async with reading.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await reading.fetchval(SNAPSHOT)
            count = await _fill(writing, mapper, view, _streams(reading, HISTORY, view.category))
        for row in view.tables:
            await writing.execute("select index_rebuilt($1)", row.TABLE)
        until = monotonic() + PATIENCE
        while True:
            for _ in range(ROUNDS):  # while appends go on, so that in the end they wait for little
                async with reading.transaction(isolation="repeatable_read", readonly=True):
                    since, snapshot = snapshot, await reading.fetchval(SNAPSHOT)
                    count += await _catch_up(reading, writing, mapper, view, since)
            try:
                async with writing.transaction():
                    await writing.execute(f"set local statement_timeout = {BRIEF}; select hold_appends()")
                    await writing.execute("set local statement_timeout = 0")
                    last = await _catch_up(writing, writing, mapper, view, snapshot)
                    await writing.execute(f"set local statement_timeout = {BRIEF}")
                    await writing.execute("select end_rebuild($1)", [row.TABLE for row in view.tables])
                    await writing.execute(RECORD, view.name, view.revision, started, count + last)
                    await writing.execute(FILLED, view.name, view.revision)
                return count + last
            except asyncpg.QueryCanceledError:
                if monotonic() > until:
                    raise
            await asyncio.sleep(PAUSE)


async def _catch_up(reading: Tx, writing: Tx, mapper: RawMapper, view: View[Any, Any], since: str) -> int:
    """Folds the streams again that went on since that snapshot."""
    gone_on = await reading.fetch(WENT_ON, view.category, since)
    whose, names = [r["tenant_id"] for r in gone_on], [r["stream"] for r in gone_on]
    for row in view.tables:
        await writing.execute(FORGET.format(table=row.TABLE), whose, names)
    return await _fill(writing, mapper, view, _streams(reading, OF_STREAMS, whose, names), apart=reading is not writing)


async def rebuild_tenants(pool: asyncpg.Pool, mapper: RawMapper) -> int:
    """Fills the table of bureaus again while appends wait, and answers how many events that took.

    RecordUnreadable names an event that cannot be read: nothing changes then.
    """
    async with pool.acquire() as connection, connection.transaction():
        started = await connection.fetchval(NOW)
        await connection.execute("select hold_appends()")
        await connection.execute("delete from tenant")
        rows = await connection.fetch(IN_ORDER, TENANTS.name)
        for row in rows:
            await TENANT_TABLE.apply(connection, *_read(mapper, row))
        await connection.execute(RECORD, BUREAUS, None, started, len(rows))
    return len(rows)


async def rebuild_names(pool: asyncpg.Pool, mapper: RawMapper, vault: Vault, people: People) -> int:
    """Has all persons found again whom events name, and whose keys are there; answers how many events that took.

    It only adds, so that nobody who is registered meanwhile is lost.  RecordUnreadable as `rebuild`.
    """
    count, waiting = 0, list[Any]()
    started = await pool.fetchval(NOW)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(OF_TYPES, [event.TOPIC for event in people], prefetch=PERSONS):
            event, _ = _read(mapper, row)
            count += 1
            if (sealed := getattr(event, people[type(event)])) is not None:
                waiting.append(sealed)
            if len(waiting) == PERSONS:
                await know_again(vault, waiting)
                waiting.clear()
    await know_again(vault, waiting)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(RECORD, PEOPLE, None, started, count)
        await connection.execute(FILLED, PEOPLE, None)
    return count


async def _streams(connection: Tx, sql: str, *arguments: Any) -> AsyncIterator[list[asyncpg.Record]]:
    """Each stream's events at once."""
    stream: list[asyncpg.Record] = []
    async for row in connection.cursor(sql, *arguments, prefetch=BATCH):
        if stream and (row["tenant_id"], row["stream"]) != (stream[0]["tenant_id"], stream[0]["stream"]):
            yield stream
            stream = []
        stream.append(row)
    if stream:
        yield stream


async def _fill(
    connection: Tx,
    mapper: RawMapper,
    view: View[Any, Any],
    streams: AsyncIterator[list[asyncpg.Record]],
    *,
    apart: bool = True,
) -> int:
    """Writes what the streams come to, and answers of how many events.

    A batch is written while the next is folded, where the streams are read `apart`, by another connection.
    """
    count = size = 0
    waiting: dict[type[Row], list[dict[str, Any]]] = {row: [] for row in view.tables}
    async with _Behind() as writing:
        async for stream in streams:
            count += len(stream)
            for row, version in versions(view, [_read(mapper, one) for one in stream]):
                waiting[row].append(version)
                size += 1
            if size >= BATCH:
                await writing.start(_write(connection, waiting))
                waiting, size = {row: [] for row in view.tables}, 0
            await (writing.go_on() if apart else writing.end())
        await writing.start(_write(connection, waiting))
    return count


class _Behind:
    """One thing that goes on while something else is done, and is done when this ends; its error is raised here."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.end()
        elif self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def start(self, what: Coroutine[Any, Any, None]) -> None:
        """Begins it, once what was begun before is done."""
        try:
            await self.end()
        except BaseException:
            what.close()
            raise
        self._task = asyncio.create_task(what)

    async def end(self) -> None:
        """Waits until it is done."""
        if self._task is not None:
            await self._task
            self._task = None

    async def go_on(self) -> None:
        """Lets it have its turn: the database waits for the rest of what it is sent meanwhile."""
        if self._task is not None and not self._task.done():
            await asyncio.sleep(0)


def _read(mapper: RawMapper, row: asyncpg.Record) -> tuple[Event, Meta]:
    try:
        return meta_of(mapper, row["raw"])
    except Exception as error:
        if isinstance(error, Refused) or not is_its_own(error):
            raise
        place = {name: row[name] for name in ("stream", "version", "type")}
        log.error("rebuild.unreadable", tenant=row["tenant_id"], **place, error=error)
        raise RecordUnreadable(tenant=row["tenant_id"], **place) from None


def versions(view: View[Any, Any], events: Sequence[tuple[Event, Meta]]) -> Iterator[tuple[type[Row], dict[str, Any]]]:
    """All versions of the rows of one stream, each as its table has it."""
    days: Days[Any] = Days()
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for told in by_command(events):
        meta = told[-1][1]
        days, change = days.after(view, told)
        yield from _ended(change, known, meta)
        for span in change.made:
            known[_place(span)] = _version(span, meta)
    for (row, *_), version in known.items():
        yield row, version


def _ended(
    change: Change, known: dict[tuple[Any, ...], dict[str, Any]], meta: Meta
) -> Iterator[tuple[type[Row], dict[str, Any]]]:
    for span in change.ended:
        yield type(span.row), {**known.pop(_place(span)), "rec_to": meta.recorded_at}


def _place(span: Span) -> tuple[Any, ...]:
    return (*span.row.key, span.day_from)


def _version(span: Span, meta: Meta) -> dict[str, Any]:
    return {
        **shown(span.row),
        "tenant_id": meta.tenant,
        "day_from": span.day_from,
        "day_to": span.day_to or "infinity",
        "rec_from": meta.recorded_at,
        "rec_to": "infinity",
        "row_stream": meta.stream,
        "row_version": span.version,
    }


async def _write(connection: Tx, waiting: dict[type[Row], list[dict[str, Any]]]) -> None:
    for row, rows in waiting.items():
        if rows:
            names, typed = _columns(row)
            await connection.execute(
                f'insert into versions."{row.TABLE}__new" ({names})'
                f" select {names} from json_to_recordset($1::json) as r ({typed})",
                json_of(rows),
            )


def _columns(row: type[Row]) -> tuple[str, str]:
    own = [(column.name, column.type.removesuffix(' collate "C"')) for column in columns(row)]
    types = ("text", "date", "date", "timestamptz", "timestamptz", "text", "integer")
    every: Iterable[tuple[str, str]] = [*own, *zip(KEPT, types, strict=True)]
    return ", ".join(f'"{name}"' for name, _ in every), ", ".join(f'"{name}" {type_}' for name, type_ in every)
