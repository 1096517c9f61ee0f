"""Lists and figures as of a day and as known at an instant, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import asyncpg
from tests.registry.service import CITY, Running
from tests.registry.stage import (
    COMMUNITY,
    DISTRICT_DESK,
    FROM,
    SIGNED,
    SPRING,
    Lanzhou,
    an_open_site,
    conference,
    everything,
    figures,
    organisation,
    refused,
    worker,
)
from tests.synthetic import credit_code

from contracts.values import Role
from kit import clock

DAY = timedelta(days=1)
LISTED, PENALISED = date(2022, 9, 1), date(2022, 7, 1)
LISTS = (
    "tenants", "populations", "units", "organisations", "blacklist", "findings", "workers", "workforce", "staffing",
    "sites", "coverage", "linkage-standards", "leading-groups", "conferences", "documents", "targets",
)  # fmt: skip
SUMS = {"workforce", "coverage"}
"""Of many streams, so of none."""


async def items(lanzhou: Lanzhou, name: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await lanzhou.service.get(f"/v1/{name}", Role.CITY_BUREAU, CITY, **asked))["items"]
    return found


async def settled(service: Running) -> None:
    """Returns when nothing more will be recorded at an instant before now."""
    now = clock.now()
    relay = await asyncpg.connect(service.urls["relay"])
    try:
        async with asyncio.timeout(30):
            while await relay.fetchval("select settled()") < now:
                await relay.execute("select tick()")
                await asyncio.sleep(0.05)
    finally:
        await relay.close()


async def test_R_LZ_08_the_blacklist_of_each_day_and_a_penalty_that_was_recorded_late(lanzhou: Lanzhou) -> None:
    path = f"/organisations/{lanzhou.organisation}"
    await lanzhou.ok(f"{path}/blacklist", {"reason": "impersonation"}, on=LISTED)
    before = (await lanzhou.service.history())[-1]["recorded_at"]
    await lanzhou.ok(f"{path}/penalties", {"authority": "演示局", "document": "演示文号01"}, on=PENALISED)

    async def found(on: date, **asked: Any) -> tuple[int, list[tuple[str, int, str]], list[int]]:
        asked["as_of"] = on.isoformat()
        listed = await items(lanzhou, "blacklist", **asked)
        (shown,) = await items(lanzhou, "organisations", **asked)
        told = (await figures(lanzhou.service, **asked))["organisations_blacklisted"]
        assert await lanzhou.service.get(f"/v1{path}", Role.CITY_BUREAU, CITY, **asked) == shown
        return len(listed), told, [shown["penalties"]]

    figure = [(CITY, 1, "exact")]
    assert await found(PENALISED - DAY) == (0, [], [0])
    assert await found(PENALISED) == (0, [], [1])
    assert await found(LISTED - DAY) == (0, [], [1])
    assert await found(LISTED) == (1, figure, [1])
    await settled(lanzhou.service)
    assert await found(LISTED, known_at=before.isoformat()) == (1, figure, [0])
    assert await items(lanzhou, "organisations", as_of=(SPRING - DAY).isoformat()) == []
    gone = await lanzhou.service.http.get(
        f"/v1{path}",
        params={"as_of": (SPRING - DAY).isoformat()},
        headers=lanzhou.service.bearing(Role.CITY_BUREAU, CITY),
    )
    refused(gone, 404, "not-found")


async def test_coverage_and_workforce_of_each_day(lanzhou: Lanzhou) -> None:
    site = await an_open_site(lanzhou)
    closed = SIGNED + 9 * DAY
    await lanzhou.ok(f"/sites/{site}/close", {"reason": "moved"}, **DISTRICT_DESK, on=closed)
    other = await organisation(lanzhou.service, "演示社工服务中心乙", credit_code(2))
    take = {"organisation_id": str(other), "employment": "part_time"}
    moved = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲07", "senior", False)
    await lanzhou.ok(f"/workers/{moved}/employment", take, on=closed)

    async def covered(on: date) -> dict[str, tuple[int, int]]:
        asked = {"as_of": on.isoformat()}
        listed = {row["kind"]: row for row in await items(lanzhou, "coverage", **asked)}
        told = (await figures(lanzhou.service, **asked))["units_covered"]
        assert [value for _, value, _ in told] == [row["covered"] for row in listed.values()]
        return {kind: (row["covered"], row["declared"]) for kind, row in listed.items()}

    assert await covered(SPRING - DAY) == {}
    assert await covered(SIGNED - DAY) == {"township": (0, 1), "village": (0, 2)}
    assert await covered(SIGNED) == {"township": (0, 1), "village": (1, 2)}
    assert await covered(closed) == {"township": (0, 1), "village": (0, 2)}

    async def employed(on: date) -> dict[str, tuple[int, int, int]]:
        found = await items(lanzhou, "workforce", as_of=on.isoformat())
        return {row["organisation_id"]: (row["workers"], row["full_time"], row["licensed"]) for row in found}

    assert await employed(SPRING - DAY) == {}
    assert await employed(closed - DAY) == {str(lanzhou.organisation): (4, 4, 3)}
    assert await employed(closed) == {str(lanzhou.organisation): (3, 3, 2), str(other): (1, 0, 1)}


async def test_who_was_on_duty_and_which_attempt_it_was(lanzhou: Lanzhou) -> None:
    path = await conference(lanzhou, [])
    relieved = SPRING + 9 * DAY
    await lanzhou.ok(f"{path}/officers", {"unit": COMMUNITY, "name": "演示干部甲"}, **DISTRICT_DESK)
    await lanzhou.ok(f"{path}/officers/relieve", {"unit": COMMUNITY}, **DISTRICT_DESK, on=relieved)

    async def on_duty(on: date) -> list[tuple[str, str]]:
        shown = await lanzhou.service.get(f"/v1{path}", Role.DISTRICT_BUREAU, as_of=on.isoformat())
        return [(one["duty"], one["name"]) for one in shown["people"]]

    liaison, officer = ("liaison", "演示联动员甲"), ("officer", "演示干部甲")
    assert (await on_duty(relieved - DAY), await on_duty(relieved)) == ([liaison, officer], [liaison])
    await lanzhou.declare(lanzhou.team[0])
    await lanzhou.declare()
    attempts = await items(lanzhou, "staffing-attempts", project_id=str(lanzhou.project))
    assert {row["attempt"]: row["verified"] for row in attempts} == {1: False, 2: True}
    assert await items(lanzhou, "staffing", as_of=(SIGNED - DAY).isoformat()) == []


async def test_a_name_is_for_who_employs_the_worker_now_whatever_day_is_looked_at(lanzhou: Lanzhou) -> None:
    other = await organisation(lanzhou.service, "演示社工服务中心乙", credit_code(2))
    moved = lanzhou.team[0]
    take = {"organisation_id": str(other), "employment": "full_time"}
    await lanzhou.ok(f"/workers/{moved}/employment", take, on=SIGNED)

    async def name(unit: Any, **asked: Any) -> Any:
        role = Role.ORGANISATION_MANAGER
        shown = await lanzhou.service.get(f"/v1/workers/{moved}", role, CITY, unit=str(unit), **asked)
        assert "employer" not in shown
        return shown["organisation_id"], shown["name"]

    then = {"as_of": SPRING.isoformat()}
    assert await name(lanzhou.organisation) == (str(other), None)
    assert await name(lanzhou.organisation, **then) == (str(lanzhou.organisation), None)
    assert await name(other) == (str(other), "演示社工甲01")
    assert await name(other, **then) == (str(lanzhou.organisation), "演示社工甲01")


async def one_by_one(lanzhou: Lanzhou, name: str) -> list[dict[str, Any]]:
    """A list by pages of one."""
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"limit": 1}
    while True:
        page = await lanzhou.service.get(f"/v1/{name}", Role.CITY_BUREAU, CITY, **asked)
        found += page["items"]
        if page["cursor"] is None:
            return found
        asked["cursor"] = page["cursor"]


def facts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the flags: what is late on one day is not on another."""
    return [{name: value for name, value in row.items() if name != "flags"} for row in rows]


