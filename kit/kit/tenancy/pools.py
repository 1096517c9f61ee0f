"""Connections: what each is for, how long it may wait, and that none carries anything to its next user.

A role may always `alter role … set` its own defaults.  What a connection asks for when it begins wins over them, so
every setting that changes what a statement means, or whether it ends, is asked for here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import asyncpg

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

T = TypeVar("T")
AWAY = (
    OSError,  # TimeoutError among them: no connection became free in time, or none could be made
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says of a connection that died while it was asked
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InsufficientResourcesError,  # no disk, no memory, no connection left
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is about to take over
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
"""What is raised when the database is away, full or shutting down, or a wait for it ended: worth trying again."""

MEANING = {
    "search_path": "public, pg_temp",  # a temporary table stands behind the real one of its name
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "row_security": "on",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "default_table_access_method": "heap",
    "default_tablespace": "",
    "temp_tablespaces": "",
    "local_preload_libraries": "",
    "idle_session_timeout": "0",
    "synchronous_commit": "on",
    "jit": "off",  # no statement of ours is worth compiling; a wrong guess of a plan costs tens of milliseconds
    "exit_on_error": "off",
    "tcp_user_timeout": "0",
    "gin_fuzzy_search_limit": "0",  # of rows that an index answers
    "log_parameter_max_length_on_error": "0",  # values of statements are no matter for the server's log
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
    "trace_notify": "off",
    "trace_sort": "off",
}
"""Settings, changeable by any role, that decide what a statement means, whether a connection comes about, or what of it
the server's log is filled with.  A test walks the server's list: what is not here is harmless, and it says why."""
NEWER = {"transaction_timeout": "0", "restrict_nonsystem_relation_kind": ""}
"""The same of newer servers; an older one refuses a connection that asks for what it does not know."""

PLANNED = {"plan_cache_mode": "force_custom_plan"}
"""Of reading: a statement is planned for its values each time, in 0.4 ms.  One plan for one tenant and for all of them
reads and sorts every row for a page of all."""

CLEAN = "reset all; discard temp; select pg_advisory_unlock_all(); close all; unlisten *"
"""One round trip, 0.1 ms of a command's several.  `discard all` would also drop the driver's prepared statements."""


class Limits(NamedTuple):
    """Seconds: for one statement, for a lock, between two statements of a transaction, for a free connection."""

    statement: float
    lock: float
    idle: float
    connection: float


class Purpose(Enum):
    """What a connection is for, and how long it may wait for what.  0 s is no limit."""

    WRITES = Limits(30, 5, 15, 5)
    READS = Limits(30, 2, 15, 5)
    PROBES = Limits(2, 1, 5, 2)
    TAILS = Limits(60, 10, 60, 10)
    REBUILDING = Limits(0, 30, 60, 10)
    KEYS = Limits(10, 5, 10, 5)
    MIGRATING = Limits(0, 5, 60, 10)

    @property
    def settings(self) -> dict[str, str]:
        """What a connection of this purpose asks for when it begins."""
        return {
            **MEANING,
            **NEWER,
            **(PLANNED if self is Purpose.READS else {}),
            "application_name": f"liandong {self.name.lower()}",
            "statement_timeout": _ms(self.value.statement),
            "lock_timeout": _ms(self.value.lock),
            "idle_in_transaction_session_timeout": _ms(self.value.idle),
        }

    @property
    def arguments(self) -> dict[str, Any]:
        """The driver's arguments.  Its own timeout comes after the server's: for a network that says nothing."""
        limit = self.value.statement
        return {"timeout": 5, "command_timeout": limit + 5 if limit else None, "server_settings": self.settings}


class BoundedPool(Pool):
    """A pool whose `acquire` gives up: TimeoutError when no connection is free in `patience` seconds."""

    patience: float

    def acquire(self, *, timeout: float | None = None) -> Any:
        return super().acquire(timeout=self.patience if timeout is None else timeout)


async def open_pool(url: str, purpose: Purpose = Purpose.WRITES, *, size: int = 10, proxied: bool = False) -> Pool:
    """A pool of at most `size` connections, for one of the service's roles.

    `proxied`: a transaction-pooling proxy stands in between.  It hands every transaction to another server process, so
    no statement stays prepared, and what the role was given by `provision` holds instead of what is asked for here.
    """

    async def made(arguments: dict[str, Any]) -> Pool:
        if proxied:
            arguments |= {"statement_cache_size": 0, "server_settings": {}}
        pool = BoundedPool(
            url,
            init_size=1,  # a wrong URL is told now
            min_size=0,
            max_size=size,
            max_queries=50_000,
            max_inactive_connection_lifetime=300,
            setup=_taken,
            reset=_left,
            loop=asyncio.get_running_loop(),
            connection_class=Reused,
            record_class=asyncpg.Record,
            **arguments,
        )
        pool.patience = purpose.value.connection
        return await pool

    return await _asking(url, purpose, made)


async def connect(url: str, purpose: Purpose) -> asyncpg.Connection[asyncpg.Record]:
    """A connection outside the pools, with the same settings.  It needs a session: never through a proxy."""

    async def made(arguments: dict[str, Any]) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(url, **arguments)

    return await _asking(url, purpose, made)


_unknown: set[tuple[str, str]] = set()
"""Servers, and settings that they were found not to know."""


async def _asking(url: str, purpose: Purpose, made: Callable[[dict[str, Any]], Awaitable[T]]) -> T:
    """What `made` connects, asking for every setting that the server knows.

    It cannot be asked before: a role's own default of 1 ms for a transaction may end whatever would ask.
    """
    server = urlsplit(url).netloc.rpartition("@")[2]
    while True:
        arguments = purpose.arguments
        arguments["server_settings"] = {
            name: value for name, value in arguments["server_settings"].items() if (server, name) not in _unknown
        }
        try:
            return await made(arguments)
        except asyncpg.UndefinedObjectError as error:
            found = {(server, name) for name in NEWER if name in str(error)} - _unknown
            if not found:
                raise
            _unknown.update(found)


class Reused(Connection):
    """A connection of a pool, which knows whether its last user left anything."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._clean = False

    def used(self) -> None:
        """Somebody has it, and may leave anything."""
        self._clean = False

    def spared(self) -> None:
        """It was used for single statements that set, lock and open nothing."""
        self._clean = not self.is_in_transaction()

    async def commit(self) -> None:
        """Ends the transaction, and leaves nothing, in one round trip.

        Raises InFailedSQLTransactionError when a statement failed in it and nobody said so: PostgreSQL answers such a
        commit with a rollback, and no error.  Where a transaction was aborted, any other statement is one.
        """
        await self.execute(f"select; commit; {CLEAN}")
        self._clean = True

    async def keep_nothing(self) -> None:
        """No transaction, setting, temporary table, lock or cursor goes to the next user."""
        if self._clean:
            return
        if self.is_in_transaction():
            await self.execute("rollback")
        await self.execute(CLEAN)


