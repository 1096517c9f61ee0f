"""What funding says on the bus is heard: the same subjects, headers and bytes that its relay sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from uuid import uuid4

import nats
import pytest
from tests.casework.stage import Project, a_running_project
from tests.service import DAY, DISTRICT, Running, Staged, running

from casework.app import CASEWORK
from casework.settings import Settings
from contracts import envelope
from contracts.messages.funding import ImplementationStartedV1
from contracts.values import OrganisationId, ProjectId, Role, UnitCode, WorkerId
from kit import clock
from kit.bus import declare_stream

DEADLINE = 30.0
"""Seconds."""


@pytest.fixture
async def hearing(staged: Staged[Running, Project], nats_url: str, region: str) -> AsyncIterator[Project]:
    start = partial(running, CASEWORK, Settings, nats_url=nats_url, region=region, hears=True)
    async with staged(CASEWORK, start, a_running_project) as one:
        yield one


async def test_a_project_told_of_on_the_bus_can_be_recorded_for(hearing: Project, nats_url: str, region: str) -> None:
    started = ImplementationStartedV1(
        project_id=ProjectId(uuid4()),
        organisation_id=OrganisationId(uuid4()),
        community=UnitCode("620102001001"),
        impl_from=date(2022, 9, 27),
        impl_to=date(2023, 9, 27),
        worker_ids=(WorkerId(uuid4()),),
    )
    about = envelope.Envelope(
        event_id=uuid4(),
        type=started.TYPE,
        version=started.VERSION,
        region=region,
        tenant=DISTRICT,
        stream=f"project/{started.project_id}",
        stream_version=1,
        sequence=1,
        occurred_on=DAY,
        recorded_at=clock.now(),
        correlation=uuid4(),
    )
    connection = await nats.connect(nats_url)
    try:
        js = connection.jetstream()
        await declare_stream(js, region, "funding")
        subject = f"evt.{region}.{DISTRICT}.funding.project.implementation-started.v1"
        await js.publish(subject, started.body(), headers=envelope.encode(about))
    finally:
        await connection.close()

    async with asyncio.timeout(DEADLINE):
        while True:
            answer = await hearing.service.post(f"/v1/projects/{started.project_id}/counts", {}, Role.DISTRICT_BUREAU)
            if answer.status_code == 200:
                return
            assert answer.json()["code"] == "not-known-yet", answer.text
            await asyncio.sleep(0.05)
