"""Funding on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Provision
from tests.service import Running, running

from funding.app import FUNDING
from funding.settings import Settings


@pytest.fixture
async def funding(provision: Provision, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(FUNDING, Settings, await provision("funding"), nats_url, region, tmp_path) as one:
        yield one
