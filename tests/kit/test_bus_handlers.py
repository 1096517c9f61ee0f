"""Who hears what: one handler of each kind of message, and the subjects that a consumer is declared with."""

from __future__ import annotations

import pytest

from contracts.messages.funding import PilotApprovedV1, PilotClosedV1
from contracts.messages.registry import TenantRegisteredV1
from kit.bus import Envelope, Handlers
from kit.store import Store


async def heard(store: Store, message: PilotApprovedV1, envelope: Envelope) -> None: ...


async def closed(store: Store, message: PilotClosedV1, envelope: Envelope) -> None: ...


async def told(store: Store, message: TenantRegisteredV1, envelope: Envelope) -> None: ...


def test_a_message_has_one_handler() -> None:
    handlers = Handlers("toy")
    assert handlers.on(PilotApprovedV1)(heard) is heard
    with pytest.raises(ValueError, match="PilotApprovedV1 already has a handler"):
        handlers.on(PilotApprovedV1)(heard)
    assert handlers.of(PilotApprovedV1) is heard
    assert handlers.of(PilotClosedV1) is None


def test_what_is_heard_is_subscribed_to_for_every_tenant() -> None:
    handlers = Handlers("toy")
    handlers.on(TenantRegisteredV1)(told)
    handlers.on(PilotClosedV1)(closed)
    handlers.on(PilotApprovedV1)(heard)
    assert handlers.messages() == (TenantRegisteredV1, PilotClosedV1, PilotApprovedV1)
    assert handlers.publishers() == ("funding", "registry")
    assert handlers.subjects("here") == (
        "evt.here.*.funding.pilot.pilot-approved.v1",
        "evt.here.*.funding.pilot.pilot-closed.v1",
        "evt.here.*.registry.tenant.tenant-registered.v1",
    )
