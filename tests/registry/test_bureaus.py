"""Who may register whom, whose units are whose, and that two bureaus' like-named things are two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT, PROVINCE
from tests.registry.stage import STREET, Lanzhou, conference, refused
from tests.synthetic import credit_code

from contracts.values import Role, TenantId
from kit import clock
from kit.auth import Caller, Tree
from kit.errors import NotFound
from registry.commands.streams import city_of, document_key, station_id
from registry.domain.tenant import TenantUnknown

OTHER_STREET = "620103001"
ZONE = TenantId("620171")
"""A code of the city's that no bureau has."""


def unit(code: str, parent: str, kind: str = "township") -> dict[str, Any]:
    return {"unit": code, "kind": kind, "name": "演示街道", "parent": parent}


def bureau(code: str, level: str, parent: str | None) -> dict[str, Any]:
    return {"tenant_id": code, "name": "演示民政局", "level": level, "parent": parent, "region": "gansu-lanzhou"}


async def test_a_district_declares_nothing_of_a_sibling(lanzhou: Lanzhou) -> None:
    path, units = f"/tenants/{OTHER_DISTRICT}/units", {"units": [unit(STREET, OTHER_DISTRICT)]}
    for role, tenant in ((Role.DISTRICT_BUREAU, OTHER_DISTRICT), (Role.CITY_BUREAU, CITY)):
        refused(await lanzhou.post(path, units, role, tenant=tenant), 403, "unit-of-another-district")
    answer = await lanzhou.post(path, {"units": [unit(OTHER_STREET, OTHER_DISTRICT)]}, Role.CITY_BUREAU)
    assert answer.status_code == 200, answer.text


async def test_a_code_without_a_bureau_is_the_districts_that_the_city_lent_it_to(lanzhou: Lanzhou) -> None:
    path, street = f"/tenants/{DISTRICT}/units", {"units": [unit(f"{ZONE}001", DISTRICT)]}
    own: dict[str, Any] = {"role": Role.DISTRICT_BUREAU, "tenant": DISTRICT}
    refused(await lanzhou.post(path, street, **own), 403, "unit-of-another-district")
    await lanzhou.ok(path, street)
    await lanzhou.ok(path, {"units": [unit(f"{ZONE}002", DISTRICT)]}, **own)
    elsewhere = {"units": [unit(f"{ZONE}003", OTHER_DISTRICT)]}
    refused(await lanzhou.post(f"/tenants/{OTHER_DISTRICT}/units", elsewhere), 403, "unit-of-another-district")
    answer = await lanzhou.post("/tenants", bureau(ZONE, "district", CITY), Role.PROVINCE_IT, tenant=PROVINCE)
    refused(answer, 409, "division-code-lent")
    refused(await lanzhou.post(f"/tenants/{CITY}/units", street), 422, "units-are-a-districts")


async def test_a_conference_is_reached_through_its_district_only(lanzhou: Lanzhou) -> None:
    body = {"street": STREET, "office": "演示办公室"}
    path = await conference(lanzhou, ["government"])
    refused(
        await lanzhou.post(f"/tenants/{OTHER_DISTRICT}/conferences", body, Role.DISTRICT_BUREAU, tenant=OTHER_DISTRICT),
        422,
        "unit-unknown",
    )
    elsewhere = path.replace(DISTRICT, OTHER_DISTRICT, 1)
    seat = {"seat": "government", "body": "演示街道"}
    refused(await lanzhou.post(f"{elsewhere}/seats", seat), 404, "joint-conference-not-established")
    answer = await lanzhou.post(f"{path}/seats", seat, Role.DISTRICT_BUREAU, tenant=OTHER_DISTRICT)
    assert answer.status_code == 404, answer.text


