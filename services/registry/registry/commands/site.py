"""Sites: planned by bureaus or for a project, furnished by streets, opened when everything is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from contracts.fields import Area, Name, Pieces, Place, Tenant, Text, Tier
from contracts.values import OrganisationId, ProjectId, Quantity, SiteId, TenantId, Unit, UnitCode, WorkerId
from kit.auth import Caller
from kit.errors import require_unit
from kit.service import Command
from kit.store import Answer, Each, Reads, Store
from registry.commands.streams import (
    DIVISIONS,
    ORGANISATIONS,
    SITES,
    STAFFING,
    STANDARDS,
    city_of,
    position_id,
    station_id,
)
from registry.domain import blacklist, division, site, site_end
from registry.domain.division import Divisions
from registry.domain.linkage import standard
from registry.domain.linkage.standard import Standard
from registry.domain.organisation import Organisation
from registry.domain.posting import Posting
from registry.domain.site import Device, Equipment, Site, SiteEvent, SiteLevel, SitePlanned


class PlanSite(Command):
    """`host` is the street or community it belongs to; a district's centre has none."""

    district: Tenant
    level: Tier
    host: Place | None
    name: Name
    parent: SiteId | None = None
    project_id: ProjectId | None = None


class ProvidePremises(Command):
    square_metres: Area
    provider: Name


class ProvideEquipment(Command):
    device: Device
    count: Pieces
    provider: Name
    project_id: ProjectId | None = None


class HangPlaque(Command):
    plaque: Name
    project_id: ProjectId | None = None


class AssignOperator(Command):
    organisation_id: OrganisationId


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
    plan = SitePlanned(site_id, level, cmd.host, cmd.district, cmd.parent, cmd.project_id, cmd.name)

    def decide(state: Site, units: Divisions) -> Sequence[SiteEvent]:
        if cmd.host is not None:
            division.placed(units, cmd.host, cmd.occurred_on)
        return site.plan_site(state, plan=plan)

    return await store.change(
        cause,
        decide,
        SITES.stream(site_id, tenant=cmd.district),
        reads=DIVISIONS.stream(cmd.district, tenant=cmd.district),
    )


async def plan_project_sites(
    store: Store,
    caller: Caller,
    *,
    project_id: ProjectId,
    community: UnitCode,
    street: UnitCode,
    district: TenantId,
    occurred_on: date,
) -> Answer:
    """The project's own position and its street's station, which later projects of the street share (R-LZ-30, SG-1)."""
    cause = caller.may("plan-project-sites", occurred_on)
    position, station = position_id(project_id), station_id(district, street)

    def decide(state: Site, shared: Site, units: Divisions) -> tuple[Sequence[SiteEvent], Sequence[SiteEvent]]:
        at, over = units.now(community), units.now(street)
        room = SitePlanned(position, SiteLevel.ROOM, at, district, station, project_id, f"{_name(units, at)}社工室")
        hub = SitePlanned(station, SiteLevel.STATION, over, district, None, None, f"{_name(units, over)}社工站")
        planned = site.plan_site(shared, plan=hub)
        based = site.base_project(SITES.fold(shared, planned), project_id=project_id, position=position)
        return site.plan_site(state, plan=room), (*planned, *based)

    return await store.change(
        cause,
        decide,
        SITES.stream(position, tenant=district),
        SITES.stream(station, tenant=district),
        reads=DIVISIONS.stream(district, tenant=district),
    )


async def give_up_project_site(
    store: Store, caller: Caller, *, project_id: ProjectId, district: TenantId, occurred_on: date
) -> Answer:
    """The project's own position, after its termination."""
    return await store.change(
        caller.may("give-up-project-site", occurred_on),
        lambda state: site_end.give_up(state, project_id=project_id),
        SITES.stream(position_id(project_id), tenant=district),
    )


def _name(units: Divisions, unit: UnitCode) -> str:
    """A project is not held up by a division that was not declared yet: its code names it then."""
    known = units.units.get(unit)
    return known.name if known else unit


async def pass_on(store: Store, caller: Caller, site_id: SiteId, *, was: UnitCode, host: UnitCode, day: date) -> Answer:
    """Its unit was merged on that day."""
    return await store.change(
        caller.may("pass-site-on", day),
        lambda state: site.pass_on(state, was=was, host=host, day=day),
        SITES.stream(site_id, tenant=caller.actor.tenant),
    )


async def pass_position_on(
    store: Store, caller: Caller, project_id: ProjectId, *, community: UnitCode, day: date
) -> Answer:
    """The position of a project, which goes on in another community; where that has ended too, in its successor."""
    district = caller.actor.tenant
    return await store.change(
        caller.may("pass-site-on", day),
        lambda state, units: site.pass_on(state, was=None, host=units.now(community), day=day),
        SITES.stream(position_id(project_id), tenant=district),
        reads=DIVISIONS.stream(district, tenant=district),
    )


