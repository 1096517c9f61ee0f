"""Lists and figures, now, as of a day, and rebuilt."""

from __future__ import annotations

from typing import Any

from tests.registry.service import CITY, DISTRICT
from tests.registry.stage import (
    SIGNED,
    SPRING,
    STANDARD,
    Lanzhou,
    an_open_site,
    conference,
    figures,
    organisation,
    worker,
)
from tests.synthetic import credit_code

from contracts.values import Role
from kit.store import rebuild


async def test_coverage_counts_a_unit_once_and_never_a_statistical_area(lanzhou: Lanzhou) -> None:
    await an_open_site(lanzhou)
    body = await lanzhou.service.get("/v1/coverage", Role.DISTRICT_BUREAU)
    assert {c["kind"]: (c["covered"], c["declared"]) for c in body["items"]} == {"township": (0, 1), "village": (1, 2)}


async def test_documents_and_targets(lanzhou: Lanzhou) -> None:
    plan = {
        "title": "2022年兰州市“三社联动”试点工作实施方案",
        "issuer": "兰州市民政局",
        "published_at": "2022-05-31T22:28:30",
    }
    document = await lanzhou.ok("/documents", plan)
    target = {"code": "linkage-mechanism", "title": "力争到2025年", "year": 2025}
    await lanzhou.ok(f"/documents/{document}/targets", target)
    shown = await lanzhou.service.get("/v1/documents", Role.CITY_BUREAU, CITY)
    assert shown["items"][0]["published_at"] == "2022-05-31T22:28:30"
    assert (await figures(lanzhou.service))["policy_target_year"] == [(CITY, 2025, "exact")]


async def test_staffing_figures_now_and_as_of_a_day_before(lanzhou: Lanzhou) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    found = await figures(lanzhou.service)
    assert {name: found[name] for name in ("posted_workers", "workers_per_project", "sw_graduates_per_project")} == {
        "posted_workers": [(DISTRICT, 3, "exact")],
        "workers_per_project": [(DISTRICT, 3, "exact")],
        "sw_graduates_per_project": [(DISTRICT, 1, "exact")],
    }
    least = ("licensed_per_project", "intermediate_per_project", "locked_per_project", "licensed_workers_required")
    assert [found[name] for name in least] == [[(DISTRICT, n, "at_least")] for n in (2, 1, 2, 2)]
    before = await figures(lanzhou.service, as_of=SPRING.isoformat())
    assert before["posted_workers"] == []
    signed = await figures(lanzhou.service, as_of=SIGNED.isoformat())
    assert (signed["posted_workers"], signed["locked_per_project"]) == ([(DISTRICT, 3, "exact")], [])


async def test_the_workforce_is_counted_by_organisation(lanzhou: Lanzhou) -> None:
    other = await organisation(lanzhou.service, "演示社工服务中心乙", credit_code(2))
    moving = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲07", "senior", True)
    await lanzhou.ok(f"/workers/{moving}/employment", {"organisation_id": str(other), "employment": "part_time"})
    body = await lanzhou.service.get("/v1/workforce", Role.CITY_BUREAU, CITY)
    keys = ("workers", "full_time", "licensed", "intermediate", "sw_graduates")
    counts = {row["organisation_id"]: tuple(row[k] for k in keys) for row in body["items"]}
    assert counts == {str(lanzhou.organisation): (3, 3, 2, 1, 1), str(other): (1, 0, 1, 1, 1)}


async def test_every_table_rebuilt_equals_the_live_one(lanzhou: Lanzhou) -> None:
    await an_open_site(lanzhou)
    await lanzhou.start()
    await conference(lanzhou, STANDARD["seats"])
    await lanzhou.removal(lanzhou.team[2], "request")
    await lanzhou.found(lanzhou.team[1])
    held = lanzhou.service.held
    tables = [f"versions.{row.TABLE}" for view in held.definition.views for row in view.tables]
    pool = lanzhou.service.rebuild

    async def rows() -> dict[str, list[Any]]:
        return {t: sorted(map(repr, await pool.fetch(f"select * from {t}"))) for t in tables}

    live = await rows()
    for view in held.definition.views:
        await rebuild(pool, held.store.mapper, view)
    assert await rows() == live
    assert sum(map(bool, live.values())) >= 14


async def test_a_name_is_in_no_message_and_in_no_history_in_the_clear(lanzhou: Lanzhou) -> None:
    await conference(lanzhou, [])
    raws = [row["raw"] for row in await lanzhou.service.history()]
    assert not any("演示社工甲01" in raw.decode() or "演示联动员甲" in raw.decode() for raw in raws)
    assert not any("演示社工甲" in message.body().decode() for message in await lanzhou.service.told())


async def test_a_project_that_its_organisation_lost_is_not_staffed_until_another_team_is_verified(
    lanzhou: Lanzhou,
) -> None:
    await lanzhou.declare()
    await lanzhou.start()
    await lanzhou.found(lanzhou.team[1])
    lost = await figures(lanzhou.service)
    assert (lost["posted_workers"], lost["locked_per_project"], lost["verified_projects"]) == ([], [], [])
    other = await organisation(lanzhou.service, "演示社工服务中心乙", credit_code(2))
    team = (
        await worker(lanzhou.service, other, "演示社工乙01", "intermediate", False),
        await worker(lanzhou.service, other, "演示社工乙02", "junior", False),
        await worker(lanzhou.service, other, "演示社工乙03", None, True),
    )
    await lanzhou.declare(*team, organisation=other)
    again = await figures(lanzhou.service)
    assert again["posted_workers"] == [(DISTRICT, 3, "exact")]
    assert again["locked_per_project"] == []
