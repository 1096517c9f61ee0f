"""Sites: planned by bureaus or for a pilot, furnished by streets, opened when everything is there."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.fields import Area, Name, Pieces, Place, Tenant, Text, Tier
from contracts.values import AgencyId, PilotId, Quantity, SiteId, TenantId, Unit, UnitCode, WorkerId
from kit.auth import Caller
from kit.errors import require_unit
from kit.service import Command
from kit.store import Answer, Store
from registry.commands.streams import (
    AGENCIES,
    DIVISIONS,
    SITES,
    STAFFING,
    STANDARDS,
    city_of,
    position_id,
    station_id,
)
from registry.domain import blacklist
from registry.domain import division as divisions
from registry.domain import site as domain
from registry.domain import standard as standards
from registry.domain.agency import Agency
from registry.domain.posting import Posting
from registry.domain.site import Device, Equipment, Site, SiteLevel, SitePlanned
from registry.domain.standard import Standard


class PlanSite(Command):
    """`host` is the street or community it belongs to; a district's centre has none."""

    district: Tenant
    level: Tier
    host: Place | None
    name: Name
    parent: SiteId | None = None
    pilot_id: PilotId | None = None


class ProvidePremises(Command):
    square_metres: Area
    provider: Name


class ProvideEquipment(Command):
    device: Device
    count: Pieces
    provider: Name
    pilot_id: PilotId | None = None


class HangPlaque(Command):
    plaque: Name
    pilot_id: PilotId | None = None


class AssignOperator(Command):
    agency_id: AgencyId


class OpenSite(Command):
    """No more than the day."""


class SuspendSite(Command):
    reason: Text


class CloseSite(Command):
    reason: Text


async def plan_site(store: Store, caller: Caller, cmd: PlanSite) -> Answer:
    """At a unit that the district has declared."""
    cause = caller.may("plan-site", cmd.occurred_on)
    site_id = SiteId(caller.new_id("site"))
    level = SiteLevel(cmd.level)
    plan = SitePlanned(site_id, level, cmd.host, cmd.district, cmd.parent, cmd.pilot_id, cmd.name)

    def decide(site: Site, units: divisions.Divisions) -> tuple[Any, Any]:
        if cmd.host is not None:
            divisions.placed(units, cmd.host)
        return domain.plan_site(site, plan=plan), ()

    return await store.change(
        cause,
        decide,
        SITES.stream(site_id, tenant=cmd.district),
        DIVISIONS.stream(cmd.district, tenant=cmd.district),
    )


async def plan_pilot_sites(
    store: Store,
    caller: Caller,
    *,
    pilot_id: PilotId,
    community: UnitCode,
    street: UnitCode,
    district: TenantId,
    occurred_on: date,
) -> Answer:
    """The pilot's own position and its street's station, which later pilots of the street share (R-LZ-30, SG-1)."""
    cause = caller.may("plan-pilot-sites", occurred_on)
    position, station = position_id(pilot_id), station_id(district, street)

    def decide(own: Site, shared: Site, units: divisions.Divisions) -> tuple[Any, Any, Any]:
        room = SitePlanned(
            position, SiteLevel.ROOM, community, district, station, pilot_id, f"{_name(units, community)}社工室"
        )
        hub = SitePlanned(station, SiteLevel.STATION, street, district, None, None, f"{_name(units, street)}社工站")
        planned = domain.plan_site(shared, plan=hub)
        based = domain.base_pilot(SITES.fold(shared, planned), pilot_id=pilot_id, position=position)
        return domain.plan_site(own, plan=room), (*planned, *based), ()

    return await store.change(
        cause,
        decide,
        SITES.stream(position, tenant=district),
        SITES.stream(station, tenant=district),
        DIVISIONS.stream(district, tenant=district),
    )


def _name(units: divisions.Divisions, unit: UnitCode) -> str:
    """A pilot is not held up by a division that was not declared yet: its code names it then."""
    known = units.units.get(unit)
    return known.name if known else unit


