"""Step 9 and what follows: the budget is allotted, paid in two instalments, and spent by line and purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liandong.demo.acts.staffing import manager
from liandong.demo.stage import Stage, together
from liandong.demo.story import Place, paper


@dataclass(frozen=True)
class Bill:
    """One expense: its day, the step that books it, and the body of the command."""

    on: str
    step: str
    body: dict[str, Any]
    by_city: bool


async def fund(stage: Stage) -> None:
    """Third parties are named, the budget allotted and the first instalment paid; then the work may start."""
    await together([_funded(stage, place) for place in stage.story.places])
    stage.tell(None, "经费：十个试点预算已下达，首笔经费已拨付，9月27日启动实施")


async def spend(stage: Stage, *, instalment: int) -> None:
    """The bills of each project that its first, or its second instalment is for."""
    await together([_spent(stage, place, instalment) for place in stage.story.places])
    stage.tell(None, f"支出：第 {instalment} 笔拨款对应的支出已分项列支")


def carrying(stage: Stage, place: Place) -> str:
    """The letter of the organisation that carries the project out in the end."""
    raw = stage.story.raw
    letter: str = raw["replacement"] if place.community.code == raw["impersonates"] else place.organisation
    return letter


async def _funded(stage: Stage, place: Place) -> None:
    story, code, path = stage.story, place.community.code, f"/projects/{stage.project(place)}"
    on = story.day("allot")
    for task, third_party in story.raw["third_parties"].items():
        body = {"task": task, "third_party": third_party}
        await stage.do(f"third-party/{code}/{task}", "funding", f"{path}/third-parties", story.city, on, body)
    await stage.do(f"allot/{code}", "funding", f"{path}/budget", story.city, on)
    await _pay(stage, place, 1, story.day("appropriate"))
    who = manager(stage, place, carrying(stage, place))
    await stage.do(f"start/{code}", "funding", f"{path}/start", who, story.day("start"))
    stage.tell(place, "预算已下达、首笔已拨付、已启动实施")


async def _pay(stage: Stage, place: Place, instalment: int, on: str) -> None:
    lines = stage.story.raw["instalments"][instalment - 1]
    amounts = [{"line": line, "amount_fen": fen} for line, fen in lines.items()]
    path = f"/projects/{stage.project(place)}/appropriations"
    step = f"appropriate/{place.community.code}/{instalment}"
    await stage.do(step, "funding", path, stage.story.city, on, {"amounts": amounts})


async def _spent(stage: Stage, place: Place, instalment: int) -> None:
    """In the order of days, so that every balance is there when it is drawn on."""
    due = stage.story.day("second_instalment")
    if instalment > 1:
        await _pay(stage, place, instalment, due)
    path = f"/projects/{stage.project(place)}/expenses"
    for bill in sorted(_bills(stage, place), key=lambda bill: (bill.on, bill.step)):
        if (bill.on >= due) == (instalment > 1):
            who = stage.story.city if bill.by_city else manager(stage, place, carrying(stage, place))
            await stage.do(bill.step, "funding", path, who, bill.on, {**bill.body, "voucher": paper(bill.step)})


def _bills(stage: Stage, place: Place) -> Iterator[Bill]:
    """Wages of the three, then what the organisation and the city book besides."""
    raw, code = stage.story.raw["bills"], place.community.code
    grades = {grade["level"]: grade["post_grade"] for grade in stage.story.terms["wage_grades"]}
    team = list(zip(stage.cast.team(carrying(stage, place)), ("intermediate", "junior", "junior"), strict=True))
    for n, wages in enumerate(raw["wages"], start=1):
        for m, ((worker, level), fen) in enumerate(zip(team, wages["amounts_fen"], strict=True), start=1):
            wage = {"line": "personnel", "purpose": "wage", "amount_fen": fen}
            body = {**wage, "worker_id": worker, "wage_grade": grades[level]}
            yield Bill(wages["on"], f"wage/{code}/{n}/{m}", body, by_city=False)
    for booked_by in ("organisation", "city"):
        for n, bill in enumerate(raw[booked_by], start=1):
            body = {name: value for name, value in bill.items() if name != "on"}
            if "phase" in bill:
                body["third_party"] = stage.story.raw["third_parties"][bill["purpose"]]
            yield Bill(bill["on"], f"bill/{code}/{booked_by}/{n}", body, by_city=booked_by == "city")
