"""Sites, conferences and the leading group over HTTP, on real engines."""

from __future__ import annotations

from uuid import uuid4

from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT
from tests.registry.stage import (
    COMMUNITY,
    DISTRICT_DESK,
    DIVISIONS,
    SCHEME,
    SECOND,
    SIGNED,
    STANDARD,
    STREET,
    STREET_DESK,
    Lanzhou,
    conference,
    figures,
    furnish,
    publish_scheme,
    refused,
    told,
)

from contracts.messages.registry import (
    SiteOpenedV1,
)
from contracts.values import ProjectId, Role
from registry.commands.streams import position_id, station_id


async def test_R_LZ_24_a_projects_site_opens_with_the_streets_full_equipment(lanzhou: Lanzhou) -> None:
    await lanzhou.ok("/linkage-standards", STANDARD)
    await lanzhou.approve()
    site = await furnish(lanzhou, computers=1)
    await lanzhou.declare()
    refused(await lanzhou.post(f"/sites/{site}/open", {}, **DISTRICT_DESK), 409, "site-equipment-short", "R-LZ-24")
    more = {"device": "computer", "count": 1, "provider": "酒泉路街道办事处"}
    await lanzhou.ok(f"/sites/{site}/equipment", more, **DISTRICT_DESK)
    refused(await lanzhou.post(f"/sites/{site}/open", {}, **DISTRICT_DESK), 422, "too-early")
    await lanzhou.ok(f"/sites/{site}/open", {}, **DISTRICT_DESK, on=SIGNED)
    (opened,) = await told(lanzhou.service, SiteOpenedV1)
    assert (opened.site_id, opened.community, opened.project_id, opened.level) == (site, COMMUNITY, lanzhou.project, 4)
    found = await lanzhou.service.get(f"/v1/sites/{site}", Role.DISTRICT_BUREAU)
    assert [(e["device"], e["count"]) for e in found["equipment"]] == [("computer", 2), ("printer", 1)]
    assert found["plaques"] == ["社工站"]


