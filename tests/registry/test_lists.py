"""The registry's lists: whatever may be asked of them, whoever asks, and while others write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.lists import (
    MOST,
    Reader,
    Rows,
    answers_as_python_does,
    listings,
    pages_while_others_write,
    refuses_what_it_cannot_answer,
    sorts_never_change,
)
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT, Running
from tests.registry.stage import (
    COMMUNITY,
    DISTRICT_DESK,
    DIVISIONS,
    SCHEME,
    STREET,
    STREET_DESK,
    Lanzhou,
    a_city,
    everything,
    organisation,
    refused,
    worker,
)
from tests.service import Staged, Start
from tests.synthetic import credit_code
from tests.units import unit_of

from contracts.values import ProjectId, Role, TenantId
from kit.auth.unit import WHOLE
from registry.app import REGISTRY
from registry.policy import READERS

LISTS = listings("registry")
PATHS = {
    "TENANTS": "/v1/tenants",
    "POPULATIONS": "/v1/populations",
    "UNITS": "/v1/units",
    "ORGANISATIONS": "/v1/organisations",
    "BLACKLIST": "/v1/blacklist",
    "FINDINGS": "/v1/findings",
    "WORKERS": "/v1/workers",
    "QUALIFICATIONS": "/v1/qualifications",
    "WORKFORCE": "/v1/workforce",
    "STAFFING": "/v1/staffing",
    "ATTEMPTS": "/v1/staffing-attempts",
    "SITES": "/v1/sites",
    "COVERAGE": "/v1/coverage",
    "STANDARDS": "/v1/linkage-standards",
    "GROUPS": "/v1/leading-groups",
    "CONFERENCES": "/v1/conferences",
    "PEOPLE": "/v1/conference-people",
    "DOCUMENTS": "/v1/documents",
    "TARGETS": "/v1/targets",
}
RECORDS = {
    "TENANTS": "tenant_id",
    "ORGANISATIONS": "organisation_id",
    "FINDINGS": "finding_id",
    "WORKERS": "worker_id",
    "STAFFING": "project_id",
    "SITES": "site_id",
    "DOCUMENTS": "document_id",
}
"""Lists of which single records are served, and by what."""
OF_BUREAUS = {"FINDINGS", "QUALIFICATIONS"}
LATER, NEXT_YEAR = date(2022, 7, 1), date(2023, 3, 1)
OTHER_STREET, OTHER_COMMUNITY = "620103001", "620103001001"
NEIGHBOURS_DESK: dict[str, Any] = {"role": Role.DISTRICT_BUREAU, "tenant": OTHER_DISTRICT}
JUDGES = {Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU, Role.AUDITOR}


def reader(
    lanzhou: Lanzhou, name: str, role: Role = Role.CITY_BUREAU, tenant: TenantId = CITY, unit: str | None = None
) -> Reader:
    return Reader(lanzhou.service, PATHS[name], LISTS[name], role, tenant, unit_of(role, unit))


async def a_year(lanzhou: Lanzhou) -> None:
    """Two districts, two organisations, rejected staff, a dispute about a licence; in every list something."""
    await everything(lanzhou)
    group = {"scheme_id": str(SCHEME), "head": "市民政局主要负责人", "deputy": "市民政局分管负责人", "office": "慈社科"}
    await lanzhou.ok("/leading-groups", {**group, "divisions": DIVISIONS, "districts": [DISTRICT, OTHER_DISTRICT]})
    await lanzhou.ok(f"/tenants/{DISTRICT}/conferences/{STREET}/open", {}, **STREET_DESK)
    await lanzhou.declare(lanzhou.team[0], project=ProjectId(uuid4()))
    assert (await lanzhou.removal(lanzhou.team[1], "request", NEXT_YEAR)).status_code == 200
    await a_dispute(lanzhou)
    await a_neighbour(lanzhou)
    people = {"basis": "registered", "year": 2022, "persons": 1100}
    await lanzhou.ok(f"/tenants/{CITY}/populations", people)
    published = {"title": "演示通知", "issuer": "兰州市民政局", "published_at": "2022-04-01T08:00:00"}
    document = await lanzhou.ok("/documents", {**published, "number": "演示文号03"})
    await lanzhou.ok(f"/documents/{document}/targets", {"code": "b", "title": "演示目标二", "year": 2023})


async def a_dispute(lanzhou: Lanzhou) -> None:
    """Another organisation, whose worker claims a licence of the first one's, and a record that is rejected."""
    other = await organisation(lanzhou.service, "演示社工服务中心乙", credit_code(2))
    await lanzhou.ok(f"/organisations/{other}/penalties", {"authority": "演示局", "document": "演示文号01"}, on=LATER)
    await lanzhou.ok(f"/organisations/{other}/party-organisation", {"name": "演示党支部"}, on=LATER)
    holder = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲04", "senior", False, "DEMO-2020-77")
    claimant = await worker(lanzhou.service, other, "演示社工乙01", "junior", False)
    await lanzhou.ok(f"/workers/{holder}/employment/end", {}, on=LATER)
    scan = {"level": "junior", "issued_on": "2019-01-01", "evidence": "0" * 64}
    for licence in ("DEMO-2020-77", "DEMO-2020-77"):
        taken = await lanzhou.post(f"/workers/{claimant}/qualifications", {**scan, "licence": licence})
        assert taken.status_code == 409
    (found,) = await reader(lanzhou, "FINDINGS").all()
    settled = {"outcome": "claimant_right", "document": "演示核查文书01"}
    await lanzhou.ok(f"/findings/{found['finding_id']}/settle", settled)
    (held,) = await reader(lanzhou, "QUALIFICATIONS").all(worker_id=str(holder))
    rejected = f"/workers/{holder}/qualifications/{held['qualification_id']}/reject"
    await lanzhou.ok(rejected, {"reason": "lent"}, on=LATER)


