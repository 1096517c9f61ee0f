"""A figure is the total of rows that can be listed, and each of them leads to its events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT
from tests.registry.stage import (
    COMMUNITY,
    DISTRICT_DESK,
    DIVISIONS,
    FROM,
    SCHEME,
    SECOND,
    SIGNED,
    SPRING,
    STREET,
    STREET_DESK,
    Lanzhou,
    an_open_site,
    everything,
    furnish,
    worker,
)

from contracts.values import ProjectId, Role
from registry.commands.streams import position_id

DAY = timedelta(days=1)
GONE = date(2023, 3, 1)
TOTALS: dict[str, Any] = {"sum": sum, "least": min, "most": max}
Rows = list[dict[str, Any]]


async def rows_of(lanzhou: Lanzhou, path: str) -> Rows:
    """All that a figure's own address leads to, by pages of two."""
    found: Rows = []
    more = ""
    while True:
        page = await lanzhou.service.get(f"{path}&limit=2{more}", Role.CITY_BUREAU, CITY)
        found += page["items"]
        if page["cursor"] is None:
            return found
        more = f"&cursor={page['cursor']}"


async def counted(lanzhou: Lanzhou, **asked: Any) -> AsyncIterator[tuple[dict[str, Any], dict[str, Any], Rows]]:
    """Each indicator with each of its figures and the figure's rows."""
    body = await lanzhou.service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    for one in body["indicators"]:
        for figure in one["figures"]:
            yield one, figure, await rows_of(lanzhou, figure["rows"])


async def shown(lanzhou: Lanzhou, name: str, **asked: Any) -> list[tuple[Any, Rows]]:
    """What the figures of one indicator are, and of which rows."""
    found = counted(lanzhou, id=f"registry.{name}", **asked)
    return [(figure["value"], rows) async for _, figure, rows in found]


async def every_figure(lanzhou: Lanzhou) -> None:
    """Something for each indicator to count."""
    await everything(lanzhou)
    await lanzhou.ok(f"/tenants/{DISTRICT}/conferences/{STREET}/open", {}, **STREET_DESK)
    group = {"scheme_id": str(SCHEME), "head": "市民政局主要负责人", "deputy": "市民政局分管负责人", "office": "慈社科"}
    await lanzhou.ok("/leading-groups", {**group, "divisions": DIVISIONS, "districts": [DISTRICT, OTHER_DISTRICT]})
    assert (await lanzhou.removal(lanzhou.team[1], "request", GONE)).status_code == 200


async def test_every_figure_is_the_total_of_its_rows_on_every_day(lanzhou: Lanzhou) -> None:
    await every_figure(lanzhou)
    names = {one.id for one in lanzhou.service.held.definition.indicators}
    seen: dict[str, set[str]] = {}
    for on in (SPRING - DAY, SPRING, SIGNED - DAY, SIGNED, FROM - DAY, FROM, GONE - DAY, GONE, None):
        asked = {"as_of": on.isoformat()} if on else {}
        async for one, figure, rows in counted(lanzhou, **asked):
            told = (one["id"], figure, on)
            assert TOTALS[one["aggregate"]](row["value"] for row in rows) == figure["value"], told
            assert {row["tenant_id"] for row in rows} == {figure["tenant_id"]}, told
            for name, value in figure["dimensions"].items():
                assert {str(row[name]) for row in rows} == {value}, told
            places = [(row["stream"], row["item"]) for row in rows]
            assert len(set(places)) == len(places), told
            seen.setdefault(str(on), set()).add(one["id"])
    assert seen[str(None)] == names
    assert str(SPRING - DAY) not in seen


async def test_every_row_leads_to_the_event_that_made_it_say_so(lanzhou: Lanzhou) -> None:
    await every_figure(lanzhou)
    told: dict[tuple[str, str], set[int]] = {}
    async for one, _, rows in counted(lanzhou):
        for row in rows:
            place = row["tenant_id"], row["stream"]
            if place not in told:
                asked = {"stream": row["stream"], "limit": 200}
                events = await lanzhou.service.get("/v1/history", Role.AUDITOR, CITY, **asked)
                told[place] = {event["version"] for event in events["items"] if event["kind"] == "event"}
            assert row["version"] in told[place], (one["id"], row)


