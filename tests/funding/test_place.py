"""Communities are merged, split and renamed while their projects run: what is shown of a day before and after."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
from tests.funding.stage import APPLIED_ON, Plan, Project
from tests.service import CITY, DISTRICT

from contracts.messages.funding import ProjectPlaceMovedV1
from contracts.values import Role, UnitCode

DAY, LATER, BEFORE = date(2023, 1, 1), date(2023, 3, 1), "2022-12-31"
STREET, NEW, NEWER = f"{DISTRICT}001", f"{DISTRICT}001098", f"{DISTRICT}001099"


async def street(plan: Plan) -> None:
    await plan.told_of(STREET, "演示街道")


async def found(plan: Plan, unit: str, name: str) -> None:
    await plan.told_of(unit, name, since=DAY, on=DAY)


async def ends(plan: Plan, unit: str, *successors: str, on: date = DAY, version: int = 2) -> None:
    await plan.told_of(unit, "演示社区1", version=version, until=on, successors=successors, on=on)


async def shown(project: Project, **asked: Any) -> dict[str, Any]:
    return await project.service.get(f"/v1/projects/{project.id}", Role.CITY_BUREAU, CITY, **asked)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_a_merged_communitys_project_is_its_successors_from_the_day_on(project: Project) -> None:
    plan, old = project.plan, project.community
    await street(plan)
    await found(plan, NEW, "合并社区")
    await ends(plan, old, NEW)
    now = await shown(project)
    assert (now["community"], now["community_name"], now["street_name"]) == (NEW, "合并社区", "演示街道")
    assert now["former_communities"] == [{"community": old, "community_name": "演示社区1"}]
    assert not now["flags"]["place_shared"]
    assert not now["flags"]["place_to_assign"]
    before = await shown(project, as_of=BEFORE)
    assert (before["community"], before["former_communities"]) == (old, [])
    (told,) = [m for m in await project.service.told() if isinstance(m, ProjectPlaceMovedV1)]
    assert told == ProjectPlaceMovedV1(
        project_id=project.id, community=UnitCode(NEW), street=UnitCode(STREET), moved_on=DAY
    )


async def test_the_successors_committee_confirms_and_sees_and_the_old_one_neither(project: Project) -> None:
    plan, old = project.plan, project.community
    await street(plan)
    await found(plan, NEW, "合并社区")
    await ends(plan, old, NEW)
    await project.own("reports/midterm", LATER, report=str(uuid4()))
    answers = [
        await project.post("reports/midterm/confirm", Role.COMMUNITY_COMMITTEE, LATER, unit=unit, remark="同意。")
        for unit in (old, NEW)
    ]
    assert [answer.status_code for answer in answers] == [403, 200]

    async def seen(unit: str) -> int:
        body = await project.service.get("/v1/projects", Role.COMMUNITY_COMMITTEE, DISTRICT, unit)
        return len(body["items"])

    assert [await seen(unit) for unit in (old, NEW)] == [0, 1]


async def test_order_repetition_and_a_chain_of_mergers_come_to_the_same(project: Project) -> None:
    plan, old = project.plan, project.community
    await street(plan)
    await found(plan, NEW, "合并社区")
    await plan.told_of(NEWER, "再合并社区", since=LATER, on=LATER)
    await plan.told_of(NEW, "合并社区", version=2, since=DAY, until=LATER, successors=(NEWER,), on=LATER)
    for _ in range(2):
        await ends(plan, old, NEW)
    await plan.told_of(old, "演示社区1", version=1)
    now = await shown(project)
    assert (now["community"], [one["community"] for one in now["former_communities"]]) == (NEWER, [old, NEW])
    assert (await shown(project, as_of="2023-02-28"))["community"] == NEW
    assert (await shown(project, as_of=BEFORE))["community"] == old


async def test_two_projects_in_one_place_are_flagged_and_nobody_ends_one(plan: Plan) -> None:
    await street(plan)
    one, two = await plan.recommended(), await plan.recommended()
    assert not (await shown(one))["flags"]["place_shared"]
    await ends(plan, one.community, two.community)
    for project in (one, two):
        now = await shown(project)
        assert (now["community"], now["flags"]["place_shared"]) == (two.community, True)
    again = await plan.apply(community=two.community)
    assert code_of(again) in {(403, "not-your-unit"), (409, "already-applied")}
    flagged = await plan.service.get("/v1/projects", Role.CITY_BUREAU, CITY, flag="place_shared")
    assert flagged["total"] == 2


async def test_a_community_that_got_a_project_by_a_merger_applies_for_no_second(plan: Plan) -> None:
    await street(plan)
    one = await plan.recommended()
    await found(plan, NEW, "合并社区")
    await ends(plan, one.community, NEW)

    async def applies(unit: str, **more: Any) -> tuple[int, str]:
        body = {
            "scheme_id": str(plan.scheme), "street": STREET, "street_name": "演示街道", "community": unit,
            "community_name": "合并社区", "area_m2": "320", "attestations": [], **more,
        }  # fmt: skip
        who: dict[str, Any] = {"tenant": DISTRICT, "unit": unit, "on": DAY}
        return code_of(await plan.service.post("/v1/projects", body, Role.COMMUNITY_COMMITTEE, **who))

    assert await applies(NEW) == (409, "already-applied")
    assert await applies(one.community) == (409, "unit-ended")
    assert await applies(f"{STREET}777") == (409, "not-known-yet")
    await plan.told_of(f"{STREET}778", "演示社区", on=APPLIED_ON)
    assert await applies(f"{STREET}778", street=f"{DISTRICT}002") == (422, "street-not-of-community")


async def test_an_application_that_came_back_stays_where_it_was_and_keeps_no_place(plan: Plan) -> None:
    await street(plan)
    one, two = await plan.applied(), await plan.applied()
    await one.local("return", DAY, reason="papers-missing")
    await ends(plan, one.community, two.community)
    assert (await shown(one))["community"] == one.community
    waits = await plan.service.get("/v1/tasks", Role.COMMUNITY_COMMITTEE, DISTRICT, two.community)
    assert "submit-application" not in {task["action"] for task in waits["tasks"]}


async def test_a_split_is_flagged_until_a_bureau_says_which_part_carries_the_project_on(project: Project) -> None:
    plan, old = project.plan, project.community
    await street(plan)
    for unit in (NEW, NEWER):
        await found(plan, unit, f"演示社区{unit[-2:]}")
    await plan.told_of(f"{STREET}097", "演示社区97")
    await ends(plan, old, NEW, NEWER)
    now = await shown(project)
    assert (now["community"], now["heirs"], now["divided_on"]) == (old, [NEW, NEWER], "2023-01-01")
    assert now["flags"]["place_to_assign"]
    (step,) = [one for one in now["actions"] if one["action"] == "assign-place"]
    assert (step["allowed"], step["post_to"]) == (True, f"/v1/projects/{project.id}/place")
    decision: dict[str, Any] = {"document": str(uuid4()), "reason": "split"}
    wrong = await project.post("place", Role.CITY_BUREAU, LATER, community=f"{STREET}097", **decision)
    assert code_of(wrong) == (422, "not-a-successor-unit")
    await project.city("place", LATER, community=NEWER, **decision)
    now = await shown(project)
    assert (now["community"], now["heirs"], now["flags"]["place_to_assign"]) == (NEWER, [], False)
    again = await project.post("place", Role.CITY_BUREAU, LATER, community=NEW, **decision)
    assert code_of(again) == (409, "place-stands")


async def test_an_abolished_communitys_project_is_flagged_and_the_district_gives_it_another(project: Project) -> None:
    plan = project.plan
    await street(plan)
    await plan.told_of(NEW, "邻近社区")
    await ends(plan, project.community)
    assert (await shown(project))["flags"]["place_to_assign"]
    await project.local("place", LATER, community=NEW, document=str(uuid4()), reason="abolished")
    assert not (await shown(project))["flags"]["place_to_assign"]


async def test_a_renamed_communitys_project_is_found_by_both_names(project: Project) -> None:
    plan = project.plan
    await street(plan)
    await plan.told_of(project.community, "向阳社区", version=2, on=DAY)
    now = await shown(project)
    assert (now["community_name"], now["former_communities"][0]["community_name"]) == ("向阳社区", "演示社区1")
    assert (await shown(project, as_of=BEFORE))["community_name"] == "演示社区1"
    for typed in ("向阳", "演示社区1"):
        body = await plan.service.get("/v1/search", Role.CITY_BUREAU, CITY, q=typed, kind="project")
        assert [item["name"] for item in body["items"]] == ["向阳社区"], typed
    await plan.told_of(STREET, "新街道", version=2, on=LATER)
    assert (await shown(project))["street_name"] == "新街道"