async def provide_premises(store: Store, caller: Caller, site_id: SiteId, cmd: ProvidePremises) -> Answer:
    cause = caller.may("provide-premises", cmd.occurred_on)
    area = Quantity(cmd.square_metres, Unit.SQUARE_METRES)

    def decide(state: Site) -> Sequence[SiteEvent]:
        _here(caller, state)
        return site.provide_premises(state, square_metres=area, provider=cmd.provider)

    return await store.change(cause, decide, SITES.stream(site_id))


async def provide_equipment(store: Store, caller: Caller, site_id: SiteId, cmd: ProvideEquipment) -> Answer:
    cause = caller.may("provide-equipment", cmd.occurred_on)
    equipment = Equipment(cmd.device, cmd.count)

    def decide(state: Site) -> Sequence[SiteEvent]:
        _here(caller, state)
        return site.provide_equipment(state, equipment=equipment, provider=cmd.provider, project_id=cmd.project_id)

    return await store.change(cause, decide, SITES.stream(site_id))


async def hang_plaque(store: Store, caller: Caller, site_id: SiteId, cmd: HangPlaque) -> Answer:
    cause = caller.may("hang-plaque", cmd.occurred_on)

    def decide(state: Site) -> Sequence[SiteEvent]:
        _here(caller, state)
        return site.hang_plaque(state, plaque=cmd.plaque, project_id=cmd.project_id)

    return await store.change(cause, decide, SITES.stream(site_id))


async def assign_operator(store: Store, caller: Caller, site_id: SiteId, cmd: AssignOperator) -> Answer:
    """A blacklisted organisation operates nothing (R-LZ-08)."""
    cause = caller.may("assign-operator", cmd.occurred_on)

    def decide(state: Site, organisation: Organisation) -> Sequence[SiteEvent]:
        blacklist.unlisted(organisation, cmd.occurred_on)
        return site.assign_operator(state, organisation_id=cmd.organisation_id)

    return await store.change(cause, decide, SITES.stream(site_id), reads=ORGANISATIONS.stream(cmd.organisation_id))


async def open_site(store: Store, caller: Caller, site_id: SiteId, cmd: OpenSite) -> Answer:
    """Reads the city's check-list and the postings of the site's projects beside the site itself.

    A project's site opens by the check-list, so not before the city declared one (R-LZ-24).
    """
    cause = caller.may("open-site", cmd.occurred_on)

    def beside(state: Site) -> Reads[Standard, Mapping[ProjectId, Posting]]:
        plan = site.alive(state)
        city = city_of(caller, plan.district)
        postings = {project: STAFFING.stream(project, tenant=plan.district) for project in state.projects}
        return STANDARDS.stream(city, tenant=city) & Each(postings)

    def decide(state: Site, declared: Standard, postings: Mapping[ProjectId, Posting]) -> Sequence[SiteEvent]:
        _here(caller, state)
        of_project = site.alive(state).project_id is not None
        since = [posting.complete_since for posting in postings.values()]
        return site.open_site(
            state,
            required=standard.declared(declared).equipment if of_project else (),
            staffed_since=[day for day in since if day is not None],
            occurred_on=cmd.occurred_on,
        )

    return await store.change(cause, decide, SITES.stream(site_id), reads=beside)


async def suspend_site(store: Store, caller: Caller, site_id: SiteId, cmd: SuspendSite) -> Answer:
    cause = caller.may("suspend-site", cmd.occurred_on)
    return await store.change(
        cause, lambda state: site_end.suspend_site(state, reason=cmd.reason), SITES.stream(site_id)
    )


async def close_site(store: Store, caller: Caller, site_id: SiteId, cmd: CloseSite) -> Answer:
    cause = caller.may("close-site", cmd.occurred_on)
    return await store.change(cause, lambda state: site_end.close_site(state, reason=cmd.reason), SITES.stream(site_id))


async def withdraw_staff(
    store: Store, caller: Caller, site_id: SiteId, worker_id: WorkerId, occurred_on: date
) -> Answer:
    """The worker's placement at the site ended."""
    cause = caller.may("withdraw-staff", occurred_on)
    return await store.change(
        cause, lambda state: site.withdraw_staff(state, worker_id=worker_id), SITES.stream(site_id)
    )


def _here(caller: Caller, state: Site) -> None:
    """A street acts for the sites in it, a community for its own."""
    require_unit(caller.acts_for, site.alive(state).host)
