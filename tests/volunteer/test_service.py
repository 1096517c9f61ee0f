"""Two activities over HTTP on real engines: who came, how many residents were served, the totals and the figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.service import CITY, DAY, DISTRICT, OTHER_DISTRICT, Running

from contracts.messages.funding import (
    AssignmentEndedV1,
    ImplementationStartedV1,
    ProjectClosedV1,
    ProjectPlaceMovedV1,
    ProjectTerminatedV1,
)
from contracts.messages.volunteer import VolunteerCountsPublishedV1
from contracts.values import OrganisationId, ProjectId, Role, TenantId, UnitCode, WorkerId
from kit.store.turns import Turns
from volunteer.domain.counts import Totals
from volunteer.projections import counts as counting

COMMUNITY = UnitCode("620102001001")
HERE = {"community": COMMUNITY}


@dataclass(frozen=True)
class Project:
    """One project, and the Party branch of its community, who speaks to the service."""

    service: Running
    project: ProjectId
    organisation: OrganisationId
    tenant: TenantId = DISTRICT
    community: UnitCode = COMMUNITY

    async def post(self, path: str, body: dict[str, Any], status: int = 200, **how: Any) -> dict[str, Any]:
        how = {"unit": self.community, "tenant": self.tenant, **how}
        answer = await self.service.post(path, body, Role.PARTY_BRANCH, **how)
        assert answer.status_code == status, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def made(self, path: str, body: dict[str, Any]) -> UUID:
        return UUID((await self.post(path, body))["stream"].partition("/")[2])

    async def planned(self, on: date = DAY) -> UUID:
        plan = {"project_id": str(self.project), "title": "演示活动", "organiser": "party_branch"}
        return await self.made("/v1/activities", {**plan, "planned_for": on.isoformat()})

    async def volunteer(self, name: str, *, party: bool) -> UUID:
        background = "party_member" if party else "student"
        body = {"project_id": str(self.project), "background": background, "is_party_member": party, "name": name}
        return await self.made("/v1/volunteers", body)

    async def activity(self, *came: UUID, served: int, qualifier: str = "exact", on: date = DAY) -> UUID:
        activity = await self.planned(on)
        await self.post(f"/v1/activities/{activity}/hold", {}, on=on)
        attendance = {"volunteer_ids": [str(one) for one in (*came, *came)]}
        for _ in range(2 if came else 0):  # who stands in a list twice, or in two, counts once
            await self.post(f"/v1/activities/{activity}/attendance", attendance, on=on)
        count = {"residents_served": served, "qualifier": qualifier}
        await self.post(f"/v1/activities/{activity}/served", count, on=on)
        return activity

    async def publish(self, on: date = DAY) -> None:
        answer = await self.service.post(f"/v1/projects/{self.project}/counts", {}, Role.DISTRICT_BUREAU, on=on)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def project(service: Running) -> Project:
    return await begun(service, DISTRICT, COMMUNITY)


async def begun(service: Running, tenant: TenantId, community: UnitCode) -> Project:
    one = Project(service, ProjectId(uuid4()), OrganisationId(uuid4()), tenant, community)
    started = ImplementationStartedV1(
        project_id=one.project,
        organisation_id=one.organisation,
        community=community,
        impl_from=date(2022, 9, 27),
        impl_to=date(2023, 9, 27),
        worker_ids=(WorkerId(uuid4()),),
    )
    await service.hear(started, tenant=tenant, on=date(2022, 9, 27))
    return one


async def figures(service: Running, **asked: Any) -> dict[str, list[tuple[int, str, dict[str, str]]]]:
    body = await service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    return {
        one["id"].removeprefix("volunteer."): [(f["value"], f["qualifier"], f["dimensions"]) for f in one["figures"]]
        for one in body["indicators"]
    }


async def two_activities(project: Project) -> None:
    member, student = (
        await project.volunteer("演示志愿者甲01", party=True),
        await project.volunteer("甲02", party=False),
    )
    await project.activity(member, student, served=30)
    await project.activity(member, served=20, qualifier="more_than", on=DAY + timedelta(days=2))


async def test_R_KL_10_party_member_times_and_residents_served_are_two_figures(project: Project) -> None:
    await two_activities(project)
    found = await figures(project.service)
    assert found == {
        "registered_volunteers": [(2, "exact", HERE)],
        "activities": [(2, "exact", HERE)],
        "party_member_times": [(2, "exact", HERE)],
        "residents_served": [(50, "more_than", HERE)],
    }
    (row,) = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY))["items"]
    assert (row["activities"], row["party_member_times"], row["residents_served"]) == (2, 2, 50)
    assert row["residents_served_qualifier"] == "more_than"
    then = await figures(project.service, as_of=(DAY + timedelta(days=1)).isoformat())
    assert (then["party_member_times"], then["residents_served"]) == ([(1, "exact", HERE)], [(30, "exact", HERE)])


async def test_a_bulletin_counts_what_was_held_in_its_days_and_no_plan(project: Project) -> None:
    one, other = [await project.volunteer(f"演示志愿者甲0{n}", party=True) for n in (1, 2)]
    for days, came in enumerate([(one,), (one, other), (other,)]):
        await project.activity(*came, served=10**days, on=DAY + timedelta(days=days))
    await project.planned(DAY + timedelta(days=1))

    async def read(first: int | None, last: int | None) -> tuple[int, int, int]:
        asked = {"from_day": first, "to_day": last}
        days: dict[str, Any] = {
            name: (DAY + timedelta(days=n)).isoformat() for name, n in asked.items() if n is not None
        }
        (row,) = (await project.service.get("/v1/bulletin", Role.DISTRICT_BUREAU, **days))["items"]
        return row["activities"], row["party_member_times"], row["residents_served"]

    assert await read(1, 1) == (1, 2, 10)
    assert await read(1, None) == (2, 3, 110)
    assert await read(None, 1) == (2, 3, 11)
    assert await read(None, None) == (3, 4, 111)
    assert (await figures(project.service))["activities"] == [(3, "exact", HERE)]


async def test_places_stand_in_the_order_of_their_codes(project: Project) -> None:
    places = ((OTHER_DISTRICT, "620103001001"), (DISTRICT, "620102001002"))
    for one in [await begun(project.service, tenant, UnitCode(place)) for tenant, place in places] + [project]:
        await one.activity(await one.volunteer("演示志愿者甲01", party=True), served=1)
    codes = ["620102001001", "620102001002", "620103001001"]
    rows = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY))["items"]
    assert [row["community"] for row in rows] == codes
    for id, found in (await figures(project.service)).items():
        assert [place["community"] for *_, place in found] == codes, id


async def test_a_day_s_totals_hold_the_residents_who_were_counted_by_then(project: Project) -> None:
    activity = await project.planned()
    later = DAY + timedelta(days=2)
    await project.post(f"/v1/activities/{activity}/hold", {})
    await project.post(f"/v1/activities/{activity}/served", {"residents_served": 7, "qualifier": "more_than"}, on=later)
    for day in (DAY, later):
        await project.publish(day)
    told = [
        m.totals.residents_served for m in await project.service.told() if isinstance(m, VolunteerCountsPublishedV1)
    ]
    assert [(int(one.value), one.qualifier) for one in told] == [(0, "exact"), (7, "more_than")]


async def test_a_day_s_totals_are_published_and_again_only_when_they_changed(project: Project) -> None:
    await two_activities(project)
    later = DAY + timedelta(days=2)
    for day in (DAY, DAY, later):
        await project.publish(day)
    activity = await project.activity(served=5)
    late = {"volunteer_ids": [str(await project.volunteer("演示志愿者甲03", party=True))]}
    await project.post(f"/v1/activities/{activity}/attendance", late, on=later)
    await project.publish(DAY)
    told = [m for m in await project.service.told() if isinstance(m, VolunteerCountsPublishedV1)]
    counted = [
        (m.day, *(int(q.value) for q in (t.activities, t.party_member_times, t.residents_served, t.volunteers)))
        for m in told
        for t in (m.totals,)
    ]
    assert counted == [(DAY, 1, 1, 30, 2), (later, 2, 2, 50, 2), (DAY, 2, 1, 35, 2)]
    assert [m.totals.residents_served.qualifier for m in told] == ["exact", "more_than", "exact"]


async def test_who_counted_before_another_published_counts_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a publication's counting and its writing, somebody comes and another publication overtakes it."""
    activity = await project.activity(served=5)
    late = {"volunteer_ids": [str(await project.volunteer("演示志愿者甲01", party=True))]}
    counted, times = counting.totals, []

    async def overtaken(*asked: Any) -> Totals:
        found = await counted(*asked)
        times.append(int(found.party_member_times.value))
        if len(times) == 1:
            project.service.held.store._turns = Turns()  # as another process, which waits for no turn in this one
            await project.post(f"/v1/activities/{activity}/attendance", late)
            await project.publish()
        return found

    monkeypatch.setattr(counting, "totals", overtaken)
    await project.publish()
    told = [m.totals for m in await project.service.told() if isinstance(m, VolunteerCountsPublishedV1)]
    assert [int(totals.party_member_times.value) for totals in told] == [1]
    assert times == [0, 1, 1]


