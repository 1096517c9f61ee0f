"""Who hears what: one handler of each kind of message, and the subjects that a consumer is declared with."""

from __future__ import annotations

import pytest

from contracts.messages.funding import ProjectApprovedV1, ProjectClosedV1
from contracts.messages.registry import TenantRegisteredV1
from kit.bus import Envelope, Handlers
from kit.store import Store


async def heard(store: Store, message: ProjectApprovedV1, envelope: Envelope) -> None: ...


async def closed(store: Store, message: ProjectClosedV1, envelope: Envelope) -> None: ...


async def told(store: Store, message: TenantRegisteredV1, envelope: Envelope) -> None: ...


def test_a_message_has_one_handler() -> None:
    handlers = Handlers("toy")
    assert handlers.on(ProjectApprovedV1)(heard) is heard
    with pytest.raises(ValueError, match="ProjectApprovedV1 already has a handler"):
        handlers.on(ProjectApprovedV1)(heard)
    assert handlers.of(ProjectApprovedV1) is heard
    assert handlers.of(ProjectClosedV1) is None


def test_what_is_heard_is_subscribed_to_for_every_tenant() -> None:
    handlers = Handlers("toy")
    handlers.on(TenantRegisteredV1)(told)
    handlers.on(ProjectClosedV1)(closed)
    handlers.on(ProjectApprovedV1)(heard)
    assert handlers.messages() == (TenantRegisteredV1, ProjectClosedV1, ProjectApprovedV1)
    assert handlers.publishers() == ("funding", "registry")
    assert handlers.subjects("here") == (
        "evt.here.*.funding.project.project-approved.v1",
        "evt.here.*.funding.project.project-closed.v1",
        "evt.here.*.registry.tenant.tenant-registered.v1",
    )
