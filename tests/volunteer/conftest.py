"""Volunteering on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Provision
from tests.service import Running, running

from volunteer.app import VOLUNTEER
from volunteer.settings import Settings


@pytest.fixture
async def service(provision: Provision, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(VOLUNTEER, Settings, await provision("volunteer"), nats_url, region, tmp_path) as one:
        yield one
