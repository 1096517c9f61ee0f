"""A record says what whoever asks may do with it now, with the address; following that alone, a project is led on."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from tests.funding.domain import histories as h
from tests.funding.stage import APPLIED_ON, APPROVED_ON, BOUGHT_ON, PAID_ON, Plan, Project, a_running_project
from tests.service import CITY, DISTRICT

from contracts.values import Role

SCOPE = [{"domain": "elderly_care", "duty": "regular_visits"}]


async def told(project: Project, role: Role, **who: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The actions of the project for whoever asks, by action and what it is for."""
    body = await project.service.get(f"/v1/projects/{project.id}", role, who["tenant"], who.get("unit"))
    return {(one["action"], one["of"]): one for one in body["actions"]}


async def test_the_first_steps_are_found_by_following_what_the_record_says(plan: Plan) -> None:
    """Nobody here knows a path beforehand: each takes what is allowed, and is refused as was said else."""
    project = await plan.applied()
    bureau: dict[str, Any] = {"tenant": DISTRICT}
    waits = (await told(project, Role.DISTRICT_BUREAU, **bureau))["recommend-project", ""]
    assert (waits["allowed"], waits["code"], waits["rule"]) == (False, "street-signature-missing", "R-LZ-02")
    refused = await plan.service.post(waits["post_to"], {}, Role.DISTRICT_BUREAU, on=APPLIED_ON, **bureau)
    assert (refused.json()["code"], refused.json()["detail"]) == (waits["code"], waits["detail"])
    steps: list[tuple[str, Role, dict[str, Any], date]] = [
        (
            "sign-off-application",
            Role.STREET_PRINCIPAL_LEADER,
            {"tenant": DISTRICT, "unit": project.street},
            APPLIED_ON,
        ),
        ("recommend-project", Role.DISTRICT_BUREAU, bureau, APPLIED_ON),
        ("approve-project", Role.CITY_BUREAU, {"tenant": CITY}, APPROVED_ON),
    ]
    for action, role, who, on in steps:
        one = (await told(project, role, **who))[action, ""]
        assert (one["allowed"], one["code"]) == (True, None), one
        dry = await plan.service.post(f"{one['post_to']}?dry_run=true", {}, role, on=on, **who)
        assert dry.json()["dry_run"] is True, dry.text
        assert (await plan.service.post(one["post_to"], {}, role, on=on, **who)).status_code == 200
        assert (action, "") not in await told(project, role, **who)
    assert (await project.shown())["stage"] == "approved"
    past = await plan.service.get(f"/v1/projects/{project.id}", Role.CITY_BUREAU, CITY, as_of=str(APPLIED_ON))
    assert past["actions"] == []
    auditor = await plan.service.get(f"/v1/projects/{project.id}", Role.AUDITOR, CITY)
    assert auditor["actions"] == []


async def test_an_assignment_ends_on_no_day_before_what_was_done_in_it_and_nothing_ends_before_it(plan: Plan) -> None:
    project = await a_running_project(plan)
    city = Role.CITY_BUREAU
    why: dict[str, Any] = {"cause": "breach", "reason": "demo"}
    for early in (APPLIED_ON, BOUGHT_ON, PAID_ON):
        refused = await project.post("assignment-end", city, early, **why)
        assert refused.json()["code"] in ("too-early", "earlier-than-last"), refused.text
    await project.city("assignment-end", h.MIDTERM, **why)
    paper: dict[str, Any] = {"reason": "demo", "document": str(uuid4())}
    before = await project.post("termination", city, h.STARTED, **paper)
    assert before.json()["code"] == "too-early"
    await project.city("termination", h.MIDTERM, **paper)
    assert (await project.shown())["flags"]["open"] is False
    assert (await project.post("termination", city, h.MIDTERM, **paper)).json()["code"] == "project-over"


async def test_a_withdrawn_application_is_open_no_longer(plan: Plan) -> None:
    project = await plan.applied()
    assert (await project.shown())["flags"]["open"] is True
    await project.done("withdrawal", Role.COMMUNITY_COMMITTEE, APPLIED_ON, unit=project.community, reason="demo")
    assert (await project.shown())["flags"]["open"] is False


async def test_what_a_plan_states_is_told_by_its_own_paragraph(plan: Plan) -> None:
    """In the answer, in what may be done, in the basis of a fact; a rule that the plan does not state has none."""
    small = (await plan.apply(area_m2="299.99")).json()
    assert (small["rule"], small["clause"]) == ("R-LZ-03", "七(一)3")
    project = await plan.applied()
    waits = (await project.post("recommend", Role.DISTRICT_BUREAU, APPROVED_ON)).json()
    assert (waits["rule"], waits["clause"]) == ("R-LZ-02", "七(一)4")
    shown = await plan.service.get(f"/v1/projects/{project.id}", Role.DISTRICT_BUREAU, DISTRICT)
    (step,) = [one for one in shown["actions"] if one["action"] == "recommend-project"]
    assert (step["rule"], step["clause"]) == ("R-LZ-02", "七(一)4")
    body = await plan.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=f"project/{project.id}")
    (applied,) = [item for item in body["items"] if item["kind"] == "event"]
    assert (applied["rule"], applied["clause"], applied["scheme"]["number"]) == ("R-LZ-03", "七(一)3", 1)
    nobody = (await project.post("purchase", Role.DISTRICT_BUREAU, APPROVED_ON, scope=SCOPE)).json()
    assert (nobody["code"], nobody["rule"], nobody["clause"]) == ("step-missing", None, None)
