"""Units that are merged, split and renamed over HTTP: what lists, search and sites show of a day before and after."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT
from tests.registry.stage import COMMUNITY, SECOND, SPRING, STREET, Lanzhou

from contracts.messages.funding import ProjectPlaceMovedV1
from contracts.messages.registry import UnitToldV1
from contracts.values import Role, UnitCode
from registry.commands.streams import position_id

DAY, BEFORE = date(2023, 1, 1), "2022-12-31"
NEW = "620102001099"
UNITS = f"/tenants/{DISTRICT}/units"
MERGERS = f"/tenants/{DISTRICT}/unit-mergers"


def order(**body: Any) -> dict[str, Any]:
    return {"document": str(uuid4()), "reason": "社区规模调整", **body}


async def change(lanzhou: Lanzhou, path: str, on: date = DAY, **body: Any) -> httpx.Response:
    """By the district's own bureau."""
    return await lanzhou.post(path, order(**body), Role.DISTRICT_BUREAU, tenant=DISTRICT, on=on)


async def merged(lanzhou: Lanzhou, *units: str, into: str, on: date = DAY) -> None:
    answer = await change(lanzhou, MERGERS, on, units=list(units), into=into)
    assert answer.status_code == 200, answer.text


async def hear_units(lanzhou: Lanzhou) -> list[UnitToldV1]:
    """What is told of units reaches the registry itself, twice."""
    told = [message for message in await lanzhou.service.told() if isinstance(message, UnitToldV1)]
    for message in (*told, *reversed(told)):
        await lanzhou.service.hear(message, on=message.until or SPRING)
    return told


async def unit(lanzhou: Lanzhou, code: str, **asked: Any) -> dict[str, Any]:
    return await lanzhou.service.get(f"/v1/units/{code}", Role.CITY_BUREAU, CITY, **asked)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_a_merged_unit_says_what_it_became_and_stood_the_day_before(lanzhou: Lanzhou) -> None:
    await merged(lanzhou, COMMUNITY, into=SECOND)
    shown = await unit(lanzhou, COMMUNITY)
    assert (shown["until"], shown["successors"], shown["successor_names"]) == ("2023-01-01", [SECOND], ["演示社区二"])
    assert (shown["change"], shown["counted"], shown["flags"]["ended"]) == ("merged", False, True)
    before = await unit(lanzhou, COMMUNITY, as_of=BEFORE)
    assert (before["until"], before["successors"], before["counted"], before["flags"]["ended"]) == (
        None,
        [],
        True,
        False,
    )


async def test_units_of_a_day_are_counted_as_they_were_that_day(lanzhou: Lanzhou) -> None:
    async def counted(**asked: Any) -> dict[str, int]:
        body = await lanzhou.service.get("/v1/coverage", Role.DISTRICT_BUREAU, DISTRICT, **asked)
        return {item["kind"]: item["declared"] for item in body["items"]}

    assert await counted() == {"township": 1, "village": 2}
    await merged(lanzhou, COMMUNITY, into=SECOND)
    assert await counted() == {"township": 1, "village": 1}
    assert await counted(as_of=BEFORE) == {"township": 1, "village": 2}


async def test_search_finds_the_old_name_with_what_it_became(lanzhou: Lanzhou) -> None:
    async def found(typed: str) -> list[str]:
        body = await lanzhou.service.get("/v1/search", Role.DISTRICT_BUREAU, DISTRICT, q=typed, kind="unit")
        return [item["name"] for item in body["items"]]

    assert (await change(lanzhou, f"{UNITS}/{COMMUNITY}/name", name="向阳社区")).status_code == 200
    assert await found("演示社区一") == ["向阳社区（曾用名：演示社区一）"]
    assert await found("向阳") == ["向阳社区（曾用名：演示社区一）"]
    for name in ("演示社区一", "向阳社区"):
        assert (await change(lanzhou, f"{UNITS}/{COMMUNITY}/name", name=name)).status_code == 200
    assert len(await found("向阳")) == 1
    await merged(lanzhou, COMMUNITY, into=SECOND)
    assert await found("演示社区一") == ["向阳社区（已并入演示社区二）"]
    assert (await unit(lanzhou, COMMUNITY, as_of=BEFORE))["name"] == "演示社区一"


