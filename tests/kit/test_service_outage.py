"""A database that is away, full, held or slow: told in time, worth retrying, and over when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from tests.conftest import Clusters, Provision
from tests.kit.note_service import LOCK, headers
from tests.kit.test_service_frame import said
from tests.kit.toy_process import Toy, serving, toy_of, until, write

from contracts.values import Role
from kit.store import provision
from liandong.engines import PostgresEngine

PATIENCE = 20
"""Seconds within which anything is answered.  What is promised is less; the machine may be busy."""


@pytest.fixture
async def toy(provision: Provision, tmp_path: Path, nats_url: str, region: str) -> Toy:
    return toy_of(await provision("toy"), tmp_path, nats_url, region)


async def unavailable(asked: Awaitable[httpx.Response]) -> None:
    started = monotonic()
    answer = await asked
    assert said(answer, 503, "unavailable")["retryable"] is True
    assert int(answer.headers["retry-after"]) >= 1
    assert monotonic() - started < PATIENCE


def ways(http: httpx.AsyncClient) -> list[Callable[[], Awaitable[httpx.Response]]]:
    """Every kind of route that needs the database."""
    auditor = headers(Role.CITY_BUREAU, "620100")
    return [
        lambda: http.get("/v1/notes", headers=headers()),
        lambda: http.get("/v1/history", headers=auditor),
        lambda: http.get("/v1/indicators", headers=auditor),
        lambda: http.get("/v1/indicators", params={"as_of": "2022-10-01"}, headers=auditor),
        lambda: http.get("/v1/parked", headers=headers(Role.PROVINCE_IT, "620000")),
        lambda: write(http),
    ]


async def alive_but_not_ready(toy: Toy) -> None:
    """The probes' listener: live at once, ready with a no in little more than two seconds."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{toy.env['TOY_PROBE_PORT']}", timeout=10) as probe:
        assert (await probe.get("/health/live")).status_code == 200
        started = monotonic()
        answer = await probe.get("/health/ready")
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "no")
        assert monotonic() - started < 5


async def test_a_database_that_is_stopped_is_unavailable_and_comes_back(
    own_postgres: PostgresEngine, nats_url: str, region: str, tmp_path: Path
) -> None:
    toy = toy_of(await provision(own_postgres.url, "toy"), tmp_path, nats_url, region)
    async with serving(toy) as (process, http):
        for stop in (own_postgres.stop, own_postgres.kill):
            assert (await write(http)).status_code == 200
            await asyncio.to_thread(stop)
            await asyncio.gather(*(unavailable(way()) for way in ways(http)))
            await alive_but_not_ready(toy)
            await asyncio.to_thread(own_postgres.start)

            async def back() -> bool:
                return (await http.get("/health/ready")).status_code == 200

            await until(back)
            for way in ways(http)[:1] + ways(http)[-1:]:  # each by connections of its own, which it finds broken first
                await until(partial(_good, way))
        assert process.returncode is None


async def _good(way: Callable[[], Awaitable[httpx.Response]]) -> bool:
    return (await way()).status_code == 200


@pytest.fixture
def small_postgres(clusters: Clusters) -> Iterator[PostgresEngine]:
    """A server with few connections."""
    with clusters.engine(max_connections="25") as engine:
        yield engine


async def test_a_database_without_a_connection_left_is_unavailable(
    small_postgres: PostgresEngine, nats_url: str, region: str, tmp_path: Path
) -> None:
    toy = toy_of(await provision(small_postgres.url, "toy"), tmp_path, nats_url, region)
    async with serving(toy) as (_, http), AsyncExitStack() as others:
        assert (await write(http)).status_code == 200
        admin = await asyncpg.connect(small_postgres.url)
        others.push_async_callback(admin.close)
        app = urlsplit(toy.urls["app"]).username
        with suppress(asyncpg.TooManyConnectionsError):
            for _ in range(25):
                one = await asyncpg.connect(toy.urls["app"], server_settings={"application_name": "another"})
                others.push_async_callback(one.close)
                await admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1"
                    " and application_name like 'liandong%'",
                    app,
                )
        await asyncio.gather(*(unavailable(way()) for way in ways(http)))
        await alive_but_not_ready(toy)


async def test_held_writers_keep_neither_readers_nor_probes_out(toy: Toy) -> None:
    """As while rows are rebuilt: whoever writes is told to come back; a look is a look."""
    async with serving(toy) as (_, http):
        rebuilder = await asyncpg.connect(toy.urls["rebuild"])
        async with rebuilder.transaction():
            await rebuilder.execute("select hold_appends()")
            writes = [asyncio.create_task(write(http)) for _ in range(12)]
            await asyncio.sleep(0.5)
            for _ in range(5):
                assert (await http.get("/v1/notes", headers=headers())).status_code == 200
                assert (await http.get("/health/ready")).status_code == 200
            answers = await asyncio.wait_for(asyncio.gather(*writes), PATIENCE)
            assert {answer.status_code for answer in answers} == {503}
            assert all(answer.json()["retryable"] and answer.headers["retry-after"] for answer in answers)
        await rebuilder.close()
        assert (await write(http)).status_code == 200


async def test_readers_that_wait_keep_neither_writers_nor_probes_out(toy: Toy) -> None:
    async with serving(toy) as (_, http):
        owner = await asyncpg.connect(toy.urls["owner"])
        await owner.execute(f"select pg_advisory_lock({LOCK})")
        looks = [asyncio.create_task(http.get("/v1/notes/held", headers=headers())) for _ in range(12)]
        await asyncio.sleep(0.5)
        assert (await write(http)).status_code == 200
        assert (await http.get("/health/ready")).status_code == 200
        await asyncio.wait(looks, timeout=PATIENCE)
        for look in looks:
            assert said(await look, 503, "unavailable")
        await owner.close()
        assert (await http.get("/v1/notes", headers=headers())).status_code == 200


async def test_readiness_is_asked_once_however_many_ask(toy: Toy) -> None:
    async with serving(toy) as (_, http):
        owner = await asyncpg.connect(toy.urls["owner"])
        async with owner.transaction():
            await owner.execute("lock table migration in access exclusive mode")
            started = monotonic()
            answers = await asyncio.gather(*(http.get("/health/ready") for _ in range(40)))
            assert {(a.status_code, a.json()["checks"]["migrations"]) for a in answers} == {(503, "no")}
            assert monotonic() - started < 8
        await owner.close()

        async def ready() -> bool:
            return (await http.get("/health/ready")).status_code == 200

        await until(ready, 10)
