"""Writers of one stream in this process wait for each other, before they take a connection.

Without it they would all read, decide, and lose to the first: four in five attempts at a stream that many write came to
nothing.  Who writes it in another process is met in the database, by `append`; whoever is overtaken there again and
again takes the locks that `append` takes before it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple
from weakref import WeakValueDictionary

from kit.auth import Scope
from kit.tenancy import Tx, scoped

PATIENCE = 3.0
"""Seconds that a writer waits for its turns, as long as for a lock in the database."""

PATIENT = 3
"""Times that a change is overtaken by writers of what it looks at, before it waits for its turns at those too, here and
in the database."""


HOLD = """
select case when writing then pg_advisory_xact_lock(key)::text else pg_advisory_xact_lock_shared(key)::text end from (
  select hashtextextended(tenant || stream, 0) as key, bool_or(writing) as writing
  from unnest($1::text[], $2::text[], $3::bool[]) as one (tenant, stream, writing) group by key order by key) as keys
"""
"""The locks of `append`, in its order."""


class Place(NamedTuple):
    """A stream of a change, and whether it is written or only looked at."""

    tenant: str
    stream: str
    writing: bool


@asynccontextmanager
async def held(connection: Tx, tenants: Scope, places: list[Place]) -> AsyncIterator[None]:
    """Waits until nobody in any process writes these streams, and keeps them so, in a transaction.  None need none."""
    if not places:
        yield
        return
    async with scoped(connection, tenants) as tx:
        await tx.execute(HOLD, *map(list, zip(*places, strict=True)))
        yield


class NoTurn(Exception):
    """Others write the stream, and it has taken them too long."""


class GoneOn(Exception):
    """What was read in several rounds has gone on meanwhile: it is read again."""


class Overtaken(Exception):
    """What a decision looks at went on each time; `places` are all of its streams, to wait for their turns."""

    def __init__(self, places: list[Place]) -> None:
        super().__init__()
        self.places = places


class Turns:
    """The turns at streams, by name."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, names: Iterable[str]) -> AsyncIterator[None]:
        """All of these streams, in one order, or two would wait for each other.  NoTurn past the patience."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._patience):
                    for name in sorted(set(names)):
                        await stack.enter_async_context(self._lock(name))
            except TimeoutError:
                raise NoTurn from None
            yield

    def _lock(self, name: str) -> asyncio.Lock:
        found = self._locks.get(name)
        if found is None:
            found = self._locks[name] = asyncio.Lock()
        return found
