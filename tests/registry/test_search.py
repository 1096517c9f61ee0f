"""Finding units, sites, organisations and workers, each only by who may see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT
from tests.registry.stage import COMMUNITY, SPRING, STREET, Lanzhou

from contracts.values import Role, TenantId
from kit.store import rebuild_names

EAST = "620102001901"
EASTERN = {"unit": EAST, "kind": "village", "name": "铁路东村社区居委会", "parent": STREET}


async def found(
    lanzhou: Lanzhou,
    typed: str,
    role: Role = Role.DISTRICT_BUREAU,
    tenant: TenantId = DISTRICT,
    unit: str | None = None,
    **asked: Any,
) -> list[tuple[str, str]]:
    """Kind and name of what is found, in its order."""
    body = await lanzhou.service.get("/v1/search", role, tenant, unit, q=typed, **asked)
    return [(item["kind"], item["name"]) for item in body["items"]]


async def declare(lanzhou: Lanzhou, *units: dict[str, str]) -> None:
    path = f"/tenants/{DISTRICT}/units"
    await lanzhou.ok(path, {"units": list(units)}, Role.DISTRICT_BUREAU, tenant=DISTRICT)


async def test_J9_name_pinyin_initials_and_code_find_the_same_community(lanzhou: Lanzhou) -> None:
    await declare(lanzhou, EASTERN)
    for typed in ("tldc", "tieludong", EAST[:10], "铁路", "东村", "TieLu Dong", "ｔｌｄｃ", "tieluodong"):
        assert await found(lanzhou, typed) == [("unit", "铁路东村社区居委会")], typed
    (item,) = (await lanzhou.service.get("/v1/search", Role.DISTRICT_BUREAU, DISTRICT, q="tldc"))["items"]
    assert item == {
        "kind": "unit",
        "id": EAST,
        "name": "铁路东村社区居委会",
        "tenant_id": DISTRICT,
        "code": EAST,
        "where": "城关区 酒泉路街道",
        "path": f"/v1/units/{EAST}",
    }
    shown = await lanzhou.service.get(item["path"], Role.DISTRICT_BUREAU, DISTRICT)
    assert (shown["name"], shown["parent_name"], shown["tenant_name"]) == ("铁路东村社区居委会", "酒泉路街道", "城关区")


async def test_a_character_is_found_by_either_reading(lanzhou: Lanzhou) -> None:
    names = {"单": "dan shan", "曾": "ceng zeng", "仇": "chou qiu", "区": "qu ou", "解": "jie xie", "查": "cha zha"}
    units = [
        {"unit": f"62010200180{n}", "kind": "village", "name": f"{name}家演示村", "parent": STREET}
        for n, name in enumerate(names)
    ]
    await declare(lanzhou, *units)
    for name, readings in names.items():
        for reading in readings.split():
            assert ("unit", f"{name}家演示村") in await found(lanzhou, f"{reading}jia"), reading
            assert ("unit", f"{name}家演示村") in await found(lanzhou, f"{reading[0]}jys"), reading


async def test_the_best_stands_first_and_more_says_that_there_is_more(lanzhou: Lanzhou) -> None:
    names = ["向阳", "向阳坡", "小向阳", "西夜市"]
    units = [
        {"unit": f"62010200170{n}", "kind": "village", "name": name, "parent": STREET} for n, name in enumerate(names)
    ]
    await declare(lanzhou, *units)
    assert [name for _, name in await found(lanzhou, "向阳")] == ["向阳", "向阳坡", "小向阳"]
    assert [name for _, name in await found(lanzhou, "xy")] == ["向阳", "向阳坡", "西夜市"]
    two = await lanzhou.service.get("/v1/search", Role.DISTRICT_BUREAU, DISTRICT, q="向阳", limit=2)
    assert (len(two["items"]), two["more"]) == (2, True)
    all_three = await lanzhou.service.get("/v1/search", Role.DISTRICT_BUREAU, DISTRICT, q="向阳", limit=3)
    assert (len(all_three["items"]), all_three["more"]) == (3, False)


async def test_sites_and_organisations_are_found_and_a_kind_is_asked_for(lanzhou: Lanzhou) -> None:
    body = {"level": 4, "name": "铁路东村演示服务站", "host": COMMUNITY, "district": DISTRICT}
    await declare(lanzhou, EASTERN)
    answer = await lanzhou.post("/sites", body, Role.DISTRICT_BUREAU, tenant=DISTRICT)
    assert answer.status_code == 200, answer.text
    assert {kind for kind, _ in await found(lanzhou, "铁路东村")} == {"unit", "site"}
    assert await found(lanzhou, "tldcys", kind="site") == [("site", "铁路东村演示服务站")]
    organisation = await lanzhou.service.get(f"/v1/organisations/{lanzhou.organisation}", Role.CITY_BUREAU, CITY)
    assert ("organisation", organisation["name"]) in await found(lanzhou, organisation["name"][:3])
    assert await found(lanzhou, organisation["number"].lower()) == [("organisation", organisation["name"])]


async def test_it_is_found_at_the_moment_when_it_was_there(lanzhou: Lanzhou) -> None:
    await declare(lanzhou, EASTERN)
    assert await found(lanzhou, "tldc", as_of=SPRING.isoformat()) == [("unit", "铁路东村社区居委会")]
    assert await found(lanzhou, "tldc", as_of="2022-05-31") == []


async def test_other_districts_and_cities_find_nothing_of_it(lanzhou: Lanzhou) -> None:
    await declare(lanzhou, EASTERN)
    assert await found(lanzhou, "tldc", tenant=OTHER_DISTRICT) == []
    assert await found(lanzhou, "tldc", Role.CITY_BUREAU, CITY) == [("unit", "铁路东村社区居委会")]
    answer = await lanzhou.service.http.get(
        f"/v1/units/{EAST}", headers=lanzhou.service.bearing(Role.DISTRICT_BUREAU, OTHER_DISTRICT)
    )
    assert answer.status_code == 404


async def test_a_worker_is_found_by_who_may_name_one_and_by_nobody_else(lanzhou: Lanzhou) -> None:
    name, organisation = "演示社工甲01", str(lanzhou.organisation)
    for typed in ("演示社工甲", "yssgj", "yanshishe", name):
        for role, tenant, unit in (
            (Role.CITY_BUREAU, CITY, None),
            (Role.DISTRICT_BUREAU, DISTRICT, None),
            (Role.ORGANISATION_MANAGER, CITY, organisation),
        ):
            assert ("worker", name) in await found(lanzhou, typed, role, tenant, unit, kind="worker"), (typed, role)
    assert await found(lanzhou, name, Role.ORGANISATION_MANAGER, CITY, str(uuid4()), kind="worker") == []
    for role in (Role.AUDITOR, Role.PROVINCE_BUREAU):
        assert await found(lanzhou, name, role, CITY, kind="worker") == []
    for role, unit in (
        (Role.STREET_OFFICER, STREET),
        (Role.COMMUNITY_COMMITTEE, COMMUNITY),
        (Role.SUPERVISOR, organisation),
    ):
        assert await found(lanzhou, name, role, DISTRICT, unit, kind="worker") == []


async def test_who_left_is_not_found_by_the_organisation_and_not_by_a_day_before(lanzhou: Lanzhou) -> None:
    name, organisation = "演示社工甲01", str(lanzhou.organisation)
    await lanzhou.ok(f"/workers/{lanzhou.team[0]}/employment/end", {}, Role.CITY_BUREAU)
    manager = (Role.ORGANISATION_MANAGER, CITY, organisation)
    assert await found(lanzhou, name, *manager, kind="worker") == []
    assert await found(lanzhou, name, *manager, kind="worker", as_of=SPRING.isoformat()) == []
    assert await found(lanzhou, name, Role.CITY_BUREAU, CITY, kind="worker") == [("worker", name)]


async def test_of_an_erased_person_no_beginning_is_left_also_after_a_rebuild(lanzhou: Lanzhou) -> None:
    held = lanzhou.service.held
    seen = await lanzhou.service.get(f"/v1/workers/{lanzhou.team[0]}", Role.CITY_BUREAU, CITY)
    person = UUID(seen["person"])

    async def kept() -> int:
        return int(await held.vault._pool.fetchval("select count(*) from person_prefix where person_id = $1", person))

    before = await kept()
    assert before > 0
    assert await held.vault.destroy(CITY, person) == 1
    assert await kept() == 0
    everybody = await held.vault._pool.fetchval("select count(*) from person_prefix")
    assert await rebuild_names(lanzhou.service.rebuild, held.store.mapper, held.vault, held.store.people) >= 3
    assert await kept() == 0
    assert await held.vault._pool.fetchval("select count(*) from person_prefix") == everybody > 0
    assert await found(lanzhou, "演示社工甲01", Role.CITY_BUREAU, CITY, kind="worker") == []


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "请输入"),
        ("  　", "请输入"),
        ("%_", "只有标点"),
        ("*", "只有标点"),
        ("。，", "只有标点"),
        ("甲\n乙", "控制字符"),
        ("甲" * 101, "最多 100 个字"),
        ("a" * 10_000, "最多 100 个字"),
    ],
)
async def test_what_can_be_no_name_is_refused_in_words(lanzhou: Lanzhou, typed: str, problem: str) -> None:
    answer = await lanzhou.service.http.get(
        "/v1/search", params={"q": typed}, headers=lanzhou.service.bearing(Role.DISTRICT_BUREAU)
    )
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "query.q")
    assert problem in error["problem"]


async def test_an_unknown_kind_is_refused_and_wildcards_are_characters(lanzhou: Lanzhou) -> None:
    answer = await lanzhou.service.http.get(
        "/v1/search", params={"q": "甲", "kind": "planet"}, headers=lanzhou.service.bearing(Role.DISTRICT_BUREAU)
    )
    assert answer.json()["errors"] == [
        {"field": "query.kind", "problem": "没有这个类别；有：unit、site、organisation、worker"}
    ]
    await declare(lanzhou, {**EASTERN, "name": "演示100%村"}, {**EASTERN, "unit": "620102001902", "name": "演示1000村"})
    assert await found(lanzhou, "演示100%") == [("unit", "演示100%村")]
    assert await found(lanzhou, "演_100") == []
