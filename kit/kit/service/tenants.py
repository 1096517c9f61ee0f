"""Every service learns of the bureaus in the same way: from the registry's announcement, into its own history."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.messages.registry import TenantRegisteredV1
from contracts.values import Role
from kit.auth import Reach, Rule
from kit.bus import Envelope, Handlers
from kit.store import TENANTS, Store, TenantNoted

ACTION = "note-tenant"
RULE = Rule(roles=frozenset({Role.SYSTEM}), reads=Reach.OWN, writes=Reach.OWN)


def learn_tenants(handlers: Handlers, service: str) -> None:
    """Has `handlers` note tenants, unless they do already, or `service` is the one that announces them."""
    if service != TenantRegisteredV1.SERVICE and handlers.of(TenantRegisteredV1) is None:
        handlers.on(TenantRegisteredV1)(note_tenant)


async def note_tenant(store: Store, message: TenantRegisteredV1, envelope: Envelope) -> None:
    """Notes the bureau in its own stream; what is known already is not noted twice."""
    noted = TenantNoted(message.tenant_id, message.name, str(message.level), message.parent)

    def decide(known: TenantNoted | None) -> Sequence[TenantNoted]:
        return () if known == noted else (noted,)

    cause = envelope.caller(ACTION).may(ACTION, envelope.occurred_on)
    await store.change(cause, decide, TENANTS.stream(message.tenant_id, tenant=envelope.tenant))
