"""The registry on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from tests.registry.service import Running, running
from tests.registry.stage import Lanzhou, a_city
from tests.service import Staged, Start

from registry.app import REGISTRY


@pytest.fixture
def start(nats_url: str, region: str) -> Start[Running]:
    return partial(running, nats_url=nats_url, region=region)


@pytest.fixture
async def lanzhou(staged: Staged[Running, Lanzhou], start: Start[Running]) -> AsyncIterator[Lanzhou]:
    async with staged(REGISTRY, start, a_city) as one:
        yield one
