"""Who waits for a commit of this process."""

from __future__ import annotations

import asyncio


class Wake:
    """Tells whoever waits in this process that something was committed, so that they need not wait for their poll.

    `rung` counts the times, for whoever keeps a copy of something and must know whether it is older than a commit.
    """

    def __init__(self) -> None:
        self.rung = 0
        self.waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        self.rung += 1
        for event in self.waiting:
            event.set()

    async def wait(self, seconds: float) -> None:
        """Returns at the next ring, or after so many seconds."""
        event = asyncio.Event()
        self.waiting.add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self.waiting.discard(event)