@pytest.mark.parametrize("terminated", [False, True])
async def test_a_project_that_is_over_has_no_new_activity(project: Project, *, terminated: bool) -> None:
    closed = ProjectClosedV1(project_id=project.project, organisation_id=project.organisation, community=COMMUNITY)
    await project.service.hear(ProjectTerminatedV1(project_id=project.project) if terminated else closed)
    plan = {
        "project_id": str(project.project),
        "title": "演示活动",
        "organiser": "team",
        "planned_for": DAY.isoformat(),
    }
    assert (await project.post("/v1/activities", plan, 409))["code"] == "project-closed"


async def test_whose_assignment_ended_records_nothing_and_the_community_goes_on(project: Project) -> None:
    plan = {"project_id": str(project.project), "title": "演示活动", "organiser": "team"}
    plan["planned_for"] = DAY.isoformat()

    async def worker() -> httpx.Response:
        return await project.service.post(
            "/v1/activities", plan, Role.SOCIAL_WORKER, tenant=DISTRICT, unit=str(project.organisation)
        )

    assert (await worker()).status_code == 200
    await project.service.hear(AssignmentEndedV1(project_id=project.project, organisation_id=project.organisation))
    assert ((late := await worker()).status_code, late.json()["code"]) == (403, "not-your-unit")
    await project.post("/v1/activities", plan)


