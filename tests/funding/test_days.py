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
from tests.funding.stage import APPLIED_ON, PAID_ON, PLAN, STAFFED_ON, Pilot, Plan, a_plan
from tests.funding.test_service import figures, refused
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, Running, Staged, Start
from tests.soak import SOAK

from contracts.values import PilotId, Role
from funding.app import FUNDING

DAYS = [PAID_ON + timedelta(days=n) for n in range(0, 120, 15)]
LINES = {"service": "casework", "management": "daily_office"}
PLAYED = 60


async def an_allotted_pilot(service: Running) -> Pilot:
    """Allotted, and nothing paid yet."""
    plan = await a_plan(service)
    pilot = await plan.recommended()
    await pilot.city("approve", date(2022, 6, 20))
    await pilot.contracted(await plan.agency())
    await pilot.staffed()
    await pilot.city("budget", PAID_ON)
    return pilot


@pytest.fixture
async def pilot(staged: Staged[Running, Pilot], start: Start[Running]) -> AsyncIterator[Pilot]:
    async with staged(FUNDING, start, an_allotted_pilot) as one:
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


async def play(pilot: Pilot, seed: int) -> Played:
    """Commands of random kinds, lines, amounts and days; some are refused."""
    draw, played = random.Random(seed), Played()
    for line in LINES:
        assert await moved(pilot, "appropriations", line, PAID_ON, 900_000)
        played.paid[line, PAID_ON] += 900_000
    for _ in range(PLAYED):
        line, day, fen = draw.choice(list(LINES)), draw.choice(DAYS), draw.randrange(1, 400_000)
        match draw.choice(["pay", "spend", "spend", "spend", "spend", "return", "reverse"]):
            case "pay":
                if await moved(pilot, "appropriations", line, day, fen):
                    played.paid[line, day] += fen
            case "return":
                if await moved(pilot, "returns", line, day, fen):
                    played.paid[line, day] -= fen
            case "spend":
                answer = await pilot.book(line, LINES[line], fen, on=day)
                if answer.status_code == 200:
                    played.spent[line, day] += fen
                    played.bills.append((await newest(pilot, played), line, fen))
            case "reverse" if played.bills:
                expense, line, booked = draw.choice(played.bills)
                back = draw.randrange(1, booked + 1)
                path = f"expenses/{expense}/reversals"
                answer = await pilot.post(path, Role.CITY_BUREAU, day, amount_fen=back, reason="refund")
                if answer.status_code == 200:
                    played.spent[line, day] -= back
    return played


async def moved(pilot: Pilot, step: str, line: str, day: date, fen: int) -> bool:
    answer = await pilot.post(step, Role.CITY_BUREAU, day, amounts=[{"line": line, "amount_fen": fen}])
    return answer.status_code == 200


async def newest(pilot: Pilot, played: Played) -> str:
    """The expense that was not there before."""
    asked = {"pilot_id": pilot.id, "limit": 200}
    items = (await pilot.service.get("/v1/expenses", Role.CITY_BUREAU, CITY, **asked))["items"]
    (found,) = {item["expense_id"] for item in items} - {expense for expense, _, _ in played.bills}
    return str(found)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 1 + 2 * SOAK))
async def test_page_and_figures_say_the_same_on_every_day_and_nothing_is_spent_before_it_was_paid(
    pilot: Pilot, seed: int
) -> None:
    played = await play(pilot, seed)
    assert min(len(played.bills), len(played.paid)) > 3, "a story in which everything is refused says nothing"
    for day in DAYS:
        found = await figures(pilot.service, as_of=day.isoformat())
        paid, spent = played.sums(day)
        assert by_line(found["programme_line_appropriated"]) == paid, day
        assert by_line(found["programme_line_spent"]) == spent, day
        assert all(spent[line] <= paid.get(line, 0) for line in spent), day
    page = await pilot.money()
    paid, spent = played.sums(DAYS[-1])
    assert {line["line"]: line["appropriated_fen"] for line in page["lines"] if line["appropriated_fen"]} == paid
    assert {line["line"]: line["spent_fen"] for line in page["lines"] if line["spent_fen"]} == spent
    assert page["balance_fen"] == sum(paid.values()) - sum(spent.values())
    assert by_line((await figures(pilot.service))["programme_line_spent"]) == spent


