"""What cannot be told, or not now: it holds its own stream at most, is said, and is told when it can be (I1)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import structlog
from nats.aio.client import Client
from tests.kit.conftest import Toy
from tests.kit.notes import HERE
from tests.kit.peer import Peer, approved, peer_at, running, until
from tests.kit.relaying import count, figure, held_back, passed, publish, published, relay, stored, write_lines

from contracts.messages import Message
from kit.auth import Scope
from kit.bus import declare_stream, stream_of
from kit.errors import NewerThanThisRelease
from kit.relay import running as module
from kit.relay.storing import NotStored, Storing
from kit.store import Horizon, Meta, held
from kit.tenancy import scope
from liandong.engines import NatsEngine


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare_stream(one.js, region, "funding")
        yield one


@pytest.mark.parametrize("window", [5, 500])
async def test_what_cannot_be_told_holds_its_stream_and_delays_no_other(
    toy: Toy, peer: Peer, nats_url: str, region: str, window: int
) -> None:
    """Whatever is wrong with it; and a release that can tell it tells it, and what follows, in order."""
    notes = [uuid4() for _ in range(6)]
    bad = {f"note/{note}": version for note, version in zip(notes[:3], (1, 5, 7), strict=True)}
    errors = {1: ZeroDivisionError(), 5: NewerThanThisRelease(), 7: ValueError("张三")}
    await asyncio.gather(*(write_lines(toy, note, 7) for note in notes))

    def broken(event: Any, meta: Meta) -> Message | None:
        if bad.get(meta.stream) == meta.version:
            raise errors[meta.version]
        return publish(event, meta)

    async with running(relay(toy, nats_url, region, publish=broken, window=window)):
        await until(lambda: passed(toy))
        await asyncio.gather(*(write_lines(toy, note, 2) for note in notes))
        await until(lambda: passed(toy))
        found = await stored(peer, region)
    whole = {f"note/{note}": list(range(1, 10)) for note in notes}
    before = {stream: versions[: bad.get(stream, 10) - 1] for stream, versions in whole.items()}
    assert found == {stream: versions for stream, versions in before.items() if versions}
    back = await held_back(toy)
    assert {stream: version for stream, (version, _) in back.items()} == bad
    assert {code for _, code in back.values()} == {"bug", "newer-than-this-release"}
    assert not await toy.relay.fetchval("select exists (select from held where detail like '%张三%')")
    async with running(relay(toy, nats_url, region, window=window)):
        await until(lambda: published(peer, region, 54))
        await write_lines(toy, notes[0], 1)
        await until(lambda: published(peer, region, 55))
    whole[f"note/{notes[0]}"].append(10)
    assert await stored(peer, region) == whole
    assert await held_back(toy) == {}


async def test_what_two_persons_pass_over_is_not_told_and_what_follows_is(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKING", 0.1)
    note = uuid4()
    await write_lines(toy, note, 4)

    def broken(event: Any, meta: Meta) -> Message | None:
        if meta.version == 2:
            raise ZeroDivisionError
        return publish(event, meta)

    async with running(relay(toy, nats_url, region, publish=broken)):
        await until(lambda: passed(toy))
        number = await toy.app.fetchval("select id from held")
        for person in ("first", "second"):
            await asyncio.sleep(0.5)
            assert await stored(peer, region) == {f"note/{note}": [1]}
            async with scope(toy.app, Scope(reads=(HERE,), writes=(HERE,))) as tx:
                await held.skip(tx, number, 2, by=person, reason="错录")
        await until(lambda: published(peer, region, 3))
    assert await stored(peer, region) == {f"note/{note}": [1, 3, 4]}


async def test_a_message_that_the_broker_refuses_holds_its_stream_and_no_other(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its body is over the stream's limit; with room for it, it and what follows it go out by themselves."""
    monkeypatch.setattr(module, "ASKING", 0.1)
    monkeypatch.setattr(module, "AGAIN", 0.5)
    config = (await peer.js.stream_info(stream_of(region, "funding"))).config
    config.max_msg_size = 1024
    await peer.js.update_stream(config)
    big, small = uuid4(), uuid4()

    def fat(event: Any, meta: Meta) -> Message | None:
        message = approved(meta.stream_id)
        if meta.stream == f"note/{big}" and meta.version == 3:
            return Fat(**message.model_dump())
        return message

    await asyncio.gather(write_lines(toy, big, 6), write_lines(toy, small, 6))
    async with running(relay(toy, nats_url, region, publish=fat, window=4)):
        await until(lambda: passed(toy))
        assert await stored(peer, region) == {f"note/{big}": [1, 2], f"note/{small}": [1, 2, 3, 4, 5, 6]}
        assert await held_back(toy) == {f"note/{big}": (3, "refused-by-broker")}
        config.max_msg_size = -1
        await peer.js.update_stream(config)
        await until(lambda: published(peer, region, 12))
        await write_lines(toy, big, 1)
        await until(lambda: published(peer, region, 13))
    assert (await stored(peer, region))[f"note/{big}"] == [1, 2, 3, 4, 5, 6, 7]
    assert await held_back(toy) == {}


