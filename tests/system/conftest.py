"""One calm region, with a programme played in it, for all tests that leave it whole; those of faults have their own.

All that use the calm one run in the same worker, one after the other (tests/order.py); it ends with the last of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from tests import order
from tests.conftest import Clusters
from tests.cradle import lent
from tests.system import proof
from tests.system.bureau import Bureau, Said
from tests.system.collector import Collector
from tests.system.programme import FAR, PROVINCE, Programme, Project, projects, side_by_side

from liandong.child import free_port
from liandong.region import Region


@dataclass(frozen=True)
class Played:
    """A region where everything that was said has settled."""

    region: Region
    said: dict[str, Said]
    projects: list[Project]
    canaries: dict[str, str]
    """Every word about a person that was handed in, and the tenant it was handed in at."""


@contextmanager
def apart(data: Path, clusters: Clusters) -> Iterator[Region]:
    """A region at ports that no other region on this machine prefers: one would take the place of a service killed."""
    with pytest.MonkeyPatch.context() as patch, lent(clusters):
        patch.setattr("liandong.region.free_port", lambda _=None: free_port())
        with Region(data, provinces=(PROVINCE, FAR[0])) as region:
            yield region


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Hears every span of the calm region."""
    one = Collector()
    yield one
    one.server.shutdown()


@pytest.fixture(scope="session")
def calm(data_root: Path, clusters: Clusters, collector: Collector) -> Iterator[Played]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        region = stack.enter_context(apart(data_root / f"calm-{uuid4().hex[:8]}", clusters))
        patch.undo()  # or this process would send its spans there as well, whatever is tried in it later
        played = asyncio.run(_played(region, 2))
        _open.append(stack.pop_all())
    yield played
    _close()


_open: list[ExitStack] = []


def _close() -> None:
    while _open:
        _open.pop().close()


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Four idle services would take their share of the processors until the end of the run."""
    if nextitem is None or order.group_of(nextitem.path) != "calm":
        _close()


@pytest.fixture(scope="module")
def stormy(data_root: Path, clusters: Clusters) -> Iterator[Region]:
    with apart(data_root / f"stormy-{uuid4().hex[:8]}", clusters) as region:
        yield region


async def _played(region: Region, count: int) -> Played:
    async with Bureau.calls(region) as bureau:
        programme = Programme(bureau)
        await programme.prepare()
        done = await side_by_side(programme.play(project) for project in projects(range(1, count + 1)))
        await proof.settled(region)
        return Played(region, bureau.said, done, programme.canaries)
