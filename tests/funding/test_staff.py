"""What the registry tells of a project's staff and its organisation, and what follows over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.funding import stage
from tests.funding.domain import histories as h
from tests.funding.stage import APPROVED_ON, BOUGHT_ON, Plan, Project, a_running_project
from tests.funding.test_service import figures, refused
from tests.service import CITY, DISTRICT

from contracts.messages.registry import (
    OrganisationConditionAttestedV1,
    OrganisationListedElsewhereV1,
    OrganisationQualificationRevokedV1,
    PostingEndedV1,
    WorkerLeftPostingV1,
)
from contracts.values import OrganisationId, Role, SchemeId, TenantId, WorkerId

GONE_ON = date(2023, 1, 5)
ELSEWHERE = TenantId("620200")


async def leaves(project: Project, worker: WorkerId, on: date = GONE_ON, *, breach: bool = False) -> None:
    left = WorkerLeftPostingV1(project_id=project.id, worker_id=worker, breach=breach, remaining=2, locked=True)
    await project.service.hear(left, on=on)


async def test_SG_4_a_breach_shows_on_the_project(project: Project) -> None:
    await leaves(project, project.workers[0], breach=True)
    assert (await project.shown())["flags"]["staffing_breach"] is True
    await project.phase("midterm", date(2023, 3, 20))
    assert (await project.shown())["phases"][0]["breaches"] == 1


async def test_a_departure_lowers_who_is_there_and_ends_the_wages(project: Project) -> None:
    await leaves(project, project.workers[0])
    seen = await project.shown()
    counts = ("workers", "licensed", "intermediate", "sw_graduates", "locked")
    assert [seen[name] for name in counts] == [2, 1, 0, 1, 2]
    assert seen["flags"]["staffing_breach"] is False
    (gone,) = [one for one in seen["staff"] if one["left_on"]]
    assert (gone["worker_id"], gone["left_on"]) == (str(project.workers[0]), GONE_ON.isoformat())
    found = await figures(project.service)
    assert found["workers_verified"] == found["workers_locked"] == {(DISTRICT, str(project.id)): 2}
    wage: dict[str, Any] = {"worker_id": str(project.workers[0]), "wage_grade": 10}
    assert (await project.book("personnel", "wage", 500_000, on=GONE_ON, **wage)).status_code == 200
    later = date(2023, 3, 5)
    refused(await project.book("personnel", "wage", 500_000, on=later, **wage), 409, "worker-has-left", "R-LZ-17")


async def test_a_replacement_counts_again_and_is_locked(project: Project) -> None:
    await leaves(project, project.workers[0])
    team = (*project.workers[1:], WorkerId(uuid4()))
    on = date(2023, 2, 1)
    await project.own("staffing", on, worker_ids=[str(w) for w in team])
    await project.service.hear(await project.verdict(), on=on)
    seen = await project.shown()
    assert (seen["workers"], seen["locked"], len(seen["staff"])) == (3, 3, 4)


async def funded(plan: Plan) -> Project:
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.contracted(await plan.organisation())
    await project.staffed()
    await project.city("budget", stage.PAID_ON)
    await project.city("appropriations", stage.PAID_ON, amounts=[{"line": "service", "amount_fen": 1_000}])
    return project


async def test_a_withdrawal_before_the_start_is_cured_by_a_new_declaration(plan: Plan) -> None:
    project = await funded(plan)
    gone, *rest = project.workers
    left = WorkerLeftPostingV1(project_id=project.id, worker_id=gone, breach=False, remaining=0, locked=False)
    await plan.service.hear(left, on=stage.PAID_ON)
    unit: dict[str, Any] = {"unit": str(project.organisation)}
    answer = await project.post("start", Role.ORGANISATION_MANAGER, h.STARTED, **unit)
    refused(answer, 409, "staff-incomplete", "R-LZ-09")
    assert "重新申报" in answer.json()["detail"]
    await project.own("staffing", stage.PAID_ON, worker_ids=[str(w) for w in (*rest, uuid4())])
    refused(
        await project.post("start", Role.ORGANISATION_MANAGER, h.STARTED, **unit), 409, "staff-incomplete", "R-LZ-09"
    )
    await plan.service.hear(await project.verdict(), on=stage.PAID_ON)
    await project.own("start", h.STARTED)
    assert (await project.shown())["stage"] == "running"


async def test_an_ended_posting_is_noted_once_whichever_comes_first(project: Project) -> None:
    first, second = project, await a_running_project(project.plan)
    for project, order in ((first, "ended first"), (second, "revoked first")):
        assert project.organisation is not None
        revoked = OrganisationQualificationRevokedV1(
            organisation_id=project.organisation, scheme_id=SchemeId(project.plan.scheme), project_id=project.id
        )
        messages = [(PostingEndedV1(project_id=project.id), DISTRICT), (revoked, CITY)]
        for message, tenant in messages if order == "ended first" else reversed(messages):
            await project.service.hear(message, tenant=tenant, on=GONE_ON)
        seen = await project.shown()
        assert (seen["stage"], seen["workers"], seen["locked"], seen["staff"]) == ("procuring", 0, 0, []), order


async def procuring(plan: Plan) -> Project:
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.local("purchase", BOUGHT_ON, scope=[{"domain": "elderly_care", "duty": "regular_visits"}])
    return project


async def reviewed(project: Project, organisation: OrganisationId) -> Any:
    return await project.post(
        "plan-reviews", Role.DISTRICT_BUREAU, BOUGHT_ON, organisation_id=str(organisation), passed=True
    )


async def test_R_LZ_37_conditions_attested_after_the_registration_are_heard(plan: Plan) -> None:
    project, organisation = await procuring(plan), await plan.organisation(professional_team=False)
    refused(await reviewed(project, organisation), 409, "organisation-team-missing", "R-LZ-37")
    attested = OrganisationConditionAttestedV1(
        organisation_id=organisation, sound_governance=True, own_bank_account=True, professional_team=True
    )
    await plan.service.hear(attested, tenant=CITY)
    assert (await reviewed(project, organisation)).status_code == 200


async def test_an_organisation_of_another_city_is_told_to_register_in_this_one(plan: Plan) -> None:
    answer = await reviewed(await procuring(plan), OrganisationId(uuid4()))
    refused(answer, 409, "organisation-not-registered-here", "R-LZ-05")
    assert "本市" in answer.json()["detail"]


async def test_C_37_a_listing_elsewhere_warns_at_the_selection_and_in_the_list(plan: Plan) -> None:
    project, organisation = await procuring(plan), await plan.organisation()
    assert (await reviewed(project, organisation)).status_code == 200
    await plan.service.hear(
        OrganisationListedElsewhereV1(organisation_id=organisation, listed_by=ELSEWHERE, listed=True), tenant=CITY
    )
    await project.city("organisation", BOUGHT_ON, organisation_id=str(organisation))
    assert (await project.shown())["flags"]["organisation_listed_elsewhere"] is True
    body = await plan.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=f"project/{project.id}")
    (chosen,) = [item["data"] for item in body["items"] if item.get("type") == "funding.organisation-selected"]
    assert chosen["listed_elsewhere"] is True
    await plan.service.hear(
        OrganisationListedElsewhereV1(organisation_id=organisation, listed_by=ELSEWHERE, listed=False), tenant=CITY
    )
    assert (await project.shown())["flags"]["organisation_listed_elsewhere"] is False


async def test_a_voucher_is_booked_once_in_a_project(project: Project) -> None:
    other = await a_running_project(project.plan)
    voucher = str(uuid4())
    first = await project.book("service", "casework", 1_000, voucher=voucher)
    assert first.status_code == 200
    refused(await project.book("management", "daily_office", 1_000, voucher=voucher), 409, "voucher-booked")
    assert (await other.book("service", "casework", 1_000, voucher=voucher)).status_code == 200


async def test_only_the_payer_books_late_on_a_closed_project(project: Project) -> None:
    for phase, on in (("midterm", date(2023, 3, 20)), ("final", date(2023, 9, 12))):
        await project.phase(phase, on)
    await project.accepted(date(2023, 9, 12))
    await project.city("rating", date(2023, 9, 28), rating="good")
    assert (await project.book("service", "casework", 1_000, on=date(2023, 9, 20))).status_code == 200
    await project.settled(date(2023, 10, 9))
    await project.city("close", date(2023, 10, 9))
    (wrong,) = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY))["items"]
    back = {"amount_fen": 1_000, "reason": "correction"}
    await project.city(f"expenses/{wrong['expense_id']}/reversals", date(2023, 10, 10), **back)
    assert (await project.shown())["flags"]["to_settle"] is True
    late: dict[str, Any] = {"on": date(2023, 10, 10)}
    refused(await project.book("service", "casework", 1_000, **late), 409, "project-closed")
    refused(await project.book("service", "casework", 1_000, late_booking=True, **late), 409, "project-closed")
    city: dict[str, Any] = {**late, "role": Role.CITY_BUREAU}
    refused(await project.book("service", "casework", 1_000, **city), 409, "project-closed")
    assert (await project.book("service", "casework", 1_000, late_booking=True, **city)).status_code == 200
    expense, _ = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY))["items"]
    assert (await project.shown())["flags"]["to_settle"] is False
    assert (expense["late_booking"], expense["booked_by"], UUID(expense["project_id"])) == (True, "city", project.id)
