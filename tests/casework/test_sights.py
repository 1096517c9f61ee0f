"""Who sees which records: an agency those of the places where it works now, and nobody those of a neighbour."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.casework.stage import Pilot, placement_at, register, start_of
from tests.casework.test_figures import serve
from tests.casework.test_lists import day, reader
from tests.service import CITY, OTHER_DISTRICT, headers

from contracts.messages.funding import PilotClosedV1
from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1, WorkerUnassignedV1
from contracts.values import AgencyId, PilotId, Role, SiteId, UnitCode, WorkerId

RECORDS = {"ENTRIES": "entry_id", "VISITS": "visit_id", "CASES": "case_id", "REFERRALS": "referral_id"}
COMMUNITIES = [UnitCode(f"6201020010{n:02}") for n in range(11, 15)]


async def neighbour(pilot: Pilot, community: UnitCode) -> Pilot:
    """Another agency's pilot of the same district, at which a worker of its is placed."""
    one = replace(pilot, pilot=PilotId(uuid4()), agency=AgencyId(uuid4()), worker=WorkerId(uuid4()))
    await register(pilot.service, one.agency)
    started = start_of(one.pilot, one.agency, one.worker).model_copy(update={"community": community})
    placed = placement_at(one.pilot, one.agency, one.worker).model_copy(update={"community": community})
    await pilot.service.hear(started)
    await pilot.service.hear(placed, tenant=CITY)
    return one


async def at_a_site(pilot: Pilot, community: UnitCode, agency: AgencyId | None = None) -> tuple[Pilot, SiteId]:
    """An agency, without a pilot unless it is named, of which a worker is placed at a site."""
    site = SiteId(uuid4())
    one = replace(pilot, agency=agency or AgencyId(uuid4()), worker=WorkerId(uuid4()))
    if agency is None:
        await register(pilot.service, one.agency)
    await pilot.service.hear(SiteOpenedV1(site_id=site, community=community, pilot_id=None, level=4))
    placed = WorkerPlacedV1(
        worker_id=one.worker, agency_id=one.agency, site_id=site, pilot_id=None, community=community
    )
    await pilot.service.hear(placed, tenant=CITY)
    return one, site


async def test_each_agency_sees_the_records_of_its_places_and_of_no_other(pilot: Pilot) -> None:
    beside, ended, gone = [await neighbour(pilot, community) for community in COMMUNITIES[:3]]
    guest, site = await at_a_site(pilot, COMMUNITIES[3])
    places = [(pilot, pilot.pilot), (beside, beside.pilot), (ended, ended.pilot), (gone, gone.pilot), (guest, site)]
    for n, (who, place) in enumerate(places):
        await serve(who, place, f"演示对象甲{n:02}", day(n), visits=1)
    for one in (ended, gone):
        left = WorkerUnassignedV1(worker_id=one.worker, pilot_id=one.pilot)
        await pilot.service.hear(left, tenant=CITY, on=day(10))
    closed = PilotClosedV1(pilot_id=ended.pilot, agency_id=ended.agency, community=COMMUNITIES[1])
    await pilot.service.hear(closed, on=day(11))
    # Of a pilot only its agency sees anything, and only while a worker of its own is there, and not elsewhere.
    await pilot.service.hear(placement_at(gone.pilot, guest.agency, WorkerId(uuid4())), tenant=CITY, on=day(12))
    await at_a_site(pilot, COMMUNITIES[0], gone.agency)
    stranger = replace(pilot, agency=AgencyId(uuid4()))
    for name, key in RECORDS.items():
        seen = [{row[key] for row in await reader(who, name).all()} for who in (*(one for one, _ in places), stranger)]
        assert [len(rows) for rows in seen] == [1, 1, 1, 0, 1, 0], name
        assert len(set().union(*seen)) == 4, f"{name}: nobody sees a neighbour's"
        earlier = [await reader(who, name).all(as_of=day(9).isoformat()) for who in (gone, stranger)]
        assert earlier == [[], []], name


@pytest.mark.parametrize(("name", "path"), [("ENTRIES", "entries"), ("CASES", "cases")])
async def test_a_record_opens_to_whom_its_list_shows_it(pilot: Pilot, name: str, path: str) -> None:
    beside = await neighbour(pilot, COMMUNITIES[0])
    await serve(pilot, pilot.pilot, "演示对象甲01", day(0), visits=1)
    (row,) = await reader(pilot, name).all()

    async def status(who: Pilot, tenant: str) -> int:
        sent = headers(Role.SOCIAL_WORKER, tenant, str(who.agency), None, who.worker)
        return (await pilot.service.http.get(f"/v1/{path}/{row[RECORDS[name]]}", headers=sent)).status_code

    assert await status(pilot, row["tenant_id"]) == 200
    assert await status(beside, row["tenant_id"]) == 404
    assert await status(pilot, OTHER_DISTRICT) == 404