async def test_what_is_counted_no_longer_leaves_the_figure_and_the_rows_together(lanzhou: Lanzhou) -> None:
    await every_figure(lanzhou)
    site, last = position_id(lanzhou.project), lanzhou.team[2]
    ((_, posted),) = await shown(lanzhou, "posted_workers")
    assert [(row["project_id"], row["value"]) for row in posted] == [(str(lanzhou.project), 3)]
    await lanzhou.ok(f"/sites/{site}/close", {"reason": "moved"}, **DISTRICT_DESK, on=GONE)
    await lanzhou.ok(
        f"/tenants/{DISTRICT}/conferences/{STREET}/officers/relieve", {"unit": STREET}, **DISTRICT_DESK, on=GONE
    )
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist/lift", {"document": "演示文号02"}, on=GONE)
    await lanzhou.found(lanzhou.team[0])
    before = {"as_of": (GONE - DAY).isoformat()}
    for name in ("sites_open", "units_with_officer", "officers_per_unit", "posted_workers", "verified_projects"):
        assert [len(rows) for _, rows in await shown(lanzhou, name, **before)] == [1], name
        assert await shown(lanzhou, name) == [], name
    covered = await shown(lanzhou, "units_covered", **before)
    assert [(value, {row["unit"]: row["value"] for row in rows}) for value, rows in covered] == [
        (0, {STREET: 0}),
        (1, {COMMUNITY: 1, SECOND: 0}),
    ]
    assert [value for value, _ in await shown(lanzhou, "units_covered")] == [0, 0]
    ((locked, workers),) = await shown(lanzhou, "workers_locked", **before)
    assert (locked, {row["worker_id"] for row in workers}) == (3, set(map(str, lanzhou.team)))
    assert str(last) in {row["worker_id"] for row in workers}


async def another_site(lanzhou: Lanzhou) -> str:
    """A room of no project's at the community of the project's, open from the day after that one was."""
    plan = {"district": DISTRICT, "level": 4, "host": COMMUNITY, "name": "演示社工室"}
    site = await lanzhou.ok("/sites", plan, **DISTRICT_DESK)
    provider = {"provider": "酒泉路街道办事处"}
    await lanzhou.ok(f"/sites/{site}/premises", {"square_metres": "60", **provider}, **DISTRICT_DESK)
    await lanzhou.ok(f"/sites/{site}/equipment", {"device": "printer", "count": 1, **provider}, **DISTRICT_DESK)
    await lanzhou.ok(f"/sites/{site}/plaques", {"plaque": "社工室"}, **DISTRICT_DESK)
    staff = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲07", None, False)
    await lanzhou.ok(f"/workers/{staff}/place", {"site_id": str(site)})
    await lanzhou.ok(f"/sites/{site}/open", {}, **DISTRICT_DESK, on=SIGNED + DAY)
    return str(site)


async def test_a_unit_with_two_sites_is_one_row_until_the_last_is_closed(lanzhou: Lanzhou) -> None:
    first = str(await an_open_site(lanzhou))
    second = await another_site(lanzhou)

    async def covering() -> tuple[int, list[str]]:
        ((_, towns), (value, rows)) = await shown(lanzhou, "units_covered")
        assert [row["unit"] for row in towns] == [STREET]
        assert sorted(row["unit"] for row in rows) == [COMMUNITY, SECOND]
        for row in (one for one in rows if one["value"]):
            site = await lanzhou.service.get(f"/v1/sites/{row['site_id']}", Role.DISTRICT_BUREAU)
            assert (row["stream"], row["version"]) == (site["stream"], site["version"])
        return value, [row["site_id"] for row in rows if row["value"]]

    assert await covering() == (1, [first])
    await lanzhou.ok(f"/sites/{first}/close", {"reason": "moved"}, **DISTRICT_DESK, on=GONE)
    assert await covering() == (1, [second])
    await lanzhou.ok(f"/sites/{second}/close", {"reason": "moved"}, **DISTRICT_DESK, on=GONE)
    assert await covering() == (0, [])


async def test_R_LZ_24_the_least_equipped_project_is_the_figure_and_each_project_a_row(lanzhou: Lanzhou) -> None:
    first, second = lanzhou.project, ProjectId(uuid4())
    await lanzhou.approve()
    await furnish(lanzhou, computers=2)
    more = {"device": "computer", "count": 3, "provider": "酒泉路街道办事处"}
    await lanzhou.ok(f"/sites/{position_id(first)}/equipment", more, **STREET_DESK)
    await lanzhou.approve(second, SECOND)
    lanzhou.project = second
    await furnish(lanzhou, computers=4)
    (computers, printers) = await shown(lanzhou, "equipment_per_project")
    assert [value for value, _ in (computers, printers)] == [4, 1]
    assert {row["project"]: row["value"] for row in computers[1]} == {str(first): 5, str(second): 4}
