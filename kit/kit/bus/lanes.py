"""Letters of different sources are handled at once, in a bounded number of lanes; those of one source one by one.

Each lane takes the next source that nobody has taken, in the order in which they came, and handles its letters until
one is not simply handled.  So a lane has at most one transaction open, and no letter overtakes one of its source.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

MOST = 8
"""Handlers of one process that run at once; with more, they only wait for each other's processor."""


class Lanes:
    """The lanes of a service, which all its hearings share."""

    def __init__(self, connections: int = MOST * 3 // 2) -> None:
        """`connections`: of the pools that handlers work with, the smaller; a third of it is left to HTTP."""
        self.count = max(1, min(MOST, connections * 2 // 3))
        self.busy = self.waiting = 0
        """Handlers that run, and those that wait for a lane."""
        self._free = asyncio.Semaphore(self.count)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A lane, while a handler runs."""
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
            self._free.release()

    async def each(self, work: Callable[[Any], Awaitable[None]], sources: Iterable[Any]) -> None:
        """Awaits `work` of each source, as many at once as there are lanes.  What it raises ends all of them."""
        waiting = iter(sources)

        async def lane() -> None:
            for source in waiting:
                await work(source)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.count):
                group.create_task(lane())