async def test_a_split_founds_its_parts_and_an_abolished_unit_leaves_nothing(lanzhou: Lanzhou) -> None:
    parts = [{"unit": COMMUNITY, "name": "演示社区一东"}, {"unit": NEW, "name": "演示社区一西"}]
    assert (await change(lanzhou, f"{UNITS}/{COMMUNITY}/split", into=parts)).status_code == 200
    shown = await unit(lanzhou, NEW)
    assert (shown["founded_on"], shown["parent"], shown["change"]) == ("2023-01-01", STREET, "founded")
    kept = await unit(lanzhou, COMMUNITY)
    assert (kept["name"], kept["former_names"], kept["until"]) == ("演示社区一东", ["演示社区一"], None)
    assert (await change(lanzhou, f"{UNITS}/{SECOND}/abolition")).status_code == 200
    assert (await unit(lanzhou, SECOND))["successor_names"] == []
    units = await lanzhou.service.get("/v1/units", Role.CITY_BUREAU, CITY, flag="ended")
    assert [item["unit"] for item in units["items"]] == [SECOND]


async def test_the_district_and_the_city_change_units_and_nobody_else(lanzhou: Lanzhou) -> None:
    body = order(units=[COMMUNITY], into=SECOND)
    for role, tenant, unit in (
        (Role.STREET_OFFICER, DISTRICT, STREET),
        (Role.COMMUNITY_COMMITTEE, DISTRICT, SECOND),
        (Role.PROVINCE_IT, "620000", None),
    ):
        answer = await lanzhou.post(MERGERS, body, role, tenant=tenant, unit=unit, on=DAY)
        assert code_of(answer) == (403, "forbidden"), role
    elsewhere = await lanzhou.post(MERGERS, body, Role.DISTRICT_BUREAU, tenant=OTHER_DISTRICT, on=DAY)
    assert elsewhere.status_code == 404, elsewhere.text
    assert (await lanzhou.post(MERGERS, body, Role.CITY_BUREAU, tenant=CITY, on=DAY)).status_code == 200


async def test_a_new_unit_has_a_code_of_the_district(lanzhou: Lanzhou) -> None:
    founded = {"unit": "620103001001", "name": "合并社区", "parent": STREET}
    answer = await change(lanzhou, MERGERS, units=[COMMUNITY], founded=founded)
    assert code_of(answer) == (403, "unit-of-another-district")
    both = await change(lanzhou, MERGERS, units=[COMMUNITY], into=SECOND, founded={"unit": NEW, "name": "合并社区"})
    assert code_of(both) == code_of(await change(lanzhou, MERGERS, units=[COMMUNITY])) == (422, "merger-into-one-unit")
    assert (
        await change(lanzhou, MERGERS, units=[COMMUNITY], founded={"unit": NEW, "name": "合并社区"})
    ).status_code == 200


async def test_what_is_refused_over_http_names_the_successor(lanzhou: Lanzhou) -> None:
    await merged(lanzhou, COMMUNITY, into=SECOND)
    site = {"level": 4, "name": "演示社工室", "host": COMMUNITY, "district": DISTRICT}
    answer = await lanzhou.post("/sites", site, Role.DISTRICT_BUREAU, tenant=DISTRICT, on=DAY)
    assert code_of(answer) == (409, "unit-ended")
    assert f"并入演示社区二（{SECOND}）" in answer.json()["detail"]
    assert (await lanzhou.post("/sites", site, Role.DISTRICT_BUREAU, tenant=DISTRICT, on=SPRING)).status_code == 200
    again: dict[str, Any] = {"units": [COMMUNITY], "into": SECOND}
    for path, body in ((MERGERS, again), (f"{UNITS}/{COMMUNITY}/abolition", {})):
        assert code_of(await change(lanzhou, path, **body)) == (409, "unit-ended")
    assert code_of(await change(lanzhou, MERGERS, units=[SECOND], into=SECOND)) == (422, "unit-into-itself")
    assert code_of(await change(lanzhou, MERGERS, units=[SECOND], into=STREET)) == (422, "units-of-two-kinds")
    assert code_of(await change(lanzhou, f"{UNITS}/{STREET}/abolition")) == (409, "units-below-remain")
    one = [{"unit": NEW, "name": "演示社区"}]
    assert code_of(await change(lanzhou, f"{UNITS}/{SECOND}/split", into=one)) == (422, "unit-split-into-one")
    two = [{"unit": COMMUNITY, "name": "演示社区"}, *one]
    assert code_of(await change(lanzhou, f"{UNITS}/{SECOND}/split", into=two)) == (409, "unit-code-taken")


