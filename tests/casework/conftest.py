"""Casework on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from tests.casework.stage import Project, a_running_project
from tests.service import Running, Staged, Start, running

from casework.app import CASEWORK
from casework.settings import Settings


@pytest.fixture
def start(nats_url: str, region: str) -> Start[Running]:
    return partial(running, CASEWORK, Settings, nats_url=nats_url, region=region)


@pytest.fixture
async def project(staged: Staged[Running, Project], start: Start[Running]) -> AsyncIterator[Project]:
    async with staged(CASEWORK, start, a_running_project) as one:
        yield one
