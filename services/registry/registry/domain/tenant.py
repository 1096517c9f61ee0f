"""Tenants: the bureaus, their place in the tree, their own words, and the populations they declare.

A bureau's parent is registered before it and never changes, so that no bureau comes to stand above itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, TenantId
from kit.errors import Refused


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


LEVEL_NAMES = {Level.PROVINCE: "省级", Level.CITY: "市级", Level.DISTRICT: "区（县）级"}
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
    NAME: ClassVar[str] = "登记租户"

    tenant_id: TenantId
    name: str
    level: Level
    parent: TenantId | None
    region: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class PopulationDeclared(Event):
    TOPIC: ClassVar[str] = "registry.population-declared"
    NAME: ClassVar[str] = "申报人口数"

    basis: PopulationBasis
    year: int
    persons: int


@dataclass(frozen=True)
class SubordinateRegistered(Event):
    """A bureau was registered below this one."""

    TOPIC: ClassVar[str] = "registry.subordinate-registered"
    NAME: ClassVar[str] = "登记下级租户"
    LATE: ClassVar[bool] = True

    tenant_id: TenantId


@dataclass(frozen=True)
class DivisionCodeLent(Event):
    """Units that begin with `code`, which no bureau has, are the district's: a zone that it administers (代管)."""

    TOPIC: ClassVar[str] = "registry.division-code-lent"
    NAME: ClassVar[str] = "划归代管区划代码"
    LATE: ClassVar[bool] = True

    code: TenantId
    district: TenantId


TenantEvent: TypeAlias = TenantRegistered | PopulationDeclared | SubordinateRegistered | DivisionCodeLent


@dataclass(frozen=True)
class Tenant:
    registered: TenantRegistered | None = None
    populations: tuple[PopulationDeclared, ...] = ()
    below: frozenset[TenantId] = frozenset()
    lent: Mapping[TenantId, TenantId] = field(default_factory=dict)
    """Codes without a bureau, and the district that each is lent to."""


class TenantKnownOtherwise(Refused):
    code = "tenant-registered-otherwise"
    name = "行政区已按其他内容登记"
    text = "该行政区（{tenant}）已以其他名称、层级或上级登记。请核对后再办理。"


class WrongParent(Refused):
    code = "tenant-parent-level"
    name = "上级租户层级不符"
    status = 422
    text = "{level}租户的上级须为{above}。请核对上级行政区。"


class CodeLent(Refused):
    code = "division-code-lent"
    name = "代码已划归代管单元"
    text = "代码 {tenant} 已由上级划归 {district} 代管单元使用，不能登记为租户。请先与上级民政局核对。"


class ForeignCode(Refused):
    code = "unit-of-another-district"
    name = "单元代码属于其他区县"
    status = 403
    text = (
        "以 {code} 开头的单元不属于 {district}，只能申报以 {district} 开头的单元。"
        "确需代管、且没有其他民政局使用该代码的，请由上级民政局申报。"
    )


class NotADistrict(Refused):
    code = "units-are-a-districts"
    name = "非区县租户"
    status = 422
    text = "行政单元只能申报在区（县）名下，{tenant} 不是区（县）租户。请选择所属区（县）。"


class TenantUnknown(Refused):
    code = "tenant-unknown"
    name = "行政区未登记"
    status = 404
    text = "该行政区尚未登记。请先登记租户。"


class PopulationDeclaredOtherwise(Refused):
    code = "population-declared-otherwise"
    name = "人口数已申报"
    text = "{year} 年该口径人口数已申报为 {persons} 人。如需更正请先说明原因。"


def evolve(tenant: Tenant, event: TenantEvent) -> Tenant:
    match event:
        case TenantRegistered():
            return replace(tenant, registered=event)
        case PopulationDeclared():
            return replace(tenant, populations=(*tenant.populations, event))
        case SubordinateRegistered():
            return replace(tenant, below=tenant.below | {event.tenant_id})
        case DivisionCodeLent():
            return replace(tenant, lent={**tenant.lent, event.code: event.district})
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
) -> tuple[Sequence[TenantEvent], Sequence[TenantEvent]]:
    """The bureau's own half and its parent's.

    A province stands alone; a city is below a province, a district below a city.  The parent is data.
    """
    above = parent.registered if parent else None
    if parent is not None and above is None:
        raise TenantUnknown
    wanted = ABOVE[level]
    if (above.level if above else None) is not wanted:
        raise WrongParent(level=LEVEL_NAMES[level], above=LEVEL_NAMES[wanted] if wanted else "空")
    event = TenantRegistered(tenant_id, name, level, above.tenant_id if above else None, region, terms)
    if tenant.registered == event:
        return (), ()
    if tenant.registered is not None:
        raise TenantKnownOtherwise(tenant=tenant_id)
    if parent is None:
        return (event,), ()
    if tenant_id in parent.lent:
        raise CodeLent(tenant=tenant_id, district=parent.lent[tenant_id])
    return (event,), (SubordinateRegistered(tenant_id),)


def lend_codes(
    city: Tenant,
    *,
    district: TenantId,
    codes: Collection[TenantId],
    from_above: bool,
    taken: Collection[TenantId],
) -> Sequence[TenantEvent]:
    """Lets a district declare units of codes that are not its own, if who asks is above it and no bureau has them.

    `taken` are codes that bureaus elsewhere have; the city's own are known here.
    """
    new = [code for code in sorted(codes) if city.lent.get(code) != district]
    for code in new:
        if not from_above or code in city.below or code in city.lent or code in taken:
            raise ForeignCode(code=code, district=district)
    return tuple(DivisionCodeLent(code, district) for code in new)


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
