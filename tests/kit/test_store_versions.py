"""Rows of every moment, from the database: of a day, as known at an instant, both; and rebuilt under writers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from importlib import import_module
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from tests.kit.appends import APPEND, NOTHING
from tests.kit.conftest import Toy
from tests.kit.notes import DAY, HERE, LIST, NOTES, THERE, NoteWritten, cause, days, list_note, write
from tests.kit.test_service_http import unreadable

from contracts.values import Role
from kit import clock, store
from kit.auth import Scope
from kit.errors import NotSettledYet
from kit.store import Moment, RebuildGoesOn, RecordUnreadable, Row, View, meta_of, rebuild, view_migrations
from kit.tenancy import scope

BOTH = Scope(reads=(HERE, THERE), writes=())
ALL = "select * from versions.note_list order by tenant_id, note, row_version, day_from, rec_from, rec_to"


async def ticked(toy: Toy, instant: datetime) -> None:
    """Returns when nothing more will be recorded up to `instant`."""
    async with asyncio.timeout(30):
        while await store.settled(toy.app) < instant:
            await toy.relay.execute("select tick()")
            await asyncio.sleep(0.1)


async def at(toy: Toy, moment: Moment, sql: str = "select note, lines, last from note_list order by note") -> list[Any]:
    async with toy.store.reading(cause(scope=BOTH, at=moment)) as tx:
        found = await tx.fetch(sql)
        assert await tx.fetchval("select pg_current_xact_id_if_assigned()") is None
    return [tuple(row) for row in found]


def late(day: date, **fields: Any) -> Any:
    """A cause that may come late: what another service told of an earlier day."""
    one = cause(occurred_on=day, **fields)
    return replace(one, actor=replace(one.actor, role=Role.SYSTEM))


async def test_a_day_an_instant_and_both(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(occurred_on=DAY), write, NOTES.stream(note, HERE))
    second = await toy.store.change(cause(occurred_on=days(10)), write, NOTES.stream(note))
    between = datetime.fromisoformat(orjson.loads(second.body)["recorded_at"])
    await toy.store.change(late(days(5)), write, NOTES.stream(note))
    await ticked(toy, clock.now())

    async def lines(as_of: date | None = None, known_at: datetime | None = None) -> list[int]:
        return [row[1] for row in await at(toy, Moment(as_of, known_at))]

    assert await lines() == [3]
    assert await lines(days(-1)) == []
    assert await lines(DAY) == [1]
    assert await lines(days(5)) == [2]
    assert await lines(days(10)) == [3]
    assert await lines(known_at=between) == [2]
    assert await lines(days(5), between) == [1]
    assert await lines(days(10), between) == [2]
    with pytest.raises(NotSettledYet):
        await lines(known_at=clock.now() + timedelta(days=1))


async def test_random_histories_are_on_every_day_and_instant_what_the_events_say(toy: Toy) -> None:
    chosen = random.Random(7)
    notes = [uuid4() for _ in range(4)]
    stamps = []
    for n in range(60):
        note, tenant = notes[n % 4], (HERE, THERE)[n % 2]
        told = await toy.store.change(
            late(days(chosen.randrange(20)), tenant=tenant), write, NOTES.stream(note, tenant)
        )
        stamps.append(datetime.fromisoformat(orjson.loads(told.body)["recorded_at"]))
    await ticked(toy, stamps[-1])
    events = [
        meta_of(toy.store.mapper, row["raw"])
        for row in await toy.rebuild.fetch("select raw from event where stream like 'note/%' order by era, tx, pos")
    ]
    for _ in range(40):
        day, instant = days(chosen.randrange(-1, 21)), chosen.choice(stamps)
        expected: dict[UUID, Any] = {}
        for event, meta in events:
            if meta.occurred_on <= day and meta.recorded_at <= instant:
                assert isinstance(event, NoteWritten)
                expected[meta.stream_id] = list_note(expected.get(meta.stream_id), event, meta)
        assert await at(toy, Moment(day, instant)) == sorted((r.note, r.lines, r.last) for r in expected.values())
    for instant in chosen.sample(stamps, 10):
        assert await at(toy, Moment(None, instant)) == await at(toy, Moment(days(99), instant))
    live = [tuple(row) for row in await toy.rebuild.fetch(ALL)]
    assert await rebuild(toy.rebuild, toy.store.mapper, LIST) == 60
    assert [tuple(row) for row in await toy.rebuild.fetch(ALL)] == live


@pytest.mark.parametrize("batch", [20, 2000])
async def test_a_view_rebuilt_under_writers_equals_the_live_one(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(import_module("kit.store.rebuild"), "BATCH", batch)
    notes = [NOTES.stream(uuid4(), HERE) for _ in range(3)]
    rebuilt = asyncio.Event()

    async def go_on(n: int) -> int:
        written = 0
        while not rebuilt.is_set() or written < 30:
            await toy.store.change(cause(HERE), write, notes[n])
            written += 1
        return written

    writers = [asyncio.create_task(go_on(n)) for n in range(3)]
    for _ in range(3):
        await rebuild(toy.rebuild, toy.store.mapper, LIST)
    rebuilt.set()
    lines = sorted(await asyncio.gather(*writers))
    live = await toy.rebuild.fetch(ALL)
    await rebuild(toy.rebuild, toy.store.mapper, LIST)
    assert await toy.rebuild.fetch(ALL) == live
    assert sorted(row[1] for row in await at(toy, Moment())) == lines
    await toy.store.change(cause(HERE), write, notes[0])  # and the new table is written as the old one was
    assert sum(row[1] for row in await at(toy, Moment())) == sum(lines) + 1


async def test_nobody_fails_while_tables_change_places_and_who_reads_for_long_is_no_hindrance_to_others(
    toy: Toy,
) -> None:
    """Each reads several times in a transaction: it holds what the rebuild wants, and wants what the rebuild holds."""
    rebuilt, longest = asyncio.Event(), 0.0

    async def go_on(once: Callable[[], Awaitable[object]]) -> None:
        nonlocal longest
        while not rebuilt.is_set():
            began = monotonic()
            await once()
            longest = max(longest, monotonic() - began)

    async def read(seconds: float) -> None:
        async with toy.store.reading(cause(HERE)) as tx:
            await tx.fetch("select * from note_list")
            await asyncio.sleep(seconds)
            await tx.fetch("select count(*) from note_list")

    async def append() -> None:
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))

    await append()
    some: list[Callable[[], Awaitable[object]]] = [*(partial(read, seconds) for seconds in (0, 0, 0.02, 0.3)), append]
    others = [asyncio.create_task(go_on(one)) for one in some]
    slow = asyncio.create_task(read(3))
    await asyncio.sleep(0.2)
    for _ in range(4):
        await rebuild(toy.rebuild, toy.store.mapper, LIST)
    rebuilt.set()
    await asyncio.gather(slow, *others)
    assert longest < 2


async def test_of_two_who_rebuild_a_view_the_second_is_told_and_spoils_nothing(toy: Toy) -> None:
    for _ in range(30):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    live = await toy.rebuild.fetch(ALL)
    for _ in range(5):
        done = await asyncio.gather(
            *(rebuild(toy.rebuild, toy.store.mapper, LIST) for _ in range(3)), return_exceptions=True
        )
        assert 30 in done
        assert {type(one) for one in done} <= {int, RebuildGoesOn}
        assert await toy.rebuild.fetch(ALL) == live


async def test_a_rebuild_that_was_killed_is_begun_anew(toy: Toy) -> None:
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    live = await toy.rebuild.fetch(ALL)
    for seconds in (0.002, 0.01, 0.03):
        killed = asyncio.create_task(rebuild(toy.rebuild, toy.store.mapper, LIST))
        await asyncio.sleep(seconds)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        assert await toy.rebuild.fetch(ALL) == live
    assert await rebuild(toy.rebuild, toy.store.mapper, LIST) == 1
    assert await toy.rebuild.fetch(ALL) == live


async def test_a_rebuild_names_the_event_that_it_cannot_read_and_changes_nothing(toy: Toy) -> None:
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    live = await toy.rebuild.fetch(ALL)
    note = uuid4()
    async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
        await tx.execute(APPEND, *unreadable(note, b"{}"), *NOTHING)
    with pytest.raises(RecordUnreadable, match=f"note/{note} 第 1 版"):
        await rebuild(toy.rebuild, toy.store.mapper, LIST)
    assert await toy.rebuild.fetch(ALL) == live


async def test_rows_that_are_not_as_the_stream_says_are_told_and_hold_up_nobody(
    toy: Toy, caplog: pytest.LogCaptureFixture
) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await toy.rebuild.execute("delete from versions.note_list")
    await toy.store.change(cause(occurred_on=days(1)), write, NOTES.stream(note))
    assert [row[1] for row in await at(toy, Moment())] == [2]
    await rebuild(toy.rebuild, toy.store.mapper, LIST)
    assert [row[1] for row in await at(toy, Moment(DAY))] == [1]


async def test_the_application_neither_deletes_a_version_nor_changes_what_it_says(toy: Toy) -> None:
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    for statement in (
        "delete from versions.note_list",
        "update versions.note_list set lines = 9",
        "update versions.note_list set rec_from = rec_to",
        "update versions.note_list set rec_to = rec_from",
        "insert into versions.note_list select * from versions.note_list",
        "delete from note_list",
        "truncate versions.note_list",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
                await tx.execute(statement)


async def test_what_was_known_stays_so_whoever_calls_what_writes_rows(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    ended = f'[{{"note": "{note}", "day_from": "{DAY}"}}]'
    call = "select write_rows($1, $2, '{note_list}', array[$3::jsonb], '{[]}', $4)"
    last = await toy.rebuild.fetchval("select recorded_at from event where stream = $1", f"note/{note}")
    before = await toy.rebuild.fetch(ALL)
    for stamp in (last, last - timedelta(days=9)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
                await tx.execute(call, [HERE], [f"note/{note}"], ended, stamp)
    assert await toy.rebuild.fetch(ALL) == before


async def test_rows_of_every_moment_are_the_scopes_alone(toy: Toy) -> None:
    for tenant in (HERE, THERE):
        await toy.store.change(cause(tenant), write, NOTES.stream(uuid4(), tenant))
    await ticked(toy, clock.now())
    for moment in (
        Moment(),
        Moment(DAY),
        Moment(known_at=clock.now() - timedelta(0)),
    ):
        if moment.known_at:
            await ticked(toy, moment.known_at)
        async with toy.store.reading(cause(HERE, at=moment)) as tx:
            assert {r["tenant_id"] for r in await tx.fetch("select tenant_id from note_list")} == {HERE}


@dataclass(frozen=True)
class OddRow(Row, table="odd_list", key=("holder",)):
    holder: str
    owner: str
    stamp: str
    ended: str
    made: str
    found: str


async def test_a_column_may_be_called_as_what_writes_it_calls_its_own(toy: Toy) -> None:
    odd: View[OddRow, NoteWritten] = View("odd_list", 1, "note", (OddRow,), lambda row, _event, _meta: row)
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute(view_migrations([odd])[0].sql)
    await owner.close()
    write_odd = "select versions.write_odd_list($1, $2, $3, $4, $5)"
    first = {**vars(OddRow("h", "o", "s", "e", "m", "f")), "day_from": "2022-01-01", "row_version": 1}
    second = {**first, "owner": "p", "day_from": "2022-01-02", "row_version": 2}
    ended = [{"holder": "h", "day_from": "2022-01-01"}]
    note = uuid4()
    async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
        of = (HERE, await tx.fetchval(APPEND, *unreadable(note, b"{}"), *NOTHING), f"note/{note}")
        assert await tx.fetchval(write_odd, *of, "[]", orjson.dumps([first]).decode()) == 0
        assert await tx.fetchval(write_odd, *of, orjson.dumps(ended).decode(), orjson.dumps([second]).decode()) == 0
        assert [tuple(row) for row in await tx.fetch("select holder, owner from odd_list")] == [("h", "p")]
