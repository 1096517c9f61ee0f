"""A project's life over HTTP on real engines, and what must hold around it."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.funding import stage
from tests.funding.stage import APPROVED_ON, PLAN, Plan, Project
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, Running

from contracts.messages.casework import ServiceCountsPublishedV1, ServiceTotals
from contracts.messages.registry import (
    OrganisationBlacklistedV1,
    OrganisationQualificationRevokedV1,
    RejectionReason,
    StaffingRejectedV1,
)
from contracts.values import Quantity, Role, SchemeId, Unit
from kit.errors import NotKnownYet
from kit.store import View, rebuild

ALL_ON = date(2023, 9, 12)


def refused(answer: httpx.Response, status: int, code: str, rule: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("rule") == rule


async def figures(service: Running, **asked: Any) -> dict[str, dict[tuple[str, ...], Any]]:
    """Every figure by indicator and dimensions, the scheme left out."""
    body = await service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    return {
        one["id"].removeprefix("funding."): {
            (f["tenant_id"], *(v for k, v in f["dimensions"].items() if k != "scheme_id")): f["value"]
            for f in one["figures"]
        }
        for one in body["indicators"]
    }


async def test_a_project_lives_from_application_to_rating(project: Project) -> None:
    await project.phase("midterm", date(2023, 3, 20))
    await project.phase("final", ALL_ON)
    await project.accepted(ALL_ON)
    refused(
        await project.post("rating", Role.CITY_BUREAU, date(2023, 9, 27), rating="good"),
        409,
        "implementation-not-over",
        "R-LZ-28",
    )
    await project.city("rating", date(2023, 9, 28), rating="good")
    await project.city("publicity", date(2023, 10, 8), title="演示经验", medium="newspaper")
    refused(await project.post("close", Role.CITY_BUREAU, date(2023, 10, 9)), 409, "not-settled", "R-LZ-14")
    await project.settled(date(2023, 10, 9))
    await project.city("close", date(2023, 10, 9))
    seen = await project.shown()
    assert (seen["stage"], seen["rating"], seen["locked"], seen["licensed"]) == ("closed", "good", 3, 2)
    assert not any(seen["flags"].values()), seen["flags"]
    assert [m["overdue"] for m in seen["milestones"]] == [False] * 12
    assert [(p["phase"], p["opinion"], len(p["scores"])) for p in seen["phases"]] == [
        ("midterm", "clean", 7),
        ("final", "clean", 7),
    ]
    assert [m.TYPE.partition(".")[2] for m in await project.service.told()] == [
        "scheme-published",
        "project-approved",
        "purchase-agreement-signed",
        "staffing-declared",
        "implementation-started",
        "project-rated",
        "project-closed",
    ]


async def test_R_LZ_01_two_approvals_of_the_last_place_give_one(plan: Plan) -> None:
    projects = [await plan.recommended() for _ in range(5)]
    for project in projects[:2]:
        await project.city("approve", APPROVED_ON)
    answers = await asyncio.gather(*(p.post("approve", Role.CITY_BUREAU, APPROVED_ON) for p in projects[2:]))
    assert sorted(a.status_code for a in answers) == [200, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "quota-exceeded", "R-LZ-01")
    scheme = await plan.service.get(f"/v1/schemes/{plan.scheme}", Role.CITY_BUREAU, CITY)
    assert [(q["taken_projects"], q["total_projects"]) for q in scheme["quota"]] == [
        (3, 3),
        (0, 2),
        (0, 2),
        (0, 2),
        (0, 1),
    ]


async def test_R_LZ_01_who_asked_for_the_fourth_place_can_be_told_later(plan: Plan) -> None:
    projects = [await plan.recommended() for _ in range(4)]
    for project in projects[:3]:
        await project.city("approve", APPROVED_ON)
    await projects[3].post("approve", Role.CITY_BUREAU, APPROVED_ON)
    body = await plan.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=f"project/{projects[3].id}")
    (refusal,) = [item for item in body["items"] if item["kind"] == "refusal"]
    told = refusal["code"], refusal["rule"], refusal["clause"], refusal["actor"]["role"]
    assert told == ("quota-exceeded", "R-LZ-01", "五(一)", "city_bureau")


async def test_an_application_is_checked_at_the_edge_and_by_the_plan(plan: Plan) -> None:
    refused(await plan.apply(area_m2="299.99"), 409, "area-too-small", "R-LZ-03")
    refused(await plan.apply(attestations=[]), 409, "conditions-not-attested", "R-LZ-04")
    assert (await plan.apply(area_m2="300")).status_code == 200
    stranger = [{"condition": "united_committees", "attester": "620102001", "name": "谁"}]
    assert (await plan.apply(attestations=stranger)).status_code == 422


@pytest.mark.parametrize(
    ("day", "early", "late"),
    [(date(2022, 9, 26), True, False), (date(2022, 9, 27), False, False), (date(2022, 9, 28), False, True)],
)
async def test_R_LZ_28_a_start_is_shown_as_early_or_late(plan: Plan, day: date, early: bool, late: bool) -> None:
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.contracted(await plan.organisation())
    await project.staffed()
    assert not (await project.shown())["flags"]["start_early"]
    await project.running(day)
    flags = (await project.shown())["flags"]
    assert (flags["start_early"], flags["start_late"]) == (early, late)


async def test_a_plan_with_an_unknown_field_is_not_half_understood(plan: Plan) -> None:
    for part in (PLAN["quotas"][0], PLAN["lines"][0]["purposes"][0], PLAN["calendar"], PLAN["phases"][0]):
        wrong = json.loads(json.dumps(PLAN).replace(json.dumps(part), json.dumps({**part, "typo": 1}), 1))
        answer = await plan.service.post("/v1/schemes", {"terms": wrong}, Role.CITY_BUREAU, tenant=CITY)
        assert answer.status_code == 422, part


async def test_C_16_a_replaced_worker_is_verified_again_and_the_project_goes_on(project: Project) -> None:
    on = date(2023, 4, 1)
    await project.own("staffing", on, worker_ids=[*map(str, project.workers[:2]), str(uuid4())])
    await project.service.hear(await project.verdict(), on=on)
    seen = await project.shown()
    assert (seen["stage"], seen["workers"], len(seen["staff"])) == ("running", 3, 4)
    assert {"stage": "staffed", "reached_on": stage.STAFFED_ON.isoformat()} in seen["stages"]


async def test_R_LZ_33_a_district_pays_for_a_project_of_its_own_beside_the_city_quota(plan: Plan) -> None:
    lines = [{**x, "booked_by": "district" if x["booked_by"] == "city" else x["booked_by"]} for x in PLAN["lines"]]
    quotas = [{"district": DISTRICT, "name": "城关区", "projects": 1}]
    changed = {"funding_source": "district", "lines": lines, "quotas": quotas, "total_projects": 1}
    terms = {**PLAN, **changed, "standard": str(plan.scheme)}
    scheme = await plan.service.made("/v1/schemes", {"terms": terms}, Role.DISTRICT_BUREAU, on=date(2022, 5, 31))
    extra = Plan(plan.service, scheme, used=500)
    project = await extra.recommended()
    refused(await project.post("approve", Role.CITY_BUREAU, APPROVED_ON), 403, "wrong-approver", "R-LZ-33")
    await project.local("approve", APPROVED_ON)
    organisation = await plan.organisation()
    await project.local("purchase", stage.BOUGHT_ON, scope=[{"domain": "elderly_care", "duty": "regular_visits"}])
    await project.local("plan-reviews", stage.BOUGHT_ON, organisation_id=str(organisation), passed=True)
    await project.local("organisation", stage.BOUGHT_ON, organisation_id=str(organisation))
    city = await plan.service.get(f"/v1/schemes/{plan.scheme}", Role.CITY_BUREAU, CITY)
    assert [q["taken_projects"] for q in city["quota"]] == [0] * 5


async def test_a_repeated_command_gets_the_first_answer(plan: Plan) -> None:
    project, key = await plan.recommended(), uuid4()
    path = f"/v1/projects/{project.id}/approve"
    ask: dict[str, Any] = {"tenant": CITY, "on": APPROVED_ON, "key": key}
    first, again = [await plan.service.post(path, {}, Role.CITY_BUREAU, **ask) for _ in range(2)]
    assert (first.status_code, first.content) == (200, again.content)


async def test_R_LZ_13_money_is_allotted_appropriated_and_spent_by_line(project: Project) -> None:
    wage = {"worker_id": str(project.workers[0]), "wage_grade": 10}
    assert (await project.book("personnel", "wage", 500_000, **wage)).status_code == 200
    refused(
        await project.book("personnel", "wage", 500_000, **{**wage, "wage_grade": 12}),
        409,
        "wrong-wage-grade",
        "R-LZ-17",
    )
    refused(await project.book("service", "casework", 8_000_001), 409, "line-exceeded", "R-LZ-14")
    refused(await project.book("service", "banquet", 1), 409, "purpose-not-allowed", "R-LZ-14")
    refused(await project.book("training", "local_training", 1), 403, "training-booked-centrally", "R-LZ-15")
    for _ in range(2):
        local = await project.book("training", "local_training", 400_000, role=Role.CITY_BUREAU)
        assert local.status_code == 200, local.text
    refused(
        await project.book("training", "local_training", 400_000, role=Role.CITY_BUREAU),
        409,
        "too-many-times",
        "R-LZ-15",
    )
    money = await project.money()
    assert {k: money[k] for k in ("allotted_fen", "appropriated_fen", "open_fen", "spent_fen", "balance_fen")} == {
        "allotted_fen": 30_000_000,
        "appropriated_fen": 30_000_000,
        "open_fen": 0,
        "spent_fen": 1_300_000,
        "balance_fen": 28_700_000,
    }
    asked = {"project_id": project.id, "limit": 2}
    first = await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY, **asked)
    rest = await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY, **asked, cursor=first["cursor"])
    assert (len(first["items"]), len(rest["items"]), rest["cursor"]) == (2, 1, None)
    expense = next(x for x in first["items"] + rest["items"] if x["line"] == "personnel")
    back = {"amount_fen": 500_000, "reason": "correction"}
    await project.city(f"expenses/{expense['expense_id']}/reversals", date(2023, 2, 1), **back)
    assert (await project.money())["spent_fen"] == 800_000


async def test_an_amount_is_a_whole_number(project: Project) -> None:
    for wrong in (True, "12", 1.5, 0, -1):
        assert (await project.book("service", "casework", wrong)).status_code == 422  # type: ignore[arg-type]


async def test_R_LZ_08_SG_3_a_disqualified_organisation_is_replaced_and_the_money_stands_still(
    project: Project,
) -> None:
    sibling = await project.plan.recommended()
    await sibling.city("approve", APPROVED_ON)
    bad = project.organisation
    assert bad is not None
    await sibling.contracted(bad)
    on, evaluator = date(2023, 2, 1), Role.THIRD_PARTY_EVALUATOR
    await project.city("third-parties", on, task="evaluation", third_party=stage.EVALUATOR)
    await project.done("impersonation", evaluator, on, unit=stage.EVALUATOR, worker_id=str(project.workers[0]))
    assert (await project.money())["frozen"] is True
    listed = OrganisationBlacklistedV1(organisation_id=bad, reason="credential_impersonation", project_id=project.id)
    scheme = SchemeId(project.plan.scheme)
    revoked = OrganisationQualificationRevokedV1(organisation_id=bad, scheme_id=scheme, project_id=project.id)
    for message in (listed, revoked, revoked):
        await project.service.hear(message, tenant=CITY, on=on)
    for one in (project, sibling):
        seen = await one.shown()
        assert (seen["stage"], seen["organisation_id"], seen["disqualified_organisations"]) == ("procuring", None, 1)
    again = await project.post("plan-reviews", Role.DISTRICT_BUREAU, on, organisation_id=str(bad), passed=True)
    refused(again, 409, "organisation-blacklisted", "R-LZ-08")
    await project.contracted(await project.plan.organisation(), on, on)
    await project.staffed(on)
    assert ((await project.shown())["flags"]["to_settle"], (await project.money())["frozen"]) == (True, True)
    owed = {"service": 7_000_000, "personnel": 16_000_000, "management": 3_000_000}
    await project.city("returns", on, assignment=1, amounts=[{"line": k, "amount_fen": v} for k, v in owed.items()])
    lost = {"assignment": 1, "amounts": [{"line": "service", "amount_fen": 1_000_000}], "document": str(uuid4())}
    await project.city("write-offs", on, reason="dissolved", **lost)
    assert ((await project.shown())["flags"]["to_settle"], (await project.money())["frozen"]) == (False, False)
    await project.city("appropriations", on, amounts=[{"line": "service", "amount_fen": 5_000_000}])
    money = await project.money()
    assert {one["line"]: one["balances"] for one in money["lines"]}["service"] == {"1": 0, "2": 5_000_000}
    assert (money["written_off_fen"], money["balance_fen"]) == (1_000_000, 8_000_000)
    await project.own("start", on)
    seen = await project.shown()
    assert (seen["stage"], seen["flags"]["start_late"]) == ("running", True)
    (row,) = (await project.service.get(f"/v1/schemes/{project.plan.scheme}", Role.CITY_BUREAU, CITY))["districts"]
    assert (row["approved"], row["running"], row["appropriated_fen"]) == (2, 1, 9_000_000)


async def test_SG_2_a_rejected_staff_is_declared_again(plan: Plan) -> None:
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.contracted(await plan.organisation())
    await project.own("staffing", stage.STAFFED_ON, worker_ids=[str(uuid4())])
    verdict = await _rejection(project)
    await plan.service.hear(verdict, tenant=DISTRICT, on=stage.STAFFED_ON)
    seen = await project.shown()
    assert (seen["staffing"], seen["staffing_reasons"]) == ("rejected", [{"code": "headcount", "rule": "R-LZ-09"}])
    await project.staffed()
    assert (await project.shown())["stage"] == "staffed"


async def _rejection(project: Project) -> StaffingRejectedV1:
    (declared,) = [m for m in await project.service.told() if m.TYPE == "funding.staffing-declared"]
    reasons = (RejectionReason(code="headcount", rule="R-LZ-09"),)
    return StaffingRejectedV1(project_id=project.id, declaration_id=declared.declaration_id, reasons=reasons)  # type: ignore[attr-defined]


async def test_counts_of_other_services_stand_in_the_report(project: Project) -> None:
    zero = {name: Quantity(Decimal(0), unit) for name, unit in TOTALS.items()}
    totals = ServiceTotals(**{**zero, "home_visits": Quantity(Decimal(12), Unit.SESSIONS)})
    counted = ServiceCountsPublishedV1(project_id=project.id, day=date(2023, 3, 1), totals=totals)
    await project.service.hear(counted, on=date(2023, 3, 1))
    assert (await project.shown())["counts"]["casework"]["totals"]["home_visits"]["value"] == "12"
    with pytest.raises(NotKnownYet):
        await project.service.hear(counted.model_copy(update={"project_id": uuid4()}), on=date(2023, 3, 1))


TOTALS = {
    "ledger_persons": Unit.PERSONS,
    "persons_visited": Unit.PERSONS,
    "home_visits": Unit.SESSIONS,
    "cases_open": Unit.THINGS,
    "cases_closed": Unit.THINGS,
    "referrals": Unit.THINGS,
}


async def test_R_LZ_29_an_overdue_node_is_flagged_and_noticed(plan: Plan) -> None:
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.local("milestones", APPROVED_ON)
    await project.local("node-notices", date(2022, 9, 2), milestone="contracted")
    seen = await project.shown()
    assert seen["flags"]["agreement_overdue"] is True
    node = next(m for m in seen["milestones"] if m["code"] == "contracted")
    assert (node["due"], node["overdue"], node["notice"]) == ("2022-08-30", True, "overdue")


async def test_I5_each_sees_its_own(project: Project) -> None:
    other = await project.plan.recommended(OTHER_DISTRICT)

    async def sees(role: Role, tenant: Any, unit: str | None = None) -> list[str]:
        headers = {"role": role, "tenant": tenant, "unit": unit}
        answer = await project.service.http.get("/v1/projects?sort=community", headers=stage_headers(**headers))
        return [item["project_id"] for item in answer.json()["items"]]

    assert await sees(Role.CITY_BUREAU, CITY) == [str(project.id), str(other.id)]
    assert await sees(Role.DISTRICT_BUREAU, OTHER_DISTRICT) == [str(other.id)]
    assert await sees(Role.ORGANISATION_MANAGER, DISTRICT, str(project.organisation)) == [str(project.id)]
    assert await sees(Role.ORGANISATION_MANAGER, DISTRICT, str(uuid4())) == []
    assert await sees(Role.STREET_OFFICER, DISTRICT, project.street) == [str(project.id)]
    assert await sees(Role.THIRD_PARTY_EVALUATOR, CITY, stage.EVALUATOR) == []
    answer = await other.post("recommend", Role.DISTRICT_BUREAU, APPROVED_ON, tenant=DISTRICT)
    refused(answer, 404, "not-found")


def stage_headers(role: Role, tenant: str, unit: str | None) -> dict[str, str]:
    from tests import service

    return service.headers(role, tenant, unit, None)


async def test_the_plans_figures_come_from_the_published_document(plan: Plan) -> None:
    found = await figures(plan.service)
    at = {name: found[name] for name in found}
    assert at["project_places"] == {(CITY,): 10}
    assert at["project_districts"] == {(CITY,): 5}
    assert list(at["district_quota"].values()) == [3, 2, 2, 2, 1]
    assert list(at["district_plan_budget"].values()) == [90_000_000, 60_000_000, 60_000_000, 60_000_000, 30_000_000]
    assert (at["unit_budget"], at["plan_budget"]) == ({(CITY,): 30_000_000}, {(CITY,): 300_000_000})
    assert {k[1]: v for k, v in at["line_cap"].items()} == {line["code"]: line["cap_fen"] for line in PLAN["lines"]}
    assert {k[1]: v for k, v in at["subline_cap"].items()} == {"evaluation": 1_000_000, "audit": 500_000}
    assert {k[1]: v for k, v in at["training_price"].items()} == {
        "local_training": 400_000,
        "outside_training": 700_000,
    }
    assert {k[1]: v for k, v in at["training_times"].items()} == {"local_training": 2, "outside_training": 1}
    assert {k[1]: v for k, v in at["programme_staff_plan"].items()} == {
        "workers": 30,
        "licensed": 20,
        "intermediate": 10,
    }
    assert {k[1]: v for k, v in at["implementation_window"].items()} == {"from": "2022-09-27", "to": "2023-09-27"}
    assert {k[1]: v for k, v in at["acceptance_window"].items()} == {"from": "2023-09-05", "to": "2023-09-30"}
    assert at["preparation_due"] == {(CITY,): "2022-08-30"}
    assert {k[1]: v for k, v in at["wage_grade"].items()} == {"intermediate": 10, "junior": 12}
    single = ("evaluation_rounds", "min_service_area", "term_years", "ability_goals", "linkage_goals")
    assert [at[name][(CITY,)] for name in single] == [2, 300, 1, 3, 4]
    staff = ("headcount", "licensed_min", "intermediate_min", "sw_graduates", "locked_min")
    assert [at[f"staff_{name}"][(CITY,)] for name in staff] == [3, 2, 1, 1, 2]


async def test_figures_of_projects_follow_the_events_and_can_be_asked_as_of_a_day(project: Project) -> None:
    await project.book("training", "local_training", 400_000, role=Role.CITY_BUREAU)
    now = await figures(project.service)
    assert now["projects_approved"] == {(DISTRICT,): 1}
    assert now["programme_allotted"] == {(CITY,): 30_000_000}
    assert now["trainings_charged"] == {(DISTRICT, str(project.id), "local_training"): 1}
    assert now["workers_locked"] == {(DISTRICT, str(project.id)): 3}
    before = await figures(project.service, as_of="2022-09-15")
    assert (before["projects_approved"], before["programme_allotted"]) == ({(DISTRICT,): 1}, {})
    earlier = await figures(project.service, as_of="2022-06-15")
    assert (earlier["projects_approved"], earlier["project_places"]) == ({}, {(CITY,): 10})


async def test_I4_every_view_rebuilt_is_the_live_one_version_for_version(project: Project) -> None:
    await project.phase("midterm", date(2023, 3, 20))
    await project.book("service", "casework", 1_000)
    scheme = await project.service.get(f"/v1/schemes/{project.plan.scheme}", Role.CITY_BUREAU, CITY)
    assert [(d["approved"], d["allotted_fen"], d["spent_fen"]) for d in scheme["districts"]] == [(1, 30_000_000, 1_000)]
    async with project.service.open_rebuild() as pool:
        for view in project.service.held.definition.views:
            live = await _versions(pool, view)
            await rebuild(pool, project.service.held.store.mapper, view)
            assert await _versions(pool, view) == live, view.name


async def _versions(pool: Any, view: View[Any, Any]) -> list[Any]:
    found = []
    for row in view.tables:
        found.append([tuple(one) for one in await pool.fetch(f"select * from versions.{row.TABLE} t order by t::text")])
    assert any(found), f"nothing in {view.name}"
    return found