async def test_a_full_broker_is_said_and_nothing_is_lost_when_there_is_room_again(
    toy: Toy, nats_url: str, region: str
) -> None:
    async with peer_at(nats_url, region) as peer:
        await declare_stream(peer.js, region, "funding", max_bytes=10_000)
        notes = [uuid4() for _ in range(8)]
        await asyncio.gather(*(write_lines(toy, note, 5) for note in notes))
        with structlog.testing.capture_logs() as said:
            async with running(relay(toy, nats_url, region, window=16)):
                await until(lambda: any(line["event"] == "relay.broker-full" for line in said))
                await until(lambda: figure("relay_refused_seconds", {"service": "funding"}) > 0)
                assert 0 < await count(peer, region) < 40
                await declare_stream(peer.js, region, "funding", max_bytes=2**24)
                await until(lambda: published(peer, region, 40))
                await until(lambda: figure("relay_refused_seconds", {"service": "funding"}) == 0)
        full = next(line for line in said if line["event"] == "relay.broker-full")
        assert full["reason"] == "maximum bytes exceeded"
        assert await stored(peer, region) == {f"note/{note}": [1, 2, 3, 4, 5] for note in notes}


async def test_only_what_the_region_s_stream_has_is_taken_for_stored(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    """We name no id, so that the broker drops nothing; if it says that it did, the message is not there."""
    await write_lines(toy, uuid4(), 1)
    one = relay(toy, nats_url, region)
    client = await one.connect()
    assert client is not None
    try:
        storing = await _listening(client, stream_of(region, "funding"))
        (row,) = await toy.relay.fetch("select * from event")
        message = one.telling.outgoing(row)
        assert message is not None
        named = replace(message, headers={**message.headers, "Nats-Msg-Id": "one"})
        await storing.store(named, 5)
        with pytest.raises(NotStored, match="dropped as a duplicate"):
            await storing.store(named, 5)
        with pytest.raises(NotStored, match="another stream took it"):
            await (await _listening(client, "EVT_elsewhere")).store(message, 5)
        with pytest.raises(NotStored, match="no stream takes the subject"):
            await storing.store(replace(message, subject="evt.nowhere.x"), 5)
    finally:
        await client.close()


async def test_the_alarm_stays_while_the_relay_is_dead(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    """What is late is asked of the table, settled or not, whoever relays or does not."""
    horizon, lag = Horizon(toy.relay, toy.relay), {"tail": "relay"}
    task = asyncio.create_task(relay(toy, nats_url, region).run(asyncio.Event()))
    await write_lines(toy, uuid4(), 1)
    await until(lambda: passed(toy))
    await horizon.look()
    assert figure("tail_lag_seconds", lag) == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with toy.app.acquire() as beside, beside.transaction():
        await beside.fetchval("select pg_current_xact_id()")
        await write_lines(toy, uuid4(), 1)
        await horizon.look()
        first = figure("tail_lag_seconds", lag)
        assert first > 0, "committed, though nothing is settled"
        await asyncio.sleep(0.2)
        assert figure("tail_lag_seconds", lag) >= first + 0.2
    assert figure("role_held", {"role": "relay"}) == 0


async def test_what_waits_is_counted_while_the_broker_is_away(toy: Toy, own_nats: NatsEngine, region: str) -> None:
    refused = {"service": "funding"}
    async with peer_at(own_nats.url, region) as peer:
        await declare_stream(peer.js, region, "funding")
        one = relay(toy, own_nats.url, region)
        async with running(one):
            await write_lines(toy, uuid4(), 1)
            await until(lambda: published(peer, region, 1))
            assert figure("role_held", {"role": "relay"}) == 1
            await asyncio.to_thread(own_nats.kill)
            await write_lines(toy, uuid4(), 3)
            await until(lambda: figure("relay_refused_seconds", refused) > 1)
            assert figure("relay_waiting_events", {"service": "funding"}) >= 1
            await asyncio.to_thread(own_nats.start)
            await until(lambda: published(peer, region, 4))
            await until(lambda: figure("relay_refused_seconds", refused) == 0)


class Fat(type(approved(uuid4()))):  # type: ignore[misc]
    """The same message with a body that the stream does not take."""

    def body(self) -> bytes:
        return super().body() + b" " * 4096  # type: ignore[no-any-return]


async def _listening(client: Client, stream: str) -> Storing:
    storing = Storing(client, stream)
    await storing.open()
    return storing
