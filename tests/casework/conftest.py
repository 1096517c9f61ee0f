"""Casework on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Installed
from tests.service import Running, running

from casework.app import CASEWORK
from casework.settings import Settings
from kit.store import service_migrations


@pytest.fixture
async def casework(installed: Installed, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    urls = await installed("casework", service_migrations(CASEWORK.migrations))
    async with running(CASEWORK, Settings, urls, nats_url, region, tmp_path) as one:
        yield one
