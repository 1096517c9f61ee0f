"""One calm region for the whole run, with a programme played in it; tests of faults have a region of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from tests.system import proof
from tests.system.bureau import Bureau, Said
from tests.system.programme import FAR, PROVINCE, Pilot, Programme, pilots, side_by_side

from liandong.child import free_port
from liandong.region import Region


@dataclass(frozen=True)
class Played:
    """A region where everything that was said has settled."""

    region: Region
    said: dict[str, Said]
    pilots: list[Pilot]
    canaries: dict[str, str]
    """Every word about a person that was handed in, and the tenant it was handed in at."""


@contextmanager
def apart(data: Path) -> Iterator[Region]:
    """A region at ports that no other region on this machine prefers: one would take the place of a service killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liandong.region.free_port", lambda _=None: free_port())
        with Region(data, provinces=(PROVINCE, FAR[0])) as region:
            yield region


@pytest.fixture(scope="session")
def calm(data_root: Path) -> Iterator[Played]:
    with apart(data_root / f"calm-{uuid4().hex[:8]}") as region:
        yield asyncio.run(_played(region, 2))


@pytest.fixture(scope="module")
def stormy(data_root: Path) -> Iterator[Region]:
    with apart(data_root / f"stormy-{uuid4().hex[:8]}") as region:
        yield region


async def _played(region: Region, count: int) -> Played:
    async with Bureau.calls(region) as bureau:
        programme = Programme(bureau)
        await programme.prepare()
        done = await side_by_side(programme.play(pilot) for pilot in pilots(range(1, count + 1)))
        await proof.settled(region)
        return Played(region, bureau.said, done, programme.canaries)
