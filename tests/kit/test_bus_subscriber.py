"""The subscriber lives through the deaths of everything around it, and keeps the order (I1, I2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from nats.js.errors import NotFoundError
from prometheus_client import REGISTRY
from tests.kit.conftest import Toy, migrated
from tests.kit.notes import LIST, MIGRATIONS, NOTES, NoteIsStruck
from tests.kit.peer import Desk, Peer, hearing, lines, parked, peer_at, running, signed, subscriber, until

from kit.bus import declare, fetching, gauges, stream_of
from kit.bus import hearing as module
from kit.bus.hearing import Hearing
from kit.bus.sole import key
from kit.privacy import Vault, new_kek_file
from kit.store import Store, open_pool, provision
from liandong.engines import NatsEngine, PostgresEngine


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


async def test_declaring_again_changes_nothing(peer: Peer, region: str) -> None:
    stream, subjects = stream_of(region, "funding"), Desk().handlers.subjects(region)
    before = await peer.js.consumer_info(stream, "toy")
    await asyncio.gather(*(declare(peer.js, region, "toy", subjects) for _ in range(3)))
    after = await peer.js.consumer_info(stream, "toy")
    assert (after.config, after.created) == (before.config, before.created)
    assert after.config.max_deliver == -1


async def test_a_subject_that_is_added_is_heard_from_its_beginning(
    toy: Toy, peer: Peer, nats_url: str, region: str
) -> None:
    project, desk = uuid4(), Desk()
    await declare(peer.js, region, "toy", [s for s in desk.handlers.subjects(region) if "approved" in s])
    await peer.tell(project, 1, signed(project))
    other = uuid4()
    await peer.tell(other, 1)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, other, 1))
        assert await lines(toy, project) == []
        await declare(peer.js, region, "toy", desk.handlers.subjects(region))
        await until(lambda: _has(toy, project, 1))
    assert await lines(toy, other) == [1]


async def test_two_instances_keep_the_order_of_a_stream(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    """One is active; when its session is cut in the middle of a batch, the other goes on where it was."""
    projects, desk, cuts = [uuid4() for _ in range(3)], Desk(), 0
    each = [hearing(toy, desk, nats_url, region) for _ in range(2)]

    async def gate(_: Any) -> None:
        nonlocal cuts
        assert sum(one.bound for one in each) <= 1
        if len(desk.calls) in (20, 60, 100):
            cuts += 1
            await _cut_active(toy)

    desk.gate = gate
    async with running(*each):
        for version in range(1, 51):
            for project in projects:
                await peer.tell(project, version)
        for project in projects:
            await until(partial(_has, toy, project, 50), 60)
        assert all([await one.ready() for one in each])
    assert cuts == 3
    assert [await lines(toy, project) for project in projects] == [list(range(1, 51))] * 3
    assert not await parked(toy)


async def test_a_deleted_consumer_is_noticed_and_bound_again_when_declared(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT", 2.0)
    project, desk = uuid4(), Desk()
    one = hearing(toy, desk, nats_url, region)
    async with running(one):
        await peer.tell(project, 1)
        await until(lambda: _has(toy, project, 1))
        assert await one.ready()
        await peer.js.delete_consumer(stream_of(region, "funding"), "toy")
        await until(lambda: _says(one, False))
        await peer.tell(project, 2)
        with pytest.raises(NotFoundError):  # a service binds, it does not create
            await peer.js.consumer_info(stream_of(region, "funding"), "toy")
        await declare(peer.js, region, "toy", desk.handlers.subjects(region))
        await until(lambda: _has(toy, project, 2))
        await until(one.ready)
    assert await lines(toy, project) == [1, 2]


async def test_a_delivery_lost_on_the_way_is_not_overtaken(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    project, desk, busy, go = uuid4(), Desk(), asyncio.Event(), asyncio.Event()

    async def gate(_: Any) -> None:
        busy.set()
        await go.wait()

    desk.gate = gate
    thief = await peer.js.pull_subscribe_bind("toy", stream=stream_of(region, "funding"))
    async with running(subscriber(toy, desk, nats_url, region)):
        await peer.tell(project, 1)
        await busy.wait()  # it fetches nothing now
        await peer.tell(project, 2)
        (lost,) = await thief.fetch(1, timeout=5)
        assert lost.headers is not None
        assert lost.headers["ce-streamversion"] == "2"
        await peer.tell(project, 3)
        go.set()
        await until(lambda: _has(toy, project, 3))
    assert await lines(toy, project) == [1, 2, 3]


async def test_nothing_is_lost_or_reordered_when_the_broker_is_killed(
    toy: Toy, own_nats: NatsEngine, region: str
) -> None:
    projects, desk = [uuid4() for _ in range(3)], Desk()
    async with peer_at(own_nats.url, region) as peer:
        await declare(peer.js, region, "toy", desk.handlers.subjects(region))
        for version in range(1, 81):
            for project in projects:
                await peer.tell(project, version)
        async with running(subscriber(toy, desk, own_nats.url, region)):
            for calls in (30, 130):
                await until(partial(_called, desk, calls))
                await asyncio.to_thread(own_nats.kill)
                await asyncio.to_thread(own_nats.start)
            for project in projects:
                await until(partial(_has, toy, project, 80), 90)
    assert [await lines(toy, project) for project in projects] == [list(range(1, 81))] * 3
    assert not await parked(toy)


async def test_nothing_is_lost_or_parked_when_the_database_is_killed(
    own_postgres: PostgresEngine, peer: Peer, nats_url: str, region: str, tmp_path: Path
) -> None:
    urls = await provision(own_postgres.url, "toy")
    await migrated(urls, *MIGRATIONS)
    new_kek_file(tmp_path / "kek")
    vault = await Vault.open(urls["keys"], tmp_path / "kek")
    pools = [await open_pool(urls[name], size=4) for name in ("app", "relay", "rebuild")]
    store = Store(pools[0], region="test", categories=[NOTES], views=[LIST], vault=vault)
    toy, desk, projects = Toy(urls, pools[0], pools[1], pools[2], store, vault), Desk(), [uuid4() for _ in range(2)]
    for version in range(1, 61):
        for project in projects:
            await peer.tell(project, version)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: len(desk.calls) >= 30)
        await asyncio.to_thread(own_postgres.kill)
        await asyncio.to_thread(own_postgres.start)
        for project in projects:
            await until(partial(_has, toy, project, 60), 60)
        await until(lambda: _all_acknowledged(peer, region))
    assert [await lines(toy, project) for project in projects] == [list(range(1, 61))] * 2
    assert not await parked(toy)
    for pool in pools:
        await pool.close()
    await vault.close()


async def test_what_waits_is_measured(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    project, desk = uuid4(), Desk()
    desk.trouble[await peer.tell(project, 1)] = NoteIsStruck()
    await peer.tell(project, 2)
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(
            lambda: REGISTRY.get_sample_value("bus_parked_messages", {"consumer": "toy", "service": "funding"}) == 2
        )
        await until(
            lambda: (
                (REGISTRY.get_sample_value("bus_parked_oldest_seconds", {"consumer": "toy", "service": "funding"}) or 0)
                > 0
            )
        )
        await until(
            lambda: REGISTRY.get_sample_value("bus_pending_messages", {"consumer": "toy", "service": "funding"}) == 0
        )


async def test_a_lone_message_does_not_wait_for_company(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "WAIT", 600.0)
    project, desk = uuid4(), Desk()
    async with running(subscriber(toy, desk, nats_url, region)):
        for version in (1, 2, 3):
            await peer.tell(project, version)
            await until(partial(_has, toy, project, version))
    assert await lines(toy, project) == [1, 2, 3]


async def test_what_piles_up_is_taken_in_batches(toy: Toy, peer: Peer, nats_url: str, region: str) -> None:
    project, desk, busy, go = uuid4(), Desk(), asyncio.Event(), asyncio.Event()

    async def gate(_: Any) -> None:
        busy.set()
        await go.wait()

    desk.gate = gate
    one = hearing(toy, desk, nats_url, region)
    sizes: list[int] = []
    take = one.intake.take

    async def counted(connection: Any, letters: Any, *more: Any) -> int:
        sizes.append(len(letters))
        return await take(connection, letters, *more)

    one.intake.take = counted  # type: ignore[method-assign,assignment]
    async with running(one):
        await peer.tell(project, 1)
        await busy.wait()
        for version in range(2, 42):
            await peer.tell(project, version)
        go.set()
        await until(lambda: _has(toy, project, 41))
    assert sizes == [1, 40]


async def test_a_consumer_that_gets_nothing_though_there_is_something_is_not_well(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is, and so is the consumer: the messages do not come (here: somebody has paused them)."""
    monkeypatch.setattr(module, "SILENT", 3.0)
    project, one = uuid4(), hearing(toy, Desk(), nats_url, region)

    async def pause(until_: str) -> None:
        subject = f"$JS.API.CONSUMER.PAUSE.{stream_of(region, 'funding')}.toy"
        answer = await peer.js._nc.request(subject, json.dumps({"pause_until": until_}).encode(), timeout=2)
        assert "error" not in json.loads(answer.data)

    async with running(one):
        await until(lambda: one.bound)
        await pause("2999-01-01T00:00:00Z")
        await peer.tell(project, 1)
        await until(lambda: (_figure("bus_held_seconds") or 0) > 3)
        assert not await one.ready()
        await pause("2000-01-01T00:00:00Z")
        await until(lambda: _has(toy, project, 1))
        await until(one.ready)
        await until(lambda: _figure("bus_held_seconds") == 0)


