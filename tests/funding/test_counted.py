"""What projects and their money came to, on every day: each figure is what Python counts in the lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.funding.lists_stage import BOOKED_ON, REPORTED_ON, REVERSED_ON, City
from tests.funding.stage import APPLIED_ON, APPROVED_ON, PAID_ON, STAFFED_ON
from tests.funding.test_flags import ACCEPTED_ON, FAILED_ON, LEFT_ON, SOME_PAID_ON, STARTS, STEPS, a_year
from tests.funding.test_lists import asked
from tests.lists import Row, around
from tests.service import CITY

from contracts.values import Role
from funding.indicators import project

RATED_ON = ACCEPTED_ON + timedelta(days=2)
Figures = dict[tuple[str, ...], Any]
"""By tenant and what each dimension says, in the order of their names."""


async def bills(city: City) -> None:
    """A training that is taken back whole, one of which a part is, a wage of which a part is; and a small community
    that only applies."""
    one, central = city.one, {"role": Role.CITY_BUREAU, "on": BOOKED_ON[3]}
    assert (await city.plan.apply(area_m2="301")).status_code == 200
    assert (await one.book("training", "outside_training", 700_000, **central)).status_code == 200
    for asks, fen in (
        ({"purpose": "outside_training"}, 700_000),
        ({"purpose": "local_training"}, 150_000),
        ({"wage_grade": 10}, 1_000),
    ):
        (bill,) = (await asked(city, "expenses", **asks))["items"]
        back = {"amount_fen": fen, "reason": "refund"}
        await one.city(f"expenses/{bill['expense_id']}/reversals", REVERSED_ON, **back)


def counted(rows: Iterable[Row], *by: str, value: Callable[[Row], Any] = lambda _: 1) -> Figures:
    """The sum of the rows' values, by tenant, scheme and those fields."""
    sums = Counter[tuple[str, ...]]()
    for row in rows:
        place = (row["tenant_id"], *(str(row[name]) for name in sorted((*by, "scheme_id"), key=of_dimension)))
        sums[place] = sums[place] + value(row)
    return dict(sums)


def of_dimension(field: str) -> str:
    return "scheme" if field == "scheme_id" else field


async def lists_say(city: City, on: str) -> dict[str, Figures]:
    """What each indicator has to say, by the lists of that day."""

    async def rows(name: str) -> list[Row]:
        page = await asked(city, name, limit=200, as_of=on)
        assert page["cursor"] is None
        found: list[Row] = page["items"]
        return found

    projects, staff, booked = await rows("projects"), await rows("project-workers"), await rows("expenses")
    owner = {scheme["scheme_id"]: scheme["tenant_id"] for scheme in await rows("schemes")}
    scheme_of = {one["project_id"]: one["scheme_id"] for one in projects}
    lines = [{**line, "scheme_id": scheme_of[line["project_id"]]} for line in await rows("budget-lines")]
    approved = [one for one in projects if one["approved_on"] is not None and not one["place_given_back"]]
    there = [one for one in staff if one["left_on"] is None]
    trainings = [bill for bill in booked if bill["kind"] == "training"]
    areas: Figures = {}
    for one in approved:
        place = one["tenant_id"], one["scheme_id"]
        areas[place] = min(areas.get(place, Decimal("inf")), Decimal(one["area_m2"]))

    def owners(of: list[Row], *by: str, value: Callable[[Row], Any] = lambda _: 1) -> Figures:
        return counted([{**row, "tenant_id": owner[row["scheme_id"]]} for row in of], *by, value=value)

    def left(bill: Row) -> int:
        return int(bill["amount_fen"] - bill["reversed_fen"])

    return {
        "projects_approved": counted(approved),
        "projects_by_stage": counted(projects, "stage"),
        "projects_rated": counted([one for one in projects if one["rating"] is not None], "rating"),
        "smallest_service_area": areas,
        "workers_verified": counted(there, "project_id"),
        "licensed_verified": counted(there, "project_id", value=lambda one: int(one["licensed"])),
        "intermediate_verified": counted(there, "project_id", value=lambda one: int(one["intermediate"])),
        "sw_graduates_verified": counted(there, "project_id", value=lambda one: int(one["sw_graduate"])),
        "workers_locked": counted(there, "project_id", value=lambda one: int(one["locked"])),
        "staffing_breaches": counted(approved, value=lambda one: one["breaches"]),
        "budget_allotted": counted(lines, "project_id", value=lambda line: line["allotted_fen"]),
        "district_allotted": counted(lines, value=lambda line: line["allotted_fen"]),
        "programme_projects": owners(approved),
        "programme_allotted": owners(lines, value=lambda line: line["allotted_fen"]),
        "programme_line_allotted": owners(lines, "line", value=lambda line: line["allotted_fen"]),
        "programme_line_appropriated": owners(lines, "line", value=lambda line: line["appropriated_fen"]),
        "programme_line_spent": owners(lines, "line", value=lambda line: line["spent_fen"]),
        "trainings_charged": counted([bill for bill in trainings if left(bill) > 0], "project_id", "purpose"),
        "training_charged": counted(trainings, "project_id", "purpose", value=left),
        "wage_grades_paid": counted([one for one in booked if one["wage_grade"]], "wage_grade", value=left),
        "phases_evaluated": counted([one for one in await rows("reports") if one["closed_on"]], "project_id"),
    }


async def figures_say(city: City, on: str) -> dict[str, Figures]:
    body = await city.service.get("/v1/indicators", Role.CITY_BUREAU, CITY, as_of=on)
    names = {one.id for one in project.INDICATORS}
    return {
        one["id"].removeprefix("funding."): {
            (figure["tenant_id"], *(value for _, value in sorted(figure["dimensions"].items()))): Decimal(
                figure["value"]
            )
            for figure in one["figures"]
        }
        for one in body["indicators"]
        if one["id"] in names
    }


async def test_every_figure_of_projects_is_what_their_lists_say_on_every_day(city: City) -> None:
    await bills(city)
    await a_year(city)
    await city.one.local("acceptance-report", RATED_ON, report=str(uuid4()))
    await city.one.city("rating", RATED_ON, rating="good")
    some: set[str] = set()
    days = (APPLIED_ON, APPROVED_ON, STAFFED_ON, PAID_ON, SOME_PAID_ON, STARTS, *BOOKED_ON, LEFT_ON, REVERSED_ON)
    for day in around(*days, REPORTED_ON, *STEPS, FAILED_ON, RATED_ON):
        listed, told = await lists_say(city, day.isoformat()), await figures_say(city, day.isoformat())
        assert told == listed, day
        some |= {name for name, figures in told.items() if figures}
    assert some == told.keys()
