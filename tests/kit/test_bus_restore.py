"""A service's database that was restored hears every fact that it has lost, by itself (I2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.conftest import Engines, Provision
from tests.kit.conftest import Toy, migrated
from tests.kit.notes import LIST, MIGRATIONS, NOTES
from tests.kit.peer import Desk, Peer, lines, parked, peer_at, running, subscriber, until

from kit.bus import declare, stream_of
from kit.privacy import Vault, new_kek_file
from kit.store import Store, open_pool

MOMENTS = 10


@pytest.fixture
async def peer(nats_url: str, region: str) -> AsyncIterator[Peer]:
    async with peer_at(nats_url, region) as one:
        await declare(one.js, region, "toy", Desk().handlers.subjects(region))
        yield one


@pytest.fixture
async def urls(provision: Provision, tmp_path: Path) -> dict[str, str]:
    made = await provision("toy")
    await migrated(made, *MIGRATIONS)
    new_kek_file(tmp_path / "kek")
    return made


@asynccontextmanager
async def opened(urls: dict[str, str], folder: Path) -> AsyncIterator[Toy]:
    """The toy on its database as it is now, and nobody connected to it afterwards."""
    vault = await Vault.open(urls["keys"], folder / "kek")
    app, relay, rebuild = [await open_pool(urls[name], size=4) for name in ("app", "relay", "rebuild")]
    try:
        yield Toy(
            urls, app, relay, rebuild, Store(app, region="test", categories=[NOTES], views=[LIST], vault=vault), vault
        )
    finally:
        for pool in (app, relay, rebuild):
            await pool.close()
        await vault.close()


class Backups:
    """Copies of one database, made and put back whole."""

    def __init__(self, admin: asyncpg.Connection, url: str) -> None:
        self.admin, self.name = admin, urlsplit(url).path[1:]
        self.owner = urlsplit(url).username

    async def make(self, moment: int) -> None:
        await self.admin.execute(f'create database "{self.name}_{moment}" template "{self.name}" owner "{self.owner}"')

    async def put_back(self, moment: int) -> None:
        await self.admin.execute(f'drop database "{self.name}" with (force)')
        await self.admin.execute(f'create database "{self.name}" template "{self.name}_{moment}" owner "{self.owner}"')


@pytest.fixture
async def backups(engines: Engines, urls: dict[str, str]) -> AsyncIterator[Backups]:
    admin = await asyncpg.connect(engines.postgres_url)
    try:
        yield Backups(admin, urls["owner"])
    finally:
        await admin.close()


async def test_from_each_of_ten_earlier_moments_every_fact_is_heard_once(
    urls: dict[str, str], backups: Backups, peer: Peer, nats_url: str, region: str, tmp_path: Path
) -> None:
    projects = [uuid4() for _ in range(3)]
    for moment in range(MOMENTS):
        await backups.make(moment)
        for project in projects:
            await peer.tell(project, 2 * moment + 1)
            await peer.tell(project, 2 * moment + 2)
        await _heard(urls, tmp_path, nats_url, region, projects, 2 * moment + 2)
    for moment in sorted(range(MOMENTS), key=lambda n: n * 7 % MOMENTS):  # to and fro
        await backups.put_back(moment)
        await _heard(urls, tmp_path, nats_url, region, projects, 2 * MOMENTS)


async def test_a_stream_that_was_made_anew_is_read_from_its_start_and_nothing_twice(
    urls: dict[str, str], peer: Peer, nats_url: str, region: str, tmp_path: Path
) -> None:
    project = uuid4()
    for version in (1, 2, 3):
        await peer.tell(project, version)
    await _heard(urls, tmp_path, nats_url, region, [project], 3)
    await peer.js.delete_stream(stream_of(region, "funding"))
    await declare(peer.js, region, "toy", Desk().handlers.subjects(region))
    again, desk = list(peer.sent), Desk()
    await peer.tell(project, 4)  # what is told anew is behind it: its number was another's before
    for place, body, headers in again:
        await peer.raw(place, body, headers)
    async with opened(urls, tmp_path) as toy, running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, project, 4))
        await until(lambda: _all_taken(peer, region))
        assert await lines(toy, project) == [1, 2, 3, 4]
        assert len(desk.calls) == 1
        assert not await parked(toy)


async def test_a_database_from_before_the_stream_was_made_anew_reads_all_of_the_new_one(
    urls: dict[str, str], backups: Backups, peer: Peer, nats_url: str, region: str, tmp_path: Path
) -> None:
    """The numbers that it remembers were other messages' numbers."""
    old, new = uuid4(), uuid4()
    for version in (1, 2):
        await peer.tell(old, version)
    await _heard(urls, tmp_path, nats_url, region, [old], 2)
    await backups.make(0)
    await peer.js.delete_stream(stream_of(region, "funding"))
    await declare(peer.js, region, "toy", Desk().handlers.subjects(region))
    again = list(peer.sent)
    for version in (1, 2):
        await peer.tell(new, version)
    for place, body, headers in again:
        await peer.raw(place, body, headers)
    await _heard(urls, tmp_path, nats_url, region, [old, new], 2)
    await backups.put_back(0)
    await _heard(urls, tmp_path, nats_url, region, [old, new], 2)


async def test_a_database_that_is_ahead_of_the_broker_takes_nothing_twice(
    urls: dict[str, str], peer: Peer, nats_url: str, region: str, tmp_path: Path
) -> None:
    """The consumer was sent back, or its broker restored: whichever is behind counts."""
    project, desk = uuid4(), Desk()
    for version in (1, 2, 3):
        await peer.tell(project, version)
    await _heard(urls, tmp_path, nats_url, region, [project], 3)
    assert await peer.js._nc.request(
        f"$JS.API.CONSUMER.RESET.{stream_of(region, 'funding')}.toy", b'{"seq":1}', timeout=2
    )
    await peer.tell(project, 4)
    async with opened(urls, tmp_path) as toy, running(subscriber(toy, desk, nats_url, region)):
        await until(lambda: _has(toy, project, 4))
        assert await lines(toy, project) == [1, 2, 3, 4]
    assert len(desk.calls) == 1


async def _heard(
    urls: dict[str, str], folder: Path, nats_url: str, region: str, projects: list[UUID], versions: int
) -> None:
    """Serves until all versions are there, each once."""
    async with opened(urls, folder) as toy, running(subscriber(toy, Desk(), nats_url, region)):
        for project in projects:
            await until(lambda project=project: _has(toy, project, versions))  # type: ignore[misc]
            assert await lines(toy, project) == list(range(1, versions + 1))
        assert not await parked(toy)


async def _has(toy: Toy, project: UUID, count: int) -> bool:
    return len(await lines(toy, project)) >= count


async def _all_taken(peer: Peer, region: str) -> bool:
    info = await peer.js.consumer_info(stream_of(region, "funding"), "toy")
    return not info.num_pending and not info.num_ack_pending