async def provide_premises(store: Store, caller: Caller, site_id: SiteId, cmd: ProvidePremises) -> Answer:
    cause = caller.may("provide-premises", cmd.occurred_on)
    area = Quantity(cmd.square_metres, Unit.SQUARE_METRES)

    def decide(site: Site) -> Any:
        _here(caller, site)
        return domain.provide_premises(site, square_metres=area, provider=cmd.provider)

    return await store.change(cause, decide, SITES.stream(site_id))


async def provide_equipment(store: Store, caller: Caller, site_id: SiteId, cmd: ProvideEquipment) -> Answer:
    cause = caller.may("provide-equipment", cmd.occurred_on)
    equipment = Equipment(cmd.device, cmd.count)

    def decide(site: Site) -> Any:
        _here(caller, site)
        return domain.provide_equipment(site, equipment=equipment, provider=cmd.provider, pilot_id=cmd.pilot_id)

    return await store.change(cause, decide, SITES.stream(site_id))


async def hang_plaque(store: Store, caller: Caller, site_id: SiteId, cmd: HangPlaque) -> Answer:
    cause = caller.may("hang-plaque", cmd.occurred_on)

    def decide(site: Site) -> Any:
        _here(caller, site)
        return domain.hang_plaque(site, plaque=cmd.plaque, pilot_id=cmd.pilot_id)

    return await store.change(cause, decide, SITES.stream(site_id))


async def assign_operator(store: Store, caller: Caller, site_id: SiteId, cmd: AssignOperator) -> Answer:
    """A blacklisted agency operates nothing (R-LZ-08)."""
    cause = caller.may("assign-operator", cmd.occurred_on)

    def decide(site: Site, agency: Agency) -> tuple[Any, Any]:
        blacklist.unlisted(agency, cmd.occurred_on)
        return domain.assign_operator(site, agency_id=cmd.agency_id), ()

    return await store.change(cause, decide, SITES.stream(site_id), AGENCIES.stream(cmd.agency_id))


async def open_site(store: Store, caller: Caller, site_id: SiteId, cmd: OpenSite) -> Answer:
    """Reads the city's check-list and the postings of the site's pilots beside the site itself.

    A pilot's site opens by the check-list, so not before the city declared one (R-LZ-24).
    """
    cause = caller.may("open-site", cmd.occurred_on)
    found = await store.fold(cause, SITES.stream(site_id))
    plan = domain.alive(found)
    city = await city_of(store, cause, plan.district)
    pilots = sorted(found.pilots, key=str)

    def decide(site: Site, standard: Standard, *postings: Posting) -> Any:
        _here(caller, site)
        required = standards.declared(standard).equipment if plan.pilot_id is not None else ()
        since = [posting.complete_since for posting in postings]
        opened = domain.open_site(
            site,
            required=required,
            staffed_since=[day for day in since if day is not None],
            occurred_on=cmd.occurred_on,
        )
        return (opened, (), *(() for _ in postings))

    return await store.change(
        cause,
        decide,
        SITES.stream(site_id),
        STANDARDS.stream(city, tenant=city),
        *(STAFFING.stream(pilot, tenant=plan.district) for pilot in pilots),
    )


async def suspend_site(store: Store, caller: Caller, site_id: SiteId, cmd: SuspendSite) -> Answer:
    cause = caller.may("suspend-site", cmd.occurred_on)
    return await store.change(cause, lambda site: domain.suspend_site(site, reason=cmd.reason), SITES.stream(site_id))


async def close_site(store: Store, caller: Caller, site_id: SiteId, cmd: CloseSite) -> Answer:
    cause = caller.may("close-site", cmd.occurred_on)
    return await store.change(cause, lambda site: domain.close_site(site, reason=cmd.reason), SITES.stream(site_id))


async def withdraw_staff(
    store: Store, caller: Caller, site_id: SiteId, worker_id: WorkerId, occurred_on: date
) -> Answer:
    """The worker's placement at the site ended."""
    cause = caller.may("withdraw-staff", occurred_on)
    return await store.change(
        cause, lambda site: domain.withdraw_staff(site, worker_id=worker_id), SITES.stream(site_id)
    )


def _here(caller: Caller, site: Site) -> None:
    """A street acts for the sites in it, a community for its own."""
    plan = domain.alive(site)
    require_unit(caller.acts_for, plan.host)
