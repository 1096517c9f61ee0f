"""Tenants: the bureaus, their place in the tree, their own words, and the populations they declare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, assert_never

from contracts.values import Event, TenantId
from kit.errors import Refused


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


ABOVE = {Level.PROVINCE: None, Level.CITY: Level.PROVINCE, Level.DISTRICT: Level.CITY}


class PopulationBasis(StrEnum):
    """Which population a rate is taken over; the two are never mixed (C-11)."""

    REGISTERED = "registered"
    URBAN_PERMANENT = "urban_permanent"


@dataclass(frozen=True)
class Term:
    """One word of a tenant's own vocabulary: `code` is ours, `label` is what its screens print (C-24, C-25)."""

    code: str
    label: str


@dataclass(frozen=True)
class TenantRegistered(Event):
    TOPIC: ClassVar[str] = "registry.tenant-registered"

    tenant_id: TenantId
    name: str
    level: Level
    parent: TenantId | None
    region: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class PopulationDeclared(Event):
    TOPIC: ClassVar[str] = "registry.population-declared"

    basis: PopulationBasis
    year: int
    persons: int


TenantEvent = TenantRegistered | PopulationDeclared


@dataclass(frozen=True)
class Tenant:
    registered: TenantRegistered | None = None
    populations: tuple[PopulationDeclared, ...] = ()


class TenantKnownOtherwise(Refused):
    code = "tenant-registered-otherwise"
    text = "该行政区（{tenant}）已以其他名称、层级或上级登记。请核对后再办理。"


class WrongParent(Refused):
    code = "tenant-parent-level"
    status = 422
    text = "{level} 级租户的上级须为 {above} 级。请核对上级行政区。"


class TenantUnknown(Refused):
    code = "tenant-unknown"
    status = 404
    text = "该行政区尚未登记。请先登记租户。"


class PopulationDeclaredOtherwise(Refused):
    code = "population-declared-otherwise"
    text = "{year} 年该口径人口数已申报为 {persons} 人。如需更正请先说明原因。"


def evolve(tenant: Tenant, event: TenantEvent) -> Tenant:
    match event:
        case TenantRegistered():
            return replace(tenant, registered=event)
        case PopulationDeclared():
            return replace(tenant, populations=(*tenant.populations, event))
        case _:
            assert_never(event)


def register_tenant(
    tenant: Tenant,
    parent: Tenant | None,
    *,
    tenant_id: TenantId,
    name: str,
    level: Level,
    region: str,
    terms: tuple[Term, ...] = (),
) -> Sequence[TenantEvent]:
    """A province stands alone; a city is below a province, a district below a city.  The parent is data."""
    above = parent.registered if parent else None
    if parent is not None and above is None:
        raise TenantUnknown
    if (above.level if above else None) is not ABOVE[level]:
        raise WrongParent(level=level, above=ABOVE[level] or "无")
    event = TenantRegistered(tenant_id, name, level, above.tenant_id if above else None, region, terms)
    if tenant.registered is None:
        return (event,)
    if tenant.registered != event:
        raise TenantKnownOtherwise(tenant=tenant_id)
    return ()


def declare_population(tenant: Tenant, *, basis: PopulationBasis, year: int, persons: int) -> Sequence[TenantEvent]:
    """One number for each basis and year."""
    if tenant.registered is None:
        raise TenantUnknown
    for known in tenant.populations:
        if (known.basis, known.year) == (basis, year):
            if known.persons != persons:
                raise PopulationDeclaredOtherwise(year=year, persons=known.persons)
            return ()
    return (PopulationDeclared(basis, year, persons),)