@asynccontextmanager
async def glance(pool: asyncpg.Pool) -> AsyncIterator[Any]:
    """A connection for single statements that set, lock and open nothing: it is not cleaned after them.

    For what runs again at each commit, where cleaning would be every second round trip.
    """
    connection: Any
    async with pool.acquire() as connection:
        yield connection
        connection.spared()


async def _taken(connection: Any) -> None:
    connection.used()


async def _left(connection: Any) -> None:
    await connection.keep_nothing()


@dataclass(frozen=True)
class Pools:
    """The application role's connections, apart: a write that waits keeps no reader out, and neither a probe."""

    writes: Pool
    reads: Pool
    probes: Pool

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, writes: int, reads: int, proxied: bool = False) -> AsyncIterator[Pools]:
        """All three, closed at the end: what is still in use 5 s later is cut, and its transactions roll back."""
        sizes = {Purpose.WRITES: writes, Purpose.READS: reads, Purpose.PROBES: 1}
        opened: list[Pool] = []
        try:
            for purpose, size in sizes.items():
                opened.append(await open_pool(url, purpose, size=size, proxied=proxied))
            yield cls(*opened)
        finally:
            await asyncio.gather(*map(close_pool, opened))


async def close_pool(pool: Pool) -> None:
    """Waits 5 s for connections still in use, then cuts them: their transactions roll back."""
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except TimeoutError:
        pool.terminate()


def is_away(error: BaseException) -> bool:
    """Whether the database could not answer now.  A value that the driver refuses is an InterfaceError, and a bug."""
    return isinstance(error, AWAY) and not isinstance(error, ValueError)


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))
