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
from prometheus_client import REGISTRY
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, NoteWritten, cause, strike, write
from tests.kit.peer import Desk, Peer, approved, parked, peer_at, running, subscriber, until

from contracts.messages import Message
from kit import relay as module
from kit.bus import declare, declare_stream, stream_of
from kit.relay import Relay
from kit.store import Meta, Tail
from liandong.engines import NatsEngine


def publish(event: Any, meta: Meta) -> Message | None:
    """Every line of a note is told; that it was struck is our own affair."""
    return approved(meta.stream_id) if isinstance(event, NoteWritten) else None


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare_stream(one.js, region)
        yield one


def relay(toy: Toy, nats_url: str, region: str, **more: Any) -> Relay:
    given = {"publish": publish, "wake": toy.store.wake, **more}
    return Relay(
        service="toy",
        region=region,
        pool=toy.relay,
        database_url=toy.urls["relay"],
        nats_url=nats_url,
        mapper=toy.store.mapper,
        **given,
    )


async def write_lines(toy: Toy, note: UUID, count: int) -> None:
    for _ in range(count):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))


async def stored(peer: Peer, region: str) -> dict[str, list[int]]:
    """Versions by stream, as the broker has them in its order."""
    found: dict[str, list[int]] = defaultdict(list)
    state = (await peer.js.stream_info(stream_of(region))).state
    for sequence in range(state.first_seq or 1, state.last_seq + 1):
        headers = (await peer.js.get_msg(stream_of(region), sequence)).headers or {}
        found[headers["ce-subject"]].append(int(headers["ce-streamversion"]))
    return found


async def count(peer: Peer, region: str) -> int:
    return int((await peer.js.stream_info(stream_of(region))).state.messages)


