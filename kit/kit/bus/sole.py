"""One at a time: a PostgreSQL session advisory lock on a connection of its own, which dies with it.

Whoever holds it works; the others wait and look each second.  When the connection goes, PostgreSQL frees the lock and
the holder's work is cancelled at once.  It is no fence against a process that was frozen: what the work writes must
also be safe twice (a compare-and-set, a command id, the lock's own connection).
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256

import asyncpg
import structlog
from prometheus_client import Gauge

from kit.tenancy import Tx
from kit.tenancy.pools import AWAY, Purpose, connect, is_away

log = structlog.get_logger("kit.bus")

ROLE = Gauge("role_held", "1 at the instance that does what only one does at a time, 0 at one standing by", ["role"])

LOOK = 0.5
BEAT = 5.0
BETWEEN = 0.5
"""Seconds between looks for a free lock, proofs of life of the connection, and attempts to connect."""


NAMED = "select set_config('application_name', $1, false)"
THERE = r"""
select a.application_name as named, a.pid = any (array(
    select l.pid from pg_locks l
    where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and (l.classid::bigint << 32 | l.objid::bigint) = any ($1::bigint[]))) as holds
from pg_stat_activity a
where a.datname = current_database() and a.application_name like 'liandong %:% %'
order by a.application_name limit 200
"""
"""What every role may see of other sessions is their application's name, and who holds which lock."""


@dataclass(frozen=True)
class There:
    """A process that works on a role, or stands by for it: `role` is relay, or bus and of whom."""

    instance: str
    role: str
    holds: bool


async def there(connection: Tx, names: Sequence[str]) -> list[There]:
    """The processes that are connected for the roles `names` (see `alone`), as PostgreSQL sees them."""
    rows = await connection.fetch(THERE, [key(name) for name in names])
    found = [(re.fullmatch(r"liandong (\S+:\d+) (\S+)", row["named"]), row["holds"]) for row in rows]
    return [There(match[1], match[2], holds) for match, holds in found if match]


def instance() -> str:
    """This process among those of its service: host and process id; short, for a session's name has 63 bytes."""
    return f"{socket.gethostname()[-30:]}:{os.getpid()}"


def role_of(name: str) -> str:
    """A role as it is called within its service: relay, or bus and of whom."""
    role, _, *of_whom = name.split("/")
    return "/".join([role, *of_whom])


class Hold:
    """The lock, held: its connection, for one user at a time."""

    def __init__(self, connection: asyncpg.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._one = asyncio.Lock()
        self.lost = asyncio.Event()
        connection.add_termination_listener(self._ended)

    def _ended(self, *_: object) -> None:
        self.lost.set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[asyncpg.Connection]:
        """The connection, while no other process works under this name (see `turn_of`)."""
        async with self._one, turn_of(self._connection, self._name):
            yield self._connection

    async def beat(self) -> None:
        """Returns when the connection is lost; asks now and then, for a dead network does not say so."""
        while not self.lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.lost.wait(), BEAT)
                return
            try:
                async with self._one:
                    await self._connection.execute("select 1", timeout=BEAT)
            except AWAY:
                return


@asynccontextmanager
async def turn_of(connection: asyncpg.Connection, name: str) -> AsyncIterator[None]:
    """Serialises the holder's steps with those of an operator, who works on a connection of another process."""
    number = key(f"{name}/turn")
    while not await connection.fetchval("select pg_try_advisory_lock($1)", number):
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", number)


async def nothing(_: asyncpg.Connection) -> None:
    """Nothing to do while standing by."""


def unheeded(_: bool) -> None:
    """Nobody asks whether PostgreSQL lets this process in."""


async def alone(
    url: str,
    name: str,
    work: Callable[[Hold], Awaitable[None]],
    stopping: asyncio.Event,
    *,
    waiting: Callable[[asyncpg.Connection], Awaitable[None]] = nothing,
    let_in: Callable[[bool], None] = unheeded,
) -> None:
    """Does `work` whenever this process holds `name` in the database at `url`, until `stopping`.

    `name` is `<role>/<service>`, or `<role>/<service>/<of whom>` where a service has several of a role.

    `work` returns soon after `stopping` is set, and is cancelled when the lock is lost.  `waiting` is awaited at each
    look while another holds it; `let_in` is told whether there is a connection to ask for the lock.  What `work` raises
    is raised, except that PostgreSQL is down: then it begins again.
    """
    held = ROLE.labels(role_of(name))
    held.set(0)
    while not stopping.is_set():
        connection: asyncpg.Connection | None = None
        try:
            connection = await connect(url, Purpose.TAILS)
            let_in(True)
            await connection.execute(NAMED, f"liandong {instance()} {role_of(name)}")
            if await _mine(connection, name, stopping, waiting):
                held.set(1)
                await _while_held(Hold(connection, name), name, work)
        except AWAY as error:
            if not is_away(error):
                raise
            log.warning("sole.away", name=name, error=error)
        finally:
            held.set(0)
            let_in(False)
            if connection is not None:
                await _close(connection)
        await pause(stopping, BETWEEN)


async def _mine(
    connection: asyncpg.Connection,
    name: str,
    stopping: asyncio.Event,
    waiting: Callable[[asyncpg.Connection], Awaitable[None]],
) -> bool:
    while not stopping.is_set():
        if await connection.fetchval("select pg_try_advisory_lock($1)", key(name)):
            return True
        await waiting(connection)
        await pause(stopping, LOOK)
    return False


async def _while_held(hold: Hold, name: str, work: Callable[[Hold], Awaitable[None]]) -> None:
    working = asyncio.ensure_future(work(hold))
    beating = asyncio.ensure_future(hold.beat())
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            log.warning("sole.lost", name=name)
    finally:
        finished = working.done()
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)
    if finished:
        working.result()


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=2)
    except Exception:
        connection.terminate()


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Waits so long, or until `stopping` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


def taking(consumer: str, service: str) -> str:
    """The name of taking in what that publisher tells."""
    return f"bus/{consumer}/{service}"


def key(name: str) -> int:
    """The lock's number: 64 bits of the name, signed, as PostgreSQL has it."""
    return int.from_bytes(sha256(f"liandong/{name}".encode()).digest()[:8], "big", signed=True)
