"""Tenants and their divisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from contracts.fields import Code, Division, Name, PastYear, Place, Positive, Region, Tenant, like
from contracts.values import ROLE_NAMES, TenantId
from kit.auth import Caller, Scope
from kit.errors import Forbidden, NotKnownYet
from kit.service import Command, Part
from kit.store import TENANTS as NOTED
from kit.store import Answer, Each, Store, TenantNoted
from registry.commands.streams import DIVISIONS, TENANTS, city_of
from registry.domain import division, tenant
from registry.domain.division import Declared, Divisions, UnitKind, UnitTold
from registry.domain.tenant import Level, PopulationBasis, TenantEvent, Term


class TermGiven(Part):
    """One word of the tenant's own vocabulary."""

    code: Code
    label: Name


class RegisterTenant(Command):
    """`parent` is empty for a province."""

    tenant_id: Tenant
    name: Name
    level: Annotated[Level, like(Level.DISTRICT)]
    parent: Annotated[Tenant | None, like("620100")]
    region: Region
    terms: Annotated[tuple[TermGiven, ...], Field(max_length=100)] = ()


class DeclarePopulation(Command):
    basis: PopulationBasis
    year: PastYear
    persons: Positive


class UnitGiven(Part):
    """The parent of a township-level unit is the district's own code."""

    unit: Annotated[Place, like("620102001")]
    kind: UnitKind
    name: Name
    parent: Annotated[Division, like("620102")]


class DeclareAdministrativeUnits(Command):
    """A bounded list, parents before children; longer ones are sent in parts."""

    units: Annotated[tuple[UnitGiven, ...], Field(min_length=1, max_length=300)]


async def register_tenant(store: Store, caller: Caller, cmd: RegisterTenant) -> Answer:
    """Under a parent within the caller's reach; the stream belongs to the new tenant itself.

    A province is registered by its own people, and only where the region's operator named it.
    """
    cause = caller.may("register-tenant", cmd.occurred_on)
    if cmd.parent is None and not (cmd.tenant_id == caller.actor.tenant and cmd.tenant_id in caller.tree.provinces):
        called = caller.policy[cause.action].name
        raise Forbidden(role=ROLE_NAMES[caller.actor.role], action=cause.action, called=called)
    if cmd.parent is not None and cmd.parent not in caller.tree:
        raise NotKnownYet(what=f"上级行政区 {cmd.parent}")
    if cmd.parent is None or cmd.parent in cause.scope.writes:
        # Nobody's reach covers a bureau that does not exist yet; its parent's was checked, so it is added.
        new = (cmd.tenant_id,)
        cause = replace(cause, scope=Scope((*cause.scope.reads, *new), (*cause.scope.writes, *new)))
    terms = tuple(Term(t.code, t.label) for t in cmd.terms)

    def decide(
        state: tenant.Tenant, _: TenantNoted | None, above: Mapping[TenantId, tenant.Tenant]
    ) -> tuple[Sequence[TenantEvent], Sequence[TenantNoted], Mapping[TenantId, Sequence[TenantEvent]]]:
        own, parents = tenant.register_tenant(
            state,
            above[cmd.parent] if cmd.parent else None,
            tenant_id=cmd.tenant_id,
            name=cmd.name,
            level=cmd.level,
            region=cmd.region,
            terms=terms,
        )
        noted = [TenantNoted(cmd.tenant_id, cmd.name, cmd.level.value, cmd.parent) for _ in own]
        return own, noted, {cmd.parent: parents} if cmd.parent else {}

    own = TENANTS.stream(cmd.tenant_id, tenant=cmd.tenant_id)
    note = NOTED.stream(cmd.tenant_id, tenant=cmd.tenant_id)
    above = {cmd.parent: TENANTS.stream(cmd.parent, tenant=cmd.parent)} if cmd.parent else {}
    return await store.change(cause, decide, own, note, Each(above))


async def declare_population(store: Store, caller: Caller, tenant_id: TenantId, cmd: DeclarePopulation) -> Answer:
    cause = caller.may("declare-population", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: tenant.declare_population(state, basis=cmd.basis, year=cmd.year, persons=cmd.persons),
        TENANTS.stream(tenant_id),
    )


async def declare_units(store: Store, caller: Caller, tenant_id: TenantId, cmd: DeclareAdministrativeUnits) -> Answer:
    """One event for each unit that is new, on the district's one stream.

    Its units begin with the district's own code; others only if the bureau above declares them and none has the code.
    """
    cause = caller.may("declare-administrative-units", cmd.occurred_on)
    units = [Declared(u.unit, u.kind, u.name, u.parent) for u in cmd.units]
    foreign = {TenantId(u.unit[:6]) for u in units} - {tenant_id}
    city = city_of(caller, tenant_id)

    def decide(state: Divisions, above: tenant.Tenant) -> tuple[Sequence[UnitTold], Sequence[TenantEvent]]:
        if city == tenant_id:
            raise tenant.NotADistrict(tenant=tenant_id)
        lent = tenant.lend_codes(
            above,
            district=tenant_id,
            codes=foreign,
            from_above=caller.actor.tenant != tenant_id,
            taken=[code for code in foreign if code in caller.tree],
        )
        declared = division.declare_units(state, district=tenant_id, units=units, occurred_on=cmd.occurred_on)
        return declared, lent

    return await store.change(
        cause, decide, DIVISIONS.stream(tenant_id, tenant=tenant_id), TENANTS.stream(city, tenant=city)
    )
