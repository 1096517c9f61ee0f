"""What is committed is published, in its stream's order, whatever dies on the way (I1)."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, cause, strike
from tests.kit.peer import Desk, Peer, approved, parked, peer_at, running, subscriber, until
from tests.kit.relaying import count, passed, published, relay, stored, told, write_lines

from contracts.messages import Message
from kit.bus import declare, declare_stream, stream_of
from kit.relay import running as module
from kit.store import Meta
from liandong.engines import NatsEngine


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare_stream(one.js, region, "funding")
        yield one


async def test_each_event_is_published_once_in_order(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    notes = [uuid4() for _ in range(8)]
    await asyncio.gather(*(write_lines(toy, note, 10) for note in notes))
    for note in notes:
        await toy.store.change(cause(), strike, NOTES.stream(note))
    async with running(relay(toy, nats_url, region, window=25)):
        await until(lambda: published(peer, region, 80))
        later = uuid4()
        await write_lines(toy, later, 1)
        await until(lambda: published(peer, region, 81))
    found = await stored(peer, region)
    assert found == {**{f"note/{note}": list(range(1, 11)) for note in notes}, f"note/{later}": [1]}
    message = await peer.js.get_msg(stream_of(region, "funding"), 1)
    assert message.headers is not None
    assert "Nats-Msg-Id" not in message.headers, "nothing that the broker drops by"
    sequences = defaultdict(list)
    for headers in await told(peer, region):
        sequences[headers["ce-subject"]].append(int(headers["ce-sequence"]))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in sequences.values())
    assert message.subject == f"evt.{region}.{HERE}.funding.project.project-approved.v1"


async def test_two_relays_side_by_side_publish_as_one(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    notes = [uuid4() for _ in range(4)]
    async with running(*(relay(toy, nats_url, region, window=7) for _ in range(2))):
        await asyncio.gather(*(write_lines(toy, note, 15) for note in notes))
        await until(lambda: published(peer, region, 60))
    assert await stored(peer, region) == {f"note/{note}": list(range(1, 16)) for note in notes}


async def test_a_relay_that_loses_its_lock_hands_over(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    async with running(*(relay(toy, nats_url, region) for _ in range(2))):
        for round_ in range(3):
            note = uuid4()
            await write_lines(toy, note, 5)
            await until(partial(published, peer, region, 5 * (round_ + 1)))
            assert len(await _holders(toy)) == 1
            await _cut(toy, (await _holders(toy))[0])
    found = await stored(peer, region)
    assert len(found) == 3
    assert all(versions == [1, 2, 3, 4, 5] for versions in found.values())


async def test_a_relay_killed_before_it_moves_its_cursor_publishes_again_and_the_effect_is_once(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    desk = Desk()
    await declare(peer.js, region, "toy", desk.handlers.subjects(region))
    note = uuid4()
    await write_lines(toy, note, 3)

    def once(event: Any, meta: Meta) -> Message | None:
        # The subscriber writes notes in the same toy service: those are not told again.
        return approved(note) if meta.stream == f"note/{note}" and meta.actor.id == "tester" else None

    locked = await asyncpg.connect(toy.urls["owner"])
    transaction = locked.transaction()
    await transaction.start()
    await toy.relay.execute("insert into tail_cursor (name, revision) values ('relay', 1) on conflict do nothing")
    await locked.execute("select 1 from tail_cursor where name = 'relay' for update")  # the move must wait
    first = asyncio.create_task(relay(toy, nats_url, region, publish=once).run(asyncio.Event()))
    await until(lambda: published(peer, region, 3))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await transaction.rollback()
    await locked.close()
    assert await toy.relay.fetchval("select pos from tail_cursor where name = 'relay'") == 0
    async with running(relay(toy, nats_url, region, publish=once), subscriber(toy, desk, nats_url, region)):
        await until(lambda: published(peer, region, 6))
        await until(lambda: _lines(toy, note, 6))
    assert Counter(desk.calls).most_common(1)[0][1] == 1, "the inbox knew the second ones"
    assert not await parked(toy)


async def test_nothing_is_lost_when_the_broker_is_killed(toy: Toy, own_nats: NatsEngine, region: str) -> None:
    notes = [uuid4() for _ in range(4)]
    async with peer_at(own_nats.url, region) as peer:
        await declare_stream(peer.js, region, "funding")
        async with running(relay(toy, own_nats.url, region, window=10)):
            writing = asyncio.gather(*(write_lines(toy, note, 25) for note in notes))
            await until(lambda: published(peer, region, 10))
            await asyncio.to_thread(own_nats.kill)
            await writing
            await asyncio.to_thread(own_nats.start)
            await until(lambda: published(peer, region, 100))
        assert await stored(peer, region) == {f"note/{note}": list(range(1, 26)) for note in notes}


async def test_a_window_goes_out_while_the_cursor_moves_over_the_one_before(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    """But no further: with two windows stored and the cursor before both, nothing more goes out."""
    note = uuid4()
    await write_lines(toy, note, 12)
    async with AsyncExitStack() as stack:
        async with _held_cursor(toy):
            await stack.enter_async_context(running(relay(toy, nats_url, region, window=3)))
            await until(lambda: published(peer, region, 6))
            assert not await passed(toy)
            assert await count(peer, region) == 6
        await until(lambda: published(peer, region, 12))
        await until(lambda: passed(toy))
    assert await stored(peer, region) == {f"note/{note}": list(range(1, 13))}


async def test_a_cursor_that_somebody_moved_is_read_anew(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    note = uuid4()
    await write_lines(toy, note, 10)
    async with running(relay(toy, nats_url, region, window=3)):
        await until(lambda: passed(toy))
        await toy.relay.execute("update tail_cursor set era = 0, tx = '0', pos = 0 where name = 'relay'")
        await write_lines(toy, note, 10)
        await until(lambda: published(peer, region, 30))
        await until(lambda: passed(toy))
    versions = (await stored(peer, region))[f"note/{note}"]
    assert list(dict.fromkeys(versions)) == list(range(1, 21)), "the first ten twice, and the next behind them"


async def test_a_relay_that_stops_has_moved_its_cursor(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    await write_lines(toy, uuid4(), 6)
    stopping = asyncio.Event()
    async with _held_cursor(toy):
        task = asyncio.create_task(relay(toy, nats_url, region, window=3).run(stopping))
        await until(lambda: published(peer, region, 6))
        stopping.set()
    await task
    assert await passed(toy)


async def test_an_event_that_settles_after_its_ring_is_not_left_to_the_slow_look(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes beside it hides it, and does not ring when he is done."""
    monkeypatch.setattr(module, "IDLE", 600.0)
    async with running(relay(toy, nats_url, region)):
        async with toy.app.acquire() as beside, beside.transaction():
            await beside.fetchval("select pg_current_xact_id()")
            await write_lines(toy, uuid4(), 1)
            assert await count(peer, region) == 0
        await until(lambda: published(peer, region, 1))


