"""Casework on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from tests.casework.stage import Pilot, a_running_pilot
from tests.service import Running, Staged, Start, running

from casework.app import CASEWORK
from casework.settings import Settings


@pytest.fixture
def start(nats_url: str, region: str) -> Start[Running]:
    return partial(running, CASEWORK, Settings, nats_url=nats_url, region=region)


@pytest.fixture
async def pilot(staged: Staged[Running, Pilot], start: Start[Running]) -> AsyncIterator[Pilot]:
    async with staged(CASEWORK, start, a_running_pilot) as one:
        yield one
