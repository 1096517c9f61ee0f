"""Letters of different sources are handled at once, in a bounded number of lanes; those of one source one by one.

Each lane takes the next source that nobody has taken, in the order in which they came, and handles its letters until
one is not simply handled.  So a lane has at most one transaction open, and no letter overtakes one of its source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from kit.store import Answer, Store
    from kit.store.streams import Stream

MOST = 8
"""Handlers of one process that run at once; with more, they only wait for each other's processor."""


class Lanes:
    """The lanes of a service, which all its hearings share."""

    def __init__(self, connections: int = MOST * 3 // 2) -> None:
        """`connections`: of the pools that handlers work with, the smaller; a third of it is left to HTTP."""
        self.count = max(1, min(MOST, connections * 2 // 3))
        self.free = asyncio.Semaphore(self.count)
        """To be held while a handler runs."""
        self._writers: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def writer(self, stream: str) -> asyncio.Lock:
        """To be held by the one handler that writes a stream of this name."""
        found = self._writers.get(stream)
        if found is None:
            found = self._writers[stream] = asyncio.Lock()
        return found

    async def each(self, work: Callable[[Any], Awaitable[None]], sources: Iterable[Any]) -> None:
        """Awaits `work` of each source, as many at once as there are lanes.  What it raises ends all of them."""
        waiting = iter(sources)

        async def lane() -> None:
            for source in waiting:
                await work(source)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.count):
                group.create_task(lane())


class InTurn:
    """A store as handlers in lanes have it: those that write the same stream wait for each other.

    Without it they would all read, decide, and lose to the first: messages of many sources about one thing took more
    than twice as long in lanes as one after another.  Who writes it otherwise is met as ever, in the database.
    """

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store, self._lanes = store, lanes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def change(self, cause: Any, decide: Callable[..., Any], *streams: Stream[Any], **more: Any) -> Answer:
        """As `Store.change`."""
        async with AsyncExitStack() as writing:
            for name in sorted({stream.name for stream in streams}):  # in one order, or two wait for each other
                await writing.enter_async_context(self._lanes.writer(name))
            return await self._store.change(cause, decide, *streams, **more)
