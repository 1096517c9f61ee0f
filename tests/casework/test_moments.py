"""Lists, figures and records as of a day and as known at an instant, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_records import read
from tests.casework.test_service import figures, refused
from tests.service import CITY, DAY, DISTRICT, headers

from contracts.messages.registry import SiteOpenedV1, WorkerPlacedV1, WorkerPlacementEndedV1
from contracts.values import OrganisationId, Role, SiteId, WorkerId
from kit import clock
from kit.auth import Cause
from kit.store import Tx

HERE = {"community": COMMUNITY}


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def as_of(n: int) -> dict[str, str]:
    return {"as_of": day(n).isoformat()}


def worker(project: Project) -> dict[str, str]:
    return headers(Role.SOCIAL_WORKER, DISTRICT, str(project.organisation), None)


async def stage(project: Project, case: UUID, step: str, on: date) -> None:
    assert (await project.post(f"/v1/cases/{case}/{step}", {"text": "个案记录正文"}, on=on)).status_code == 200


async def a_case(project: Project) -> UUID:
    """Opened on the first day, with an intervention on the ninth; one of the fifth is entered last."""
    case = UUID((await project.open(await project.enrol())).json()["stream"].partition("/")[2])
    for step, n in (("pre-assess", 1), ("plan", 2), ("interventions", 9), ("interventions", 5)):
        await stage(project, case, step, day(n))
    return case


async def recorded(project: Project) -> str:
    """When the last event so far was recorded."""
    at: str = orjson.loads((await project.service.history("raw"))[-1])["recorded_at"]
    return at


async def settled(project: Project) -> None:
    """Returns when nothing more will be recorded at an instant before now."""
    now = clock.now()
    relay = await asyncpg.connect(project.service.urls["relay"])
    try:
        async with asyncio.timeout(30):
            while await relay.fetchval("select settled()") < now:
                await relay.execute("select tick()")
                await asyncio.sleep(0.05)
    finally:
        await relay.close()


async def test_a_list_and_a_figure_of_each_day_also_where_a_fact_came_late(project: Project) -> None:
    case = await a_case(project)

    async def found(n: int) -> list[tuple[str, int, str]]:
        items = (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY, **as_of(n)))["items"]
        assert {row["case_id"] for row in items} <= {str(case)}
        return [(row["stage"], row["interventions"], row["stream"]) for row in items]

    async def by_stage(n: int) -> list[tuple[int, dict[str, str]]]:
        return (await figures(project.service, **as_of(n)))["cases_by_stage"]

    name = f"case/{case}"
    assert (await found(-1), await by_stage(-1)) == ([], [])
    assert (await found(4), await by_stage(4)) == ([("planning", 0, name)], [(1, {"stage": "planning"})])
    assert (await found(5), await by_stage(5)) == ([("intervention", 1, name)], [(1, {"stage": "intervention"})])
    assert await found(8) == await found(5)
    assert await found(9) == [("intervention", 2, name)]
    (row,) = (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY))["items"]
    history = await project.service.get("/v1/history", Role.AUDITOR, stream=name)
    assert [one["version"] for one in history["items"]] == [1, 2, 3, 4, row["version"]]


async def test_what_is_asked_of_the_present_names_the_columns_of_a_list(project: Project) -> None:
    await project.open(await project.enrol())
    (case,) = (await project.service.get("/v1/cases", Role.CITY_BUREAU, CITY))["items"]
    (catalogue,) = (await project.service.get("/v1/catalogues", Role.CITY_BUREAU, CITY))["items"]
    for item in (case, catalogue):
        assert {"stream", "version", "tenant_id"} <= item.keys()
        assert not {name for name in item if name.startswith("row_")}
    assert (catalogue["stream"], catalogue["version"]) == (f"catalogue/{project.catalogue}", 1)


async def test_R_KL_07_a_late_visit_is_in_the_bulletin_and_the_figures_of_its_day(project: Project) -> None:
    entry = await project.enrol()
    await project.visit(entry, on=day(9))

    async def found(n: int, **asked: Any) -> tuple[int, int]:
        items = (await project.service.get("/v1/bulletin", Role.CITY_BUREAU, CITY, **as_of(n), **asked))["items"]
        told = await figures(project.service, **as_of(n))
        (row,) = items or [{"persons_visited": 0, "home_visits": 0}]
        if not asked:
            assert told["home_visits"] == ([(row["home_visits"], HERE)] if row["home_visits"] else [])
            assert told["persons_visited"] == ([(row["persons_visited"], HERE)] if row["persons_visited"] else [])
        return row["persons_visited"], row["home_visits"]

    assert [await found(n) for n in (-1, 3, 4, 8, 9)] == [(0, 0), (0, 0), (0, 0), (0, 0), (1, 1)]
    await project.visit(entry, on=day(4))
    assert [await found(n) for n in (-1, 3, 4, 8, 9)] == [(0, 0), (0, 0), (1, 1), (1, 1), (1, 2)]
    # The person counts once over periods, in that of the earliest visit.
    assert await found(9, from_day=day(5).isoformat()) == (0, 1)
    assert await found(9, to_day=day(8).isoformat()) == (1, 1)


async def test_what_was_known_at_an_instant_does_not_change_with_what_is_recorded_later(project: Project) -> None:
    entry = await project.enrol()
    await project.visit(entry, on=day(9))
    then = await recorded(project)
    await project.visit(entry, on=day(4))
    await settled(project)

    async def visited(**asked: Any) -> list[str]:
        answer = await project.service.http.get(f"/v1/entries/{entry}", params=asked, headers=worker(project))
        return [one["visited_on"] for one in answer.json()["visits"]]

    early, late = day(4).isoformat(), day(9).isoformat()
    assert await visited(known_at=then) == [late]
    assert await visited(known_at=then, **as_of(8)) == []
    assert await visited(**as_of(8)) == [early]
    assert await visited() == [late, early]
    assert (await figures(project.service, known_at=then))["home_visits"] == [(1, HERE)]
    assert (await figures(project.service, known_at=then, **as_of(8)))["home_visits"] == []


async def test_a_bulletin_that_was_printed_is_printed_again_byte_for_byte(project: Project) -> None:
    """Of a day, as known at an instant; fifty later events, half of them of days before, change nothing of it."""
    await a_case(project)
    first = await project.enrol("演示对象甲11")
    await project.visit(first, on=day(3))
    then = {"as_of": day(8).isoformat(), "known_at": await recorded(project)}
    await settled(project)

    async def printed(**asked: str) -> list[bytes]:
        sent = headers(Role.CITY_BUREAU, CITY, None, None)
        paths = ("/v1/bulletin", "/v1/indicators", "/v1/entries", "/v1/cases", "/v1/visits")
        return [(await project.service.http.get(path, params=asked, headers=sent)).content for path in paths]

    before, live = await printed(**then), await printed(as_of=then["as_of"])
    for n in range(25):
        await project.enrol(f"演示对象丁{n:02}", on=day(n % 8))
        await project.visit(first, on=day(n % 9 + 1))
    await settled(project)
    assert await printed(**then) == before
    now = await printed(as_of=then["as_of"])
    assert [one == other for one, other in zip(now, live, strict=True)] == [False, False, False, True, False]


async def test_a_record_of_a_moment(project: Project) -> None:
    case = await a_case(project)
    path = f"/v1/cases/{case}"
    refused(await read(project, f"{path}?as_of={day(-1)}"), 404, "not-found")
    answer = await read(project, f"{path}?as_of={day(8)}")
    shown = answer.json()
    assert (shown["stream"], shown["version"]) == (f"case/{case}", 5)
    assert "etag" not in answer.headers, "nobody decides on what was"
    assert [note["done_on"] for note in shown["notes"]] == [day(n).isoformat() for n in (0, 1, 2, 5)]
    ahead = (clock.now() + timedelta(hours=1)).isoformat()
    answer = await project.service.http.get(path, params={"known_at": ahead}, headers=worker(project))
    refused(answer, 409, "not-settled-yet")


async def test_a_catalogue_of_a_day_has_the_categories_of_that_day(project: Project) -> None:
    path = f"/v1/catalogues/{project.catalogue}"
    category = {"code": "single_parent", "name": "单亲家庭", "target": "general"}
    answer = await project.service.post(
        f"{path}/categories", {"category": category}, Role.CITY_BUREAU, tenant=CITY, on=day(5)
    )
    assert answer.status_code == 200, answer.text

    async def found(n: int) -> tuple[int, int]:
        shown = await project.service.get(path, Role.CITY_BUREAU, CITY, **as_of(n))
        assert shown["stream"] == f"catalogue/{project.catalogue}"
        return len(shown["categories"]), shown["version"]

    assert [await found(n) for n in (4, 5)] == [(7, 1), (8, 2)]
    before = {"as_of": day(-1).isoformat()}
    sent = headers(Role.CITY_BUREAU, CITY, None, None)
    refused(await project.service.http.get(path, params=before, headers=sent), 404, "not-found")
    assert (await project.service.get("/v1/catalogues", Role.CITY_BUREAU, CITY, **before))["items"] == []


async def test_who_has_left_a_site_reads_nothing_by_asking_for_a_day_before(project: Project) -> None:
    site, colleague, organisation = SiteId(uuid4()), WorkerId(uuid4()), OrganisationId(uuid4())
    await project.service.hear(SiteOpenedV1(site_id=site, community=COMMUNITY, project_id=None, level=4))
    posted = WorkerPlacedV1(
        worker_id=colleague, organisation_id=organisation, site_id=site, project_id=None, community=COMMUNITY
    )
    await project.service.hear(posted, tenant=CITY)
    entry = await project.enrol()
    body = {"worker_id": str(colleague), "place_id": str(site), "findings": "走访记录正文"}
    await project.made(f"/v1/entries/{entry}/visits", body, unit=str(organisation), on=day(2))

    async def status(asked: str = "") -> int:
        return (await read(project, f"/v1/entries/{entry}{asked}", unit=str(organisation))).status_code

    assert [await status(), await status(f"?as_of={day(2)}"), await status(f"?as_of={day(1)}")] == [200, 200, 200]
    await project.service.hear(WorkerPlacementEndedV1(worker_id=colleague, site_id=site), tenant=CITY, on=day(5))
    assert [await status(), await status(f"?as_of={day(2)}")] == [404, 404]


async def test_asking_takes_no_transaction_id_of_any_moment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that took one would hold up every tail."""
    case = await a_case(project)
    at = await recorded(project)
    await settled(project)
    store, taken = project.service.held.store, []
    reading = store.reading

    @asynccontextmanager
    async def watched(cause: Cause) -> AsyncIterator[Tx]:
        async with reading(cause) as tx:
            yield tx
            taken.append(await tx.fetchval("select pg_current_xact_id_if_assigned()"))

    monkeypatch.setattr(store, "reading", watched)
    moments: tuple[dict[str, str], ...] = ({}, as_of(5), {"known_at": at}, {"known_at": at, **as_of(5)})
    for asked in moments:
        for path in ("cases", "bulletin", "catalogues", f"catalogues/{project.catalogue}", "indicators"):
            await project.service.get(f"/v1/{path}", Role.CITY_BUREAU, CITY, **asked)
        answer = await project.service.http.get(f"/v1/cases/{case}", params=asked, headers=worker(project))
        assert answer.status_code == 200, answer.text
    assert len(taken) >= 6 * len(moments)
    assert set(taken) == {None}