async def a_neighbour(lanzhou: Lanzhou) -> UUID:
    """A street, a station and a conference of the district beside."""
    units = [
        {"unit": OTHER_STREET, "kind": "township", "name": "演示街道", "parent": OTHER_DISTRICT},
        {"unit": OTHER_COMMUNITY, "kind": "village", "name": "演示社区三", "parent": OTHER_STREET},
    ]
    await lanzhou.ok(f"/tenants/{OTHER_DISTRICT}/units", {"units": units}, **NEIGHBOURS_DESK)
    station = {"district": OTHER_DISTRICT, "level": 3, "host": OTHER_STREET, "name": "演示站"}
    site = await lanzhou.ok("/sites", station, **NEIGHBOURS_DESK)
    body = {"street": OTHER_STREET, "office": "演示街道社会事务办"}
    await lanzhou.ok(f"/tenants/{OTHER_DISTRICT}/conferences", body, **NEIGHBOURS_DESK)
    path = f"/tenants/{OTHER_DISTRICT}/conferences/{OTHER_STREET}"
    await lanzhou.ok(f"{path}/officers", {"unit": OTHER_COMMUNITY, "name": "演示干部乙"}, **NEIGHBOURS_DESK)
    return UUID(str(site))


async def got(lanzhou: Lanzhou, path: str, role: Role, tenant: TenantId, unit: str | None = None) -> httpx.Response:
    return await lanzhou.service.http.get(f"/v1{path}", headers=lanzhou.service.bearing(role, tenant, unit))


async def a_city_after_a_year(service: Running) -> Lanzhou:
    lanzhou = await a_city(service)
    await a_year(lanzhou)
    return lanzhou


@pytest.fixture
async def year(staged: Staged[Running, Lanzhou], start: Start[Running]) -> AsyncIterator[Lanzhou]:
    async with staged(REGISTRY, start, a_city_after_a_year) as one:
        yield one


def nameless(rows: Rows) -> Rows:
    """Rows but for what they are called."""
    return [{field: value for field, value in row.items() if field != "name"} for row in rows]


def test_every_list_is_asked() -> None:
    assert PATHS.keys() == LISTS.keys()