@asynccontextmanager
async def _held_cursor(toy: Toy) -> AsyncIterator[None]:
    """While this lasts nobody can move the relay's cursor."""
    await toy.relay.execute("insert into tail_cursor (name, revision) values ('relay', 1) on conflict do nothing")
    owner = await asyncpg.connect(toy.urls["owner"])
    try:
        async with owner.transaction():
            # A key share does not give the transaction an id, so it holds no tail.
            await owner.execute("select 1 from tail_cursor where name = 'relay' for update")
            yield
    finally:
        await owner.close()


async def _lines(toy: Toy, note: UUID, expected: int) -> bool:
    rows = await toy.rebuild.fetch("select 1 from event where stream = $1", f"note/{note}")
    return len(rows) >= expected


async def _holders(toy: Toy) -> list[int]:
    """The server processes that hold a lock for which others may wait: the relay's."""
    rows = await toy.rebuild.fetch(
        "select pid from pg_locks where locktype = 'advisory' and granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    return [row["pid"] for row in rows]


async def _cut(toy: Toy, pid: int) -> None:
    """Ends the server's side of a session, as a crash or an administrator would."""
    connection = await asyncpg.connect(toy.urls["relay"])
    try:
        assert await connection.fetchval("select pg_terminate_backend($1)", pid)
    finally:
        await connection.close()
