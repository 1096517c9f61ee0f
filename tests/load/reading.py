"""Reading: the tail against a raw cursor, and rebuilding an aggregate against the library's repository."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from uuid import UUID, uuid4

import asyncpg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from tests.kit.notes import HERE, NOTES, Note, NoteWritten, cause
from tests.load.measure import Case, Row, compared, interleaved

from kit.store import Store, Tail
from kit.store.reading import Kept

LENGTH = 1_000
BATCH = 500
PLAIN = (
    "select era, tx, pos, tenant_id, stream, version, event_id, type, schema, occurred_on, recorded_at, raw from event"
    " where pos > $1 order by pos limit $2"
)
KEEP = (
    "insert into tail_cursor (name, revision, era, tx, pos) values ('relay', $1, $2, $3, $4)"
    " on conflict (name, revision) do update set era = excluded.era, tx = excluded.tx, pos = excluded.pos"
)


class LibraryNote(Aggregate):
    """The same aggregate in the library's own style."""

    @event("Created")
    def __init__(self) -> None:
        self.lines = 0

    @event("Written")
    def write(self, text: str, worth: int) -> None:  # noqa: ARG002 - the event keeps them
        self.lines += 1


async def library_application(admin_url: str, database: str) -> tuple[Application[UUID], UUID]:
    """The library's application on PostgreSQL with one aggregate of LENGTH events, read through psycopg[binary]."""
    from urllib.parse import urlsplit

    parts = urlsplit(admin_url)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": database,
        "POSTGRES_HOST": parts.hostname or "",
        "POSTGRES_PORT": str(parts.port),
        "POSTGRES_USER": parts.username or "",
        "POSTGRES_PASSWORD": parts.password or "",
        "POSTGRES_POOL_SIZE": "4",
    }
    application: Application[UUID] = Application(env={**os.environ, **env})
    note = LibraryNote()
    for n in range(LENGTH - 1):
        note.write(text=f"第{n}行", worth=0)
    application.save(note)
    return application, note.id


async def long_note(store: Store) -> UUID:
    """A stream of LENGTH events, appended a hundred at a time."""
    note = uuid4()
    for _ in range(LENGTH // 100):

        def hundred(state: Note) -> list[NoteWritten]:
            return [NoteWritten(f"第{state.lines + n}行") for n in range(100)]

        await store.change(cause(), hundred, NOTES.stream(note, HERE))
    return note


async def measured(
    store: Store, relay: asyncpg.Pool, application: Application[UUID], library_note: UUID, rounds: int
) -> list[Row]:
    note = await long_note(store)
    revisions = count(1)  # a new one of the relay's cursor begins at the start

    async def tail() -> int:
        reader, read = Tail(relay, "relay", next(revisions)), 0
        while rows := await reader.next(BATCH):
            await reader.move(rows[-1])
            read += len(rows)
        return read

    async def plain() -> int:
        revision, last, read = next(revisions), 0, 0
        while rows := await relay.fetch(PLAIN, last, BATCH):
            last = rows[-1]["pos"]
            await relay.execute(KEEP, revision, *rows[-1][:3])
            read += len(rows)
        return read

    async def fold() -> int:
        for _ in range(5):
            store._reader.kept = Kept()  # as a process that has just started
            state = await store.fold(cause(), NOTES.stream(note))
            assert state.lines == LENGTH
        return 5 * LENGTH

    async def library_fold() -> int:
        def twice() -> None:
            for _ in range(2):
                found: LibraryNote = application.repository.get(library_note)
                assert found.lines == LENGTH - 1

        await asyncio.get_running_loop().run_in_executor(None, twice)
        return 2 * LENGTH

    ours, raw = Case("tail", tail), Case("raw cursor on pos, kept after each batch", plain)
    mine, library = Case("fold", fold), Case("eventsourcing repository, psycopg[binary]", library_fold)
    await interleaved([ours, raw, mine, library], rounds)
    return [
        compared("tail, events handed out", ours, raw, 0.6),
        compared("rebuild of a 1,000-event aggregate, events", mine, library, 3.0),
    ]