async def test_each_list_answers_what_it_may_be_asked(year: Lanzhou) -> None:
    for name, listing in LISTS.items():
        mine = reader(year, name)
        now = await answers_as_python_does(mine)
        then = await answers_as_python_does(mine, as_of=date(2023, 6, 1).isoformat())
        keys = ("tenant_id", *listing.keys)
        assert [[row[key] for key in keys] for row in now] == [[row[key] for key in keys] for row in then]
        await refuses_what_it_cannot_answer(mine, reader(year, name, Role.AUDITOR))
        await sorts_never_change(year.service, listing)


async def test_a_record_is_the_row_of_its_list_with_the_version_of_its_stream(year: Lanzhou) -> None:
    for name, key in RECORDS.items():
        for row in await reader(year, name).all():
            path = f"{PATHS[name].removeprefix('/v1')}/{row[key]}"
            answer = await got(year, path, Role.CITY_BUREAU, CITY)
            assert (answer.status_code, answer.json()) == (200, row), path
            asked = {"stream": row["stream"], "limit": 200}
            told = await year.service.get("/v1/history", Role.AUDITOR, TenantId(row["tenant_id"]), **asked)
            last = max(one["version"] for one in told["items"] if one["kind"] == "event")
            assert answer.headers["etag"] == f'"{last}"', path
            then = await got(year, f"{path}?as_of=2023-06-01", Role.CITY_BUREAU, CITY)
            assert (then.status_code, "etag" in then.headers) == (200, False), path
        refused(await got(year, f"{PATHS[name][3:]}/{uuid4()}", Role.CITY_BUREAU, CITY), 404, "not-found")


async def test_a_conference_shows_its_seats_and_people_and_takes_a_command_at_that_version(year: Lanzhou) -> None:
    path = f"/tenants/{DISTRICT}/conferences/{STREET}"
    answer = await got(year, path, Role.STREET_OFFICER, DISTRICT, STREET)
    shown = answer.json()
    assert (shown["meetings"], shown["flags"]["open"], len(shown["seats"])) == (0, True, 4)
    assert [(one["duty"], one["name"]) for one in shown["people"]] == [
        ("liaison", "演示联动员甲"),
        ("officer", "演示干部甲"),
    ]
    beside = (await got(year, path, Role.COMMUNITY_COMMITTEE, DISTRICT, COMMUNITY)).json()
    assert [one["name"] for one in beside["people"]] == [None, None]
    told = await year.service.get("/v1/history", Role.AUDITOR, DISTRICT, stream=shown["stream"], limit=200)
    assert answer.headers["etag"] == f'"{max(one["version"] for one in told["items"])}"'
    for neighbour in (
        f"/tenants/{OTHER_DISTRICT}/conferences/{OTHER_STREET}",
        f"/tenants/{DISTRICT}/conferences/{OTHER_STREET}",
    ):
        refused(await got(year, neighbour, Role.STREET_OFFICER, DISTRICT, STREET), 404, "not-found")


async def test_a_street_finds_its_sites_and_what_they_lack(year: Lanzhou) -> None:
    sites = reader(year, "SITES", Role.STREET_OFFICER, DISTRICT, STREET)
    room, station = sorted(await sites.all(street=STREET), key=lambda row: row["level"], reverse=True)
    assert (room["host"], station["host"], {room["street"], station["street"]}) == (COMMUNITY, STREET, {STREET})
    assert [one["count"] for one in room["equipment"]] == [2, 1]
    assert {one["project_id"] for one in room["equipment"]} == {str(year.project)}
    lacking = await sites.all(flag=["without_premises", "without_plaque", "without_equipment"])
    assert [row["site_id"] for row in lacking] == [station["site_id"]]
    uncovered = await reader(year, "UNITS", Role.STREET_OFFICER, DISTRICT, STREET).all(flag="uncovered")
    assert COMMUNITY not in [row["unit"] for row in uncovered]
    assert STREET in [row["unit"] for row in uncovered]