async def test_R_LZ_24_a_projects_site_does_not_open_before_the_city_said_with_what(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    site = await furnish(lanzhou)
    await lanzhou.declare()
    early = await lanzhou.post(f"/sites/{site}/open", {}, **DISTRICT_DESK, on=SIGNED)
    refused(early, 409, "linkage-standard-not-declared")
    assert early.json()["detail"] == "本市尚未申报联动机制规范（设备清单、席位、科室）。请先由市民政局申报。"
    await lanzhou.ok("/linkage-standards", STANDARD)
    await lanzhou.ok(f"/sites/{site}/open", {}, **DISTRICT_DESK, on=SIGNED)


async def test_a_site_shows_its_operator_and_its_area_in_decimal_text(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    site = await furnish(lanzhou)
    await lanzhou.ok(f"/sites/{site}/operator", {"organisation_id": str(lanzhou.organisation)}, **DISTRICT_DESK)
    found = await lanzhou.service.get(f"/v1/sites/{site}", Role.DISTRICT_BUREAU)
    assert (found["operator"], found["square_metres"]) == (str(lanzhou.organisation), "320")


async def test_R_LZ_08_a_listed_organisation_is_no_sites_operator(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    site = position_id(lanzhou.project)
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist", {"reason": "impersonation"})
    answer = await lanzhou.post(
        f"/sites/{site}/operator", {"organisation_id": str(lanzhou.organisation)}, **DISTRICT_DESK
    )
    refused(answer, 409, "organisation-blacklisted", "R-LZ-08")


async def test_a_projects_site_needs_verified_staff(lanzhou: Lanzhou) -> None:
    await lanzhou.ok("/linkage-standards", STANDARD)
    await lanzhou.approve()
    site = await furnish(lanzhou)
    refused(
        await lanzhou.post(f"/sites/{site}/open", {}, Role.DISTRICT_BUREAU, tenant=DISTRICT), 409, "site-without-staff"
    )


async def test_a_street_acts_for_its_own_sites(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    site = position_id(lanzhou.project)
    body = {"plaque": "社工站"}
    answer = await lanzhou.post(f"/sites/{site}/plaques", body, Role.STREET_OFFICER, tenant=DISTRICT, unit="620102002")
    refused(answer, 403, "not-your-unit")
    answer = await lanzhou.post(f"/sites/{site}/plaques", body, Role.DISTRICT_BUREAU, tenant=OTHER_DISTRICT)
    refused(answer, 404, "not-found")


async def test_R_LZ_30_projects_of_one_street_share_its_station(lanzhou: Lanzhou) -> None:
    second = ProjectId(uuid4())
    await lanzhou.approve()
    await lanzhou.approve()
    await lanzhou.approve(second, SECOND)
    found = await lanzhou.service.get("/v1/sites", Role.DISTRICT_BUREAU, level=3)
    (station,) = found["items"]
    assert (station["site_id"], station["name"]) == (str(station_id(DISTRICT, STREET)), "酒泉路街道社工站")
    assert set(station["projects"]) == {str(lanzhou.project), str(second)}
    assert len((await lanzhou.service.get("/v1/sites", Role.DISTRICT_BUREAU, level=4))["items"]) == 2
    await lanzhou.declare()
    path = f"/sites/{station['site_id']}"
    await lanzhou.ok(f"{path}/premises", {"square_metres": "60", "provider": "演示社区一"}, **DISTRICT_DESK)
    refused(await lanzhou.post(f"{path}/open", {}, **DISTRICT_DESK), 409, "site-without-plaque", "R-LZ-30")
    await lanzhou.ok(f"{path}/plaques", {"plaque": "社工站", "project_id": str(lanzhou.project)}, **DISTRICT_DESK)
    await lanzhou.ok(f"{path}/open", {}, **DISTRICT_DESK, on=SIGNED)


async def test_R_LZ_22_the_conference_opens_with_four_kinds(lanzhou: Lanzhou) -> None:
    await lanzhou.ok("/linkage-standards", STANDARD)
    path = await conference(lanzhou, STANDARD["seats"][:3])
    refused(await lanzhou.post(f"{path}/open", {}, **STREET_DESK), 409, "conference-seat-missing", "R-LZ-22")
    await lanzhou.ok(f"{path}/seats", {"seat": "resident", "body": "演示居民代表"}, **STREET_DESK)
    await lanzhou.ok(f"{path}/open", {}, **STREET_DESK)
    assert (await figures(lanzhou.service))["conferences_open"] == [(DISTRICT, 1, "exact")]


async def test_R_LZ_23_one_officer_for_the_street_and_for_each_community(lanzhou: Lanzhou) -> None:
    path = await conference(lanzhou, [])
    for unit in (STREET, COMMUNITY):
        await lanzhou.ok(f"{path}/officers", {"unit": unit, "name": "演示干部甲"}, **DISTRICT_DESK)
    again = await lanzhou.post(f"{path}/officers", {"unit": COMMUNITY, "name": "演示干部乙"}, **DISTRICT_DESK)
    refused(again, 409, "responsible-officer-named-already", "R-LZ-23")
    found = await figures(lanzhou.service)
    assert found["officers_per_unit"] == [(DISTRICT, 1, "exact")]
    assert found["units_with_officer"] == [(DISTRICT, 2, "exact")]
    shown = await lanzhou.service.get(f"/v1{path}", Role.DISTRICT_BUREAU)
    assert {(p["duty"], p["unit"], p["name"]) for p in shown["people"]} == {
        ("officer", STREET, "演示干部甲"),
        ("officer", COMMUNITY, "演示干部甲"),
        ("liaison", STREET, "演示联动员甲"),
    }
    for role, desk in ((Role.AUDITOR, None), (Role.STREET_OFFICER, "620102002")):
        hidden = await lanzhou.service.get(f"/v1{path}", role, unit=desk)
        assert {p["name"] for p in hidden["people"]} == {None}
    own = await lanzhou.service.get(f"/v1{path}", Role.COMMUNITY_COMMITTEE, unit=COMMUNITY)
    assert {p["name"] for p in own["people"] if p["unit"] == COMMUNITY} == {"演示干部甲"}
    assert {p["name"] for p in own["people"] if p["unit"] == STREET} == {None}


async def test_a_conference_shows_its_own_seats_and_people(lanzhou: Lanzhou) -> None:
    await lanzhou.ok("/linkage-standards", STANDARD)
    path, street = await conference(lanzhou, ["resident"]), "620102002"
    other = f"/tenants/{DISTRICT}/conferences/{street}"
    desk = {**STREET_DESK, "unit": street}
    unit = {"unit": street, "kind": "township", "name": "演示街道", "parent": DISTRICT}
    await lanzhou.ok(f"/tenants/{DISTRICT}/units", {"units": [unit]}, **DISTRICT_DESK)
    await lanzhou.ok(f"/tenants/{DISTRICT}/conferences", {"street": street, "office": "演示街道社会事务办"}, **desk)
    await lanzhou.ok(f"{other}/seats", {"seat": "resident", "body": "演示居民乙"}, **desk)
    await lanzhou.ok(f"{other}/liaisons", {"name": "演示联动员乙"}, **desk)

    async def shown(path: str) -> tuple[list[str], list[tuple[str, str]]]:
        one = await lanzhou.service.get(f"/v1{path}", Role.DISTRICT_BUREAU)
        return [seat["body"] for seat in one["seats"]], [(p["unit"], p["name"]) for p in one["people"]]

    assert await shown(path) == (["演示resident"], [(STREET, "演示联动员甲")])
    assert await shown(other) == (["演示居民乙"], [(street, "演示联动员乙")])


async def test_R_LZ_42_the_leading_group_has_seven_divisions_and_the_schemes_districts(lanzhou: Lanzhou) -> None:
    await lanzhou.ok("/linkage-standards", STANDARD)
    body = {
        "scheme_id": str(SCHEME),
        "head": "市民政局主要负责人",
        "deputy": "市民政局分管负责人",
        "divisions": DIVISIONS,
        "districts": [DISTRICT, OTHER_DISTRICT],
        "office": "慈社科",
    }
    refused(await lanzhou.post("/leading-groups", body), 409, "not-known-yet")
    await publish_scheme(lanzhou.service)
    refused(
        await lanzhou.post("/leading-groups", {**body, "divisions": DIVISIONS[1:]}),
        409,
        "leading-group-divisions",
        "R-LZ-42",
    )
    await lanzhou.ok("/leading-groups", body)
    assert (await figures(lanzhou.service))["leading_group_divisions"] == [(CITY, 7, "exact")]
