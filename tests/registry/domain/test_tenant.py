"""The tree of bureaus, and what they declare about themselves."""

from __future__ import annotations

from contracts.values import TenantId
from kit.testing import Spec
from registry.domain.tenant import (
    CodeLent,
    DivisionCodeLent,
    ForeignCode,
    Level,
    PopulationBasis,
    PopulationDeclared,
    PopulationDeclaredOtherwise,
    SubordinateRegistered,
    Tenant,
    TenantKnownOtherwise,
    TenantRegistered,
    TenantUnknown,
    WrongParent,
    declare_population,
    evolve,
    lend_codes,
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
    ).then([city], [SubordinateRegistered(LANZHOU)])


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


def test_a_province_stands_alone() -> None:
    alone = {"tenant_id": GANSU, "name": "甘肃省", "level": Level.PROVINCE, "region": "gansu"}
    tenant.given().when(register_tenant, None, **alone).then([province], [])
    tenant.given().when(register_tenant, tenant.state(province), **alone).then_refused(WrongParent)


def test_a_bureau_stays_below_the_parent_that_it_was_registered_under() -> None:
    """So nobody comes to stand above itself: a parent is registered first and never changes."""
    other = TenantRegistered(TenantId("630000"), "青海省", Level.PROVINCE, None, "x", ())
    again = {"tenant_id": LANZHOU, "name": "兰州市", "level": Level.CITY, "region": "gansu-lanzhou"}
    tenant.given(city).when(register_tenant, tenant.state(other), **again).then_refused(TenantKnownOtherwise)


ZONE, QILIHE = TenantId("620171"), TenantId("620103")
lent = DivisionCodeLent(ZONE, CHENGGUAN)


def test_a_code_that_nobody_has_is_lent_from_above_and_stays_lent() -> None:
    lend = {"district": CHENGGUAN, "codes": {ZONE}, "taken": []}
    tenant.given(city).when(lend_codes, **lend, from_above=True).then(lent)
    tenant.given(city, lent).when(lend_codes, **lend, from_above=True).then_nothing()
    tenant.given(city, lent).when(lend_codes, **lend, from_above=False).then_nothing()
    tenant.given(city).when(lend_codes, **{**lend, "codes": set()}, from_above=False).then_nothing()


def test_a_district_declares_nothing_of_a_code_that_is_not_its_own() -> None:
    lend = {"district": CHENGGUAN, "codes": {ZONE}, "taken": []}
    tenant.given(city).when(lend_codes, **lend, from_above=False).then_refused(ForeignCode)
    sibling = SubordinateRegistered(QILIHE)
    for history, codes, taken in (
        ((city, sibling), {QILIHE}, []),
        ((city,), {QILIHE}, [QILIHE]),
        ((city, DivisionCodeLent(ZONE, QILIHE)), {ZONE}, []),
    ):
        facts = {"district": CHENGGUAN, "codes": codes, "taken": taken}
        tenant.given(*history).when(lend_codes, **facts, from_above=True).then_refused(ForeignCode)


def test_a_lent_code_is_no_bureaus() -> None:
    new = {"tenant_id": ZONE, "name": "演示新区", "level": Level.DISTRICT, "region": "gansu-lanzhou"}
    tenant.given().when(register_tenant, tenant.state(city, lent), **new).then_refused(CodeLent)