async def test_gauges_of_what_is_parked_are_right_at_every_instance_and_stay(
    toy: Toy, peer: Peer, nats_url: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One registry stands here for both processes: what the active says is wiped, and the one standing by says it."""
    monkeypatch.setattr(module, "MEASURE", 0.1)
    project, desk = uuid4(), Desk()
    desk.trouble[await peer.tell(project, 1)] = NoteIsStruck()
    async with running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _figure("bus_parked_messages") == 1)
        assert REGISTRY.get_sample_value("role_held", {"role": "bus/funding"}) == 1
    assert REGISTRY.get_sample_value("role_held", {"role": "bus/funding"}) == 0
    assert _figure("bus_parked_messages") == 1, "an alarm does not go with the task"
    gauges.PARKED.labels("toy", "funding").set(0)
    holder = await asyncpg.connect(toy.urls["app"])
    try:
        await holder.execute("select pg_advisory_lock($1)", key("bus/toy/funding"))
        async with running(subscriber(toy, desk, nats_url, region)):
            await until(lambda: _figure("bus_parked_messages") == 1)
            assert REGISTRY.get_sample_value("role_held", {"role": "bus/funding"}) == 0
            assert _figure("bus_pending_messages") is None, "that is the active one's to say"
    finally:
        await holder.close()


async def _says(one: Hearing, ready: bool) -> bool:
    return await one.ready() == ready


def _figure(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"consumer": "toy", "service": "funding"})


async def _has(toy: Toy, project: Any, count: int) -> bool:
    try:
        return len(await lines(toy, project)) >= count
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False  # the database is away


def _called(desk: Desk, count: int) -> bool:
    return len(desk.calls) >= count


async def _all_acknowledged(peer: Peer, region: str) -> bool:
    info = await peer.js.consumer_info(stream_of(region, "funding"), "toy")
    return not info.num_ack_pending and not info.num_pending


async def _cut_active(toy: Toy) -> None:
    """Ends the database session that holds the subscriber's lock."""
    connection = await asyncpg.connect(toy.urls["app"])
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from (select distinct pid from pg_locks where locktype = 'advisory' and"
            " granted and database = (select oid from pg_database where datname = current_database())) as held"
        )
    finally:
        await connection.close()
