"""The registry on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Installed
from tests.registry.service import Running, running
from tests.registry.stage import Lanzhou, a_city

from kit.store import service_migrations
from registry.app import REGISTRY


@pytest.fixture
async def registry(installed: Installed, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    urls = await installed("registry", service_migrations(REGISTRY.migrations))
    async with running(urls, nats_url, region, tmp_path) as one:
        yield one


@pytest.fixture
async def lanzhou(registry: Running) -> Lanzhou:
    return await a_city(registry)
