"""The bureaus, as the registry announced them, in each service's own history and in its `tenant` table.

The table holds no circle, whatever is written: a bureau lies one deeper than its parent, and no running role may change
either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contracts.values import Event, TenantId
from kit.store.streams import Category, Effect, Meta
from kit.tenancy import Tx


@dataclass(frozen=True)
class TenantNoted(Event):
    """A tenant as the registry announced it, kept in each service's own history."""

    TOPIC: ClassVar[str] = "kit.tenant-noted"
    NAME: ClassVar[str] = "获知租户登记"

    tenant_id: TenantId
    name: str
    level: str
    parent: TenantId | None


def evolve(_: TenantNoted | None, event: TenantNoted) -> TenantNoted | None:
    """The latest announcement is the state."""
    return event


TENANTS = Category("tenant-note", None, evolve)


ADD = (
    "insert into tenant (tenant_id, name, level, parent, depth) values ($1, $2, $3, $4,"
    " case when $4::text is null then 0 else coalesce((select depth from tenant where tenant_id = $4), 0) + 1 end)"
)
"""A foreign key violation for a parent that is not there."""


async def apply(tx: Tx, event: TenantNoted, meta: Meta) -> None:  # noqa: ARG001 - the shape of an effect
    await tx.execute(
        f"{ADD} on conflict (tenant_id) do update set name = excluded.name, level = excluded.level",
        event.tenant_id,
        event.name,
        event.level,
        event.parent,
    )


TENANT_TABLE = Effect((TENANTS.name,), apply)
