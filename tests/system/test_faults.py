"""I1, I2: whatever is killed while work goes on, every event is told and taken in, and everything happened once.

One region, in turn: kills under load, a second instance of a service, a service away for a while, and everything told
again.  Every test leaves it settled.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from tests.system import proof
from tests.system.bureau import Bureau, Said
from tests.system.programme import Pilot, Programme, pilots, side_by_side

from liandong.region import Region

BREATH = 1.2
"""Seconds of work between two faults."""
AWAY = 8.0
"""Seconds for which a service is away in the test of that."""


@pytest.fixture(scope="module")
def said() -> dict[str, Said]:
    """Everything that was ever said to this region."""
    return {}


@asynccontextmanager
async def programme(region: Region, said: dict[str, Said]) -> AsyncIterator[Programme]:
    async with Bureau.calls(region, said) as bureau:
        one = Programme(bureau)
        await one.prepare()  # after the first time it repeats, and changes nothing
        yield one


async def holds(region: Region, said: dict[str, Said], money_of: list[Pilot]) -> None:
    """Nothing lost, nothing doubled, every read table as it would be rebuilt, the money as it was spent."""
    await proof.settled(region)
    assert await proof.wrong(region, said.values()) == []
    live = await proof.rows(region)
    await proof.rebuild(region)
    assert proof.differences(live, await proof.rows(region)) == {}
    async with Bureau.calls(region) as bureau:
        for pilot in money_of:
            budget = await bureau.get("funding", f"/pilots/{pilot.ids['pilot']}/budget", pilot.bureau)
            assert (budget["appropriated_fen"], budget["spent_fen"]) == (16500000, 4200000)
            assert budget["allotted_fen"] == budget["appropriated_fen"] + budget["open_fen"]
            assert budget["appropriated_fen"] == budget["spent_fen"] + budget["balance_fen"]


async def test_kill_anything_during_load_and_everything_happens_once(stormy: Region, said: dict[str, Said]) -> None:
    async with programme(stormy, said) as playing:
        crowd = pilots(range(1, 5))
        load = asyncio.create_task(side_by_side(playing.play(pilot) for pilot in crowd))
        with relay_of(stormy, "funding") as relay:
            await asyncio.to_thread(_kill_all, stormy, relay)
        later = await side_by_side(playing.play(pilot) for pilot in pilots(range(5, 7)))
        await load
    await holds(stormy, said, [*crowd, *later])


def _kill_all(region: Region, relay: subprocess.Popen[bytes]) -> None:
    """One after the other, each while the work goes on: services, a relay that took over, NATS, PostgreSQL."""
    time.sleep(BREATH)
    region.programs["funding"].kill()
    time.sleep(BREATH)  # the relay of its own takes over
    relay.send_signal(signal.SIGKILL)
    relay.wait()
    _again(region, "funding")
    region.nats.kill()
    time.sleep(BREATH)
    region.nats.start()
    time.sleep(BREATH)
    region.postgres.kill()
    time.sleep(BREATH)
    region.postgres.start()
    for name in ("registry", "casework", "volunteer"):
        time.sleep(BREATH)
        region.programs[name].kill()
        _again(region, name)


def _again(region: Region, name: str) -> None:
    region.programs[name].start()
    region.programs[name].wait()


@contextmanager
def process(region: Region, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m <service> …` with the service's environment; killed at the end."""
    service = arguments[0]
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **region.programs[service].environment, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def relay_of(region: Region, service: str) -> Iterator[subprocess.Popen[bytes]]:
    with process(region, service, "relay") as running:
        yield running
