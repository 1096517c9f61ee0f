"""The registry alive: funding's message arrives over NATS, the verdict leaves over NATS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from uuid import uuid4

import nats
import pytest
from nats.js import JetStreamContext
from tests.registry.service import DISTRICT, Running, running
from tests.registry.stage import RULE, SCHEME, SIGNED, Lanzhou, a_city
from tests.service import Staged

from contracts.envelope import Envelope, decode, encode
from contracts.messages import parse, subject
from contracts.messages.funding import StaffingDeclaredV1
from contracts.messages.registry import StaffingVerifiedV1
from kit import clock
from registry.app import REGISTRY


@pytest.fixture
async def alive(staged: Staged[Running, Lanzhou], nats_url: str, region: str) -> AsyncIterator[Lanzhou]:
    start = partial(running, nats_url=nats_url, region=region, alive=True)
    async with staged(REGISTRY, start, a_city) as one:
        yield one


async def declare_staff(js: JetStreamContext, region: str, lanzhou: Lanzhou) -> StaffingDeclaredV1:
    """As funding's relay publishes it."""
    message = StaffingDeclaredV1(
        project_id=lanzhou.project,
        declaration_id=uuid4(),
        organisation_id=lanzhou.organisation,
        scheme_id=SCHEME,
        worker_ids=lanzhou.team,
        rule=RULE,
    )
    envelope = Envelope(
        event_id=uuid4(),
        type=message.TYPE,
        version=message.VERSION,
        region=region,
        tenant=DISTRICT,
        stream=f"project/{lanzhou.project}",
        stream_version=1,
        sequence=1,
        occurred_on=SIGNED,
        recorded_at=clock.now(),
        correlation=uuid4(),
    )
    await js.publish(subject(region, DISTRICT, message), message.body(), headers=encode(envelope))
    return message


async def test_a_declaration_comes_in_and_its_verdict_goes_out(alive: Lanzhou, nats_url: str, region: str) -> None:
    bus = await nats.connect(nats_url)
    verdicts = await bus.jetstream().subscribe(subject(region, DISTRICT, StaffingVerifiedV1))
    declared = await declare_staff(bus.jetstream(), region, alive)
    message = await verdicts.next_msg(timeout=30)
    envelope = decode(message.headers or {})
    verdict = parse(envelope.type, envelope.version, message.data)
    assert isinstance(verdict, StaffingVerifiedV1)
    assert (verdict.declaration_id, envelope.tenant, envelope.stream) == (
        declared.declaration_id,
        DISTRICT,
        f"staffing/{alive.project}",
    )
    assert (envelope.occurred_on, envelope.region) == (SIGNED, region)
    await bus.close()