async def test_the_sites_of_a_merged_unit_are_its_successors_from_the_day_on(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    position = position_id(lanzhou.project)
    await merged(lanzhou, COMMUNITY, into=SECOND)
    founded = {"unit": NEW, "name": "合并社区"}
    later = date(2023, 6, 1)
    assert (await change(lanzhou, MERGERS, later, units=[SECOND], founded=founded)).status_code == 200
    told = await hear_units(lanzhou)
    assert [(m.unit, m.version, m.successors) for m in told if m.until] == [
        (COMMUNITY, 2, (SECOND,)),
        (SECOND, 2, (NEW,)),
    ]

    async def host(**asked: Any) -> tuple[str, list[str]]:
        shown = await lanzhou.service.get(f"/v1/sites/{position}", Role.CITY_BUREAU, CITY, **asked)
        return shown["host"], shown["former_hosts"]

    assert await host() == (NEW, [COMMUNITY, SECOND])
    assert await host(as_of="2023-05-31") == (SECOND, [COMMUNITY])
    assert await host(as_of=BEFORE) == (COMMUNITY, [])


async def test_the_committee_of_the_successor_acts_for_the_site_and_that_of_the_old_unit_does_not(
    lanzhou: Lanzhou,
) -> None:
    await lanzhou.approve()
    path = f"/sites/{position_id(lanzhou.project)}/premises"

    async def provides(unit: str) -> int:
        body = {"square_metres": "60", "provider": "演示社区"}
        return (
            await lanzhou.post(path, body, Role.COMMUNITY_COMMITTEE, tenant=DISTRICT, unit=unit, on=DAY)
        ).status_code

    assert [await provides(COMMUNITY), await provides(SECOND)] == [200, 403]
    await merged(lanzhou, COMMUNITY, into=SECOND)
    await hear_units(lanzhou)
    assert [await provides(COMMUNITY), await provides(SECOND)] == [403, 200]


async def test_a_project_that_is_approved_while_its_unit_is_merged_is_planned_at_the_successor(
    lanzhou: Lanzhou,
) -> None:
    await merged(lanzhou, COMMUNITY, into=SECOND)
    await lanzhou.approve(community=UnitCode(COMMUNITY))
    shown = await lanzhou.service.get(f"/v1/sites/{position_id(lanzhou.project)}", Role.CITY_BUREAU, CITY)
    assert (shown["host"], shown["name"]) == (SECOND, "演示社区二社工室")
    assert not shown["flags"]["unit_ended"]


async def test_a_site_whose_unit_is_split_or_abolished_is_flagged(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    assert (await change(lanzhou, f"{UNITS}/{COMMUNITY}/abolition")).status_code == 200
    await hear_units(lanzhou)
    shown = await lanzhou.service.get(f"/v1/sites/{position_id(lanzhou.project)}", Role.CITY_BUREAU, CITY)
    assert (shown["host"], shown["flags"]["unit_ended"]) == (COMMUNITY, True)


async def test_a_projects_position_is_where_a_bureau_decided_that_the_project_goes_on(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    parts = [{"unit": NEW, "name": "演示社区东"}, {"unit": "620102001098", "name": "演示社区西"}]
    assert (await change(lanzhou, f"{UNITS}/{COMMUNITY}/split", into=parts)).status_code == 200
    decided = ProjectPlaceMovedV1(
        project_id=lanzhou.project, community=UnitCode(NEW), street=UnitCode(STREET), moved_on=date(2023, 2, 1)
    )
    for _ in range(2):
        await lanzhou.service.hear(decided, on=date(2023, 2, 1))
    path = f"/v1/sites/{position_id(lanzhou.project)}"
    shown = await lanzhou.service.get(path, Role.CITY_BUREAU, CITY)
    assert (shown["host"], shown["former_hosts"], shown["flags"]["unit_ended"]) == (NEW, [COMMUNITY], False)
    assert (await lanzhou.service.get(path, Role.CITY_BUREAU, CITY, as_of="2023-01-31"))["host"] == COMMUNITY
