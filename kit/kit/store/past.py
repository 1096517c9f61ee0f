"""What a stream has said so far, for a decision that puts something of it right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contracts.values import Event, Said, Sealed, TenantId
from kit.privacy import Erased
from kit.store.change import Store
from kit.store.mapper import meta_of
from kit.store.sealing import sealed_fields
from kit.store.streams import Look
from kit.tenancy import Tx

HISTORY = "select raw from event where tenant_id = $1 and stream = $2 order by version"


def past(store: Store, tenant: TenantId, stream: str, *, seals: bool = False) -> Look[Said]:
    """The events of a stream to which the same change writes; what is sealed is open where the person's key is there.

    So a state need not keep what only a correction asks for.  Of a change that `seals` anew what was sealed, Erased
    where the person's key is gone: it would make them another, and they would be there again.
    """

    async def look(tx: Tx) -> Said:
        told = [meta_of(store.mapper, row["raw"]) for row in await tx.fetch(HISTORY, tenant, stream)]
        sealed = [one for event, _ in told for one in sealed_fields(event)]
        clear = await store.vault.unseal_many(sealed) if store.vault is not None and sealed else []
        if seals and None in clear:
            raise Erased
        by_id = {id(one): value for one, value in zip(sealed, clear, strict=False)}
        return tuple((meta.event_id, meta.occurred_on, _opened(event, by_id)) for event, meta in told)

    return Look(look)


def _opened(event: Event, clear: dict[int, Any]) -> Event:
    values = {name: value for name, value in vars(event).items() if clear.get(id(value)) is not None}
    return replace(event, **{n: Sealed(person=v.person, clear=clear[id(v)]) for n, v in values.items()})  # type: ignore[type-var]
