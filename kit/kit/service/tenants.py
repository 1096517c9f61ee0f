"""Every service learns of the bureaus in the same way: from the registry's announcement, into its own history.

What is announced is believed within bounds: a bureau's stream tells of that bureau, its parent was announced before it,
and stays its parent.  So nobody comes to stand above another by a message, and no two messages make a circle.  What
does not fit is refused, hence parked and shown; it stops nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.messages.registry import TenantRegisteredV1
from contracts.values import Role
from kit.auth import Reach, Rule
from kit.bus import Envelope, Handlers
from kit.errors import NotKnownYet, Refused
from kit.store import TENANTS, Store, TenantNoted

ACTION = "note-tenant"
RULE = Rule("获知租户登记", roles=frozenset({Role.SYSTEM}), reads=Reach.OWN, writes=Reach.OWN)


class TenantOfAnother(Refused):
    """One bureau's stream told of another bureau."""

    code = "tenant-of-another"
    name = "消息所述租户不符"
    text = "{teller} 的消息所述租户为 {tenant}，不予采信。请核对消息来源。"


class ParentChanged(Refused):
    """A bureau that is known was announced below another parent."""

    code = "tenant-parent-changed"
    name = "租户上级不能更改"
    text = "租户 {tenant} 的上级已登记为 {known}，不能改为 {told}。请核对消息来源。"


class ParentItself(Refused):
    """A bureau was announced below itself."""

    code = "tenant-parent-itself"
    name = "租户上级不能是自己"
    text = "租户 {tenant} 不能是自己的上级。请核对消息来源。"


def learn_tenants(handlers: Handlers, service: str) -> None:
    """Has `handlers` note tenants, unless they do already, or `service` is the one that announces them."""
    if service != TenantRegisteredV1.SERVICE and handlers.of(TenantRegisteredV1) is None:
        handlers.on(TenantRegisteredV1)(note_tenant)


async def note_tenant(store: Store, message: TenantRegisteredV1, envelope: Envelope) -> None:
    """Notes the bureau in its own stream; what is known already is not noted twice.

    Raises NotKnownYet for a parent that was not heard of yet, and refuses what does not fit the tree.
    """
    noted = TenantNoted(message.tenant_id, message.name, str(message.level), message.parent)
    cause = envelope.caller(ACTION).may(ACTION, envelope.occurred_on)

    def decide(known: TenantNoted | None) -> Sequence[TenantNoted]:
        if message.tenant_id != envelope.tenant:
            raise TenantOfAnother(teller=envelope.tenant, tenant=message.tenant_id)
        if message.parent == message.tenant_id:
            raise ParentItself(tenant=message.tenant_id)
        if known is not None and known.parent != noted.parent:
            raise ParentChanged(tenant=known.tenant_id, known=known.parent or "无", told=noted.parent or "无")
        if noted.parent is not None and noted.parent not in envelope.tree:
            raise NotKnownYet(what=f"上级租户 {noted.parent}")
        return () if known == noted else (noted,)

    await store.change(cause, decide, TENANTS.stream(envelope.tenant, tenant=envelope.tenant))
