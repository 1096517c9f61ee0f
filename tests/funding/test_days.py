"""Money on every day: what the page says now, what the figures say as of each day, and the commands' own sums."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from tests.funding.stage import APPLIED_ON, PAID_ON, PLAN, STAFFED_ON, Plan, Project, a_plan
from tests.funding.test_service import figures, refused
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, Running, Staged, Start
from tests.soak import SOAK

from contracts.values import ProjectId, Role
from funding.app import FUNDING

DAYS = [PAID_ON + timedelta(days=n) for n in range(0, 120, 15)]
LINES = {"service": "casework", "management": "daily_office"}
PLAYED = 60


async def an_allotted_project(service: Running) -> Project:
    """Allotted, and nothing paid yet."""
    plan = await a_plan(service)
    project = await plan.recommended()
    await project.city("approve", date(2022, 6, 20))
    await project.contracted(await plan.organisation())
    await project.staffed()
    await project.city("budget", PAID_ON)
    return project


@pytest.fixture
async def project(staged: Staged[Running, Project], start: Start[Running]) -> AsyncIterator[Project]:
    async with staged(FUNDING, start, an_allotted_project) as one:
        yield one


class Played:
    """What was accepted, by line and day."""

    def __init__(self) -> None:
        self.paid: Counter[tuple[str, date]] = Counter()
        self.spent: Counter[tuple[str, date]] = Counter()
        self.bills: list[tuple[str, str, int]] = []

    def sums(self, day: date) -> tuple[dict[str, int], dict[str, int]]:
        """Paid and spent by line up to a day, lines without any left out."""
        both = []
        for moved in (self.paid, self.spent):
            found: Counter[str] = Counter()
            for (line, on), fen in moved.items():
                if on <= day:
                    found[line] += fen
            both.append({line: fen for line, fen in found.items() if fen})
        return both[0], both[1]


async def play(project: Project, seed: int) -> Played:
    """Commands of random kinds, lines, amounts and days; some are refused."""
    draw, played = random.Random(seed), Played()
    for line in LINES:
        assert await moved(project, "appropriations", line, PAID_ON, 900_000)
        played.paid[line, PAID_ON] += 900_000
    for _ in range(PLAYED):
        line, day, fen = draw.choice(list(LINES)), draw.choice(DAYS), draw.randrange(1, 400_000)
        match draw.choice(["pay", "spend", "spend", "spend", "spend", "return", "reverse"]):
            case "pay":
                if await moved(project, "appropriations", line, day, fen):
                    played.paid[line, day] += fen
            case "return":
                if await moved(project, "returns", line, day, fen):
                    played.paid[line, day] -= fen
            case "spend":
                answer = await project.book(line, LINES[line], fen, on=day)
                if answer.status_code == 200:
                    played.spent[line, day] += fen
                    played.bills.append((await newest(project, played), line, fen))
            case "reverse" if played.bills:
                expense, line, booked = draw.choice(played.bills)
                back = draw.randrange(1, booked + 1)
                path = f"expenses/{expense}/reversals"
                answer = await project.post(path, Role.CITY_BUREAU, day, amount_fen=back, reason="refund")
                if answer.status_code == 200:
                    played.spent[line, day] -= back
    return played


async def moved(project: Project, step: str, line: str, day: date, fen: int) -> bool:
    answer = await project.post(step, Role.CITY_BUREAU, day, amounts=[{"line": line, "amount_fen": fen}])
    return answer.status_code == 200


async def newest(project: Project, played: Played) -> str:
    """The expense that was not there before."""
    asked = {"project_id": project.id, "limit": 200}
    items = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY, **asked))["items"]
    (found,) = {item["expense_id"] for item in items} - {expense for expense, _, _ in played.bills}
    return str(found)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 1 + 2 * SOAK))
async def test_page_and_figures_say_the_same_on_every_day_and_nothing_is_spent_before_it_was_paid(
    project: Project, seed: int
) -> None:
    played = await play(project, seed)
    assert min(len(played.bills), len(played.paid)) > 3, "a story in which everything is refused says nothing"
    for day in DAYS:
        found = await figures(project.service, as_of=day.isoformat())
        paid, spent = played.sums(day)
        assert by_line(found["programme_line_appropriated"]) == paid, day
        assert by_line(found["programme_line_spent"]) == spent, day
        assert all(spent[line] <= paid.get(line, 0) for line in spent), day
    page = await project.money()
    paid, spent = played.sums(DAYS[-1])
    assert {line["line"]: line["appropriated_fen"] for line in page["lines"] if line["appropriated_fen"]} == paid
    assert {line["line"]: line["spent_fen"] for line in page["lines"] if line["spent_fen"]} == spent
    assert page["balance_fen"] == sum(paid.values()) - sum(spent.values())
    assert by_line((await figures(project.service))["programme_line_spent"]) == spent


def by_line(figure: dict[tuple[str, ...], Any]) -> dict[str, int]:
    return {key[-1]: fen for key, fen in figure.items() if fen}


async def test_an_expense_dated_before_the_appropriation_is_refused_with_both_days(project: Project) -> None:
    paid_on, before = PAID_ON + timedelta(days=1), PAID_ON
    await project.city("appropriations", paid_on, amounts=[{"line": "service", "amount_fen": 1_000}])
    answer = await project.book("service", "casework", 1_000, on=before)
    refused(answer, 422, "too-early")
    assert paid_on.isoformat() in answer.json()["detail"]
    assert before.isoformat() in answer.json()["detail"]
    assert (await project.book("service", "casework", 1_000, on=paid_on)).status_code == 200


async def test_no_money_is_allotted_before_the_staff_was_verified(plan: Plan) -> None:
    project = await plan.recommended()
    await project.city("approve", date(2022, 6, 20))
    await project.contracted(await plan.organisation())
    await project.staffed()
    before = await project.post("budget", Role.CITY_BUREAU, STAFFED_ON - timedelta(days=1))
    refused(before, 422, "too-early")
    await project.city("budget", STAFFED_ON)


async def test_no_step_is_dated_before_the_one_it_follows(plan: Plan) -> None:
    """Application, signature, recommendation, approval; and money: allotment, appropriation."""
    answer = await plan.apply()
    project = Project(
        plan, ProjectId(UUID(answer.json()["stream"].partition("/")[2])), DISTRICT, "620102001", "620102001001"
    )
    day = APPLIED_ON
    steps: tuple[tuple[str, Role, str | None], ...] = (
        ("sign-off", Role.STREET_PRINCIPAL_LEADER, project.street),
        ("recommend", Role.DISTRICT_BUREAU, None),
        ("approve", Role.CITY_BUREAU, None),
    )
    for step, role, unit in steps:
        before, after = day - timedelta(days=1), day + timedelta(days=2)
        early = await project.post(step, role, before, unit=unit)
        refused(early, 422, "earlier-than-last")
        assert day.isoformat() in early.json()["detail"]
        assert before.isoformat() in early.json()["detail"]
        await project.done(step, role, after, unit=unit)
        day = after
    await project.contracted(await plan.organisation())
    await project.staffed()
    await project.city("budget", PAID_ON)
    amounts = [{"line": "service", "amount_fen": 1_000}]
    early = await project.post("appropriations", Role.CITY_BUREAU, PAID_ON - timedelta(days=1), amounts=amounts)
    refused(early, 422, "earlier-than-last")
    await project.city("appropriations", PAID_ON, amounts=amounts)


async def test_a_decision_names_the_version_that_it_was_made_on(plan: Plan) -> None:
    """A version published meanwhile is either decided on and named, or neither."""
    projects = [await plan.recommended(district) for district in (DISTRICT, DISTRICT, OTHER_DISTRICT, OTHER_DISTRICT)]

    async def versions() -> None:
        for n in range(6):
            terms = {**PLAN, "title": f"演示方案第{n + 2}版", "effective_from": str(APPLIED_ON)}
            path = f"/v1/schemes/{plan.scheme}/versions"
            answer = await plan.service.post(path, {"terms": terms}, Role.CITY_BUREAU, tenant=CITY, on=APPLIED_ON)
            assert answer.status_code == 200, answer.text

    await asyncio.gather(versions(), *(p.city("approve", date(2022, 6, 20)) for p in projects))
    raws = [orjson.loads(raw) for raw in await plan.service.history("raw")]
    approved = [raw for raw in raws if raw["type"] == "funding.project-approved"]
    assert len(approved) == len(projects)
    assert [raw["basis"]["version"] for raw in approved] == [raw["data"]["scheme_version"] for raw in approved]
    assert {raw["basis"]["version"] for raw in raws if raw["type"] == "funding.street-sign-off-given"} == {1}
