"""Who sees which records: an organisation those of the places where it works now, and nobody those of a neighbour."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.casework.stage import Project, placement_at, register, start_of
from tests.casework.test_figures import serve
from tests.casework.test_lists import day, reader
from tests.service import CITY, OTHER_DISTRICT, headers

from contracts.messages.funding import ProjectClosedV1
from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1, WorkerUnassignedV1
from contracts.values import OrganisationId, ProjectId, Role, SiteId, UnitCode, WorkerId

RECORDS = {"ENTRIES": "entry_id", "VISITS": "visit_id", "CASES": "case_id", "REFERRALS": "referral_id"}
COMMUNITIES = [UnitCode(f"6201020010{n:02}") for n in range(11, 15)]


async def neighbour(project: Project, community: UnitCode) -> Project:
    """Another organisation's project of the same district, at which a worker of its is placed."""
    one = replace(project, project=ProjectId(uuid4()), organisation=OrganisationId(uuid4()), worker=WorkerId(uuid4()))
    await register(project.service, one.organisation)
    started = start_of(one.project, one.organisation, one.worker).model_copy(update={"community": community})
    placed = placement_at(one.project, one.organisation, one.worker).model_copy(update={"community": community})
    await project.service.hear(started)
    await project.service.hear(placed, tenant=CITY)
    return one


async def at_a_site(
    project: Project, community: UnitCode, organisation: OrganisationId | None = None
) -> tuple[Project, SiteId]:
    """An organisation, without a project unless it is named, of which a worker is placed at a site."""
    site = SiteId(uuid4())
    one = replace(project, organisation=organisation or OrganisationId(uuid4()), worker=WorkerId(uuid4()))
    if organisation is None:
        await register(project.service, one.organisation)
    await project.service.hear(SiteOpenedV1(site_id=site, community=community, project_id=None, level=4))
    placed = WorkerPlacedV1(
        worker_id=one.worker, organisation_id=one.organisation, site_id=site, project_id=None, community=community
    )
    await project.service.hear(placed, tenant=CITY)
    return one, site


async def test_each_organisation_sees_the_records_of_its_places_and_of_no_other(project: Project) -> None:
    beside, ended, gone = [await neighbour(project, community) for community in COMMUNITIES[:3]]
    guest, site = await at_a_site(project, COMMUNITIES[3])
    places = [
        (project, project.project),
        (beside, beside.project),
        (ended, ended.project),
        (gone, gone.project),
        (guest, site),
    ]
    for n, (who, place) in enumerate(places):
        await serve(who, place, f"演示对象甲{n:02}", day(n), visits=1)
    for one in (ended, gone):
        left = WorkerUnassignedV1(worker_id=one.worker, project_id=one.project)
        await project.service.hear(left, tenant=CITY, on=day(10))
    closed = ProjectClosedV1(project_id=ended.project, organisation_id=ended.organisation, community=COMMUNITIES[1])
    await project.service.hear(closed, on=day(11))
    # Of a project only its organisation sees anything, and only while a worker of its own is there, and not elsewhere.
    await project.service.hear(
        placement_at(gone.project, guest.organisation, WorkerId(uuid4())), tenant=CITY, on=day(12)
    )
    await at_a_site(project, COMMUNITIES[0], gone.organisation)
    stranger = replace(project, organisation=OrganisationId(uuid4()))
    for name, key in RECORDS.items():
        seen = [{row[key] for row in await reader(who, name).all()} for who in (*(one for one, _ in places), stranger)]
        assert [len(rows) for rows in seen] == [1, 1, 1, 0, 1, 0], name
        assert len(set().union(*seen)) == 4, f"{name}: nobody sees a neighbour's"
        earlier = [await reader(who, name).all(as_of=day(9).isoformat()) for who in (gone, stranger)]
        assert earlier == [[], []], name


@pytest.mark.parametrize(("name", "path"), [("ENTRIES", "entries"), ("CASES", "cases")])
async def test_a_record_opens_to_whom_its_list_shows_it(project: Project, name: str, path: str) -> None:
    beside = await neighbour(project, COMMUNITIES[0])
    await serve(project, project.project, "演示对象甲01", day(0), visits=1)
    (row,) = await reader(project, name).all()

    async def status(who: Project, tenant: str) -> int:
        sent = headers(Role.SOCIAL_WORKER, tenant, str(who.organisation), None, who.worker)
        return (await project.service.http.get(f"/v1/{path}/{row[RECORDS[name]]}", headers=sent)).status_code

    assert await status(project, row["tenant_id"]) == 200
    assert await status(beside, row["tenant_id"]) == 404
    assert await status(project, OTHER_DISTRICT) == 404
