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
from tests.volunteer.test_service import COMMUNITY, Project, begun

from contracts.messages.funding import ImplementationStartedV1
from contracts.values import OrganisationId, Role, TenantId, UnitCode, WorkerId

LISTS = listings("volunteer")
PATHS = {"VOLUNTEERS": "/v1/volunteers", "ACTIVITIES": "/v1/activities", "ATTENDANCE": "/v1/attendance"}
BUREAUS = {Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU, Role.AUDITOR}
OF_COMMUNITY = (Role.COMMUNITY_COMMITTEE, Role.PARTY_BRANCH, Role.VOLUNTEER_TEAM_LEADER)
OF_ORGANISATION = (
    Role.SOCIAL_WORKER,
    Role.SUPERVISOR,
    Role.ORGANISATION_MANAGER,
    Role.PARTY_BRANCH,
    Role.VOLUNTEER_TEAM_LEADER,
)
NAMED = {*OF_COMMUNITY, Role.SOCIAL_WORKER}
NEXT_DOOR = UnitCode("620102001002")


@pytest.fixture
async def project(service: Running) -> Project:
    return await begun(service, DISTRICT, COMMUNITY)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def reader(project: Project, name: str, role: Role, unit: str | None = None, tenant: TenantId = DISTRICT) -> Reader:
    return Reader(project.service, PATHS[name], LISTS[name], role, tenant, unit)


async def a_week(project: Project) -> tuple[UUID, UUID]:
    """Activities in every state, and volunteers who came often, once and never; one of each."""
    people = [await project.volunteer(f"演示志愿者甲{n:02}", party=n != 1) for n in range(3)]
    first = await project.activity(people[0], people[1], served=30)
    await project.activity(people[0], served=20, qualifier="more_than", on=day(2))
    await project.planned(day(1))
    await project.planned(day(40))
    bare = await project.planned(day(3))
    await project.post(f"/v1/activities/{bare}/hold", {}, on=day(3))
    return people[0], first


def test_every_list_is_asked() -> None:
    assert PATHS.keys() == LISTS.keys()


async def test_each_list_answers_what_it_may_be_asked(project: Project) -> None:
    await a_week(project)
    for name, listing in LISTS.items():
        mine = reader(project, name, Role.SOCIAL_WORKER, str(project.organisation))
        now = await answers_as_python_does(mine)
        then = await answers_as_python_does(mine, as_of=day(20).isoformat())
        assert [row["stream"] for row in now] == [row["stream"] for row in then]
        await refuses_what_it_cannot_answer(mine, reader(project, name, Role.CITY_BUREAU, None, CITY))
        await sorts_never_change(project.service, listing)


async def test_an_activity_says_what_is_still_to_be_recorded_of_it(project: Project) -> None:
    await a_week(project)
    mine = reader(project, "ACTIVITIES", Role.COMMUNITY_COMMITTEE, COMMUNITY)

    async def days(flag: str) -> list[str]:
        return [row["planned_for"] for row in await mine.all(flag=flag, as_of=day(20).isoformat())]

    assert await days("planned") == [str(day(40)), str(day(1))]
    assert await days("overdue") == [str(day(1))]
    assert await days("uncounted") == await days("nobody_listed") == [str(day(3))]
    (whole,) = [row for row in await mine.all() if row["planned_for"] == str(DAY)]
    assert (whole["attended"], whole["party_member_times"], whole["residents_served"]) == (2, 1, "30")
    people = await reader(project, "VOLUNTEERS", Role.PARTY_BRANCH, COMMUNITY).all()
    assert sorted((row["name"], row["activities_attended"]) for row in people) == [
        ("演示志愿者甲00", 2),
        ("演示志愿者甲01", 1),
        ("演示志愿者甲02", 0),
    ]


async def test_flags_say_what_a_row_says_on_every_day(project: Project) -> None:
    people = await a_week(project)
    unlisted = await project.activity(served=5, on=day(4))
    uncounted = await project.planned(day(5))
    await project.post(f"/v1/activities/{uncounted}/hold", {}, on=day(5))
    await project.post(f"/v1/activities/{uncounted}/attendance", {"volunteer_ids": [str(people[0])]}, on=day(5))

    async def of_activities(on: str) -> Says:
        return {
            "planned": lambda row: row["held_on"] is None,
            "overdue": lambda row: row["held_on"] is None and row["planned_for"] < on,
            "uncounted": lambda row: row["held_on"] is not None and row["residents_served"] is None,
            "nobody_listed": lambda row: row["held_on"] is not None and row["attended"] == 0,
        }

    async def of_volunteers(_on: str) -> Says:
        return {"never_attended": lambda row: row["activities_attended"] == 0}

    days = around(DAY, day(1), day(3), day(5), day(40))
    mine = reader(project, "ACTIVITIES", Role.COMMUNITY_COMMITTEE, COMMUNITY)
    await flags_say_what_is_so(mine, days, of_activities)
    await flags_say_what_is_so(reader(project, "VOLUNTEERS", Role.PARTY_BRANCH, COMMUNITY), days, of_volunteers)
    (row,) = [row for row in await mine.all() if row["activity_id"] == str(unlisted)]
    assert [name for name, so in row["flags"].items() if so] == ["nobody_listed"]
    (row,) = [row for row in await mine.all() if row["activity_id"] == str(uncounted)]
    assert [name for name, so in row["flags"].items() if so] == ["uncounted"]