async def test_a_role_within_a_unit_sees_its_line_and_nothing_of_the_neighbour(
    year: Lanzhou, subtests: pytest.Subtests
) -> None:
    """Whatever day is looked at; and no finding, nor which certificates were rejected."""
    moments: tuple[dict[str, str], ...] = ({}, {"as_of": "2023-06-01"})
    seen = [
        {name: await reader(year, name, Role.DISTRICT_BUREAU, DISTRICT).all(limit=MOST, **one) for name in LISTS}
        for one in moments
    ]
    for role in sorted(READERS - WHOLE):
        with subtests.test(role.value):
            await _sees_its_line_alone(year, role, list(zip(moments, seen, strict=True)))


async def _sees_its_line_alone(
    year: Lanzhou, role: Role, of_bureau: list[tuple[dict[str, str], dict[str, Rows]]]
) -> None:
    """`of_bureau`: moments, and what the district's bureau sees then in each list."""
    unit = next(one for one in (STREET, COMMUNITY, str(year.organisation)) if unit_of(role, one) == one)
    for moment, bureau in of_bureau:
        for name in LISTS:
            mine = reader(year, name, role, DISTRICT, unit)
            if name in OF_BUREAUS:
                refused(await mine.ask(**moment), 403, "forbidden")
                continue
            found = await mine.all(limit=MOST, **moment)
            assert {row["tenant_id"] for row in found} <= {"620000", CITY, DISTRICT}
            assert nameless(found) == nameless(bureau[name]), name
            refused(await mine.ask(tenant_id=OTHER_DISTRICT, **moment), 404, "not-found")
    (station,) = await reader(year, "SITES", **NEIGHBOURS_DESK).all()
    refused(await got(year, f"/sites/{station['site_id']}", role, DISTRICT, unit), 404, "not-found")
    mine = reader(year, "WORKERS", role, DISTRICT, unit)
    named = {row["organisation_id"] for row in await mine.all() if row["name"] is not None}
    assert named == ({str(year.organisation)} if role is Role.ORGANISATION_MANAGER else set())


async def test_whoever_the_registry_is_not_for_is_refused(lanzhou: Lanzhou) -> None:
    for name, listing in LISTS.items():
        for role in set(Role) - {Role.SYSTEM}:
            answer = await reader(lanzhou, name, role, DISTRICT).ask()
            allowed = JUDGES if name in OF_BUREAUS else READERS
            assert (answer.status_code == 200) == (role in allowed), (listing.name, role)


async def test_names_on_duty_are_for_their_own_place(year: Lanzhou) -> None:
    await year.ok(
        f"/tenants/{DISTRICT}/conferences/{STREET}/officers",
        {"unit": COMMUNITY, "name": "演示干部丙"},
        **{**DISTRICT_DESK, "on": LATER},
    )

    async def names(role: Role, unit: str | None = None) -> set[str | None]:
        return {row["name"] for row in await reader(year, "PEOPLE", role, DISTRICT, unit).all()} - {None}

    everybody = {"演示联动员甲", "演示干部甲", "演示干部丙"}
    assert await names(Role.DISTRICT_BUREAU) == everybody
    assert await names(Role.STREET_OFFICER, STREET) == everybody
    assert await names(Role.COMMUNITY_COMMITTEE, COMMUNITY) == {"演示干部丙"}
    assert await names(Role.STREET_OFFICER, "620102999") == set()
    assert await names(Role.ORGANISATION_MANAGER, str(year.organisation)) == set()


async def test_who_pages_while_others_write_misses_nobody_and_sees_nobody_twice(lanzhou: Lanzhou) -> None:
    async def register(n: int) -> str:
        body = {"name": f"演示机构{n:03}", "authority": "演示局", "civil_affairs": True, "number": credit_code(n)}
        day = date(2015, 3, 1) + timedelta(days=n * 7 % 11)
        return str(await lanzhou.ok("/organisations", {**body, "registered_on": day.isoformat()}))

    there = {await register(n) for n in range(20, 32)}

    async def write(n: int) -> None:
        await register(100 + n)
        await lanzhou.ok(f"/organisations/{lanzhou.organisation}/party-organisation", {"name": f"演示党支部{n}"})

    await pages_while_others_write(reader(lanzhou, "ORGANISATIONS"), "organisation_id", there, write)
