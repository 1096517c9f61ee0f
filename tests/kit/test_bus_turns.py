"""What waits for a fact is tried again: of each publisher by itself, and each time in vain makes the next one later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.peer import (
    POLICY,
    Desk,
    Peer,
    counts,
    desk_with_volunteer,
    lines,
    own,
    parked,
    peer_at,
    tree,
)

from kit.bus import Intake, declare, parking
from kit.bus import intake as module
from kit.bus.letter import read
from kit.errors import NotKnownYet

WAITING = NotKnownYet(what="机构")


@pytest.fixture
async def peer(nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Peer]:
    monkeypatch.setattr(module, "PATIENCE_OF_BATCH", 0.0)
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", desk_with_volunteer().handlers.subjects(region))
        yield one


@pytest.fixture
async def connection(toy: Toy) -> AsyncIterator[asyncpg.Connection]:
    async with toy.app.acquire() as one:
        yield one  # type: ignore[misc]


async def take(connection: asyncpg.Connection, toy: Toy, desk: Desk, peer: Peer) -> Intake:
    one = Intake(desk.handlers, toy.store, POLICY, tree)
    letters = [read(place, headers, body, place) for place, body, headers in peer.sent]
    for service in desk.handlers.publishers():
        await one.take(connection, [letter for letter in letters if letter.source.service == service])
    return one


async def test_one_publisher_s_many_make_no_other_s_wait(toy: Toy, peer: Peer, connection: asyncpg.Connection) -> None:
    desk, project = desk_with_volunteer(), uuid4()
    for _ in range(120):
        desk.trouble[await peer.tell(uuid4(), 1)] = WAITING
    rare = await peer.tell(project, 1, counts(project))
    desk.trouble[rare] = WAITING
    one = await take(connection, toy, desk, peer)
    assert len(await parked(toy)) == 121
    del desk.trouble[rare]
    await connection.execute("update parked set tried_at = tried_at - interval '1 hour'")
    assert await one.redrive(connection, await parking.heads(connection, "toy", "volunteer")) == 1
    assert await lines(toy, own(project)) == [1]


async def test_each_time_in_vain_makes_the_next_one_later(toy: Toy, peer: Peer, connection: asyncpg.Connection) -> None:
    desk = desk_with_volunteer()
    desk.trouble[await peer.tell(uuid4(), 1)] = WAITING
    one = await take(connection, toy, desk, peer)
    for seconds in (1, 2, 4, 8, 16, 32, 60, 60):
        await connection.execute(
            "update parked set tried_at = clock_timestamp() - $1::float * interval '1 s'", seconds - 0.5
        )
        assert not await parking.heads(connection, "toy", "funding")
        assert await parking.heads(connection, "toy", "funding", starting=True)
        await connection.execute("update parked set tried_at = clock_timestamp() - $1::float * interval '1 s'", seconds)
        (due,) = await parking.heads(connection, "toy", "funding")
        assert await one.redrive(connection, [due]) == 0
    await connection.execute("update parked set attempts = 2000000, tried_at = tried_at - interval '60 s'")
    assert await parking.heads(connection, "toy", "funding")
