"""Rebuilding the rows of a view from the events: beside the live ones, which are read and written meanwhile.

Streams are folded one after another in one snapshot.  Then appends wait, for as long as it takes to fold again the few
streams that went on since, and the new tables take the place of the old.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

import asyncpg
import structlog

from contracts.values import Event
from kit.errors import Refused
from kit.store.held import is_its_own
from kit.store.mapper import RawMapper, meta_of
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


class RecordUnreadable(Refused):
    """An event that a rebuild needs cannot be read or projected: without it the answer is wrong."""

    code = "record-unreadable"
    name = "记录无法读取"
    text = "{tenant} 的记录 {stream} 第 {version} 版（{type}）无法读取，不能据此重算。请联系平台运维人员。"


async def rebuild(pool: asyncpg.Pool, mapper: RawMapper, view: View[Any, Any]) -> int:
    """Fills the view's tables again, and answers how many events that took.

    RecordUnreadable names an event that cannot be read: nothing changes then.
    """
    async with pool.acquire() as reading, pool.acquire() as writing:
        for row in view.tables:
            await writing.execute("select begin_rebuild($1)", row.TABLE)
        # Reading by itself takes no transaction id: whoever holds one for long holds up every tail.
        async with reading.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await reading.fetchval("select pg_current_snapshot()::text")
            count = await _fill(writing, mapper, view, _streams(reading, HISTORY, view.category))
        for row in view.tables:
            await writing.execute("select index_rebuilt($1)", row.TABLE)
        async with writing.transaction():
            await writing.execute("select hold_appends()")
            gone_on = await writing.fetch(WENT_ON, view.category, snapshot)
            whose, names = [r["tenant_id"] for r in gone_on], [r["stream"] for r in gone_on]
            for row in view.tables:
                await writing.execute(FORGET.format(table=row.TABLE), whose, names)
            count += await _fill(writing, mapper, view, _streams(writing, OF_STREAMS, whose, names))
            for row in view.tables:
                await writing.execute("select end_rebuild($1)", row.TABLE)
    return count


async def rebuild_tenants(pool: asyncpg.Pool, mapper: RawMapper) -> int:
    """Fills the table of bureaus again while appends wait, and answers how many events that took.

    RecordUnreadable names an event that cannot be read: nothing changes then.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select hold_appends()")
        await connection.execute("delete from tenant")
        rows = await connection.fetch(IN_ORDER, TENANTS.name)
        for row in rows:
            await TENANT_TABLE.apply(connection, *_read(mapper, row))
    return len(rows)


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
    connection: Tx, mapper: RawMapper, view: View[Any, Any], streams: AsyncIterator[list[asyncpg.Record]]
) -> int:
    count = 0
    waiting: dict[type[Row], list[dict[str, Any]]] = {row: [] for row in view.tables}
    async for stream in streams:
        count += len(stream)
        for row, version in versions(view, [_read(mapper, one) for one in stream]):
            waiting[row].append(version)
        if sum(map(len, waiting.values())) >= BATCH:
            await _write(connection, waiting)
    await _write(connection, waiting)
    return count


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
                f" select {names} from jsonb_to_recordset($1::jsonb) as r ({typed})",
                json_of(rows),
            )
            rows.clear()


def _columns(row: type[Row]) -> tuple[str, str]:
    own = [(column.name, column.type.removesuffix(' collate "C"')) for column in columns(row)]
    types = ("text", "date", "date", "timestamptz", "timestamptz", "text", "integer")
    every: Iterable[tuple[str, str]] = [*own, *zip(KEPT, types, strict=True)]
    return ", ".join(f'"{name}"' for name, _ in every), ", ".join(f'"{name}" {type_}' for name, type_ in every)
