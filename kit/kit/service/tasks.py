"""Background tasks of a service: one that dies is started again, later each time, and readiness says so meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

import structlog

from kit import telemetry
from kit.telemetry.metrics import TASK_FAILURES, TASK_UP

log = structlog.get_logger("kit.service")

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
SETTLED_SECONDS = 60
"""A task that ran so long is taken to have recovered: its next failure starts with the first delay again."""

Run = Callable[[asyncio.Event], Awaitable[None]]
"""Works until the event is set, then returns soon.  Returning earlier, or raising, is a failure."""


class Health(StrEnum):
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


class Tasks:
    """The background tasks of this process, by name."""

    def __init__(self) -> None:
        self.health: dict[str, Health] = {}
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, run: Run) -> None:
        self.health[name] = Health.RUNNING
        self._running[name] = asyncio.create_task(self._keep(name, run), name=name)

    async def stop(self, seconds: float = 10) -> None:
        """Asks all to finish what they hold, and cancels those that have not after so many seconds."""
        self._stopping.set()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running.values(), timeout=seconds)
        for task in late:
            log.warning("task.cancelled", task=task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _keep(self, name: str, run: Run) -> None:
        delay, loop = FIRST_DELAY, asyncio.get_running_loop()
        try:
            while not self._stopping.is_set():
                started = loop.time()
                self.health[name] = Health.RUNNING
                TASK_UP.labels(name).set(1)
                try:
                    await run(self._stopping)
                except Exception as error:
                    log.error("task.died", task=name, error=error, frames=telemetry.frames(error), delay_s=delay)
                else:
                    if self._stopping.is_set():
                        return
                    log.error("task.ended", task=name, delay_s=delay)
                if loop.time() - started > SETTLED_SECONDS:
                    delay = FIRST_DELAY
                self.health[name] = Health.RESTARTING
                TASK_UP.labels(name).set(0)
                TASK_FAILURES.labels(name).inc()
                await self._pause(delay)
                delay = min(delay * 2, LONGEST_DELAY)
        finally:
            self.health[name] = Health.STOPPED
            TASK_UP.labels(name).set(0)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
