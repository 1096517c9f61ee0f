"""A tailed projection whose cursor is moved by others: every event is projected once, and no stream is held for it."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from tests.kit.conftest import Toy
from tests.kit.notes import COUNT, HERE, NOTES, cause, write
from tests.settled import settled

from kit.store import Projector
from kit.store.replay import rebuild


def projector(toy: Toy) -> Projector:
    return Projector(toy.rebuild, COUNT, toy.store.mapper, toy.store.wake)


async def written(toy: Toy, note: UUID, times: int = 1) -> None:
    for _ in range(times):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await settled(toy.relay)


async def all_is_projected_once(toy: Toy) -> None:
    assert not await toy.rebuild.fetch("select * from held where released_at is null")
    events = await toy.rebuild.fetchval("select count(*) from event")
    assert await toy.rebuild.fetchval("select written from note_count") == events
    await projector(toy).retry(starting=True)
    assert await toy.rebuild.fetchval("select written from note_count") == events


async def test_two_instances_take_turns(toy: Toy) -> None:
    note, one, two = uuid4(), projector(toy), projector(toy)
    for instance in (one, two, one, two, two, one):
        await written(toy, note)
        instance.at = None  # as `run` does now and then
        while await instance.step():
            pass
    await all_is_projected_once(toy)


async def test_two_instances_run_beside_each_other(toy: Toy) -> None:
    stopping, notes = asyncio.Event(), [uuid4() for _ in range(5)]
    running = [asyncio.create_task(projector(toy).run(stopping)) for _ in range(2)]
    for _ in range(30):
        for note in notes:
            await toy.store.change(cause(), write, NOTES.stream(note, HERE))
        await asyncio.sleep(0.08)
    await settled(toy.relay)
    await asyncio.sleep(1)
    stopping.set()
    await asyncio.gather(*running)
    await all_is_projected_once(toy)


async def test_it_is_rebuilt_under_a_running_one(toy: Toy) -> None:
    note, one = uuid4(), projector(toy)
    for times in (1, 2):
        await written(toy, note, times)
        await one.step()
    await written(toy, note, 2)
    await rebuild(toy.rebuild, toy.store.mapper, COUNT, inline=False)
    one.at = None
    await one.step()
    await written(toy, note)
    await one.step()
    await all_is_projected_once(toy)


async def test_its_cursor_is_set_back_by_the_owner(toy: Toy) -> None:
    note, one = uuid4(), projector(toy)
    await written(toy, note, 3)
    await one.step()
    async with toy.rebuild.acquire() as connection, connection.transaction():
        await connection.execute("delete from note_count")
        await connection.execute("update tail_cursor set era = 0, tx = '0', pos = 0 where name = $1", COUNT.name)
    one.at = None
    await one.step()
    await all_is_projected_once(toy)
