"""A tailed projection dropped and rebuilt gives the same rows."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
from tests.kit.conftest import Toy
from tests.kit.notes import COUNT, HERE, NOTES, THERE, cause, write
from tests.settled import settled

from kit import store
from kit.auth import Scope
from kit.store import Projector, rebuild


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
