"""Bureaus, divisions, organisations and workers over HTTP, on real engines."""

from __future__ import annotations

from uuid import UUID, uuid4

from tests.registry.service import CITY, DISTRICT, PROVINCE
from tests.registry.stage import (
    STREET,
    Lanzhou,
    figures,
    organisation,
    refused,
    told,
    worker,
)
from tests.synthetic import credit_code

from contracts.messages.registry import (
    TenantRegisteredV1,
)
from contracts.values import Role


async def test_a_tenant_is_told_and_known_at_once(lanzhou: Lanzhou) -> None:
    heard = await told(lanzhou.service, TenantRegisteredV1)
    assert [(m.tenant_id, m.parent) for m in heard][:2] == [(PROVINCE, None), (CITY, PROVINCE)]
    listed = await lanzhou.service.get("/v1/tenants", Role.CITY_BUREAU, CITY)
    assert [(t["tenant_id"], t["level"]) for t in listed["items"]][1:3] == [(CITY, "city"), (DISTRICT, "district")]


async def test_a_bureau_cannot_register_a_tenant_under_another_bureau(lanzhou: Lanzhou) -> None:
    body = {"tenant_id": "130600", "name": "演示市", "level": "city", "parent": "130000", "region": "x"}
    answer = await lanzhou.post("/tenants", body, Role.PROVINCE_IT, tenant=PROVINCE)
    refused(answer, 409, "not-known-yet")


async def test_units_are_declared_once_and_statistical_areas_are_not_counted(lanzhou: Lanzhou) -> None:
    body = await lanzhou.service.get("/v1/units", Role.DISTRICT_BUREAU, kind="township")
    assert [(u["unit"], u["counted"]) for u in body["items"]] == [(STREET, True), ("620102400", False)]


async def test_lists_turn_pages(lanzhou: Lanzhou) -> None:
    first = await lanzhou.service.get("/v1/units", Role.DISTRICT_BUREAU, limit=3)
    rest = await lanzhou.service.get("/v1/units", Role.DISTRICT_BUREAU, limit=3, cursor=first["cursor"])
    assert [len(first["items"]), len(rest["items"]), rest["cursor"]] == [3, 1, None]
    assert not {u["unit"] for u in first["items"]} & {u["unit"] for u in rest["items"]}


async def test_R_LZ_08_a_licence_belongs_to_one_person_however_it_is_written(lanzhou: Lanzhou) -> None:
    await worker(lanzhou.service, lanzhou.organisation, "演示社工甲04", "junior", False, "DEMO-2020-77")
    other = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲05", None, False)
    paper = {"level": "junior", "licence": "ｄｅｍｏ-2020- 77", "issued_on": "2020-01-01", "evidence": "0" * 64}
    answer = await lanzhou.post(f"/workers/{other}/qualifications", paper)
    refused(answer, 409, "licence-belongs-to-another", "R-LZ-08")


async def test_one_number_is_one_organisation(lanzhou: Lanzhou) -> None:
    body = {"name": "乙", "authority": "x", "civil_affairs": True, "registered_on": "2015-01-01"}
    answer = await lanzhou.post("/organisations", {**body, "number": credit_code(1)})
    refused(answer, 409, "organisation-number-taken")


async def test_names_are_for_those_who_work_with_them(lanzhou: Lanzhou) -> None:
    path = f"/v1/workers/{lanzhou.team[0]}"
    seen = await lanzhou.service.get(path, Role.CITY_BUREAU, CITY)
    assert (seen["name"], seen["licences"], seen["organisation_id"]) == (
        "演示社工甲01",
        ["intermediate"],
        str(lanzhou.organisation),
    )
    assert (await lanzhou.service.get(path, Role.AUDITOR, CITY))["name"] is None
    assert (await lanzhou.service.get(path, Role.DISTRICT_BUREAU))["name"] == "演示社工甲01"
    for unit, name in ((str(lanzhou.organisation), "演示社工甲01"), (str(uuid4()), None)):
        assert (await lanzhou.service.get(path, Role.ORGANISATION_MANAGER, CITY, unit=unit))["name"] == name
    assert (await lanzhou.service.get(path, Role.STREET_OFFICER, unit="620102001"))["name"] is None
    held = lanzhou.service.held
    await held.vault.destroy(CITY, UUID(seen["person"]))
    assert (await lanzhou.service.get(path, Role.CITY_BUREAU, CITY))["name"] is None


async def test_an_organisation_manager_acts_for_one_organisation(lanzhou: Lanzhou) -> None:
    other = await organisation(lanzhou.service, "演示社工服务中心乙", credit_code(2))
    body = {"name": "演示社工乙01", "organisation_id": str(other)}
    answer = await lanzhou.post("/workers", body, Role.ORGANISATION_MANAGER, unit=str(lanzhou.organisation))
    refused(answer, 403, "not-your-unit")


async def test_R_LZ_08_only_the_city_lists_and_lifts(lanzhou: Lanzhou) -> None:
    path = f"/organisations/{lanzhou.organisation}/blacklist"
    refused(
        await lanzhou.post(path, {"reason": "impersonation"}, Role.DISTRICT_BUREAU, tenant=DISTRICT), 403, "forbidden"
    )
    await lanzhou.ok(path, {"reason": "impersonation"})
    assert (await figures(lanzhou.service))["organisations_blacklisted"] == [(CITY, 1, "exact")]
    await lanzhou.ok(f"{path}/lift", {"document": "演示文号01"})
    assert (await figures(lanzhou.service))["organisations_blacklisted"] == []


async def test_a_population_is_declared_with_its_basis(lanzhou: Lanzhou) -> None:
    body = {"basis": "registered", "year": 2022, "persons": 540_000}
    await lanzhou.ok(f"/tenants/{DISTRICT}/populations", body)
    shown = await lanzhou.service.get("/v1/populations", Role.DISTRICT_BUREAU)
    assert [(p["basis"], p["year"], p["persons"]) for p in shown["items"]] == [("registered", 2022, 540_000)]
