"""Writers of one stream in this process wait for each other, before they take a connection.

Without it they would all read, decide, and lose to the first: four in five attempts at a stream that many write came to
nothing.  Who writes it in another process is met as ever, in the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

PATIENCE = 3.0
"""Seconds that a writer waits for its turns, as long as for a lock in the database."""

PATIENT = 3
"""Times that a change is overtaken by writers of what it looks at, before it waits for its turns at those too."""


class NoTurn(Exception):
    """Others write the stream, and it has taken them too long."""


class GoneOn(Exception):
    """What was read in several rounds has gone on meanwhile: it is read again."""


class Overtaken(Exception):
    """What a decision looks at went on each time; `names` are all of its streams, to wait for their turns."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names


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
