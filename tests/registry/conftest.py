"""The registry on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Provision
from tests.registry.service import Running, running
from tests.registry.stage import Lanzhou, a_city


@pytest.fixture
async def registry(provision: Provision, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(await provision("registry"), nats_url, region, tmp_path) as one:
        yield one


@pytest.fixture
async def lanzhou(registry: Running) -> Lanzhou:
    return await a_city(registry)
