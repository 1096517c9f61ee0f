"""Every service learns of the bureaus in the same way: from the registry's announcement, into its own history."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.messages.registry import TenantRegisteredV1
from contracts.values import Role
from kit.auth import Reach, Rule
from kit.bus import Envelope, Handlers
from kit.errors import Refused
from kit.store import TENANTS, Store, TenantNoted

ACTION = "note-tenant"
RULE = Rule(roles=frozenset({Role.SYSTEM}), reads=Reach.OWN, writes=Reach.OWN)


def learn_tenants(handlers: Handlers, service: str) -> None:
    """Has `handlers` note tenants, unless they do already, or `service` is the one that announces them."""
    if service != TenantRegisteredV1.SERVICE and handlers.of(TenantRegisteredV1) is None:
        handlers.on(TenantRegisteredV1)(note_tenant)


class NotItsOwn(Refused):
    code, status = "not-its-own", 422
    text = "消息所属租户（{envelope}）与其内容所说的租户（{body}）不一致，不予采用。请由发送方更正。"


class TenantCircle(Refused):
    code, status = "tenant-circle", 422
    text = "租户 {tenant} 的上级 {parent} 又在它之下，不予采用。请由发送方更正上下级关系。"


async def note_tenant(store: Store, message: TenantRegisteredV1, envelope: Envelope) -> None:
    """Notes the bureau in its own stream; what is known already is not noted twice.

    Raises NotItsOwn for a bureau announced in another one's name, and TenantCircle for one that would be above itself:
    the tree is every caller's, and one message must not break it.
    """
    if message.tenant_id != envelope.tenant:
        raise NotItsOwn(envelope=envelope.tenant, body=message.tenant_id)
    parent = message.parent
    if parent is not None and message.tenant_id in (parent, *envelope.tree.ancestors(parent)):
        raise TenantCircle(tenant=message.tenant_id, parent=parent)
    noted = TenantNoted(message.tenant_id, message.name, str(message.level), message.parent)

    def decide(known: TenantNoted | None) -> Sequence[TenantNoted]:
        return () if known == noted else (noted,)

    cause = envelope.caller(ACTION).may(ACTION, envelope.occurred_on)
    await store.change(cause, decide, TENANTS.stream(message.tenant_id, tenant=envelope.tenant))
