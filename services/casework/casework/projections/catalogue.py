"""The service catalogues, each with the lengths of its lists."""

from __future__ import annotations

from typing import assert_never

from asyncpg import Record

from casework.domain.catalogue import CatalogueEvent, LedgerCategoryRegistered, ServiceCatalogueDeclared
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: CatalogueEvent, meta: Meta) -> None:
    match event:
        case ServiceCatalogueDeclared():
            await tx.execute(
                "insert into service_catalogue (tenant_id, catalogue_id, title, domains, categories, core_policies,"
                " extra_policies, declared_on) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                meta.tenant,
                event.catalogue_id,
                event.title,
                len(event.domains),
                len(event.categories),
                len(event.core_policies),
                len(event.extra_policies),
                meta.occurred_on,
            )
        case LedgerCategoryRegistered():
            await tx.execute(
                "update service_catalogue set categories = categories + 1 where tenant_id = $1 and catalogue_id = $2",
                meta.tenant,
                event.catalogue_id,
            )
        case _:
            assert_never(event)


CATALOGUE = Projection("service_catalogue", 1, ("service_catalogue",), ("catalogue",), apply)


async def catalogues(tx: Tx, tenants: list[str]) -> list[Record]:
    """The catalogues in sight, newest first."""
    return await tx.fetch(
        "select * from service_catalogue where tenant_id = any ($1::text[]) order by declared_on desc, catalogue_id",
        tenants,
    )
