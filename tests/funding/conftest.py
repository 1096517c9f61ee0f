"""Funding on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from tests.funding.lists_stage import City, a_city
from tests.funding.stage import Plan, Project, a_plan, a_plan_with_a_running_project
from tests.service import Running, Staged, Start, running

from funding.app import FUNDING
from funding.settings import Settings


@pytest.fixture
def start(nats_url: str, region: str) -> Start[Running]:
    return partial(running, FUNDING, Settings, nats_url=nats_url, region=region)


@pytest.fixture
async def plan(staged: Staged[Running, Plan], start: Start[Running]) -> AsyncIterator[Plan]:
    async with staged(FUNDING, start, a_plan) as one:
        yield one


@pytest.fixture
async def project(staged: Staged[Running, Project], start: Start[Running]) -> AsyncIterator[Project]:
    """In its implementation, under a plan of its own."""
    async with staged(FUNDING, start, a_plan_with_a_running_project) as one:
        yield one


@pytest.fixture
async def city(staged: Staged[Running, City], start: Start[Running]) -> AsyncIterator[City]:
    """Projects of two districts, at different steps."""
    async with staged(FUNDING, start, a_city) as one:
        yield one