async def test_an_organiser_and_an_organisation_find_what_is_theirs_and_nobody_s_else(project: Project) -> None:
    await a_week(project)
    other = await begun(project.service, DISTRICT, NEXT_DOOR)
    await other.activity(await other.volunteer("演示志愿者乙01", party=True), served=1)
    for name in PATHS:
        for role, unit, foreign in [(r, COMMUNITY, NEXT_DOOR) for r in OF_COMMUNITY] + [
            (r, str(project.organisation), str(other.organisation)) for r in OF_ORGANISATION
        ]:
            mine = await reader(project, name, role, unit).all()
            assert mine
            assert not _ids(mine) & _ids(await reader(project, name, role, foreign).all())
            assert await reader(project, name, role, str(uuid4()) if "-" in unit else "620102001009").all() == []
            assert await reader(project, name, role, unit, OTHER_DISTRICT).all() == []
            if name != "ACTIVITIES":
                named = [row["name"] for row in mine]
                assert all(named) if role in NAMED else set(named) == {None}


def _ids(rows: Rows) -> set[tuple[str, ...]]:
    return {(row["stream"], str(row.get("volunteer_id"))) for row in rows}


async def test_a_bureau_sees_all_of_its_district_under_pseudonyms(project: Project) -> None:
    await a_week(project)
    for role, tenant in ((Role.DISTRICT_BUREAU, DISTRICT), (Role.CITY_BUREAU, CITY), (Role.AUDITOR, CITY)):
        for name in ("VOLUNTEERS", "ATTENDANCE"):
            rows = await reader(project, name, role, None, tenant).all()
            assert len(rows) == 3
            assert {row["name"] for row in rows} == {None}
        assert await reader(project, "VOLUNTEERS", Role.DISTRICT_BUREAU, None, OTHER_DISTRICT).all() == []


async def test_who_came_from_another_community_is_named_to_their_own_alone(project: Project) -> None:
    """To have somebody's number and to put it into a list of one's own opens no name."""
    guest = await (await begun(project.service, DISTRICT, NEXT_DOOR)).volunteer("演示志愿者乙01", party=False)
    own = await project.volunteer("演示志愿者甲01", party=True)
    await project.activity(own, guest, served=3)
    rows = await reader(project, "ATTENDANCE", Role.PARTY_BRANCH, COMMUNITY).all()
    assert {row["volunteer_id"]: row["name"] for row in rows} == {str(own): "演示志愿者甲01", str(guest): None}
    assert await reader(project, "ATTENDANCE", Role.PARTY_BRANCH, NEXT_DOOR).all() == []


async def test_what_was_an_organisation_s_is_its_successor_s(project: Project) -> None:
    volunteer, activity = await a_week(project)
    successor = OrganisationId(uuid4())
    facts: dict[str, Any] = {"project_id": project.project, "community": COMMUNITY, "worker_ids": (WorkerId(uuid4()),)}
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await project.service.hear(ImplementationStartedV1(organisation_id=successor, **facts, **days), on=day(9))
    for name in PATHS:
        for moment in ({}, {"as_of": day(5).isoformat()}):
            assert await reader(project, name, Role.SOCIAL_WORKER, str(project.organisation)).all(**moment) == []
            rows = await reader(project, name, Role.SOCIAL_WORKER, str(successor)).all(**moment)
            assert rows
            assert all(row.get("name", "-") for row in rows)
    for path in (f"/v1/volunteers/{volunteer}", f"/v1/activities/{activity}"):
        assert await _status(project, path, Role.SOCIAL_WORKER, str(successor)) == 200
        for asked in ("", f"?as_of={day(5)}"):
            assert await _status(project, path + asked, Role.SOCIAL_WORKER, str(project.organisation)) == 404
        assert await _status(project, path, Role.COMMUNITY_COMMITTEE, NEXT_DOOR) == 404
        assert await _status(project, path, Role.DISTRICT_BUREAU, None, OTHER_DISTRICT) == 404


async def _status(project: Project, path: str, role: Role, unit: str | None, tenant: TenantId = DISTRICT) -> int:
    return (await project.service.http.get(path, headers=headers(role, tenant, unit, None))).status_code


async def test_a_record_is_its_row_and_says_which_version_a_command_may_go_by(project: Project) -> None:
    _, activity = await a_week(project)
    sent = headers(Role.PARTY_BRANCH, DISTRICT, COMMUNITY, None)
    answer = await project.service.http.get(f"/v1/activities/{activity}", headers=sent)
    rows = await reader(project, "ACTIVITIES", Role.PARTY_BRANCH, COMMUNITY).all()
    assert {name: value for name, value in answer.json().items() if name != "actions"} in rows
    body = {"occurred_on": str(day(5)), "residents_served": 30}
    known = headers(Role.PARTY_BRANCH, DISTRICT, COMMUNITY, None) | {"if-match": answer.headers["etag"]}
    assert (await project.service.http.post(f"/v1/activities/{activity}/served", json=body, headers=known)).is_success
    then = await project.service.http.get(f"/v1/activities/{activity}", params={"as_of": str(day(1))}, headers=sent)
    assert (then.status_code, then.headers.get("etag")) == (200, None)


async def test_whoever_a_list_is_not_for_is_refused(project: Project, subtests: pytest.Subtests) -> None:
    await project.planned()
    for role in sorted(set(Role) - {Role.SYSTEM}):
        with subtests.test(role.value):
            statuses = [await _status(project, path, role, None) for path in PATHS.values()]
            assert statuses == [200 if role in BUREAUS | {*OF_COMMUNITY, *OF_ORGANISATION} else 403] * len(PATHS)


async def test_who_pages_while_others_write_misses_nobody_and_sees_nobody_twice(project: Project) -> None:
    there = {str(await project.planned(day(n % 5))) for n in range(12)}

    async def write(n: int) -> None:
        await project.activity(served=n, on=day(n % 7))

    whose = reader(project, "ACTIVITIES", Role.PARTY_BRANCH, COMMUNITY)
    await pages_while_others_write(whose, "activity_id", there, write)
