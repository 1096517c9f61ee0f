"""Who has a licence on record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.values import TenantId, WorkerId
from kit.store import Tx


@dataclass(frozen=True)
class Held:
    """Who has a licence on record, and as which qualification."""

    worker_id: WorkerId
    qualification_id: UUID


async def licence_holder(tx: Tx, city: TenantId, licence: str) -> Held | None:
    """By the licence's keyed HMAC."""
    row = await tx.fetchrow(
        "select stream, fact from natural_key where tenant_id = $1 and kind = 'licence' and key = $2", city, licence
    )
    return Held(WorkerId(UUID(row["stream"].partition("/")[2])), UUID(row["fact"])) if row else None
