"""Casework's lists: whatever may be asked of them, whoever asks, and while others write."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_records import read
from tests.casework.test_service import STEPS, closed_case, refused
from tests.lists import (
    Reader,
    Says,
    answers_as_python_does,
    around,
    flags_say_what_is_so,
    listings,
    pages_while_others_write,
    refuses_what_it_cannot_answer,
    sorts_never_change,
)
from tests.service import CITY, DAY, DISTRICT, OTHER_DISTRICT

from contracts.messages.funding import ProjectClosedV1
from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1, WorkerPlacementEndedV1, WorkerUnassignedV1
from contracts.values import OrganisationId, Role, SiteId, WorkerId

LISTS = listings("casework")
PATHS = {
    "ENTRIES": "/v1/entries",
    "VISITS": "/v1/visits",
    "CASES": "/v1/cases",
    "REFERRALS": "/v1/referrals",
    "CATALOGUES": "/v1/catalogues",
}


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def reader(project: Project, name: str, unit: str | None = None) -> Reader:
    return Reader(
        project.service, PATHS[name], LISTS[name], Role.SOCIAL_WORKER, DISTRICT, unit or str(project.organisation)
    )


async def a_month(project: Project) -> None:
    """Entries, visits and cases of several days, kinds and stages."""
    first, second, third = [await project.enrol(f"演示对象甲{n:02}", on=day(n)) for n in range(3)]
    await project.visit(first, on=day(4))
    await project.visit(first, on=day(3))
    await project.visit(second, on=day(5))
    await closed_case(project, first)
    case = (await project.open(second, on=day(6))).json()["stream"].partition("/")[2]
    assert (await project.post(f"/v1/cases/{case}/{STEPS[0]}", {"text": "记录"}, on=day(7))).status_code == 200
    for person, kind, policy in ((third, "civil_affairs", None), (first, "other_department", "extra_1")):
        place = {"place_id": str(project.project), "catalogue_id": str(project.catalogue), "entry_id": str(person)}
        about = {"kind": kind, "policy": policy, "reason": "生活困难"}
        made = await project.made("/v1/referrals", {**place, **about}, on=day(8))
    answer = await project.post(f"/v1/referrals/{made}/outcome", {"outcome": "granted"}, on=day(9))
    assert answer.status_code == 200, answer.text
    # The second one's case is ended, and then it is learnt that they had left the ledger a day before.
    gone = {"reason": "withdrew", "text": "记录"}
    assert (await project.post(f"/v1/cases/{case}/end", gone, on=day(10))).status_code == 200
    answer = await project.leave(second, "left_group", on=day(9))
    assert answer.status_code == 200, answer.text
    await project.open(third, on=day(10))


def test_every_list_is_asked() -> None:
    assert PATHS.keys() == LISTS.keys()


async def test_each_list_answers_what_it_may_be_asked(project: Project) -> None:
    await a_month(project)
    for name, listing in LISTS.items():
        mine = reader(project, name)
        now = await answers_as_python_does(mine)
        then = await answers_as_python_does(mine, as_of=day(20).isoformat())
        assert [row["stream"] for row in now] == [row["stream"] for row in then]
        bureau = Reader(project.service, PATHS[name], listing, Role.CITY_BUREAU, CITY)
        await refuses_what_it_cannot_answer(mine, bureau)
        await sorts_never_change(project.service, listing)


async def test_flags_say_what_a_row_says_on_every_day(project: Project) -> None:
    await a_month(project)

    async def of_entries(_on: str) -> Says:
        return {
            "not_visited": lambda row: row["first_visited_on"] is None,
            "served_now": lambda row: row["ended_on"] is None,
        }

    async def of_cases(on: str) -> Says:
        ended = {row["entry_id"] for row in await reader(project, "ENTRIES").all(as_of=on) if row["ended_on"]}
        return {
            "open": lambda row: row["closed_on"] is None and row["ended_on"] is None,
            "ended_early": lambda row: row["ended_on"] is not None,
            "entry_ended": lambda row: (
                row["closed_on"] is None and row["ended_on"] is None and row["entry_id"] in ended
            ),
        }

    async def of_referrals(_on: str) -> Says:
        return {"pending": lambda row: row["outcome"] is None}

    for name, says in (("ENTRIES", of_entries), ("CASES", of_cases), ("REFERRALS", of_referrals)):
        await flags_say_what_is_so(reader(project, name), around(DAY, day(5), day(9)), says)


async def test_names_are_for_who_works_with_the_people(project: Project) -> None:
    await a_month(project)
    for name in ("ENTRIES", "VISITS", "CASES", "REFERRALS"):
        assert all(row["name"].startswith("演示对象") for row in await reader(project, name).all())
        bureau = Reader(project.service, PATHS[name], LISTS[name], Role.DISTRICT_BUREAU, DISTRICT)
        seen = await bureau.all()
        assert seen
        assert [row["name"] for row in seen] == [None] * len(seen)


async def test_a_worker_finds_their_people_and_nobody_of_another_organisation(project: Project) -> None:
    await a_month(project)
    (entry, *_) = await reader(project, "ENTRIES").all()
    for name in ("ENTRIES", "VISITS", "CASES", "REFERRALS"):
        assert await reader(project, name).all()
        assert await reader(project, name, unit=str(uuid4())).all() == []
        other = Reader(
            project.service, PATHS[name], LISTS[name], Role.SOCIAL_WORKER, OTHER_DISTRICT, str(project.organisation)
        )
        assert await other.all() == []
    successor = await project.taken_over()
    for name in ("ENTRIES", "VISITS", "CASES", "REFERRALS"):
        assert await reader(project, name).all() == [], "it was theirs, and is no longer"
        assert await reader(project, name).all(as_of=day(20).isoformat()) == []
        assert await reader(project, name, unit=str(successor)).all()
    refused(await read(project, f"/v1/entries/{entry['entry_id']}?as_of={day(20)}"), 404, "not-found")


async def test_an_organisation_whose_last_worker_left_a_project_reads_nothing_until_the_project_ends(
    project: Project,
) -> None:
    """It was removed, or gave up: nobody of its is there.  Of one that ended it brings the cases to their end."""
    await a_month(project)
    gone = WorkerUnassignedV1(worker_id=project.worker, project_id=project.project)
    assert await reader(project, "ENTRIES").all()
    await project.service.hear(gone, tenant=CITY, on=day(10))
    for name in ("ENTRIES", "VISITS", "CASES", "REFERRALS"):
        assert await reader(project, name).all() == []
        assert await reader(project, name).all(as_of=day(9).isoformat()) == []
    await project.service.hear(
        ProjectClosedV1(project_id=project.project, organisation_id=project.organisation, community=COMMUNITY),
        on=day(11),
    )
    assert await reader(project, "CASES").all()


async def test_whoever_a_list_is_not_for_is_refused(project: Project, subtests: pytest.Subtests) -> None:
    """A role within a unit that may read the list sees what a sight names, and nothing else."""
    await project.enrol()
    for role in sorted(set(Role) - {Role.SYSTEM}):
        with subtests.test(role.value):
            answer = await read(project, "/v1/entries", role, unit=None if role in BUREAUS else str(uuid4()))
            if role in BUREAUS | {Role.SOCIAL_WORKER, Role.SUPERVISOR}:
                assert (answer.status_code, answer.json()["total"]) == (200, 1 if role in BUREAUS else 0)
            else:
                refused(answer, 403, "forbidden")


async def test_a_worker_of_another_organisation_who_is_placed_there_finds_them_too(project: Project) -> None:
    """Placements are the city's to know, and hold while they last."""
    site, guest, organisation = SiteId(uuid4()), WorkerId(uuid4()), OrganisationId(uuid4())
    await project.service.hear(SiteOpenedV1(site_id=site, community=COMMUNITY, project_id=None, level=4))
    posted = WorkerPlacedV1(
        worker_id=guest, organisation_id=organisation, site_id=site, project_id=None, community=COMMUNITY
    )
    await project.service.hear(posted, tenant=CITY)
    entry, other = await project.enrol(), await project.enrol("演示对象甲09")
    assert await reader(project, "ENTRIES", unit=str(organisation)).all() == []
    body = {"worker_id": str(guest), "place_id": str(site), "findings": "走访记录正文"}
    await project.made(f"/v1/entries/{entry}/visits", body, unit=str(organisation), on=day(2))
    (seen,) = await reader(project, "ENTRIES", unit=str(organisation)).all()
    assert (seen["entry_id"], seen["visit_count"]) == (str(entry), 1)
    assert str(other) != seen["entry_id"]
    await project.service.hear(WorkerPlacementEndedV1(worker_id=guest, site_id=site), tenant=CITY, on=day(5))
    assert await reader(project, "ENTRIES", unit=str(organisation)).all() == []


BUREAUS = {Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU, Role.AUDITOR}


async def test_who_pages_while_others_write_misses_nobody_and_sees_nobody_twice(project: Project) -> None:
    there = {str(await project.enrol(f"演示对象乙{n:02}", on=day(n % 5))) for n in range(12)}

    async def write(n: int) -> None:
        entry = await project.enrol(f"演示对象丙{n:03}", on=day(n % 7))
        await project.visit(entry, on=day(7))

    await pages_while_others_write(reader(project, "ENTRIES"), "entry_id", there, write)
