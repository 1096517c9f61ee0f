"""Volunteering's lists: whatever may be asked of them, and who finds what in them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.lists import (
    Reader,
    Rows,
    Says,
    answers_as_python_does,
    around,
    flags_say_what_is_so,
    listings,
    pages_while_others_write,
    refuses_what_it_cannot_answer,
    sorts_never_change,
)
from tests.service import CITY, DAY, DISTRICT, OTHER_DISTRICT, Running, headers
from tests.volunteer.test_service import COMMUNITY, Pilot, begun

from contracts.messages.funding import ImplementationStartedV1
from contracts.values import AgencyId, Role, TenantId, UnitCode, WorkerId

LISTS = listings("volunteer")
PATHS = {"VOLUNTEERS": "/v1/volunteers", "ACTIVITIES": "/v1/activities", "ATTENDANCE": "/v1/attendance"}
BUREAUS = {Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU, Role.AUDITOR}
OF_COMMUNITY = (Role.COMMUNITY_COMMITTEE, Role.PARTY_BRANCH, Role.VOLUNTEER_TEAM_LEADER)
OF_AGENCY = (
    Role.SOCIAL_WORKER,
    Role.SUPERVISOR,
    Role.AGENCY_MANAGER,
    Role.PARTY_BRANCH,
    Role.VOLUNTEER_TEAM_LEADER,
)
NAMED = {*OF_COMMUNITY, Role.SOCIAL_WORKER}
NEXT_DOOR = UnitCode("620102001002")


@pytest.fixture
async def pilot(service: Running) -> Pilot:
    return await begun(service, DISTRICT, COMMUNITY)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def reader(pilot: Pilot, name: str, role: Role, unit: str | None = None, tenant: TenantId = DISTRICT) -> Reader:
    return Reader(pilot.service, PATHS[name], LISTS[name], role, tenant, unit)


async def a_week(pilot: Pilot) -> tuple[UUID, UUID]:
    """Activities in every state, and volunteers who came often, once and never; one of each."""
    people = [await pilot.volunteer(f"演示志愿者甲{n:02}", party=n != 1) for n in range(3)]
    first = await pilot.activity(people[0], people[1], served=30)
    await pilot.activity(people[0], served=20, qualifier="more_than", on=day(2))
    await pilot.planned(day(1))
    await pilot.planned(day(40))
    bare = await pilot.planned(day(3))
    await pilot.post(f"/v1/activities/{bare}/hold", {}, on=day(3))
    return people[0], first


def test_every_list_is_asked() -> None:
    assert PATHS.keys() == LISTS.keys()


async def test_each_list_answers_what_it_may_be_asked(pilot: Pilot) -> None:
    await a_week(pilot)
    for name, listing in LISTS.items():
        mine = reader(pilot, name, Role.SOCIAL_WORKER, str(pilot.agency))
        now = await answers_as_python_does(mine)
        then = await answers_as_python_does(mine, as_of=day(20).isoformat())
        assert [row["stream"] for row in now] == [row["stream"] for row in then]
        await refuses_what_it_cannot_answer(mine, reader(pilot, name, Role.CITY_BUREAU, None, CITY))
        await sorts_never_change(pilot.service, listing)


async def test_an_activity_says_what_is_still_to_be_recorded_of_it(pilot: Pilot) -> None:
    await a_week(pilot)
    mine = reader(pilot, "ACTIVITIES", Role.COMMUNITY_COMMITTEE, COMMUNITY)

    async def days(flag: str) -> list[str]:
        return [row["planned_for"] for row in await mine.all(flag=flag, as_of=day(20).isoformat())]

    assert await days("planned") == [str(day(40)), str(day(1))]
    assert await days("overdue") == [str(day(1))]
    assert await days("uncounted") == await days("nobody_listed") == [str(day(3))]
    (whole,) = [row for row in await mine.all() if row["planned_for"] == str(DAY)]
    assert (whole["attended"], whole["party_member_times"], whole["residents_served"]) == (2, 1, "30")
    people = await reader(pilot, "VOLUNTEERS", Role.PARTY_BRANCH, COMMUNITY).all()
    assert sorted((row["name"], row["activities_attended"]) for row in people) == [
        ("演示志愿者甲00", 2),
        ("演示志愿者甲01", 1),
        ("演示志愿者甲02", 0),
    ]


async def test_flags_say_what_a_row_says_on_every_day(pilot: Pilot) -> None:
    people = await a_week(pilot)
    unlisted = await pilot.activity(served=5, on=day(4))
    uncounted = await pilot.planned(day(5))
    await pilot.post(f"/v1/activities/{uncounted}/hold", {}, on=day(5))
    await pilot.post(f"/v1/activities/{uncounted}/attendance", {"volunteer_ids": [str(people[0])]}, on=day(5))

    async def of_activities(on: str) -> Says:
        return {
            "planned": lambda row: row["held_on"] is None,
            "overdue": lambda row: row["held_on"] is None and row["planned_for"] < on,
            "uncounted": lambda row: row["held_on"] is not None and row["served"] is None,
            "nobody_listed": lambda row: row["held_on"] is not None and row["attended"] == 0,
        }

    async def of_volunteers(_on: str) -> Says:
        return {"never_attended": lambda row: row["activities"] == 0}

    days = around(DAY, day(1), day(3), day(5), day(40))
    mine = reader(pilot, "ACTIVITIES", Role.COMMUNITY_COMMITTEE, COMMUNITY)
    await flags_say_what_is_so(mine, days, of_activities)
    await flags_say_what_is_so(reader(pilot, "VOLUNTEERS", Role.PARTY_BRANCH, COMMUNITY), days, of_volunteers)
    (row,) = [row for row in await mine.all() if row["activity_id"] == str(unlisted)]
    assert [name for name, so in row["flags"].items() if so] == ["nobody_listed"]
    (row,) = [row for row in await mine.all() if row["activity_id"] == str(uncounted)]
    assert [name for name, so in row["flags"].items() if so] == ["uncounted"]


async def test_an_organiser_and_an_agency_find_what_is_theirs_and_nobody_s_else(pilot: Pilot) -> None:
    await a_week(pilot)
    other = await begun(pilot.service, DISTRICT, NEXT_DOOR)
    await other.activity(await other.volunteer("演示志愿者乙01", party=True), served=1)
    for name in PATHS:
        for role, unit, foreign in [(r, COMMUNITY, NEXT_DOOR) for r in OF_COMMUNITY] + [
            (r, str(pilot.agency), str(other.agency)) for r in OF_AGENCY
        ]:
            mine = await reader(pilot, name, role, unit).all()
            assert mine
            assert not _ids(mine) & _ids(await reader(pilot, name, role, foreign).all())
            assert await reader(pilot, name, role, str(uuid4()) if "-" in unit else "620102001009").all() == []
            assert await reader(pilot, name, role, unit, OTHER_DISTRICT).all() == []
            if name != "ACTIVITIES":
                named = [row["name"] for row in mine]
                assert all(named) if role in NAMED else set(named) == {None}


def _ids(rows: Rows) -> set[tuple[str, ...]]:
    return {(row["stream"], str(row.get("volunteer_id"))) for row in rows}


async def test_a_bureau_sees_all_of_its_district_under_pseudonyms(pilot: Pilot) -> None:
    await a_week(pilot)
    for role, tenant in ((Role.DISTRICT_BUREAU, DISTRICT), (Role.CITY_BUREAU, CITY), (Role.AUDITOR, CITY)):
        for name in ("VOLUNTEERS", "ATTENDANCE"):
            rows = await reader(pilot, name, role, None, tenant).all()
            assert len(rows) == 3
            assert {row["name"] for row in rows} == {None}
        assert await reader(pilot, "VOLUNTEERS", Role.DISTRICT_BUREAU, None, OTHER_DISTRICT).all() == []


async def test_who_came_from_another_community_is_named_to_their_own_alone(pilot: Pilot) -> None:
    """To have somebody's number and to put it into a list of one's own opens no name."""
    guest = await (await begun(pilot.service, DISTRICT, NEXT_DOOR)).volunteer("演示志愿者乙01", party=False)
    own = await pilot.volunteer("演示志愿者甲01", party=True)
    await pilot.activity(own, guest, served=3)
    rows = await reader(pilot, "ATTENDANCE", Role.PARTY_BRANCH, COMMUNITY).all()
    assert {row["volunteer_id"]: row["name"] for row in rows} == {str(own): "演示志愿者甲01", str(guest): None}
    assert await reader(pilot, "ATTENDANCE", Role.PARTY_BRANCH, NEXT_DOOR).all() == []


async def test_what_was_an_agency_s_is_its_successor_s(pilot: Pilot) -> None:
    volunteer, activity = await a_week(pilot)
    successor = AgencyId(uuid4())
    facts: dict[str, Any] = {"pilot_id": pilot.pilot, "community": COMMUNITY, "worker_ids": (WorkerId(uuid4()),)}
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await pilot.service.hear(ImplementationStartedV1(agency_id=successor, **facts, **days), on=day(9))
    for name in PATHS:
        for moment in ({}, {"as_of": day(5).isoformat()}):
            assert await reader(pilot, name, Role.SOCIAL_WORKER, str(pilot.agency)).all(**moment) == []
            rows = await reader(pilot, name, Role.SOCIAL_WORKER, str(successor)).all(**moment)
            assert rows
            assert all(row.get("name", "-") for row in rows)
    for path in (f"/v1/volunteers/{volunteer}", f"/v1/activities/{activity}"):
        assert await _status(pilot, path, Role.SOCIAL_WORKER, str(successor)) == 200
        for asked in ("", f"?as_of={day(5)}"):
            assert await _status(pilot, path + asked, Role.SOCIAL_WORKER, str(pilot.agency)) == 404
        assert await _status(pilot, path, Role.COMMUNITY_COMMITTEE, NEXT_DOOR) == 404
        assert await _status(pilot, path, Role.DISTRICT_BUREAU, None, OTHER_DISTRICT) == 404


async def _status(pilot: Pilot, path: str, role: Role, unit: str | None, tenant: TenantId = DISTRICT) -> int:
    return (await pilot.service.http.get(path, headers=headers(role, tenant, unit, None))).status_code


async def test_a_record_is_its_row_and_says_which_version_a_command_may_go_by(pilot: Pilot) -> None:
    _, activity = await a_week(pilot)
    sent = headers(Role.PARTY_BRANCH, DISTRICT, COMMUNITY, None)
    answer = await pilot.service.http.get(f"/v1/activities/{activity}", headers=sent)
    rows = await reader(pilot, "ACTIVITIES", Role.PARTY_BRANCH, COMMUNITY).all()
    assert answer.json() in rows
    body = {"occurred_on": str(day(5)), "residents_served": 30}
    known = headers(Role.PARTY_BRANCH, DISTRICT, COMMUNITY, None) | {"if-match": answer.headers["etag"]}
    assert (await pilot.service.http.post(f"/v1/activities/{activity}/served", json=body, headers=known)).is_success
    then = await pilot.service.http.get(f"/v1/activities/{activity}", params={"as_of": str(day(1))}, headers=sent)
    assert (then.status_code, then.headers.get("etag")) == (200, None)


async def test_whoever_a_list_is_not_for_is_refused(pilot: Pilot, subtests: pytest.Subtests) -> None:
    await pilot.planned()
    for role in sorted(set(Role) - {Role.SYSTEM}):
        with subtests.test(role.value):
            statuses = [await _status(pilot, path, role, None) for path in PATHS.values()]
            assert statuses == [200 if role in BUREAUS | {*OF_COMMUNITY, *OF_AGENCY} else 403] * len(PATHS)


async def test_who_pages_while_others_write_misses_nobody_and_sees_nobody_twice(pilot: Pilot) -> None:
    there = {str(await pilot.planned(day(n % 5))) for n in range(12)}

    async def write(n: int) -> None:
        await pilot.activity(served=n, on=day(n % 7))

    whose = reader(pilot, "ACTIVITIES", Role.PARTY_BRANCH, COMMUNITY)
    await pages_while_others_write(whose, "activity_id", there, write)
