"""The tree of bureaus, and what they declare about themselves."""

from __future__ import annotations

from contracts.values import TenantId
from kit.testing import Spec
from registry.domain.tenant import (
    Level,
    PopulationBasis,
    PopulationDeclared,
    PopulationDeclaredOtherwise,
    Tenant,
    TenantKnownOtherwise,
    TenantRegistered,
    TenantUnknown,
    WrongParent,
    declare_population,
    evolve,
    register_tenant,
)

tenant = Spec(Tenant(), evolve)
GANSU, LANZHOU, CHENGGUAN = TenantId("620000"), TenantId("620100"), TenantId("620102")
province = TenantRegistered(GANSU, "甘肃省", Level.PROVINCE, None, "gansu", ())
city = TenantRegistered(LANZHOU, "兰州市", Level.CITY, GANSU, "gansu-lanzhou", ())


def test_a_city_stands_below_its_province() -> None:
    tenant.given().when(
        register_tenant,
        tenant.state(province),
        tenant_id=LANZHOU,
        name="兰州市",
        level=Level.CITY,
        region="gansu-lanzhou",
    ).then(city)


def test_a_district_is_not_put_below_a_province() -> None:
    tenant.given().when(
        register_tenant, tenant.state(province), tenant_id=CHENGGUAN, name="城关区", level=Level.DISTRICT, region="x"
    ).then_refused(WrongParent)


def test_a_city_needs_a_parent() -> None:
    tenant.given().when(
        register_tenant, None, tenant_id=LANZHOU, name="兰州市", level=Level.CITY, region="x"
    ).then_refused(WrongParent)


def test_the_parent_must_be_registered_first() -> None:
    tenant.given().when(
        register_tenant, Tenant(), tenant_id=LANZHOU, name="兰州市", level=Level.CITY, region="x"
    ).then_refused(TenantUnknown)


def test_registering_twice_is_registering_once() -> None:
    again = {"tenant_id": LANZHOU, "name": "兰州市", "level": Level.CITY, "region": "gansu-lanzhou"}
    tenant.given(city).when(register_tenant, tenant.state(province), **again).then_nothing()
    again["name"] = "金城市"
    tenant.given(city).when(register_tenant, tenant.state(province), **again).then_refused(TenantKnownOtherwise)


def test_a_population_is_declared_with_its_basis_and_year() -> None:
    registered = PopulationDeclared(PopulationBasis.REGISTERED, 2022, 540_000)
    declare = {"basis": PopulationBasis.REGISTERED, "year": 2022, "persons": 540_000}
    tenant.given(city).when(declare_population, **declare).then(registered)
    tenant.given(city, registered).when(declare_population, **declare).then_nothing()
    tenant.given(city, registered).when(declare_population, **{**declare, "persons": 1}).then_refused(
        PopulationDeclaredOtherwise
    )
