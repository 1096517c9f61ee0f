"""A projection dropped and rebuilt gives the same rows, also under writers; a look back changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from tests.kit.appends import NOTHING
from tests.kit.conftest import Toy
from tests.kit.notes import COUNT, DAY, HERE, LIST, NOTES, THERE, cause, days, write
from tests.kit.test_service_http import unreadable
from tests.settled import settled

from kit import clock, store
from kit.auth import Scope
from kit.store import Moment, Projector, looking_back, rebuild
from kit.store.change import APPEND
from kit.store.replay import RecordUnreadable
from kit.tenancy import scope


async def ticked(toy: Toy, instant: datetime) -> None:
    """Returns when nothing more will be recorded up to `instant`."""
    async with asyncio.timeout(30):
        while await store.settled(toy.app) < instant:
            await toy.relay.execute("select tick()")
            await asyncio.sleep(0.1)


BOTH = Scope(reads=(HERE, THERE), writes=())


async def rows(toy: Toy, table: str) -> list[asyncpg.Record]:
    return await toy.rebuild.fetch(f"select * from {table} order by 1, 2")


async def written(toy: Toy, count: int) -> list[UUID]:
    notes = [uuid4() for _ in range(count)]
    for n, note in enumerate(notes):
        tenant = (HERE, THERE)[n % 2]
        for _ in range(n + 1):
            await toy.store.change(cause(tenant), write, NOTES.stream(note, tenant))
    return notes


async def test_an_inline_projection_rebuilt_under_writers_equals_the_live_one(toy: Toy) -> None:
    notes = await written(toy, 4)

    async def go_on() -> None:
        for _ in range(20):
            await toy.store.change(cause(HERE), write, NOTES.stream(notes[0]))

    writers = [asyncio.create_task(go_on()) for _ in range(3)]
    for _ in range(3):
        await rebuild(toy.rebuild, toy.store.mapper, LIST, inline=True)
    await asyncio.gather(*writers)
    live = await rows(toy, "note_list")
    await rebuild(toy.rebuild, toy.store.mapper, LIST, inline=True)
    assert await rows(toy, "note_list") == live
    assert {r["note"]: r["lines"] for r in live}[notes[0]] == 61


async def test_a_tailed_projection_rebuilt_goes_on_where_it_ended(toy: Toy) -> None:
    notes = await written(toy, 4)
    projector = Projector(toy.rebuild, COUNT, toy.store.mapper, toy.store.wake)
    await settled(toy.rebuild)
    while await projector.step():
        pass
    live = await rows(toy, "note_count")
    assert [tuple(r) for r in live] == [(HERE, 4), (THERE, 6)]
    await settled(toy.rebuild)
    assert await rebuild(toy.rebuild, toy.store.mapper, COUNT, inline=False) == 10
    assert await projector.step() == 0
    assert await rows(toy, "note_count") == live
    await toy.store.change(cause(HERE), write, NOTES.stream(notes[0]))
    await settled(toy.rebuild)
    assert await projector.step() == 1
    assert [tuple(r) for r in await rows(toy, "note_count")] == [(HERE, 5), (THERE, 6)]


async def test_as_of_a_day_and_known_at_an_instant(toy: Toy) -> None:
    note, other = uuid4(), uuid4()
    first = await toy.store.change(replace(cause(), occurred_on=DAY), write, NOTES.stream(note, HERE))
    between = datetime.fromisoformat(orjson.loads(first.body)["recorded_at"])
    await toy.store.change(replace(cause(), occurred_on=days(2)), write, NOTES.stream(note))
    await toy.store.change(replace(cause(), occurred_on=days(30)), write, NOTES.stream(note))
    await toy.store.change(replace(cause(THERE), occurred_on=DAY), write, NOTES.stream(other, THERE))
    await ticked(toy, clock.now())

    async def lines(moment: Moment) -> int | None:
        async with looking_back(toy.app, toy.store.mapper, [LIST, COUNT], BOTH, moment) as tx:
            found: int | None = await tx.fetchval("select lines from note_list where note = $1", note)
            assert (await tx.fetchval("select written from note_count where tenant_id = $1", HERE)) == found
            return found

    assert await lines(Moment()) == 3
    assert await lines(Moment(as_of=days(-1))) is None
    assert await lines(Moment(as_of=days(0))) == 1
    assert await lines(Moment(as_of=days(10))) == 2
    assert await lines(Moment(as_of=days(30))) == 3
    assert await lines(Moment(known_at=between)) == 1
    assert {r["lines"] for r in await rows(toy, "note_list")} == {1, 3}


async def test_a_look_back_sees_only_the_tenants_of_its_scope(toy: Toy) -> None:
    await written(toy, 4)
    async with looking_back(toy.app, toy.store.mapper, [LIST], Scope(reads=(HERE,), writes=()), Moment()) as tx:
        assert {r["tenant_id"] for r in await tx.fetch("select tenant_id from note_list")} == {HERE}


async def test_a_rebuild_names_the_event_that_it_cannot_read_and_changes_nothing(toy: Toy) -> None:
    await written(toy, 2)
    live = await rows(toy, "note_list")
    note = uuid4()
    async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
        await tx.execute(APPEND, *unreadable(note, b"{}"), *NOTHING)
    with pytest.raises(RecordUnreadable, match=f"note/{note} 第 1 版"):
        await rebuild(toy.rebuild, toy.store.mapper, LIST, inline=True)
    assert await rows(toy, "note_list") == live
    await settled(toy.rebuild)
    assert await rebuild(toy.rebuild, toy.store.mapper, COUNT, inline=False) == 3
    assert await toy.rebuild.fetchval("select stream from held where released_at is null") == f"note/{note}"
