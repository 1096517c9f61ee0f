"""What tests stand on: a real PostgreSQL and a real NATS, started once a run and gone at its end.

Embedded by default.  `LIANDONG_TEST_ENGINES=containers` takes both from a Docker engine instead, and
`LIANDONG_POSTGRES_URL` / `LIANDONG_NATS_URL` from the administrator; the tests are the same.
"""

from __future__ import annotations

import gc
import hashlib
import hmac
import os
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from tests import order
from xdist.remote import Producer  # type: ignore[import-untyped]

from liandong.engines import Engine, NatsEngine, PostgresEngine, nats, postgres

if TYPE_CHECKING:
    import psycopg
    from tests.service import Staged, Stages

    from kit.store import Migration

# A process of a service takes twice the time to start where nothing of what it imports is kept compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

UNFLUSHED = {"fsync": "off", "full_page_writes": "off"}
"""A test proves what survives the crash of a process, not of the machine: flushing would only cost time.

`synchronous_commit` stays on: without it a killed server forgets what it has acknowledged.
"""
ROOMY = 4 * 2**30
"""Bytes that must be free in memory before data directories are put there."""


@dataclass(frozen=True)
class Engines:
    """`postgres_url` is an administrator's: it may create databases and roles."""

    postgres_url: str
    nats_url: str


@pytest.hookimpl(optionalhook=True)  # `make mutants` runs without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many a test waits, for a patience that it tries or a process that starts."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)  # `make mutants` runs without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> order.Groups:
    return order.Groups(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: order.place_of(item.path))


def pytest_collection_finish() -> None:
    """What was imported stays: to look through it for garbage again and again takes a twentieth of a test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


Provision = Callable[[str], Awaitable[dict[str, str]]]
"""`await provision("funding")`: new databases of that service, and the URLs of its roles (kit.store.provision)."""
Installed = Callable[[str, "Sequence[Migration]"], Awaitable[dict[str, str]]]
"""`await installed("funding", its_migrations)`: as `provision`, and migrated."""


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


@pytest.fixture(scope="session")
def admin(engines: Engines) -> Iterator[Admin]:
    """Makes and drops databases, on one connection: for each test another would cost more than what it does."""
    one = Admin(engines.postgres_url)
    yield one
    one.close()


@pytest.fixture
def provision(admin: Admin) -> Iterator[Provision]:
    """Makes databases and roles for services; all of them are dropped after the test."""
    with _provisioning(admin) as one:
        yield one


@pytest.fixture(scope="session")
def templates(admin: Admin) -> Iterator[Templates]:
    """Databases that were made and migrated once a run, to be copied."""
    made = Templates(admin)
    yield made
    admin.drop(made.suffix)


@pytest.fixture
def installed(admin: Admin, templates: Templates) -> Iterator[Installed]:
    """As `provision`, and migrated: a copy for this test alone.  Its roles are the run's: alter none of them."""
    suffix = f"_{uuid4().hex[:10]}"
    yield partial(templates.copied, suffix)
    admin.drop(suffix)


