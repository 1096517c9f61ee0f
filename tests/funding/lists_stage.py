"""Projects of two districts, at different steps and under different organisations, for the lists to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from tests.funding.stage import APPROVED_ON, EVALUATOR, Plan, Project, a_plan, a_running_project
from tests.service import CITY, OTHER_DISTRICT, Running

from contracts.values import Role

BOOKED_ON = (date(2023, 1, 10), date(2023, 1, 11), date(2023, 1, 12), date(2023, 2, 1))
REVERSED_ON, REPORTED_ON = date(2023, 2, 10), date(2023, 3, 20)


@dataclass
class City:
    """`one` runs, has money and a waiting report; `near` is its neighbour with an organisation; `far` is elsewhere."""

    plan: Plan
    one: Project
    near: Project
    far: Project

    @property
    def service(self) -> Running:
        return self.plan.service


async def a_city(service: Running) -> City:
    plan = await a_plan(service)
    one = await a_running_project(plan)
    near = await plan.recommended()
    await near.city("approve", APPROVED_ON)
    await near.contracted(await plan.organisation())
    far = await plan.recommended(OTHER_DISTRICT)
    await far.city("approve", APPROVED_ON)
    await far.local("milestones", APPROVED_ON)
    await _money(one)
    await one.city("third-parties", REPORTED_ON, task="evaluation", third_party=EVALUATOR)
    await one.own("reports/midterm", REPORTED_ON, report=str(uuid4()))
    return City(plan, one, near, far)


async def _money(project: Project) -> None:
    for n, worker in enumerate(project.workers[:2]):
        wage = {"worker_id": str(worker), "wage_grade": (10, 12)[n], "on": BOOKED_ON[n], "voucher": str(uuid4())}
        booked = await project.book("personnel", "wage", 500_000 + n, **wage)
        assert booked.status_code == 200, booked.text
    assert (await project.book("service", "casework", 3_000, on=BOOKED_ON[2])).status_code == 200
    central = {"role": Role.CITY_BUREAU, "on": BOOKED_ON[3]}
    assert (await project.book("training", "local_training", 400_000, **central)).status_code == 200
    items = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY, line="service"))["items"]
    back = {"amount_fen": 1_000, "reason": "refund"}
    await project.city(f"expenses/{items[0]['expense_id']}/reversals", REVERSED_ON, **back)
