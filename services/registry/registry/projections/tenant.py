"""Tenants, populations and administrative units."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain.division import AdministrativeUnitDeclared
from registry.domain.tenant import (
    DivisionCodeLent,
    PopulationDeclared,
    SubordinateRegistered,
    TenantEvent,
    TenantRegistered,
)


async def apply_tenant(tx: Tx, event: TenantEvent, meta: Meta) -> None:
    match event:
        case TenantRegistered():
            await tx.execute(
                "insert into tenant_list (tenant_id, name, level, parent, region, registered_on)"
                " values ($1, $2, $3, $4, $5, $6)",
                event.tenant_id,
                event.name,
                event.level.value,
                event.parent,
                event.region,
                meta.occurred_on,
            )
        case PopulationDeclared():
            await tx.execute(
                "insert into population (tenant_id, basis, year, persons) values ($1, $2, $3, $4)",
                meta.tenant,
                event.basis.value,
                event.year,
                event.persons,
            )
        case SubordinateRegistered() | DivisionCodeLent():
            pass  # rules of registering ask for these, and no list
        case _:
            assert_never(event)


async def apply_unit(tx: Tx, event: AdministrativeUnitDeclared, meta: Meta) -> None:
    await tx.execute(
        "insert into unit_list (tenant_id, unit, kind, name, parent, counted) values ($1, $2, $3, $4, $5, $6)",
        meta.tenant,
        event.unit,
        event.kind.value,
        event.name,
        event.parent,
        event.counted,
    )


TENANT_LIST = Projection("tenant_list", 1, ("tenant_list", "population"), ("tenant",), apply_tenant)
UNIT_LIST = Projection("unit_list", 1, ("unit_list",), ("division",), apply_unit)