@pytest.fixture(scope="session")
def stages(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    from tests.service import Stages

    return Stages(templates, tmp_path_factory.mktemp("stages"))


@pytest.fixture
def staged(admin: Admin, stages: Stages) -> Iterator[Staged[Any, Any]]:
    """`async with staged(…)`: what was played once a run, on databases of this test's own."""
    suffix = f"_{uuid4().hex[:10]}"
    yield partial(stages.at, suffix)
    admin.drop(suffix)


@pytest.fixture(scope="module")
def provision_module(admin: Admin) -> Iterator[Provision]:
    """As `provision`, dropped after the module: for tests that keep apart by tenant or stream."""
    with _provisioning(admin) as one:
        yield one


@pytest.fixture(scope="session")
def clusters(data_root: Path) -> Clusters:
    return Clusters(data_root)


@pytest.fixture
def own_postgres(clusters: Clusters) -> Iterator[PostgresEngine]:
    """A PostgreSQL for one test that stops or kills it."""
    with clusters.engine() as engine:
        yield engine


@pytest.fixture
def own_nats(data_root: Path) -> Iterator[NatsEngine]:
    """A NATS for one test that stops or kills it."""
    with NatsEngine(data_root / f"nats-{uuid4().hex[:10]}", sync_interval="2m") as engine:
        yield engine


@pytest.fixture
def imported(clusters: Clusters) -> Iterator[None]:
    """Regions of the test import nothing and make no cluster anew (tests/cradle.py)."""
    from tests.cradle import lent  # here, so that tests of pure code need no region

    with lent(clusters):
        yield


@pytest.fixture(scope="session")
def data_root() -> Iterator[Path]:
    """A directory for data of engines, in memory where there is room, that an unprivileged server may enter."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOMY
    root = Path(tempfile.mkdtemp(prefix="liandong-test-", dir=memory if roomy else None))
    root.chmod(0o711)
    yield root
    shutil.rmtree(root, ignore_errors=True)


class Clusters:
    """Clusters of PostgreSQL, each a copy of one that was made once a run: `initdb` takes most of a server's start."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def engine(self, **settings: str) -> PostgresEngine:
        """A server of its own, not started yet."""
        data = self._root / f"postgres-{uuid4().hex[:10]}"
        self.put(data)
        return PostgresEngine(data, settings={**UNFLUSHED, **settings})

    def of_region(self, data: Path) -> Engine:
        """As a region chooses its server; its own has a cluster that was never used, instead of making one."""
        if "LIANDONG_POSTGRES_URL" not in os.environ and not data.exists():
            self.put(data)
        return postgres(data)

    def put(self, data: Path) -> None:
        """A cluster that has never been used into the data directory of a server."""
        data.mkdir(parents=True)
        if (self._made / "cluster").exists():  # its user may enter
            subprocess.run(["cp", "-a", self._made / "cluster", self._made / "password", data], check=True)

    @cached_property
    def _made(self) -> Path:
        data = self._root / "made"
        with PostgresEngine(data, settings=UNFLUSHED):
            return data


class Admin:
    """An administrator of the run's PostgreSQL: `url`, and one connection to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connections: dict[int, psycopg.Connection] = {}

    @property
    def _connection(self) -> psycopg.Connection:
        """This process's: what `make mutants` forks neither speaks on that of its parent nor closes it."""
        import psycopg  # here, so that tests of pure code need no driver

        if os.getpid() not in self._connections:
            self._connections[os.getpid()] = psycopg.connect(self.url, autocommit=True)
        return self._connections[os.getpid()]

    def close(self) -> None:
        if connection := self._connections.pop(os.getpid(), None):
            connection.close()

    def copy(self, database: str, copy: str, owner: str) -> None:
        """Another database like it, that the same roles may connect to."""
        self._do("create database {} template {} owner {} strategy file_copy", copy, database, owner)  # no WAL of it
        self._connection.execute(
            "update pg_database set datacl = (select datacl from pg_database where datname = %s) where datname = %s",
            (database, copy),
        )

    def hasten(self, role: str, password: str) -> None:
        """Has the role's clients derive the key of the same password in one round instead of 4096, 1.3 ms for each."""
        from psycopg import sql

        salt = os.urandom(16)
        key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
        stored = hashlib.sha256(hmac.digest(key, b"Client Key", "sha256")).digest()
        parts = [b64encode(one).decode() for one in (salt, stored, hmac.digest(key, b"Server Key", "sha256"))]
        verifier = "SCRAM-SHA-256$1:{}${}:{}".format(*parts)
        self._connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), verifier))

    def drop(self, suffix: str) -> None:
        """Drops every database and role that was made under `suffix`."""
        like = ("%" + suffix.replace("_", r"\_") + "%",)
        for (name,) in self._connection.execute("select datname from pg_database where datname like %s", like):
            self._do("drop database {} with (force)", name)
        for (name,) in self._connection.execute("select rolname from pg_roles where rolname like %s", like):
            self._do("drop role {}", name)

    def _do(self, statement: LiteralString, *names: str) -> None:
        from psycopg import sql

        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Templates:
    """Databases of services, each with its migrations applied: to copy one is cheaper than to migrate a new one."""

    def __init__(self, admin: Admin) -> None:
        self.suffix = f"_{uuid4().hex[:10]}"
        self.admin = admin
        self._urls: dict[str, dict[str, str]] = {}

    async def copied(self, suffix: str, service: str, migrations: Sequence[Migration]) -> dict[str, str]:
        """The URLs of the roles in copies of the service's, named with `suffix`: an underscore and a word."""
        if service not in self._urls:
            self._urls[service] = await self._made(service, migrations)
        return self.copy(self._urls[service], suffix)

    def copy(self, urls: dict[str, str], suffix: str) -> dict[str, str]:
        """The same of any databases; nobody may be connected to them."""
        for role in ("owner", "keys_owner"):
            database = _database_of(urls[role])
            self.admin.copy(database, _renamed(database, suffix), _role_of(urls[role]))
        return {role: _at(url, _renamed(_database_of(url), suffix)) for role, url in urls.items()}

    async def _made(self, service: str, migrations: Sequence[Migration]) -> dict[str, str]:
        from kit import store  # here, so that tests of pure code need no engine and no store

        urls: dict[str, str] = await store.provision(self.admin.url, service, self.suffix)
        roles = {role: _role_of(urls[role]) for role in ("app", "relay", "rebuild")}
        await store.migrate(urls["owner"], roles, [*store.kit_migrations(), *migrations])
        await store.migrate(urls["keys_owner"], {"keys": _role_of(urls["keys"])}, store.key_migrations())
        for url in urls.values():
            self.admin.hasten(_role_of(url), urlsplit(url).password or "")
        return urls


def _database_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _role_of(url: str) -> str:
    return urlsplit(url).username or ""


def _renamed(database: str, suffix: str) -> str:
    return database.rpartition("_")[0] + suffix


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def _provisioning(admin: Admin) -> Iterator[Provision]:
    from kit import store  # here, so that tests of pure code need no engine and no store

    suffix = f"_{uuid4().hex[:10]}"

    async def one(service: str) -> dict[str, str]:
        urls: dict[str, str] = await store.provision(admin.url, service, suffix)
        return urls

    try:
        yield one
    finally:
        admin.drop(suffix)


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
