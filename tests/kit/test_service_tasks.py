"""Background tasks: restarted when they die, seen meanwhile, and stopped in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from kit.service import tasks
from kit.service.tasks import Health, Tasks


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Polls; fails after so many seconds."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "FIRST_DELAY", 0.05)


async def test_a_task_that_dies_is_restarted_and_seen_meanwhile() -> None:
    runs, seen, working = 0, [], asyncio.Event()
    held = Tasks()

    async def dies_twice(stopping: asyncio.Event) -> None:
        nonlocal runs
        runs += 1
        seen.append(held.health["relay"])
        if runs == 1:
            raise RuntimeError
        if runs == 2:
            return  # ending early is dying too
        working.set()
        await stopping.wait()

    held.start("relay", dies_twice)
    await until(lambda: held.health["relay"] is Health.RESTARTING)
    await asyncio.wait_for(working.wait(), 10)
    assert held.health == {"relay": Health.RUNNING}
    assert (runs, seen) == (3, [Health.RUNNING] * 3)
    await held.stop()
    assert held.health == {"relay": Health.STOPPED}


async def test_one_task_s_death_is_not_another_s() -> None:
    held = Tasks()

    async def dies(_: asyncio.Event) -> None:
        raise RuntimeError

    async def lives(stopping: asyncio.Event) -> None:
        await stopping.wait()

    held.start("dies", dies)
    held.start("lives", lives)
    await until(lambda: held.health["dies"] is Health.RESTARTING)
    assert held.health["lives"] is Health.RUNNING
    await held.stop()


async def test_stopping_waits_for_work_in_hand() -> None:
    held, finished = Tasks(), []

    async def slow(stopping: asyncio.Event) -> None:
        await stopping.wait()
        await asyncio.sleep(0.05)
        finished.append(True)

    held.start("slow", slow)
    await asyncio.sleep(0)
    await held.stop()
    assert finished == [True]


async def test_stopping_does_not_wait_for_ever() -> None:
    held, cancelled = Tasks(), []

    async def deaf(_: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    held.start("deaf", deaf)
    await asyncio.sleep(0)
    await held.stop(seconds=0.05)
    assert cancelled == [True]
    assert held.health == {"deaf": Health.STOPPED}


async def test_stopping_cuts_the_pause_before_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "FIRST_DELAY", 3600.0)
    held = Tasks()

    async def dies(_: asyncio.Event) -> None:
        raise RuntimeError

    held.start("dies", dies)
    await until(lambda: held.health["dies"] is Health.RESTARTING)
    async with asyncio.timeout(5):
        await held.stop(seconds=60)
