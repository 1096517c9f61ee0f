"""Casework on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Provision
from tests.service import Running, running

from casework.app import CASEWORK
from casework.settings import Settings


@pytest.fixture
async def casework(provision: Provision, nats_url: str, region: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(CASEWORK, Settings, await provision("casework"), nats_url, region, tmp_path) as one:
        yield one
