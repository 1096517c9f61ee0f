"""Lists, figures and the rows that figures count, of any day and as known at any instant, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import asyncpg
import orjson
import pytest
from tests.funding import stage
from tests.funding.stage import APPLIED_ON, APPROVED_ON, PAID_ON, Project
from tests.funding.test_service import figures
from tests.funding.test_staff import leaves
from tests.service import CITY, DISTRICT, headers

from contracts.messages.registry import OrganisationBlacklistedV1, OrganisationQualificationRevokedV1
from contracts.values import Role, SchemeId
from kit import clock
from kit.service.figures import Kind

BOOKED_ON, LATE_ON, LEFT_ON = date(2023, 1, 10), date(2022, 12, 1), date(2023, 2, 1)


def as_of(day: date) -> dict[str, str]:
    return {"as_of": day.isoformat()}


def before(day: date) -> dict[str, str]:
    return as_of(day - timedelta(days=1))


async def a_story(project: Project) -> None:
    """Something for every figure to count: a phase, bills of each kind, one of them partly reversed, and a rating."""
    wage = {"worker_id": str(project.workers[0]), "wage_grade": 10}
    for answer in (
        await project.book("personnel", "wage", 500_000, **wage),
        await project.book("service", "casework", 3_000),
        await project.book("training", "local_training", 400_000, role=Role.CITY_BUREAU),
    ):
        assert answer.status_code == 200, answer.text
    booked = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY, project_id=project.id))["items"]
    for line, fen in (("personnel", 100_000), ("training", 50_000)):
        (expense,) = [one["expense_id"] for one in booked if one["line"] == line]
        back = {"amount_fen": fen, "reason": "refund"}
        await project.city(f"expenses/{expense}/reversals", LEFT_ON, **back)
    await leaves(project, project.workers[1], on=LEFT_ON, breach=True)
    await project.phase("midterm", date(2023, 3, 20))
    await project.phase("final", date(2023, 9, 12))
    await project.accepted(date(2023, 9, 12))
    await project.city("rating", date(2023, 9, 28), rating="good")


async def all_rows(project: Project, url: str, limit: int = 2) -> tuple[list[dict[str, Any]], str]:
    """Every page of what a figure counts, and what it is of them."""
    found: list[dict[str, Any]] = []
    cursor, total = None, ""
    while True:
        more = f"&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = await project.service.http.get(url + more, headers=headers(Role.CITY_BUREAU, CITY, None, None))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found, cursor, total = [*found, *page["items"]], page["cursor"], page["aggregate"]
        if cursor is None:
            return found, total


TOTALS: dict[str, Callable[[list[Any]], Any]] = {"sum": sum, "least": min, "most": max}


def number(value: Any) -> Any:
    """What it counts for: a date, a number, or decimal text."""
    try:
        return Decimal(value)
    except ArithmeticError:
        return value


async def catalogue(project: Project, **asked: Any) -> list[dict[str, Any]]:
    body = await project.service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    indicators: list[dict[str, Any]] = body["indicators"]
    return indicators


async def test_every_figure_is_the_total_of_the_rows_that_it_names(project: Project) -> None:
    await a_story(project)
    for moment in ({}, as_of(BOOKED_ON)):
        for one in await catalogue(project, **moment):
            assert one["figures"] or moment, one["id"]
            for figure in one["figures"]:
                rows, total = await all_rows(project, figure["rows"])
                assert total == one["aggregate"]
                counted = TOTALS[total]([number(row["value"]) for row in rows])
                assert counted == number(figure["value"]), (one["id"], figure)
                assert figure["dimensions"].items() <= {k: str(v) for k, v in rows[0].items()}.items()
                places = [(row["tenant_id"], row["stream"], row["item"]) for row in rows]
                assert len(places) == len(set(places)), one["id"]


async def test_each_row_leads_to_the_event_that_made_it_so(project: Project) -> None:
    await a_story(project)
    for one in await catalogue(project):
        if one["figures"]:
            rows, _ = await all_rows(project, one["figures"][0]["rows"])
            answer = await project.service.http.get(
                f"{rows[0]['history']}&limit=200", headers=headers(Role.CITY_BUREAU, CITY, None, None)
            )
            history = answer.json()
            assert rows[0]["version"] in {event.get("version") for event in history["items"]}, one["id"]


async def test_money_of_a_row_is_a_number(project: Project) -> None:
    await a_story(project)
    for one in await catalogue(project):
        for figure in one["figures"]:
            for row in (await all_rows(project, figure["rows"], 200))[0]:
                assert all(type(value) is int for name, value in row.items() if name.endswith("_fen")), one["id"]


async def test_figures_say_whether_they_were_planned_aimed_at_or_found(project: Project) -> None:
    kinds = {one["id"].removeprefix("funding."): one["kind"] for one in await catalogue(project)}
    targets = {"min_service_area", "staff_licensed_min", "staff_intermediate_min", "staff_locked_min"}
    assert {id for id, kind in kinds.items() if kind == Kind.TARGET} == {*targets, "ability_goals", "linkage_goals"}
    assert (kinds["project_places"], kinds["programme_staff_plan"], kinds["wage_grade"]) == (Kind.PLAN,) * 3
    assert (kinds["projects_approved"], kinds["programme_line_spent"]) == (Kind.FOUND,) * 2


@pytest.mark.parametrize(
    ("id", "day", "changed"),
    [
        ("projects_approved", APPROVED_ON, (None, 1)),
        ("programme_projects", APPROVED_ON, (None, 1)),
        ("budget_allotted", PAID_ON, (None, 30_000_000)),
        ("training_charged", LEFT_ON, (400_000, 350_000)),
        ("workers_verified", LEFT_ON, (3, 2)),
        ("phases_evaluated", date(2023, 9, 12), (1, 2)),
        ("wage_grades_paid", BOOKED_ON, (None, 500_000)),
    ],
)
async def test_a_figure_and_its_rows_change_together_on_the_day_of_what_it_counts(
    project: Project, id: str, day: date, changed: tuple[int | None, int]
) -> None:
    await a_story(project)

    async def found(moment: dict[str, str]) -> tuple[int | None, int]:
        (one,) = await catalogue(project, id=f"funding.{id}", **moment)
        if not one["figures"]:
            return None, 0
        (figure,) = one["figures"]
        assert set(moment.items()) <= set(parse_qsl(urlsplit(figure["rows"]).query))
        rows, _ = await all_rows(project, figure["rows"])
        return figure["value"], sum(row["value"] for row in rows)

    (was, of_rows), (now, of_rows_now) = await found(before(day)), await found(as_of(day))
    assert (was, now) == changed
    assert (of_rows, of_rows_now) == (was or 0, now)


async def test_lists_and_figures_of_each_day_also_where_a_bill_came_late(project: Project) -> None:
    async def of(day: date) -> tuple[Any, ...]:
        path = f"/v1/projects/{project.id}"
        money = await project.service.get(f"{path}/budget", Role.CITY_BUREAU, CITY, **as_of(day))
        expenses = await project.service.get(
            "/v1/expenses", Role.CITY_BUREAU, CITY, project_id=project.id, **as_of(day)
        )
        scheme = await project.service.get(f"/v1/schemes/{project.plan.scheme}", Role.CITY_BUREAU, CITY, **as_of(day))
        spent = sum((await figures(project.service, **as_of(day)))["programme_line_spent"].values())
        (district,) = scheme["districts"]
        assert money["spent_fen"] == district["spent_fen"] == spent
        assert (money["stream"], district["tenant_id"]) == (f"budget/{project.id}", DISTRICT)
        return spent, [(one["booked_on"], one["stream"]) for one in expenses["items"]]

    days = [LATE_ON - timedelta(days=1), LATE_ON, BOOKED_ON - timedelta(days=1), BOOKED_ON]
    assert (await project.book("service", "casework", 3_000, on=BOOKED_ON)).status_code == 200
    second = (BOOKED_ON.isoformat(), f"budget/{project.id}")
    assert [await of(day) for day in days] == [(0, []), (0, []), (0, []), (3_000, [second])]
    assert (await project.book("service", "casework", 500, on=LATE_ON)).status_code == 200
    first = (LATE_ON.isoformat(), f"budget/{project.id}")
    found = [await of(day) for day in days]
    assert found[:3] == [(0, []), (500, [first]), (500, [first])]
    assert (found[3][0], sorted(found[3][1])) == (3_500, [first, second])


async def test_a_project_of_a_day_stands_and_is_late_by_that_day(project: Project) -> None:
    async def of(day: date) -> dict[str, Any]:
        path = f"/v1/projects/{project.id}"
        shown = await project.service.get(path, Role.CITY_BUREAU, CITY, **as_of(day))
        (item,) = (await project.service.get("/v1/projects", Role.CITY_BUREAU, CITY, **as_of(day)))["items"]
        assert item["stage"] == shown["stage"]
        assert item["stream"] == f"project/{project.id}"
        return shown

    applied = await of(APPLIED_ON)
    assert (applied["stage"], applied["approved_on"], applied["milestones"]) == ("recommended", None, [])
    bought = await of(stage.BOUGHT_ON)
    assert (bought["stage"], bought["flags"]["agreement_overdue"]) == ("organisation_selected", False)
    assert {one["code"]: one["overdue"] for one in bought["milestones"]}["contracted"] is False
    assert ((await of(stage.STAFFED_ON))["workers"], (await of(PAID_ON))["stage"]) == (3, "funded")
    none = await project.service.get("/v1/projects", Role.CITY_BUREAU, CITY, **before(APPLIED_ON))
    assert none["items"] == []
    versions = [(await of(day))["version"] for day in (APPLIED_ON, stage.BOUGHT_ON, PAID_ON)]
    assert versions == sorted(set(versions))


async def until_settled(project: Project) -> None:
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


async def test_what_was_known_at_an_instant_does_not_change_with_what_is_recorded_later(project: Project) -> None:
    assert (await project.book("service", "casework", 3_000, on=BOOKED_ON)).status_code == 200
    then = orjson.loads((await project.service.history("raw"))[-1])["recorded_at"]
    await until_settled(project)
    assert (await project.book("service", "casework", 500, on=LATE_ON)).status_code == 200

    async def spent(**asked: str) -> int:
        found = (await figures(project.service, **asked))["programme_line_spent"]
        return int(sum(found.values()))

    assert [await spent(known_at=then), await spent(known_at=then, **as_of(LATE_ON))] == [3_000, 0]
    assert [await spent(), await spent(**as_of(LATE_ON))] == [3_500, 500]


async def test_an_organisation_that_was_disqualified_reads_nothing_by_asking_for_a_day_before(project: Project) -> None:
    async def sees(**asked: str) -> list[UUID]:
        answer = await project.service.http.get(
            "/v1/projects", params=asked, headers=headers(Role.ORGANISATION_MANAGER, DISTRICT, str(bad), None)
        )
        found = [UUID(one["project_id"]) for one in answer.json()["items"]]
        money = await project.service.http.get(
            f"/v1/projects/{project.id}/budget",
            params=asked,
            headers=headers(Role.ORGANISATION_MANAGER, DISTRICT, str(bad), None),
        )
        assert money.status_code == (200 if found else 404)
        return found

    bad = project.organisation
    assert bad is not None
    assert [await sees(), await sees(**as_of(BOOKED_ON))] == [[project.id], [project.id]]
    listed = OrganisationBlacklistedV1(organisation_id=bad, reason="credential_impersonation", project_id=project.id)
    revoked = OrganisationQualificationRevokedV1(
        organisation_id=bad, scheme_id=SchemeId(project.plan.scheme), project_id=project.id
    )
    for message in (listed, revoked):
        await project.service.hear(message, tenant=CITY, on=LEFT_ON)
    assert [await sees(), await sees(**as_of(BOOKED_ON))] == [[], []]


async def test_what_is_listed_names_its_stream_and_no_column_of_the_store(project: Project) -> None:
    await a_story(project)
    shown = await project.shown()
    scheme = await project.service.get(f"/v1/schemes/{project.plan.scheme}", Role.CITY_BUREAU, CITY)
    lists = [(await project.service.get(p, Role.CITY_BUREAU, CITY))["items"] for p in ("/v1/schemes", "/v1/projects")]
    expenses = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY))["items"]
    reversed_fen = {one["line"]: one["reversed_fen"] for one in expenses}
    assert reversed_fen == {"personnel": 100_000, "service": 0, "training": 50_000}
    for item in (shown, scheme, await project.money(), *shown["phases"], *expenses, *lists[0], *lists[1]):
        assert {"stream", "version"} <= item.keys()
        assert not {name for name in item if name.startswith("row_")}