async def test_a_document_is_known_by_title_and_issuer_within_its_bureau(lanzhou: Lanzhou) -> None:
    plan = {"title": "演示方案", "issuer": "兰州市民政局", "published_at": "2022-05-31"}
    theirs = await lanzhou.ok("/documents", plan, Role.DISTRICT_BUREAU, tenant=DISTRICT)
    ours = await lanzhou.ok("/documents", plan)
    assert ours != theirs
    shown = await lanzhou.service.get("/v1/documents", Role.CITY_BUREAU, CITY)
    owners = {item["document_id"]: item["tenant_id"] for item in shown["items"]}
    assert owners == {str(ours): CITY, str(theirs): DISTRICT}


@pytest.mark.parametrize("role", [Role.PROVINCE_IT, Role.PROVINCE_BUREAU])
async def test_a_province_is_registered_only_where_the_operator_named_it(lanzhou: Lanzhou, role: Role) -> None:
    for code, tenant in (("999999", "999999"), ("630000", PROVINCE)):
        answer = await lanzhou.post("/tenants", bureau(code, "province", None), role, tenant=TenantId(tenant))
        refused(answer, 403, "forbidden")


async def test_a_bureau_registers_below_itself_only(lanzhou: Lanzhou) -> None:
    far: dict[str, Any] = {"role": Role.PROVINCE_IT, "tenant": TenantId("630000")}
    assert (await lanzhou.post("/tenants", bureau("620300", "city", PROVINCE), **far)).status_code == 404
    missing = await lanzhou.post("/tenants", bureau("620302", "district", "620300"), Role.PROVINCE_IT, tenant=PROVINCE)
    refused(missing, 409, "not-known-yet")
    assert missing.json()["retryable"] is True


async def test_a_bureau_that_was_never_registered_does_nothing(lanzhou: Lanzhou) -> None:
    nowhere = TenantId("620999")
    body = {"name": "演示社工服务中心乙", "authority": "x", "civil_affairs": True, "registered_on": "2015-01-01"}
    for path, asked in (("/organisations", {**body, "number": credit_code(7)}), ("/workers", {"name": "演示社工乙01"})):
        refused(await lanzhou.post(path, asked, tenant=nowhere), 404, "tenant-unknown")


async def test_whether_a_bureau_out_of_sight_is_registered_is_nobodys_business(lanzhou: Lanzhou) -> None:
    await lanzhou.ok("/tenants", bureau("620300", "city", PROVINCE), Role.PROVINCE_IT, tenant=PROVINCE)
    for code in ("620300", "620999"):
        answer = await lanzhou.post(f"/tenants/{code}/units", {"units": [unit(f"{code}001", code)]})
        refused(answer, 404, "not-found")


def test_the_city_of_a_bureau_is_below_its_province() -> None:
    tree = Tree({PROVINCE: None, CITY: PROVINCE, DISTRICT: CITY})
    caller = Caller.system(DISTRICT, name="registry", command_id=uuid4(), now=clock.now(), tree=tree, policy={})
    assert [city_of(caller, bureau) for bureau in (DISTRICT, CITY, PROVINCE)] == [CITY, CITY, PROVINCE]
    unheard = replace(caller, tree=Tree({}))
    with pytest.raises(TenantUnknown):
        city_of(unheard, DISTRICT)
    with pytest.raises(NotFound):
        city_of(unheard, OTHER_DISTRICT)


async def test_a_bureau_keeps_its_parent(lanzhou: Lanzhou) -> None:
    it: dict[str, Any] = {"role": Role.PROVINCE_IT, "tenant": PROVINCE}
    await lanzhou.ok("/tenants", bureau("620300", "city", PROVINCE), **it)
    moved = {**bureau(DISTRICT, "district", "620300"), "name": "城关区"}
    refused(await lanzhou.post("/tenants", moved, **it), 409, "tenant-registered-otherwise")
    shown = await lanzhou.service.get("/v1/tenants", Role.CITY_BUREAU, CITY)
    assert {t["tenant_id"]: t["parent"] for t in shown["items"]}[DISTRICT] == CITY


def test_what_is_named_by_a_code_or_a_title_is_its_bureaus() -> None:
    assert station_id(DISTRICT, STREET) != station_id(OTHER_DISTRICT, STREET)
    assert document_key(DISTRICT, "a", "b") != document_key(CITY, "a", "b")
