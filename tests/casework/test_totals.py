"""What a project's totals of a day and the bulletin come to: what Python counts in the lists of that day."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from tests.casework.stage import Project, placement_at, register, start_of
from tests.casework.test_lists import a_month, day, reader
from tests.service import CITY, OTHER_DISTRICT

from contracts.messages.casework import ServiceCountsPublishedV1
from contracts.values import OrganisationId, ProjectId, Role, UnitCode, WorkerId

ELSEWHERE = UnitCode("620103001001")


async def test_the_totals_of_each_day_are_what_the_lists_of_that_day_show(project: Project) -> None:
    await a_month(project)
    days = range(-1, 12)
    for n in days:
        assert (await project.publish(on=day(n))).status_code == 200
    told = [one for one in await project.service.told() if isinstance(one, ServiceCountsPublishedV1)]
    for n, message in zip(days, told, strict=True):
        rows = {
            name: await reader(project, name).all(as_of=day(n).isoformat(), project_id=str(project.project))
            for name in ("ENTRIES", "VISITS", "CASES", "REFERRALS")
        }
        over = [row for row in rows["CASES"] if row["closed_on"] or row["ended_on"]]
        closed = [row for row in rows["CASES"] if row["closed_on"] is not None]
        found = {name: int(quantity.value) for name, quantity in vars(message.totals).items() if quantity}
        assert found == {
            "ledger_persons": len(rows["ENTRIES"]),
            "persons_visited": len({row["entry_id"] for row in rows["VISITS"]}),
            "home_visits": len(rows["VISITS"]),
            "cases_open": len(rows["CASES"]) - len(over),
            "cases_closed": len(closed),
            "referrals": len(rows["REFERRALS"]),
        }, n


async def test_the_bulletin_is_in_the_order_of_districts_and_communities(project: Project) -> None:
    one = replace(project, project=ProjectId(uuid4()), organisation=OrganisationId(uuid4()), worker=WorkerId(uuid4()))
    there = {"community": ELSEWHERE}
    await register(project.service, one.organisation)
    started = start_of(one.project, one.organisation, one.worker).model_copy(update=there)
    await project.service.hear(started, tenant=OTHER_DISTRICT)
    placed = placement_at(one.project, one.organisation, one.worker).model_copy(update=there)
    await project.service.hear(placed, tenant=CITY)
    await project.enrol()
    body = {"place_id": str(one.project), "catalogue_id": str(project.catalogue), "categories": ["disabled"]}
    await one.made("/v1/entries", {**body, "name": "演示对象乙01"}, tenant=OTHER_DISTRICT)
    shown = await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY)
    places = [(row.get("tenant_id") or row["tenant"], row["community"]) for row in shown["items"]]
    assert len(places) == 2
    assert places == sorted(places)