async def test_who_is_not_registered_did_not_attend(project: Project) -> None:
    activity = await project.activity(await project.volunteer("演示志愿者甲01", party=True), served=1)
    stranger = {"volunteer_ids": [str(uuid4())]}
    assert (await project.post(f"/v1/activities/{activity}/attendance", stranger, 404))["code"] == "not-found"


async def test_another_community_and_another_district_record_nothing(project: Project) -> None:
    activity = await project.activity(await project.volunteer("演示志愿者甲01", party=True), served=1)
    path = f"/v1/activities/{activity}/hold"
    assert (await project.post(path, {}, 403, unit="620102001002"))["code"] == "not-your-unit"
    assert (await project.post(path, {}, 404, tenant=OTHER_DISTRICT))["code"] == "not-found"
    assert (await project.service.get("/v1/bulletin", Role.DISTRICT_BUREAU, OTHER_DISTRICT))["items"] == []


async def test_no_name_is_in_an_event_in_the_clear(project: Project) -> None:
    await project.volunteer("演示志愿者甲01", party=True)
    raws = [raw.decode() for raw in await project.service.history("raw")]
    assert not [raw for raw in raws if "演示志愿者" in raw]
    assert sum("$sealed" in raw for raw in raws) == 1


async def test_the_successors_committee_goes_on_and_sees_and_the_old_one_neither(project: Project) -> None:
    await project.activity(await project.volunteer("演示志愿者甲01", party=True), served=30)
    new, moved_on = UnitCode("620102001099"), DAY + timedelta(days=10)
    moved = ProjectPlaceMovedV1(
        project_id=project.project, community=new, street=UnitCode("620102001"), moved_on=moved_on
    )
    for _ in range(2):
        await project.service.hear(moved, on=moved_on)
    heir = replace(project, community=new)
    plan = {"project_id": str(project.project), "title": "演示活动", "organiser": "party_branch"}
    later = {**plan, "planned_for": moved_on.isoformat()}
    made = await heir.post("/v1/activities", later, on=moved_on)
    await heir.post(f"/v1/activities/{made['stream'].partition('/')[2]}/hold", {}, on=moved_on)
    assert (await project.post("/v1/activities", later, 403, on=moved_on))["code"] == "not-your-unit"

    async def seen(unit: UnitCode) -> int:
        return len((await project.service.get("/v1/activities", Role.COMMUNITY_COMMITTEE, DISTRICT, unit))["items"])

    assert [await seen(unit) for unit in (COMMUNITY, new)] == [0, 2]
    found = (await figures(project.service))["activities"]
    assert found == [(1, "exact", HERE), (1, "exact", {"community": new})]
