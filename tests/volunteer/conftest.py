"""Volunteering on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Installed
from tests.service import Running, running

from volunteer.app import VOLUNTEER
from volunteer.settings import Settings


@pytest.fixture
async def service(installed: Installed, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    urls = await installed("volunteer", VOLUNTEER.to_apply())
    async with running(VOLUNTEER, Settings, urls, tmp_path, nats_url=nats_url, region=region) as one:
        yield one
