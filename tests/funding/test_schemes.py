"""Several plans beside one another: each is listed once, by its latest version, with its own quota and money."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.funding.stage import APPROVED_ON, PLAN, Plan, Project, a_plan
from tests.service import CITY, DISTRICT

from contracts.values import Role

NEXT = date(2022, 6, 1)


async def another(project: Project) -> Plan:
    """A plan beside the project's, under which a community of the same district applied."""
    plan = await a_plan(project.service)
    plan.used = 50
    await plan.recommended(DISTRICT)
    return plan


async def renamed(plan: Plan, title: str) -> None:
    terms = {**PLAN, "title": title, "effective_from": str(APPROVED_ON)}
    path = f"/v1/schemes/{plan.scheme}/versions"
    answer = await plan.service.post(path, {"terms": terms}, Role.CITY_BUREAU, tenant=CITY, on=NEXT)
    assert answer.status_code == 200, answer.text


async def test_the_pages_of_a_list_show_each_plan_once_as_it_is_now(project: Project) -> None:
    plan = await another(project)
    await renamed(plan, "演示方案二版")
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"limit": 1}
    while True:
        page = await project.service.get("/v1/schemes", Role.CITY_BUREAU, CITY, **asked)
        found += page["items"]
        if page["cursor"] is None:
            break
        assert len(page["items"]) == 1
        asked["cursor"] = page["cursor"]
    assert sorted(one["scheme_id"] for one in found) == sorted([str(plan.scheme), str(project.plan.scheme)])
    shown = {one["scheme_id"]: (one["number"], one["title"], one["taken_projects"]) for one in found}
    assert shown == {
        str(plan.scheme): (2, "演示方案二版", 0),
        str(project.plan.scheme): (1, PLAN["title"], 1),
    }


async def test_figures_of_a_plan_are_of_its_latest_version(project: Project) -> None:
    await renamed(project.plan, "演示方案二版")
    rows = await project.service.get("/v1/indicators/funding.project_places/rows", Role.CITY_BUREAU, CITY)
    assert [(row["number"], row["title"], row["value"]) for row in rows["items"]] == [(2, "演示方案二版", 10)]


async def test_a_district_has_of_each_plan_its_own_projects_and_money(project: Project) -> None:
    plan = await another(project)

    async def of(one: Plan) -> list[tuple[Any, ...]]:
        body = await project.service.get(f"/v1/schemes/{one.scheme}", Role.CITY_BUREAU, CITY)
        return [(at["tenant_id"], at["applied"], at["running"], at["allotted_fen"]) for at in body["districts"]]

    assert await of(plan) == [(DISTRICT, 1, 0, 0)]
    assert await of(project.plan) == [(DISTRICT, 1, 1, sum(line["cap_fen"] for line in PLAN["lines"]))]


async def test_what_is_a_standard_of_each_place_does_not_add_and_days_never_do(project: Project) -> None:
    """Two plans' standards make no sum; two plans' places do."""
    told = (await project.service.get("/v1/indicators", Role.CITY_BUREAU, CITY))["indicators"]
    adds = {one["id"].removeprefix("funding."): one["adds"] for one in told}
    assert not any(
        adds[name] for name in ("unit_budget", "line_cap", "staff_headcount", "term_years", "min_service_area")
    )
    assert adds["project_places"]
    assert adds["programme_line_spent"]
    assert not [one["id"] for one in told if one["unit"] in ("day", "local_instant") and one["adds"]]
