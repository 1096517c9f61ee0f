"""How many declared streets and communities have an open site.  A unit with two sites counts once; never above all."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain import site
from registry.domain.division import AdministrativeUnitDeclared
from registry.domain.site import SiteEvent

COUNT = """
insert into coverage (tenant_id, kind, declared, covered)
select $1, u.kind, count(*), count(*) filter (where exists (
  select 1 from coverage_site s where s.tenant_id = u.tenant_id and s.host = u.unit and s.open))
from coverage_unit u where u.tenant_id = $1 and u.counted group by u.kind
on conflict (tenant_id, kind) do update set declared = excluded.declared, covered = excluded.covered"""
OPEN = "update coverage_site set open = $3 where tenant_id = $1 and site_id = $2"


async def apply(tx: Tx, event: SiteEvent | AdministrativeUnitDeclared, meta: Meta) -> None:
    match event:
        case AdministrativeUnitDeclared():
            await tx.execute(
                "insert into coverage_unit (tenant_id, unit, kind, counted) values ($1, $2, $3, $4)",
                meta.tenant,
                event.unit,
                event.kind.value,
                event.counted,
            )
        case site.SitePlanned():
            if event.host is not None:
                await tx.execute(
                    "insert into coverage_site (tenant_id, site_id, host, open) values ($1, $2, $3, false)",
                    meta.tenant,
                    event.site_id,
                    event.host,
                )
            return
        case site.SiteOpened() | site.SiteSuspended() | site.SiteClosed():
            await tx.execute(OPEN, meta.tenant, event.site_id, isinstance(event, site.SiteOpened))
        case (
            site.PilotBasedAtStation()
            | site.PremisesProvided()
            | site.EquipmentProvided()
            | site.PlaqueHung()
            | site.OperatorAssigned()
            | site.StaffPosted()
            | site.StaffWithdrawn()
        ):
            return  # what a site has covers nothing until it opens
        case _:
            assert_never(event)
    await tx.execute(COUNT, meta.tenant)


COVERAGE = Projection("coverage", 1, ("coverage_unit", "coverage_site", "coverage"), ("division", "site"), apply)
