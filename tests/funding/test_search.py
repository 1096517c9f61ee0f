"""Finding projects and schemes, each by who may see them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.funding.stage import PLAN, Plan
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, headers

from contracts.values import Role


async def found(
    plan: Plan,
    typed: str,
    role: Role = Role.DISTRICT_BUREAU,
    tenant: str = DISTRICT,
    unit: str | None = None,
    **asked: Any,
) -> list[dict[str, Any]]:
    answer = await plan.service.http.get(
        "/v1/search", params={"q": typed, **asked}, headers=headers(role, tenant, unit, None)
    )
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_project_is_found_by_its_community(plan: Plan) -> None:
    project = await plan.recommended()
    for typed in ("演示社区", "yssq", "yanshishequ", project.community, project.community[:7], "社区"):
        (item,) = await found(plan, typed, kind="project")
        assert (item["kind"], item["id"], item["code"]) == ("project", str(project.id), project.community), typed
        assert (item["path"], item["where"]) == (f"/v1/projects/{project.id}", "演示 演示街道")
    assert await found(plan, "yssq", Role.CITY_BUREAU, CITY, kind="project") != []
    assert await found(plan, "yssq", tenant=OTHER_DISTRICT, kind="project") == []


async def test_a_unit_finds_its_own_projects_only(plan: Plan) -> None:
    project, other = await plan.recommended(), await plan.recommended()
    units: tuple[tuple[Role, str, list[Any]], ...] = (
        (Role.COMMUNITY_COMMITTEE, project.community, [project.id]),
        (Role.STREET_OFFICER, project.street, [project.id, other.id]),
        (Role.STREET_OFFICER, "620102009", []),
        (Role.ORGANISATION_MANAGER, str(uuid4()), []),
    )
    for role, unit, ids in units:
        items = await found(plan, "yssq", role, DISTRICT, unit, kind="project")
        assert sorted(item["id"] for item in items) == sorted(map(str, ids)), role


async def test_a_scheme_is_found_once_by_a_part_of_its_title(plan: Plan) -> None:
    title = PLAN["title"]
    for typed in (title, title[:4], title[3:9]):
        (item,) = await found(plan, typed, kind="scheme")
        assert (item["name"], item["path"]) == (title, f"/v1/schemes/{plan.scheme}")
    assert [item["name"] for item in await found(plan, title[3:9])] == [title]
    assert await found(plan, title[:4], as_of="2021-01-01", kind="scheme") == []