async def test_every_list_shows_of_the_last_day_what_it_shows_now_and_leads_to_the_events(lanzhou: Lanzhou) -> None:
    await everything(lanzhou)
    empty = []
    for name in LISTS:
        now = await items(lanzhou, name)
        assert facts(await items(lanzhou, name, as_of=FROM.isoformat())) == facts(now), name
        if not now:
            empty.append(name)
        for row in now:
            assert not {column for column in row if column.startswith(("row_", "day_", "rec_"))}, name
            assert ({"stream", "version"} <= row.keys()) == (name not in SUMS), name
        if now and name not in SUMS:
            told = await lanzhou.service.get("/v1/history", Role.AUDITOR, CITY, stream=now[-1]["stream"])
            assert now[-1]["version"] in {one["version"] for one in told["items"]}, name
        assert await one_by_one(lanzhou, name) == now, name
    assert empty == ["findings", "leading-groups"]


async def test_a_cursor_of_another_kind_of_key_is_refused(lanzhou: Lanzhou) -> None:
    units = await lanzhou.service.get("/v1/units", Role.CITY_BUREAU, CITY, limit=1)
    headers = lanzhou.service.bearing(Role.CITY_BUREAU, CITY)
    answer = await lanzhou.service.http.get("/v1/workers", params={"cursor": units["cursor"]}, headers=headers)
    refused(answer, 422, "invalid-request")
