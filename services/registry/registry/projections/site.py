"""REG-R1: sites with premises, equipment and plaques."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain import site
from registry.domain.site import SiteEvent

ONE = "where tenant_id = $1 and site_id = $2"


async def apply(tx: Tx, event: SiteEvent, meta: Meta) -> None:
    key = (meta.tenant, event.site_id)
    match event:
        case site.SitePlanned():
            await _plan(tx, event, meta)
        case site.PilotBasedAtStation():
            await tx.execute(f"update site_list set pilots = array_append(pilots, $3) {ONE}", *key, event.pilot_id)
        case site.PremisesProvided():
            await tx.execute(
                f"update site_list set square_metres = $3, provider = $4 {ONE}", *key, event.area.value, event.provider
            )
        case site.EquipmentProvided():
            await tx.execute(
                "insert into site_equipment (tenant_id, site_id, pilot, device, count) values ($1, $2, $3, $4, $5)"
                " on conflict (tenant_id, site_id, pilot, device)"
                " do update set count = site_equipment.count + excluded.count",
                *key,
                str(event.pilot_id or ""),
                event.equipment.device.value,
                event.equipment.count,
            )
        case site.PlaqueHung():
            await tx.execute(
                "insert into site_plaque (tenant_id, site_id, pilot, plaque, hung_on) values ($1, $2, $3, $4, $5)",
                *key,
                str(event.pilot_id or ""),
                event.plaque,
                meta.occurred_on,
            )
        case site.OperatorAssigned():
            await tx.execute(f"update site_list set operator = $3 {ONE}", *key, event.agency_id)
        case site.StaffPosted():
            await tx.execute(f"update site_list set staff = staff + 1 {ONE}", *key)
        case site.StaffWithdrawn():
            await tx.execute(f"update site_list set staff = staff - 1 {ONE}", *key)
        case site.SiteOpened():
            await tx.execute(
                f"update site_list set status = 'open', opened_on = coalesce(opened_on, $3) {ONE}",
                *key,
                meta.occurred_on,
            )
        case site.SiteSuspended():
            await tx.execute(f"update site_list set status = 'suspended' {ONE}", *key)
        case site.SiteClosed():
            await tx.execute(f"update site_list set status = 'closed', closed_on = $3 {ONE}", *key, meta.occurred_on)
        case _:
            assert_never(event)


async def _plan(tx: Tx, event: site.SitePlanned, meta: Meta) -> None:
    await tx.execute(
        "insert into site_list (tenant_id, site_id, level, host, name, parent, pilot_id, pilots, status)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, 'planned')",
        meta.tenant,
        event.site_id,
        int(event.level),
        event.host,
        event.name,
        event.parent,
        event.pilot_id,
        [event.pilot_id] if event.pilot_id else [],
    )


SITE_LIST = Projection("site_list", 1, ("site_list", "site_equipment", "site_plaque"), ("site",), apply)
