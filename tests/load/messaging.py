"""Messages: the relay against bare publishing, what a subscriber takes, and how late it is."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
from nats.js import JetStreamContext
from tests.kit.notes import HERE, NOTES, cause, write
from tests.load.measure import Case, Row, compared, interleaved, ninety_ninth, offered

from contracts.messages import Message
from contracts.messages.funding import ProjectClosedV1
from contracts.values import OrganisationId, ProjectId, UnitCode
from kit.auth import Tree
from kit.bus import Envelope, Handlers, Subscriber, declare, declare_stream, stream_of
from kit.relay import Outgoing, Relay
from kit.relay.storing import Storing
from kit.store import Meta, Store

REGION = "bench"
WINDOW = 500
OFFERED, SECONDS = 100, 10
"""Commands a second, and for how long, while it is measured how late their effects are."""
COMMUNITY = UnitCode("620102001001")
ORGANISATION = OrganisationId(UUID(int=1))


def to_contract(_: Any, meta: Meta) -> Message:
    """Each note is announced as some message of ordinary size."""
    return ProjectClosedV1(project_id=ProjectId(meta.stream_id), organisation_id=ORGANISATION, community=COMMUNITY)


async def written(store: Store, count: int) -> None:
    """So many events, each in a stream of its own, by eight writers."""

    async def some(n: int) -> None:
        for _ in range(n):
            await store.change(cause(), write, NOTES.stream(uuid4(), HERE))

    await asyncio.gather(*(some(count // 8 + (n < count % 8)) for n in range(8)))


async def relay_rows(store: Store, pool: asyncpg.Pool, url: str, nats_url: str, rounds: int, count: int) -> list[Row]:
    """The relay against a loop that publishes the same messages, ready-made, and one that sends only an id."""
    active = Relay(
        service="funding",  # whose message it is that a note becomes
        region=REGION,
        pool=pool,
        database_url=url,
        nats_url=nats_url,
        mapper=store.mapper,
        publish=to_contract,
    )
    client, plain = await active.connect(), await nats.connect(nats_url)
    assert client is not None
    bare = plain.jetstream(timeout=10)
    await declare_stream(bare, REGION, "funding")
    await written(store, count * (rounds + 1))
    (first,) = await pool.fetch("select * from event order by pos limit 1")
    sample = active.telling.outgoing(first)
    assert sample is not None
    storing = Storing(client, stream_of(REGION, "funding"))
    await storing.open()

    async def relay() -> int:
        """The next `count` events, whole windows, which the broker has not seen."""
        done = 0
        while done < count:
            done += await active.step(storing)
        await active.moved()
        return done

    ours = Case("relay", relay)
    same = Case("nats-py publish_async, same messages ready-made", partial(_publish, bare, sample, count))
    least = Case("nats-py publish_async, without headers", partial(_publish, bare, replace(sample, headers={}), count))
    await interleaved([ours, same, least], rounds)
    await client.close()
    await plain.close()
    return [
        compared("relay, events published", ours, same, 0.6),
        compared("relay, events published", ours, least, None),
    ]


async def _publish(js: JetStreamContext, sample: Outgoing, count: int) -> int:
    """So many of the sample, in windows of the relay's size."""
    for start in range(0, count, WINDOW):
        window = [
            await js.publish_async(sample.subject, sample.body, headers=sample.headers)
            for _ in range(min(WINDOW, count - start))
        ]
        await asyncio.gather(*window)
    return count


async def subscriber_rows(
    store: Store, app_url: str, relay_pool: asyncpg.Pool, relay_url: str, nats_url: str, count: int
) -> list[Row]:
    """Events a second that a subscriber takes (one command each), and how long from commit to effect."""
    handled: list[float] = []
    arrived = asyncio.Event()
    handlers = Handlers("bench")

    @handlers.on(ProjectClosedV1)
    async def note(held: Store, event: ProjectClosedV1, envelope: Envelope) -> None:
        act = cause(command=envelope.caller("note").command_id, action="note")
        await held.change(act, write, NOTES.stream(uuid4(), HERE))
        handled.append((time.time() - envelope.recorded_at.timestamp()) * 1000)
        arrived.set()

    region = "bench-take"
    client = await nats.connect(nats_url)
    await declare(client.jetstream(), region, "bench", handlers.subjects(region))
    stopping = asyncio.Event()

    async def tree() -> Tree:
        return Tree({HERE: None})

    def announced(event: Any, meta: Meta) -> Message | None:
        return to_contract(event, meta) if meta.actor.id == "announcer" else None

    relay = Relay(
        service="funding", region=region, pool=relay_pool, database_url=relay_url, nats_url=nats_url,
        mapper=store.mapper, publish=announced, wake=store.wake,
    )  # fmt: skip
    subscriber = Subscriber(
        handlers=handlers, store=store, policy={}, tree=tree, database_url=app_url, nats_url=nats_url, region=region
    )
    await _announce(store, count)
    tasks = [asyncio.create_task(relay.run(stopping))]
    await _until_stored(client.jetstream(), stream_of(region, "funding"), count)
    began, cpu = time.perf_counter(), time.process_time()
    tasks += [asyncio.create_task(hearing.run(stopping)) for hearing in subscriber.hearings]
    await _until(lambda: len(handled) >= count)
    taken = count / (time.perf_counter() - began)
    cpu = (time.process_time() - cpu) / count * 1e6
    handled.clear()
    for n in range(100):
        await _announce(store, 1)
        await _until(lambda: len(handled) > n)  # noqa: B023 - asked at once
    lag = sorted(handled)
    handled.clear()
    await offered(OFFERED * SECONDS, OFFERED, lambda _: _announce(store, 1))
    await _until(lambda: len(handled) >= OFFERED * SECONDS)
    steady = sorted(handled)
    stopping.set()
    await asyncio.gather(*tasks)
    await client.close()
    return [
        Row("subscriber, events taken (one command each)", taken, 1_000, "goal", 1.0, cpu=cpu),
        Row("end to end, commit to effect, median", statistics.median(lag), None, "", None, unit=" ms"),
        Row("end to end, commit to effect, 95th percentile", lag[94], None, "", None, unit=" ms"),
        Row(f"end to end at {OFFERED} commands/s, 99th percentile", ninety_ninth(steady), None, "", None, unit=" ms"),
    ]


async def _announce(store: Store, count: int) -> None:
    async def some(n: int) -> None:
        for _ in range(n):
            given = cause()
            given = replace(given, actor=replace(given.actor, id="announcer"))
            await store.change(given, write, NOTES.stream(uuid4(), HERE))

    await asyncio.gather(*(some(n) for n in _shares(count)))


def _shares(count: int) -> Sequence[int]:
    return [count // 8 + (n < count % 8) for n in range(8)]


async def _until_stored(js: JetStreamContext, stream: str, count: int) -> None:
    """Waits until the broker has so many: what the relay does for them is no part of taking them."""
    async with asyncio.timeout(120):
        while (await js.stream_info(stream)).state.messages < count:
            await asyncio.sleep(0.05)


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not reached():
            await asyncio.sleep(0.002)
