"""Funding on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Installed
from tests.service import Running, running

from funding.app import FUNDING
from funding.settings import Settings
from kit.store import service_migrations


@pytest.fixture
async def funding(installed: Installed, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    urls = await installed("funding", service_migrations(FUNDING.migrations))
    async with running(FUNDING, Settings, urls, nats_url, region, tmp_path) as one:
        yield one
