"""The quota beside its scheme on real engines: whose it is, what grows, and what holds until it is written."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import orjson
from tests.funding.stage import APPLIED_ON, APPROVED_ON, PLAN, Plan, a_plan
from tests.funding.test_service import refused
from tests.service import CITY, DISTRICT, OTHER_DISTRICT

from contracts.values import Role

PUBLISHED_ON, LATER = date(2022, 5, 31), date(2023, 3, 1)


async def fewer(plan: Plan, places: int) -> Any:
    """A next version that leaves the first district so many places, and the rest to the second."""
    first, second, *rest = PLAN["quotas"]
    both = first["projects"] + second["projects"]
    quotas = [{**first, "projects": places}, {**second, "projects": both - places}, *rest]
    terms = {**PLAN, "quotas": quotas, "effective_from": str(APPROVED_ON)}
    path = f"/v1/schemes/{plan.scheme}/versions"
    return await plan.service.post(path, {"terms": terms}, Role.CITY_BUREAU, tenant=CITY, on=APPLIED_ON)


async def test_R_LZ_01_of_an_approval_and_a_smaller_version_at_once_one_sees_the_other(plan: Plan) -> None:
    for another in (plan, await a_plan(plan.service), await a_plan(plan.service)):
        projects = [await another.recommended() for _ in range(2)]
        await projects[0].city("approve", APPROVED_ON)
        approved, published = await asyncio.gather(
            projects[1].post("approve", Role.CITY_BUREAU, APPROVED_ON), fewer(another, 1)
        )
        if approved.status_code == 200:
            refused(published, 409, "quota-below-taken", "R-LZ-01")
        else:
            refused(approved, 409, "quota-exceeded", "R-LZ-01")
            assert published.status_code == 200, published.text


async def test_R_LZ_01_places_are_taken_in_the_owners_name_and_lengthen_no_scheme(plan: Plan) -> None:
    for district in (DISTRICT, OTHER_DISTRICT, DISTRICT):
        await (await plan.recommended(district)).city("approve", APPROVED_ON)
    async with plan.service.open_rebuild() as pool:
        streams = [f"scheme/{plan.scheme}", f"quota/{plan.scheme}"]
        rows = await pool.fetch("select tenant_id, stream, type from event where stream = any ($1)", streams)
    assert sorted((row["stream"].partition("/")[0], row["tenant_id"], row["type"]) for row in rows) == [
        *[("quota", CITY, "funding.quota-taken")] * 3,
        ("scheme", CITY, "funding.scheme-published"),
    ]
    body = await plan.service.get(f"/v1/schemes/{plan.scheme}", Role.CITY_BUREAU, CITY)
    assert [q["taken_projects"] for q in body["quota"]] == [2, 1, 0, 0, 0]
    refused(await fewer(plan, 1), 409, "quota-below-taken", "R-LZ-01")
    assert (await fewer(plan, 2)).status_code == 200


async def test_a_decision_about_a_project_has_the_version_as_its_basis_and_what_is_told_or_published_has_none(
    plan: Plan,
) -> None:
    lines = [{**x, "booked_by": "district" if x["booked_by"] == "city" else x["booked_by"]} for x in PLAN["lines"]]
    own = {"funding_source": "district", "lines": lines, "standard": str(plan.scheme), "total_projects": 1}
    quotas = [{"district": DISTRICT, "name": "城关区", "projects": 1}]
    terms = {**PLAN, **own, "quotas": quotas}
    await plan.service.made("/v1/schemes", {"terms": terms}, Role.DISTRICT_BUREAU, on=PUBLISHED_ON)
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.contracted(await plan.organisation())
    await project.staffed()
    await project.running()
    assert (await project.book("service", "casework", 1_000)).status_code == 200
    await project.city("returns", LATER, amounts=[{"line": "service", "amount_fen": 1_000}])
    worker = {"worker_id": str(project.workers[0])}
    await project.local("impersonation", LATER, **worker)
    raws = [orjson.loads(raw) for raw in await plan.service.history("raw")]
    on = [(raw["type"].removeprefix("funding."), raw.get("basis", {})) for raw in raws]
    without = {type for type, basis in on if not basis.get("scheme")}
    heard = {"organisation-noted", "unit-noted", "staffing-verified", "posting-lock-noted"}
    assert without == {"scheme-published", *heard}
    based = [(type, basis["scheme"], basis["version"]) for type, basis in on if basis.get("scheme")]
    assert {(scheme, version) for _, scheme, version in based} == {(str(plan.scheme), 1)}
    assert without.isdisjoint(type for type, _, _ in based)
    assert {"quota-taken", "organisation-assigned", "appropriation-frozen"} <= {type for type, _, _ in based}
