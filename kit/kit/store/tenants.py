"""The bureaus, as the registry announced them, in each service's own history and in its `tenant` table.

The table holds no circle, whatever is written: a parent is there before its child, and the service has no right to
change one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from contracts.values import Event, TenantId
from kit.store.streams import Category, Meta, Projection
from kit.tenancy import Tx


@dataclass(frozen=True)
class TenantNoted(Event):
    """A tenant as the registry announced it, kept in each service's own history."""

    TOPIC: ClassVar[str] = "kit.tenant-noted"

    tenant_id: TenantId
    name: str
    level: str
    parent: TenantId | None


def evolve(_: TenantNoted | None, event: TenantNoted) -> TenantNoted:
    """The latest announcement is the state."""
    return event


TENANTS: Category[TenantNoted | None] = Category("tenant-note", None, evolve, (TenantNoted,))


async def apply(tx: Tx, event: TenantNoted, meta: Meta) -> None:  # noqa: ARG001 - the shape of a projection
    await tx.execute(
        "insert into tenant (tenant_id, name, level, parent) values ($1, $2, $3, $4) on conflict (tenant_id)"
        " do update set name = excluded.name, level = excluded.level",
        event.tenant_id,
        event.name,
        event.level,
        event.parent,
    )


TENANT_TABLE = Projection("tenant", 1, ("tenant",), ("tenant-note",), apply)
