"""The tail hands out every settled event once, in order: under writers, aborts and changes of several streams."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy, smuggle
from tests.kit.notes import HERE, NOTES, THERE, NameTaken, Note, cause, write
from tests.kit.test_store_cancelled import AT, locked
from tests.settled import settled
from tests.soak import SOAK

from kit.errors import Refused
from kit.store import Claim, LostCursor, Tail

WRITERS = 14
EACH = 30


class Thrown(Refused):
    code = "thrown"
    name = "抛出"
    text = "测试中止。"


async def storm(toy: Toy, notes: Sequence[UUID]) -> None:
    """Writers over one to three shared streams; one in ten aborts after it appended, and some dawdle."""
    stop = asyncio.Event()

    async def dawdler() -> None:
        # Holds a transaction id open, as a slow writer would, so that commits overtake one another.
        while not stop.is_set():
            async with toy.app.acquire() as connection, connection.transaction():
                await connection.fetchval("select pg_current_xact_id()")
                await asyncio.sleep(random.uniform(0, 0.02))

    async def writer() -> None:
        for _ in range(EACH):
            chosen = random.sample(notes, random.choice((1, 1, 2, 3)))

            def decide(*states: Note) -> Any:
                if len(states) == 1:
                    return (*write(states[0]),)
                return tuple((*write(state),) for state in states)

            claims = [_abort()] if random.random() < 0.1 else []
            with contextlib.suppress(Refused):
                await toy.store.change(cause(), decide, *(NOTES.stream(n) for n in chosen), claims=claims)

    slow = asyncio.create_task(dawdler())
    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    stop.set()
    await slow


def _abort() -> Claim:
    """A claim that another stream holds: the transaction appends, and is rolled back."""
    return Claim("taken", "taken", Thrown)


@pytest.mark.soak
async def test_nothing_is_lost_and_nothing_inverted(toy: Toy) -> None:
    notes = [uuid4() for _ in range(12)]
    for note in notes:
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[_abort()])
    done = asyncio.Event()
    seen: list[asyncpg.Record] = []

    async def tailer() -> None:
        tail = Tail(toy.relay, "relay")
        while True:
            finished = done.is_set()
            rows = await tail.next(50)
            seen.extend(rows)
            if rows:
                await tail.move(rows[-1])
            elif finished:
                return

    task = asyncio.create_task(tailer())
    for _ in range(SOAK):
        await storm(toy, notes)
    done.set()
    await task

    stored = await toy.relay.fetch("select pos from event")
    assert sorted(row["pos"] for row in seen) == sorted(row["pos"] for row in stored)
    versions: dict[str, list[int]] = defaultdict(list)
    for row in seen:
        versions[row["stream"]].append(row["version"])
    assert all(v == list(range(1, len(v) + 1)) for v in versions.values())
    assert len(stored) > WRITERS * EACH


async def test_a_cursor_on_positions_alone_would_lose_what_commits_late(toy: Toy) -> None:
    """The control: a position is given before the commit, so a younger event may be seen first."""
    after = "select pos from event where pos > $1 order by pos"
    claim = Claim("note-name", str(uuid4()), NameTaken)
    tail = Tail(toy.relay, "relay")
    async with locked(toy, AT["a claim"]) as waiting:
        late = asyncio.create_task(toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim]))
        await waiting()
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
        naive = [row["pos"] for row in await toy.relay.fetch(after, 0)]
        assert await tail.next() == [], "the tail waits for whoever may still commit"
    await late
    await settled(toy.relay)
    assert len(naive) == 1
    assert await toy.relay.fetch(after, naive[-1]) == [], "never handed out"
    assert [row["pos"] > naive[-1] for row in await tail.next()] == [False, False]


async def test_a_cursor_moves_by_compare_and_set(toy: Toy) -> None:
    for _ in range(3):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    one, two = Tail(toy.relay, "relay"), Tail(toy.relay, "relay")
    rows = await one.next()
    assert [r["event_id"] for r in await two.next()] == [r["event_id"] for r in rows]
    await one.move(rows[-1])
    with pytest.raises(LostCursor):
        await two.move(rows[0])
    assert await two.next() == []


async def test_revisions_have_cursors_of_their_own(toy: Toy) -> None:
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    first = Tail(toy.relay, "relay")
    await first.move((await first.next())[-1])
    assert await Tail(toy.relay, "relay").next() == []
    assert len(await Tail(toy.relay, "relay", revision=2).next()) == 1


async def test_an_open_writer_delays_the_tail_and_an_open_reader_does_not(toy: Toy) -> None:
    tail = Tail(toy.relay, "relay")
    async with toy.app.acquire() as slow, slow.transaction():
        await slow.fetchval("select 1")
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
        await settled(toy.relay)
        assert len(await tail.next()) == 1
        await slow.fetchval("select pg_current_xact_id()")
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
        assert len(await tail.next()) == 1
    await settled(toy.relay)
    assert len(await tail.next()) == 2


async def test_a_stream_out_of_order_is_held_and_told_in_order_and_no_other_waits(toy: Toy) -> None:
    """What a writer that went around `append` would leave behind."""
    broken, sound = uuid4(), uuid4()
    await smuggle(toy, broken, 2)
    await toy.store.change(cause(), write, NOTES.stream(sound, HERE))
    await smuggle(toy, broken, 1)
    await settled(toy.relay)
    tail = Tail(toy.relay, "relay")
    rows = await tail.ahead()
    assert [tail.held.holds(row) for row in rows] == [True, False, True]
    [one] = tail.held.streams.values()
    assert (one.stream, one.version, one.code) == (f"note/{broken}", 1, "order-broken")
    await tail.move(rows[-1])
    told: list[int] = []

    async def tell(row: asyncpg.Record) -> None:
        told.append(row["version"])

    await tail.retry(tell)
    assert told == [], "nobody asked"
    await Tail(toy.relay, "relay").retry(tell, starting=True)
    assert told == [1, 2]
    assert await toy.relay.fetchval("select count(*) from held where released_at is null") == 0


async def test_a_later_era_comes_after_whatever_its_transaction_ids_are(toy: Toy) -> None:
    """After a dump and restore transaction ids begin again below those that are stored."""
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("alter table event no force row level security")
    await owner.execute("update event set tx = '4000000000'")
    await owner.execute("update era set current = 2")
    await owner.close()
    await toy.store.change(cause(THERE), write, NOTES.stream(uuid4(), THERE))
    await settled(toy.relay)
    rows = await Tail(toy.relay, "relay").next()
    assert [(r["era"], r["tenant_id"]) for r in rows] == [(1, HERE), (2, THERE)]


async def test_reading_ahead_goes_on_where_it_was_and_the_cursor_stays(toy: Toy) -> None:
    for _ in range(5):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    tail = Tail(toy.relay, "relay")
    first, second = await tail.ahead(2), await tail.ahead(2)
    assert len({row["pos"] for row in first + second}) == 4
    assert await Tail(toy.relay, "relay").next(2) == first
    await tail.move(first[-1])
    assert [row["pos"] for row in tail.waiting] == [row["pos"] for row in second]
    (last,) = await tail.ahead(2)
    assert (await tail.next(3)) == [*second, last], "what the cursor has not passed is handed out again"
    tail.forget()
    assert (await tail.ahead(3)) == [*second, last]


async def test_reading_ahead_of_a_cursor_that_was_lost_begins_at_the_cursor(toy: Toy) -> None:
    for _ in range(6):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await settled(toy.relay)
    one, two = Tail(toy.relay, "relay"), Tail(toy.relay, "relay")
    first = await one.ahead(2)
    await one.ahead(2)
    third = (await two.next(3))[-1]
    await two.move(third)
    with pytest.raises(LostCursor):
        await one.move(first[-1])
    assert [row["pos"] > third["pos"] for row in await one.ahead()] == [True] * 3


async def test_reading_ahead_knows_a_version_that_is_missing(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await settled(toy.relay)
    tail = Tail(toy.relay, "relay")
    assert len(await tail.ahead()) == 1
    await smuggle(toy, note, 3)
    await settled(toy.relay)
    [row] = await tail.ahead()
    assert tail.held.holds(row)
    assert [(one.version, one.code) for one in tail.held.streams.values()] == [(2, "order-broken")]
    await tail.move(row)

    async def tell(_: asyncpg.Record) -> None:
        raise AssertionError("nothing can be told before version 2")

    await tail.retry(tell, starting=True)
    assert [(one.version, one.code) for one in tail.held.streams.values()] == [(2, "order-broken")]


async def test_an_event_that_came_to_lie_behind_the_cursor_holds_its_stream(toy: Toy) -> None:
    """After a restore whose era was raised late: it sorts before what follows, and was never handed out."""
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await settled(toy.relay)
    tail = Tail(toy.relay, "relay")
    await tail.move((await tail.ahead())[-1])
    await smuggle(toy, note, 2)
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("alter table event no force row level security")
    await owner.execute("update event set tx = '5' where version = 2")
    await owner.close()
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await smuggle(toy, note, 3)
    await settled(toy.relay)
    rows = await tail.ahead()
    assert [(row["version"], tail.held.holds(row)) for row in rows] == [(1, False), (3, True)]
    assert [one.version for one in tail.held.streams.values()] == [2]


async def test_reading_ahead_under_writers_loses_nothing(toy: Toy) -> None:
    """The cursor moves over one batch while the next is read."""
    notes = [uuid4() for _ in range(12)]
    for note in notes:
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[_abort()])
    done = asyncio.Event()
    seen: list[int] = []

    async def tailer() -> None:
        tail, moving = Tail(toy.relay, "relay"), None
        while True:
            finished = done.is_set()
            rows = await tail.ahead(3)
            seen.extend(row["pos"] for row in rows)
            if moving:
                await moving
            moving = asyncio.create_task(tail.move(rows[-1])) if rows else None
            if finished and not rows:
                return

    task = asyncio.create_task(tailer())
    await storm(toy, notes)
    done.set()
    await task
    stored = await toy.relay.fetch("select pos from event")
    assert sorted(seen) == sorted(row["pos"] for row in stored)
    assert await Tail(toy.relay, "relay").next() == []
