"""Append: ours against a raw transaction of the same shape, and against the library's own recorder."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from tests.kit.notes import HERE, NOTES, NoteWritten, cause, write
from tests.load.measure import Case, Row, compared, interleaved

from contracts.values import TenantId
from kit import clock
from kit.store import Store
from kit.store.writing import WRITE
from kit.tenancy.pools import glance

TWIN = """
create table raw_event (
  tenant_id text collate "C" not null, stream text collate "C" not null, version integer not null,
  era smallint not null, tx xid8 not null default pg_current_xact_id(), pos bigint generated always as identity,
  event_id uuid not null, command_id uuid not null, type text collate "C" not null, schema smallint not null,
  occurred_on date not null, recorded_at timestamptz not null, raw bytea not null check (octet_length(raw) < 65536),
  primary key (tenant_id, stream, version));
create unique index on raw_event (era, tx, pos);
create index on raw_event (tenant_id, era, tx, pos);
create unique index on raw_event (tenant_id, event_id);
alter table raw_event enable row level security;
alter table raw_event force row level security;
create policy app_read on raw_event for select to {app} using (tenant_id = any ((select app_reads())::text[]));
create policy app_insert on raw_event for insert to {app} with check (tenant_id = any ((select app_writes())::text[]));
"""
RAW = b'{"data":{"text":"' + b"x" * 560 + b'"},"spec":"liandong/event/1"}'
ONLY_HERE = "{" + HERE + "}"
INSERT = (
    "insert into raw_event (tenant_id, stream, version, era, event_id, command_id, type, schema, occurred_on,"
    " recorded_at, raw) values ($1, $2, 1, 1, $3, $4, 'toy.note-written', 1, $5, $6, $7)"
)


def halves(command: UUID, stream: str, event: UUID, day: date) -> tuple[bytes, bytes]:
    """The bytes of an event of about 600 bytes, around the stamp that the database puts in."""
    actor = f'{{"id":"bench","role":"system","tenant":"{HERE}","unit":null}}'
    head = (
        f'{{"actor":{actor},"causation":null,"command":"{command}","correlation":"{command}","data":{{"text":"'
        f'{"x" * 40}"}},"id":"{event}","occurred_on":"{day}","recorded_at":"'
    )
    tail = (
        f'","region":"bench","schema":1,"spec":"liandong/event/1","stream":"{stream}","tenant":"{HERE}","trace":null,'
        '"type":"toy.note-written","version":1}'
    )
    return head.encode(), tail.encode()


class Appending:
    """The cases; each appends `count` single events of about 600 bytes by so many writers."""

    def __init__(self, app: asyncpg.Pool, store: Store, library: PostgresApplicationRecorder) -> None:
        self.app, self.store, self.library = app, store, library
        self.threads = ThreadPoolExecutor(32)

    async def ours(self) -> None:
        """What `store.change` sends to write one event: scope, append and commit in one statement."""
        command, stream, event, day = uuid4(), f"note/{uuid4()}", uuid4(), date(2022, 9, 27)
        head, tail = halves(command, stream, event, day)
        async with glance(self.app) as connection:
            await connection.fetchrow(
                WRITE, ONLY_HERE, ONLY_HERE, HERE, command, b"\1" * 32, b"{", b"}", [HERE], [stream], [1], [event],
                ["toy.note-written"], [1], [day], [head], [tail], [], [], [], [], [], [], [], [], HERE, stream,
                [], [], [], [], [], "note",
            )  # fmt: skip

    async def raw(self) -> None:
        """The least a careful service would write by hand: begin, set the tenant, insert, commit."""
        async with self.app.acquire() as connection, connection.transaction():
            await connection.execute("select set_config('app.writes', $1, true)", ONLY_HERE)
            await connection.execute(
                INSERT, HERE, f"note/{uuid4()}", uuid4(), uuid4(), date(2022, 9, 27), clock.now(), RAW
            )

    async def change(self) -> None:
        """All of it: scope, read, fold, decide, map, append, commit."""
        await self.store.change(cause(TenantId(HERE)), write, NOTES.stream(uuid4(), TenantId(HERE)))

    async def on_a_stream_of(self, events: int) -> Case:
        """The whole of it on one stream that has so many events; rounds add some hundred."""
        stream = NOTES.stream(uuid4(), TenantId(HERE))
        for _ in range(events // 500):
            await self.store.change(cause(TenantId(HERE)), lambda _: [NoteWritten("字")] * 500, stream)

        async def run() -> int:
            for _ in range(50):
                await self.store.change(cause(TenantId(HERE)), write, stream)
            return 50

        return Case(f"on a stream of {events:,}", run)

    async def library_insert(self) -> None:
        stored = StoredEvent(uuid4(), 1, "toy.note-written", RAW)
        await asyncio.get_running_loop().run_in_executor(self.threads, self.library.insert_events, [stored])

    def case(self, name: str, kind: str, writers: int, count: int) -> Case:
        one = getattr(self, kind)

        async def run() -> int:
            async def work() -> None:
                for _ in range(count // writers):
                    await one()

            await asyncio.gather(*(work() for _ in range(writers)))
            return count // writers * writers

        return Case(name, run)


def library_recorder(admin_url: str, database: str) -> PostgresApplicationRecorder:
    parts = urlsplit(admin_url)
    datastore = PostgresDatastore(
        dbname=database,
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 5432,
        user=parts.username or "",
        password=parts.password or "",
        pool_size=32,
        max_overflow=0,
        max_waiting=64,
    )
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()
    return recorder


async def measured(
    app: asyncpg.Pool, store: Store, library: PostgresApplicationRecorder, rounds: int, count: int
) -> list[Row]:
    appending = Appending(app, store, library)
    rows: list[Row] = []
    for writers, raw_target, library_target in ((1, 0.8, None), (8, 0.85, 10.0), (32, 1.0, None)):
        ours = appending.case("append", "ours", writers, count)
        raw = appending.case("raw asyncpg, same tenant and indexes", "raw", writers, count)
        peer = appending.case("eventsourcing recorder, psycopg[binary]", "library_insert", writers, count // 4)
        whole = appending.case("store.change", "change", writers, count)
        await interleaved([ours, raw, peer, whole], rounds)
        plural = "writer" if writers == 1 else "writers"
        rows.append(compared(f"append, {writers} {plural}", ours, raw, raw_target))
        rows.append(compared(f"append, {writers} {plural}", ours, peer, library_target))
        rows.append(compared(f"the whole store.change, {writers} {plural}", whole, raw, None))
    long, short = [await appending.on_a_stream_of(events) for events in (5_000, 500)]
    await interleaved([long, short], rounds)
    return [*rows, compared("store.change on a stream of 5,000 events", long, short, 0.8)]