async def test_each_event_is_published_once_in_order(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    notes = [uuid4() for _ in range(8)]
    await asyncio.gather(*(write_lines(toy, note, 10) for note in notes))
    for note in notes:
        await toy.store.change(cause(), strike, NOTES.stream(note))
    async with running(relay(toy, nats_url, region, window=25)):
        await until(lambda: _published(peer, region, 80))
        later = uuid4()
        await write_lines(toy, later, 1)
        await until(lambda: _published(peer, region, 81))
    found = await stored(peer, region)
    assert found == {**{f"note/{note}": list(range(1, 11)) for note in notes}, f"note/{later}": [1]}
    message = await peer.js.get_msg(stream_of(region), 1)
    assert message.headers is not None
    assert message.headers["Nats-Msg-Id"] == message.headers["ce-id"]
    assert message.subject == f"evt.{region}.{HERE}.funding.pilot.pilot-approved.v1"


async def test_two_relays_side_by_side_publish_as_one(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    notes = [uuid4() for _ in range(4)]
    async with running(*(relay(toy, nats_url, region, window=7) for _ in range(2))):
        await asyncio.gather(*(write_lines(toy, note, 15) for note in notes))
        await until(lambda: _published(peer, region, 60))
    assert await stored(peer, region) == {f"note/{note}": list(range(1, 16)) for note in notes}


async def test_a_relay_that_loses_its_lock_hands_over(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    async with running(*(relay(toy, nats_url, region) for _ in range(2))):
        for round_ in range(3):
            note = uuid4()
            await write_lines(toy, note, 5)
            await until(partial(_published, peer, region, 5 * (round_ + 1)))
            assert len(await _holders(toy)) == 1
            await _cut(toy, (await _holders(toy))[0])
    found = await stored(peer, region)
    assert len(found) == 3
    assert all(versions == [1, 2, 3, 4, 5] for versions in found.values())


async def test_a_message_that_fails_holds_its_stream_and_no_other(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    """The broker refuses a body over the stream's limit: what follows it in its stream waits until it is stored."""
    config = (await peer.js.stream_info(stream_of(region))).config
    config.max_msg_size = 1024
    await peer.js.update_stream(config)
    big, small = uuid4(), uuid4()

    def fat(event: Any, meta: Meta) -> Message | None:
        message = approved(meta.stream_id)
        if meta.stream == f"note/{big}" and meta.version == 3:
            return Fat(**message.model_dump())
        return message

    await asyncio.gather(write_lines(toy, big, 6), write_lines(toy, small, 6))
    async with running(relay(toy, nats_url, region, publish=fat)):
        await until(lambda: _published(peer, region, 8))
        assert await stored(peer, region) == {f"note/{big}": [1, 2], f"note/{small}": [1, 2, 3, 4, 5, 6]}
        assert await toy.relay.fetchval("select pos from tail_cursor where name = 'relay'") == 0
        config.max_msg_size = -1
        await peer.js.update_stream(config)
        await until(lambda: _published(peer, region, 12))
    assert (await stored(peer, region))[f"note/{big}"] == [1, 2, 3, 4, 5, 6]


async def test_a_relay_killed_before_it_moves_its_cursor_publishes_again_and_the_effect_is_once(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    desk = Desk()
    await declare(peer.js, region, "toy", desk.handlers.subjects(region))
    config = (await peer.js.stream_info(stream_of(region))).config
    config.duplicate_window = 0.1  # so that only the subscriber can tell a second time from a first
    await peer.js.update_stream(config)
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
    await until(lambda: _published(peer, region, 3))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await transaction.rollback()
    await locked.close()
    assert await toy.relay.fetchval("select pos from tail_cursor where name = 'relay'") == 0
    await until(lambda: _forgotten(peer, region))
    before = await count(peer, region)
    async with running(relay(toy, nats_url, region, publish=once), subscriber(toy, desk, nats_url, region)):
        await until(lambda: _published(peer, region, before + 3))
        await until(lambda: _lines(toy, note, 6))
    assert Counter(desk.calls).most_common(1)[0][1] == 1, "the inbox knew the second ones"
    assert not await parked(toy)


async def test_nothing_is_lost_when_the_broker_is_killed(toy: Toy, own_nats: NatsEngine, region: str) -> None:
    notes = [uuid4() for _ in range(4)]
    async with peer_at(own_nats.url, region) as peer:
        await declare_stream(peer.js, region)
        async with running(relay(toy, own_nats.url, region, window=10)):
            writing = asyncio.gather(*(write_lines(toy, note, 25) for note in notes))
            await until(lambda: _published(peer, region, 10))
            await asyncio.to_thread(own_nats.kill)
            await writing
            await asyncio.to_thread(own_nats.start)
            await until(lambda: _published(peer, region, 100))
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
            await until(lambda: _published(peer, region, 6))
            assert not await _passed(toy)
            assert await count(peer, region) == 6
        await until(lambda: _published(peer, region, 12))
        await until(lambda: _passed(toy))
    assert await stored(peer, region) == {f"note/{note}": list(range(1, 13))}


async def test_a_cursor_that_somebody_moved_is_read_anew(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    note = uuid4()
    await write_lines(toy, note, 10)
    async with running(relay(toy, nats_url, region, window=3)):
        await until(lambda: _passed(toy))
        await toy.relay.execute("update tail_cursor set era = 0, tx = '0', pos = 0 where name = 'relay'")
        await write_lines(toy, note, 10)
        await until(lambda: _published(peer, region, 20))
        await until(lambda: _passed(toy))
    assert await stored(peer, region) == {f"note/{note}": list(range(1, 21))}


async def test_a_relay_that_stops_has_moved_its_cursor(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    await write_lines(toy, uuid4(), 6)
    stopping = asyncio.Event()
    async with _held_cursor(toy):
        task = asyncio.create_task(relay(toy, nats_url, region, window=3).run(stopping))
        await until(lambda: _published(peer, region, 6))
        stopping.set()
    await task
    assert await _passed(toy)


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
        await until(lambda: _published(peer, region, 1))


async def test_a_bug_in_what_is_told_stops_the_relay_and_skips_nothing(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    note = uuid4()
    await write_lines(toy, note, 7)

    def broken(event: Any, meta: Meta) -> Message | None:
        if meta.version == 5:
            raise ZeroDivisionError
        return publish(event, meta)

    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(30):
            await relay(toy, nats_url, region, publish=broken, window=2).run(asyncio.Event())
    assert (await stored(peer, region))[f"note/{note}"] == [1, 2, 3, 4]
    async with running(relay(toy, nats_url, region)):
        await until(lambda: _published(peer, region, 7))
    assert await stored(peer, region) == {f"note/{note}": list(range(1, 8))}


async def test_lag_grows_while_the_broker_is_away_and_goes_with_the_instance(
    toy: Toy, own_nats: NatsEngine, region: str
) -> None:
    names = {"relay_lag_seconds": {"service": "toy"}, "relay_waiting_events": {"service": "toy"}}
    async with peer_at(own_nats.url, region) as peer:
        await declare_stream(peer.js, region)
        async with running(relay(toy, own_nats.url, region)):
            await write_lines(toy, uuid4(), 1)
            await until(lambda: _published(peer, region, 1))
            await asyncio.to_thread(own_nats.kill)
            await write_lines(toy, uuid4(), 1)
            await until(lambda: _figure("relay_lag_seconds", {"service": "toy"}) > 1)
            first = _figure("relay_lag_seconds", {"service": "toy"})
            await until(lambda: _figure("relay_lag_seconds", {"service": "toy"}) > first)
            assert all(REGISTRY.get_sample_value(name, labels) is not None for name, labels in names.items())
            await asyncio.to_thread(own_nats.start)
            await until(lambda: _published(peer, region, 2))
    assert [REGISTRY.get_sample_value(name, labels) for name, labels in names.items()] == [None] * 2


class Fat(type(approved(uuid4()))):  # type: ignore[misc]
    """The same message with a body that the stream does not take."""

    def body(self) -> bytes:
        return super().body() + b" " * 4096  # type: ignore[no-any-return]


def _figure(name: str, labels: dict[str, str]) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


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


async def _passed(toy: Toy) -> bool:
    """Whether the relay's cursor is past every event."""
    return await Tail(toy.relay, "relay").next(1) == []


async def _published(peer: Peer, region: str, expected: int) -> bool:
    try:
        return await count(peer, region) >= expected
    except Exception:
        return False  # the broker is away


async def _forgotten(peer: Peer, region: str) -> bool:
    """Whether the broker takes an id for new again; ids are forgotten in the order in which they came."""
    place, headers = f"evt.{region}.{HERE}.toy.probe.asked.v1", {"Nats-Msg-Id": "probe"}
    first, second = [await peer.js.publish(place, b"", headers=headers) for _ in range(2)]
    return not first.duplicate and bool(second.duplicate) and await count(peer, region) > 4


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
