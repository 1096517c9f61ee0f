"""What the registry tells of a pilot's staff and its agency, and what follows over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.funding import stage
from tests.funding.domain import histories as h
from tests.funding.stage import APPROVED_ON, BOUGHT_ON, Pilot, Plan, a_running_pilot
from tests.funding.test_service import figures, refused
from tests.service import CITY, DISTRICT

from contracts.messages.registry import (
    AgencyConditionAttestedV1,
    AgencyListedElsewhereV1,
    AgencyQualificationRevokedV1,
    PostingEndedV1,
    WorkerLeftPostingV1,
)
from contracts.values import AgencyId, Role, SchemeId, TenantId, WorkerId

GONE_ON = date(2023, 1, 5)
ELSEWHERE = TenantId("620200")


async def leaves(pilot: Pilot, worker: WorkerId, on: date = GONE_ON, *, breach: bool = False) -> None:
    left = WorkerLeftPostingV1(pilot_id=pilot.id, worker_id=worker, breach=breach, remaining=2, locked=True)
    await pilot.service.hear(left, on=on)


async def test_SG_4_a_breach_shows_on_the_pilot(pilot: Pilot) -> None:
    await leaves(pilot, pilot.workers[0], breach=True)
    assert (await pilot.shown())["flags"]["staffing_breach"] is True
    await pilot.phase("midterm", date(2023, 3, 20))
    assert (await pilot.shown())["phases"][0]["breaches"] == 1


async def test_a_departure_lowers_who_is_there_and_ends_the_wages(pilot: Pilot) -> None:
    await leaves(pilot, pilot.workers[0])
    seen = await pilot.shown()
    counts = ("workers", "licensed", "intermediate", "sw_graduates", "locked")
    assert [seen[name] for name in counts] == [2, 1, 0, 1, 2]
    assert seen["flags"]["staffing_breach"] is False
    (gone,) = [one for one in seen["staff"] if one["left_on"]]
    assert (gone["worker_id"], gone["left_on"]) == (str(pilot.workers[0]), GONE_ON.isoformat())
    found = await figures(pilot.service)
    assert found["workers_verified"] == found["workers_locked"] == {(DISTRICT, str(pilot.id)): 2}
    wage: dict[str, Any] = {"worker_id": str(pilot.workers[0]), "wage_grade": 10}
    assert (await pilot.book("personnel", "wage", 500_000, on=GONE_ON, **wage)).status_code == 200
    later = date(2023, 3, 5)
    refused(await pilot.book("personnel", "wage", 500_000, on=later, **wage), 409, "worker-has-left", "R-LZ-17")


async def test_a_replacement_counts_again_and_is_locked(pilot: Pilot) -> None:
    await leaves(pilot, pilot.workers[0])
    team = (*pilot.workers[1:], WorkerId(uuid4()))
    on = date(2023, 2, 1)
    await pilot.own("staffing", on, worker_ids=[str(w) for w in team])
    await pilot.service.hear(await pilot.verdict(), on=on)
    seen = await pilot.shown()
    assert (seen["workers"], seen["locked"], len(seen["staff"])) == (3, 3, 4)


async def funded(plan: Plan) -> Pilot:
    pilot = await plan.recommended()
    await pilot.city("approve", APPROVED_ON)
    await pilot.contracted(await plan.agency())
    await pilot.staffed()
    await pilot.city("budget", stage.PAID_ON)
    await pilot.city("appropriations", stage.PAID_ON, amounts=[{"line": "service", "amount_fen": 1_000}])
    return pilot


async def test_a_withdrawal_before_the_start_is_cured_by_a_new_declaration(plan: Plan) -> None:
    pilot = await funded(plan)
    gone, *rest = pilot.workers
    left = WorkerLeftPostingV1(pilot_id=pilot.id, worker_id=gone, breach=False, remaining=0, locked=False)
    await plan.service.hear(left, on=stage.PAID_ON)
    unit: dict[str, Any] = {"unit": str(pilot.agency)}
    answer = await pilot.post("start", Role.AGENCY_MANAGER, h.STARTED, **unit)
    refused(answer, 409, "staff-incomplete", "R-LZ-09")
    assert "重新申报" in answer.json()["detail"]
    await pilot.own("staffing", stage.PAID_ON, worker_ids=[str(w) for w in (*rest, uuid4())])
    refused(await pilot.post("start", Role.AGENCY_MANAGER, h.STARTED, **unit), 409, "staff-incomplete", "R-LZ-09")
    await plan.service.hear(await pilot.verdict(), on=stage.PAID_ON)
    await pilot.own("start", h.STARTED)
    assert (await pilot.shown())["stage"] == "running"


async def test_an_ended_posting_is_noted_once_whichever_comes_first(pilot: Pilot) -> None:
    first, second = pilot, await a_running_pilot(pilot.plan)
    for pilot, order in ((first, "ended first"), (second, "revoked first")):
        assert pilot.agency is not None
        revoked = AgencyQualificationRevokedV1(
            agency_id=pilot.agency, scheme_id=SchemeId(pilot.plan.scheme), pilot_id=pilot.id
        )
        messages = [(PostingEndedV1(pilot_id=pilot.id), DISTRICT), (revoked, CITY)]
        for message, tenant in messages if order == "ended first" else reversed(messages):
            await pilot.service.hear(message, tenant=tenant, on=GONE_ON)
        seen = await pilot.shown()
        assert (seen["stage"], seen["workers"], seen["locked"], seen["staff"]) == ("procuring", 0, 0, []), order


async def procuring(plan: Plan) -> Pilot:
    pilot = await plan.recommended()
    await pilot.city("approve", APPROVED_ON)
    await pilot.local("purchase", BOUGHT_ON, scope=[{"domain": "elderly_care", "duty": "regular_visits"}])
    return pilot


async def reviewed(pilot: Pilot, agency: AgencyId) -> Any:
    return await pilot.post("plan-reviews", Role.DISTRICT_BUREAU, BOUGHT_ON, agency_id=str(agency), passed=True)


async def test_R_LZ_37_conditions_attested_after_the_registration_are_heard(plan: Plan) -> None:
    pilot, agency = await procuring(plan), await plan.agency(professional_team=False)
    refused(await reviewed(pilot, agency), 409, "agency-team-missing", "R-LZ-37")
    attested = AgencyConditionAttestedV1(
        agency_id=agency, sound_governance=True, own_bank_account=True, professional_team=True
    )
    await plan.service.hear(attested, tenant=CITY)
    assert (await reviewed(pilot, agency)).status_code == 200


async def test_an_agency_of_another_city_is_told_to_register_in_this_one(plan: Plan) -> None:
    answer = await reviewed(await procuring(plan), AgencyId(uuid4()))
    refused(answer, 409, "agency-not-registered-here", "R-LZ-05")
    assert "本市" in answer.json()["detail"]


async def test_C_37_a_listing_elsewhere_warns_at_the_selection_and_in_the_list(plan: Plan) -> None:
    pilot, agency = await procuring(plan), await plan.agency()
    assert (await reviewed(pilot, agency)).status_code == 200
    await plan.service.hear(AgencyListedElsewhereV1(agency_id=agency, listed_by=ELSEWHERE, listed=True), tenant=CITY)
    await pilot.city("agency", BOUGHT_ON, agency_id=str(agency))
    assert (await pilot.shown())["flags"]["agency_listed_elsewhere"] is True
    body = await plan.service.get("/v1/history", Role.CITY_BUREAU, CITY, stream=f"pilot/{pilot.id}")
    (chosen,) = [item["data"] for item in body["items"] if item.get("type") == "funding.agency-selected"]
    assert chosen["listed_elsewhere"] is True
    await plan.service.hear(AgencyListedElsewhereV1(agency_id=agency, listed_by=ELSEWHERE, listed=False), tenant=CITY)
    assert (await pilot.shown())["flags"]["agency_listed_elsewhere"] is False


async def test_a_voucher_is_booked_once_in_a_pilot(pilot: Pilot) -> None:
    other = await a_running_pilot(pilot.plan)
    voucher = str(uuid4())
    first = await pilot.book("service", "casework", 1_000, voucher=voucher)
    assert first.status_code == 200
    refused(await pilot.book("management", "daily_office", 1_000, voucher=voucher), 409, "voucher-booked")
    assert (await other.book("service", "casework", 1_000, voucher=voucher)).status_code == 200


async def test_only_the_payer_books_late_on_a_closed_pilot(pilot: Pilot) -> None:
    for phase, on in (("midterm", date(2023, 3, 20)), ("final", date(2023, 9, 12))):
        await pilot.phase(phase, on)
    await pilot.accepted(date(2023, 9, 12))
    await pilot.city("rating", date(2023, 9, 28), rating="good")
    await pilot.city("close", date(2023, 10, 9))
    late: dict[str, Any] = {"on": date(2023, 9, 20)}
    refused(await pilot.book("service", "casework", 1_000, **late), 409, "pilot-closed")
    refused(await pilot.book("service", "casework", 1_000, late_booking=True, **late), 409, "pilot-closed")
    city: dict[str, Any] = {**late, "role": Role.CITY_BUREAU}
    refused(await pilot.book("service", "casework", 1_000, **city), 409, "pilot-closed")
    assert (await pilot.book("service", "casework", 1_000, late_booking=True, **city)).status_code == 200
    (expense,) = (await pilot.service.get("/v1/expenses", Role.CITY_BUREAU, CITY))["items"]
    assert (expense["late_booking"], expense["booked_by"], UUID(expense["pilot_id"])) == (True, "city", pilot.id)
