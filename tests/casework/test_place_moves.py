"""A place whose community is merged or split: its ledger goes on in the successor, and was the other's before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_leaving import visiting
from tests.casework.test_moments import as_of, day
from tests.casework.test_service import figures, refused
from tests.casework.test_sights import at_a_site, neighbour
from tests.service import CITY

from contracts.messages.funding import ProjectPlaceMovedV1
from contracts.messages.registry import SiteOpenedV1, SitePassedOnV1
from contracts.values import ProjectId, Role, SiteId, UnitCode

NEW, NEWER, STREET = UnitCode("620102001098"), UnitCode("620102001099"), UnitCode("620102001")


async def moves(project: Project, community: UnitCode = NEW, on: int = 10) -> None:
    moved = ProjectPlaceMovedV1(project_id=project.project, community=community, street=STREET, moved_on=day(on))
    await project.service.hear(moved, on=day(on))


async def served(project: Project, **asked: str) -> dict[str, Any]:
    found = await figures(project.service, **asked)
    return {dimensions["community"]: value for value, dimensions in found["persons_served_now"]}


async def communities(project: Project, entry: UUID) -> tuple[str, str]:
    items = (await project.service.get("/v1/entries", Role.CITY_BUREAU, CITY))["items"]
    (row,) = [one for one in items if one["entry_id"] == str(entry)]
    return row["community"], row["enrolled_in"]


async def test_the_ledger_of_a_merged_community_goes_on_in_its_successor_from_the_day_on(project: Project) -> None:
    entry = await project.enrol()
    await moves(project)
    await moves(project)
    assert await communities(project, entry) == (NEW, COMMUNITY)
    assert await served(project) == {NEW: 1}
    assert await served(project, **as_of(9)) == {COMMUNITY: 1}
    assert (await project.open(entry, on=day(11))).status_code == 200
    await project.visit(entry, on=day(11))
    visits = (await project.service.get("/v1/visits", Role.CITY_BUREAU, CITY))["items"]
    assert [one["community"] for one in visits] == [NEW]


async def test_what_was_given_before_the_day_is_the_old_communitys_whenever_it_is_recorded(project: Project) -> None:
    early = await project.enrol("演示对象甲01")
    await moves(project)
    await moves(project, NEWER, 20)
    await project.visit(early, on=day(5))
    late = await project.enrol("演示对象甲02", on=day(6))
    visits = (await project.service.get("/v1/visits", Role.CITY_BUREAU, CITY))["items"]
    assert [one["community"] for one in visits] == [COMMUNITY]
    assert await communities(project, late) == (NEWER, COMMUNITY)
    for n, early_at in ((5, COMMUNITY), (9, COMMUNITY), (10, NEW), (19, NEW)):
        assert await served(project, **as_of(n)) == {early_at: 1, **({NEWER: 1} if n >= 6 else {})}, n
    assert await served(project) == {NEWER: 2}


async def test_who_had_moved_away_or_is_of_another_community_stays_there(project: Project) -> None:
    _, site = await at_a_site(project, NEWER)
    gone, here = await project.enrol("演示对象甲01"), await project.enrol("演示对象甲02")
    assert (await project.move(gone, site, on=day(3))).status_code == 200
    await moves(project)
    assert await communities(project, gone) == (NEWER, COMMUNITY)
    assert await communities(project, here) == (NEW, COMMUNITY)
    again = await project.post(f"/v1/entries/{gone}/visits", visiting(project), on=day(11))
    refused(again, 409, "other-community", "R-KL-06")


async def test_nobody_sees_more_than_before(project: Project) -> None:
    entry = await project.enrol()
    other = await neighbour(project, NEW)
    before = await _seen(other)
    await moves(project)
    assert await _seen(other) == before
    assert str(entry) in await _seen(project)


async def _seen(who: Project) -> set[str]:
    body = await who.service.get("/v1/entries", Role.SOCIAL_WORKER, of=str(who.organisation))
    return {one["entry_id"] for one in body["items"]}


async def test_a_site_follows_the_registry_and_what_never_opened_here_does_not(project: Project) -> None:
    theirs, site = await at_a_site(project, COMMUNITY)
    entry = await replace(theirs, project=ProjectId(site)).enrol()
    unknown = SiteId(uuid4())
    for one in (site, unknown):
        passed = SitePassedOnV1(site_id=SiteId(one), community=NEW, passed_on=day(10))
        await project.service.hear(passed, on=day(10))
    assert await communities(project, entry) == (NEW, COMMUNITY)
    opened = SiteOpenedV1(site_id=unknown, community=NEW, project_id=None, level=4)
    await project.service.hear(opened, on=day(11))
