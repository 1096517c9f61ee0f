"""What tests stand on: a real PostgreSQL and a real NATS, started once a run and gone at its end.

Embedded by default.  `LIANDONG_TEST_ENGINES=containers` takes both from a Docker engine instead, and
`LIANDONG_POSTGRES_URL` / `LIANDONG_NATS_URL` from the administrator; the tests are the same.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from liandong.engines import NatsEngine, PostgresEngine, nats, postgres

UNFLUSHED = {"fsync": "off"}
"""A test proves what survives the crash of a process, not of the machine: flushing would only cost time."""
ROOMY = 4 * 2**30
"""Bytes that must be free in memory before data directories are put there."""


@dataclass(frozen=True)
class Engines:
    """`postgres_url` is an administrator's: it may create databases and roles."""

    postgres_url: str
    nats_url: str


Provision = Callable[[str], Awaitable[dict[str, str]]]
"""`await provision("funding")`: new databases of that service, and the URLs of its roles (kit.store.provision)."""


@pytest.fixture(scope="session")
def engines(data_root: Path) -> Iterator[Engines]:
    """One PostgreSQL and one NATS for the whole run.  Do not stop them: see `own_postgres` and `own_nats`."""
    with ExitStack() as stack:
        if os.environ.get("LIANDONG_TEST_ENGINES") == "containers":
            yield _containers(stack)
            return
        pg = stack.enter_context(postgres(data_root / "postgres", settings=UNFLUSHED))
        bus = stack.enter_context(nats(data_root / "nats", sync_interval="2m"))
        yield Engines(pg.url, bus.url)


@pytest.fixture
def nats_url(engines: Engines) -> str:
    return engines.nats_url


@pytest.fixture
def region() -> str:
    """A region slug that no other test uses: its subjects and streams are this test's alone."""
    return f"test-{uuid4().hex[:10]}"


@pytest.fixture
def provision(engines: Engines) -> Iterator[Provision]:
    """Makes databases and roles for services; all of them are dropped after the test."""
    with _provisioning(engines) as one:
        yield one


@pytest.fixture(scope="module")
def provision_module(engines: Engines) -> Iterator[Provision]:
    """As `provision`, dropped after the module: for tests that keep apart by tenant or stream."""
    with _provisioning(engines) as one:
        yield one


@pytest.fixture
def own_postgres(data_root: Path) -> Iterator[PostgresEngine]:
    """A PostgreSQL for one test that stops or kills it."""
    with PostgresEngine(data_root / f"postgres-{uuid4().hex[:10]}", settings=UNFLUSHED) as engine:
        yield engine


@pytest.fixture
def own_nats(data_root: Path) -> Iterator[NatsEngine]:
    """A NATS for one test that stops or kills it."""
    with NatsEngine(data_root / f"nats-{uuid4().hex[:10]}", sync_interval="2m") as engine:
        yield engine


@pytest.fixture(scope="session")
def data_root() -> Iterator[Path]:
    """A directory for data of engines, in memory where there is room, that an unprivileged server may enter."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a directory of our own there
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOMY
    root = Path(tempfile.mkdtemp(prefix="liandong-test-", dir=memory if roomy else None))
    root.chmod(0o711)
    yield root
    shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _provisioning(engines: Engines) -> Iterator[Provision]:
    from kit import store  # here, so that tests of pure code need no engine and no store

    suffix = f"_{uuid4().hex[:10]}"

    async def one(service: str) -> dict[str, str]:
        urls: dict[str, str] = await store.provision(engines.postgres_url, service, suffix)
        return urls

    try:
        yield one
    finally:
        with ThreadPoolExecutor(1) as pool:  # the test's loop may be running still
            pool.submit(asyncio.run, _drop(engines.postgres_url, suffix)).result()


async def _drop(admin_url: str, suffix: str) -> None:
    """Drops every database and role that `provision` made under `suffix`."""
    connection = await asyncpg.connect(admin_url)
    try:
        like = "%" + suffix.replace("_", r"\_") + "%"
        for row in await connection.fetch("select datname from pg_database where datname like $1", like):
            await connection.execute(f'drop database "{row["datname"]}" with (force)')
        for row in await connection.fetch("select rolname from pg_roles where rolname like $1", like):
            await connection.execute(f'drop role "{row["rolname"]}"')
    finally:
        await connection.close()


def _containers(stack: ExitStack) -> Engines:
    from testcontainers.community.nats import NatsContainer
    from testcontainers.community.postgres import PostgresContainer

    pg = PostgresContainer(os.environ.get("LIANDONG_TEST_POSTGRES_IMAGE", "postgres:18"), driver=None)
    settings = {"max_connections": "200", **UNFLUSHED}
    pg.with_command(["postgres", *(f"--{name}={value}" for name, value in settings.items())])
    bus = NatsContainer(os.environ.get("LIANDONG_TEST_NATS_IMAGE", "nats:2.15"), jetstream=True)
    stack.enter_context(pg)
    stack.enter_context(bus)
    return Engines(pg.get_connection_url(), bus.nats_uri())