def by_line(figure: dict[tuple[str, ...], Any]) -> dict[str, int]:
    return {key[-1]: fen for key, fen in figure.items() if fen}


async def test_an_expense_dated_before_the_appropriation_is_refused_with_both_days(pilot: Pilot) -> None:
    paid_on, before = PAID_ON + timedelta(days=1), PAID_ON
    await pilot.city("appropriations", paid_on, amounts=[{"line": "service", "amount_fen": 1_000}])
    answer = await pilot.book("service", "casework", 1_000, on=before)
    refused(answer, 422, "too-early")
    assert paid_on.isoformat() in answer.json()["detail"]
    assert before.isoformat() in answer.json()["detail"]
    assert (await pilot.book("service", "casework", 1_000, on=paid_on)).status_code == 200


async def test_no_money_is_allotted_before_the_staff_was_verified(plan: Plan) -> None:
    pilot = await plan.recommended()
    await pilot.city("approve", date(2022, 6, 20))
    await pilot.contracted(await plan.agency())
    await pilot.staffed()
    before = await pilot.post("budget", Role.CITY_BUREAU, STAFFED_ON - timedelta(days=1))
    refused(before, 422, "too-early")
    await pilot.city("budget", STAFFED_ON)


async def test_no_step_is_dated_before_the_one_it_follows(plan: Plan) -> None:
    """Application, signature, recommendation, approval; and money: allotment, appropriation."""
    answer = await plan.apply()
    pilot = Pilot(plan, PilotId(UUID(answer.json()["stream"].partition("/")[2])), DISTRICT, "620102001", "620102001001")
    day = APPLIED_ON
    steps: tuple[tuple[str, Role, str | None], ...] = (
        ("sign-off", Role.STREET_PRINCIPAL_LEADER, pilot.street),
        ("recommend", Role.DISTRICT_BUREAU, None),
        ("approve", Role.CITY_BUREAU, None),
    )
    for step, role, unit in steps:
        before, after = day - timedelta(days=1), day + timedelta(days=2)
        early = await pilot.post(step, role, before, unit=unit)
        refused(early, 422, "earlier-than-last")
        assert day.isoformat() in early.json()["detail"]
        assert before.isoformat() in early.json()["detail"]
        await pilot.done(step, role, after, unit=unit)
        day = after
    await pilot.contracted(await plan.agency())
    await pilot.staffed()
    await pilot.city("budget", PAID_ON)
    amounts = [{"line": "service", "amount_fen": 1_000}]
    early = await pilot.post("appropriations", Role.CITY_BUREAU, PAID_ON - timedelta(days=1), amounts=amounts)
    refused(early, 422, "earlier-than-last")
    await pilot.city("appropriations", PAID_ON, amounts=amounts)


async def test_a_decision_names_the_version_that_it_was_made_on(plan: Plan) -> None:
    """A version published meanwhile is either decided on and named, or neither."""
    pilots = [await plan.recommended(district) for district in (DISTRICT, DISTRICT, OTHER_DISTRICT, OTHER_DISTRICT)]

    async def versions() -> None:
        for n in range(6):
            terms = {**PLAN, "title": f"演示方案第{n + 2}版", "effective_from": str(APPLIED_ON)}
            path = f"/v1/schemes/{plan.scheme}/versions"
            answer = await plan.service.post(path, {"terms": terms}, Role.CITY_BUREAU, tenant=CITY, on=APPLIED_ON)
            assert answer.status_code == 200, answer.text

    await asyncio.gather(versions(), *(p.city("approve", date(2022, 6, 20)) for p in pilots))
    raws = [orjson.loads(raw) for raw in await plan.service.history("raw")]
    approved = [raw for raw in raws if raw["type"] == "funding.pilot-approved"]
    assert len(approved) == len(pilots)
    assert [raw["basis"]["version"] for raw in approved] == [raw["data"]["scheme_version"] for raw in approved]
    assert {raw["basis"]["version"] for raw in raws if raw["type"] == "funding.street-sign-off-given"} == {1}
