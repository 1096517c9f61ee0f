"""Every flag of every list, on every day on which it changes: what Python says of the rows that are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from tests.funding.lists_stage import BOOKED_ON, REPORTED_ON, REVERSED_ON, City
from tests.funding.stage import (
    AGREED_ON,
    APPLIED_ON,
    APPROVED_ON,
    AUDITOR,
    BOUGHT_ON,
    EVALUATOR,
    PAID_ON,
    PLAN,
    STAFFED_ON,
    Plan,
    Project,
)
from tests.funding.test_lists import LISTS, asked, reader
from tests.funding.test_staff import ELSEWHERE, leaves
from tests.lists import Says, around, flags_say_what_is_so
from tests.service import CITY, DISTRICT, OTHER_DISTRICT

from contracts.messages.registry import OrganisationListedElsewhereV1
from contracts.values import Role
from funding.domain.terms import Stage

CALENDAR = PLAN["calendar"]
PREPARED_BY, ACCEPTED_BY = (date.fromisoformat(CALENDAR[name]) for name in ("prep_due", "accept_to"))
STARTS, ENDS = (date.fromisoformat(CALENDAR[name]) for name in ("impl_from", "impl_to"))
SIGNED_LATE, STARTED_LATE = AGREED_ON + timedelta(days=9), STARTS + timedelta(days=9)
SOME_PAID_ON, LEFT_ON, FOUND_ON = PAID_ON + timedelta(days=2), date(2023, 2, 1), date(2023, 4, 3)
GONE_ON = FOUND_ON + timedelta(days=9)
STEPS = [REPORTED_ON + timedelta(days=n + 1) for n in range(7)]
FAILED_ON, MENDED_ON, ACCEPTED_ON = date(2023, 9, 12), date(2023, 9, 20), date(2023, 10, 8)
LONGER = {"impl_to": "2023-10-31", "accept_from": "2023-10-01", "accept_to": "2023-10-20"}
OVER = ("rejected", "withdrawn", "terminated", "closed")
GOING_ON = [stage for stage in Stage if not stage.before(Stage.APPLIED)]


async def a_year(city: City) -> None:
    """Of everything that a flag says of somebody there is somebody of whom it is so, and somebody of whom it is not."""
    await a_plan_of_one_place(city)
    rejected = await city.plan.recommended()
    await rejected.city("reject", APPROVED_ON, reason="area")
    await one_that_is_accepted_late(city.one)
    await one_that_starts_early(city.near)
    await one_that_is_terminated(city.plan)
    await one_that_starts_late(city.plan)  # in the place that is free again
    await places_that_change(city)
    await city.far.local("node-notices", BOUGHT_ON, milestone="contracted")


async def places_that_change(city: City) -> None:
    """Two communities with a project each become one, and one is abolished."""
    beside = await city.plan.recommended()
    await city.plan.told_of(beside.street, "演示街道")
    into: dict[str, Any] = {"version": 2, "until": LEFT_ON, "successors": (city.near.community,), "on": LEFT_ON}
    await city.plan.told_of(beside.community, "演示社区", **into)
    gone: dict[str, Any] = {"version": 2, "until": FOUND_ON, "on": FOUND_ON, "district": OTHER_DISTRICT}
    await city.plan.told_of(city.far.community, "演示社区", **gone)


async def one_that_is_terminated(plan: Plan) -> None:
    project = await plan.recommended(OTHER_DISTRICT)
    await project.city("approve", APPROVED_ON)
    await project.local("milestones", APPROVED_ON)
    await project.city("suspension", BOUGHT_ON, reason="flood")
    await project.city("resumption", AGREED_ON)
    await project.city("termination", STAFFED_ON, reason="abandoned", document=str(uuid4()))
    await project.city("reopening-proposal", PAID_ON, reason="wrong_books", document=str(uuid4()))


async def a_plan_of_one_place(city: City) -> None:
    lines = [{**x, "booked_by": "district" if x["booked_by"] == "city" else x["booked_by"]} for x in PLAN["lines"]]
    quotas = [{"district": DISTRICT, "name": "城关区", "projects": 1}]
    own = {"funding_source": "district", "lines": lines, "standard": str(city.plan.scheme), "total_projects": 1}
    terms = {**PLAN, **own, "quotas": quotas, "effective_from": APPLIED_ON.isoformat()}
    published = date(2022, 5, 31)
    id = await city.service.made("/v1/schemes", {"terms": terms}, Role.DISTRICT_BUREAU, on=published)
    plan = Plan(city.service, id, used=90)
    await (await plan.recommended()).local("approve", APPROVED_ON)
    stop = {"reason": "budget_cut", "document": str(uuid4())}
    await city.service.made(f"/v1/schemes/{id}/withdrawal", stop, Role.DISTRICT_BUREAU, on=BOUGHT_ON)


async def one_that_is_accepted_late(project: Project) -> None:
    await one_report_that_is_returned(project)
    await project.phase("final", FAILED_ON)
    files = {"summary": str(uuid4())}
    await project.done("self-assessments", Role.COMMUNITY_COMMITTEE, FAILED_ON, unit=project.community, **files)
    await project.done("self-assessments", Role.STREET_OFFICER, FAILED_ON, unit=project.street, **files)
    await project.local("self-assessments", FAILED_ON, **files)
    due = {"reasons": ["records_incomplete"], "rectify_by": MENDED_ON.isoformat()}
    await project.local("acceptance-failures", FAILED_ON, **due)
    await project.own("rectification", MENDED_ON, report=str(uuid4()))
    await project.local("acceptance", ACCEPTED_ON)


async def one_report_that_is_returned(project: Project) -> None:
    """A step each day."""
    committee = {"unit": project.community, "remark": "服务到位，同意。"}
    await project.done("reports/midterm/confirm", Role.COMMUNITY_COMMITTEE, STEPS[0], **committee)
    await project.local("reports/midterm/review", STEPS[1], passed=False, remark="请补充")
    await project.own("reports/midterm", STEPS[2], report=str(uuid4()))
    await project.done("reports/midterm/confirm", Role.COMMUNITY_COMMITTEE, STEPS[3], **committee)
    await project.local("reports/midterm/review", STEPS[4], passed=True)
    await project.city("third-parties", STEPS[4], task="audit", third_party=AUDITOR)
    scores = [{"criterion": one["code"], "score": 90} for one in (*PLAN["abilities"], *PLAN["linkages"])]
    await project.done("evaluations/midterm", Role.THIRD_PARTY_EVALUATOR, STEPS[5], unit=EVALUATOR, scores=scores)
    await project.done("audits/midterm", Role.THIRD_PARTY_AUDITOR, STEPS[6], unit=AUDITOR, opinion="clean")


async def one_that_starts_early(project: Project) -> None:
    await project.staffed()
    await project.running(STARTS - timedelta(days=1))
    await project.book("service", "casework", 1_000, on=STARTS - timedelta(days=1))
    await project.book("service", "casework", 1_000, on=ENDS + timedelta(days=1))
    await leaves(project, project.workers[1], on=LEFT_ON, breach=True)
    files = {"unit": project.community, "summary": str(uuid4())}
    await project.done("self-assessments", Role.COMMUNITY_COMMITTEE, LEFT_ON, **files)
    assert project.organisation is not None
    warning = OrganisationListedElsewhereV1(organisation_id=project.organisation, listed_by=ELSEWHERE, listed=True)
    await project.service.hear(warning, tenant=CITY, on=LEFT_ON)


async def one_that_starts_late(plan: Plan) -> None:
    project = await plan.recommended(OTHER_DISTRICT)
    await project.city("approve", APPROVED_ON)
    await project.contracted(await plan.organisation(), agreed=SIGNED_LATE)
    await project.staffed()
    await project.city("budget", PAID_ON)
    await project.city("appropriations", SOME_PAID_ON, amounts=[{"line": "service", "amount_fen": 1_000}])
    await project.own("start", STARTED_LATE)
    await project.local("impersonation", FOUND_ON, worker_id=str(project.workers[0]))
    await project.city("extension", FOUND_ON, **LONGER, reason="flood", document=str(uuid4()))
    await project.city("assignment-end", GONE_ON, cause="breach", reason="breach")


OF_ACCEPTANCE = (
    "file-self-assessment",
    "complete-acceptance",
    "fail-acceptance",
    "file-acceptance-report",
    "rate-project",
)


def passed(row: dict[str, Any], on: str, due: date | str, reached: Stage) -> bool:
    """The day of the calendar is over, and the stage is not reached: of who goes on."""
    stage = Stage(row["stage"])
    return stage in GOING_ON and stage.before(reached) and on > str(due)


def place(row: dict[str, Any]) -> tuple[str, ...]:
    return row["tenant_id"], row["scheme_id"], row["community"]


def overdue(node: dict[str, Any], on: str) -> bool:
    """Reached too late; or too late now, of a project that is not over."""
    if node["reached_on"] is not None:
        return bool(node["reached_on"] > node["due"])
    return node["project_stage"] not in OVER and on > node["due"]


async def of_projects(city: City, on: str) -> Says:
    nodes = (await asked(city, "milestones", limit=200, as_of=on))["items"]
    late = {node["project_id"] for node in nodes if overdue(node, on)}
    accounts = (await asked(city, "budgets", limit=200, as_of=on))["items"]
    frozen = {account["project_id"] for account in accounts if account["frozen"]}
    owing = await owed(city, on)
    warned = {str(city.near.organisation)} if on >= LEFT_ON.isoformat() else set()
    projects = (await asked(city, "projects", limit=200, as_of=on))["items"]
    held = Counter(place(row) for row in projects if row["stage"] not in (*OVER, "returned"))
    return {
        "open": lambda row: row["stage"] not in OVER,
        "place_shared": lambda row: row["stage"] not in OVER and held[place(row)] > 1,
        "place_to_assign": lambda row: row["stage"] not in OVER and row["divided_on"] is not None,
        "suspended": lambda row: row["suspended_on"] is not None,
        "extended": lambda row: row["extended_to"] is not None,
        "to_confirm_reopening": lambda row: row["reopening_proposed_on"] is not None,
        "agreement_overdue": lambda row: (
            row["steps_off"].get("sign-agreement", 0) > 0 or passed(row, on, PREPARED_BY, Stage.CONTRACTED)
        ),
        "start_early": lambda row: row["started_on"] is not None and row["started_on"] < STARTS.isoformat(),
        "start_late": lambda row: row["started_on"] is not None and row["started_on"] > STARTS.isoformat(),
        "acceptance_overdue": lambda row: passed(
            row, on, row["extended_accept_to"] or ACCEPTED_BY, Stage.DISTRICT_ACCEPTED
        ),
        "acceptance_early": lambda row: any(row["steps_off"].get(act, 0) < 0 for act in OF_ACCEPTANCE),
        "acceptance_late": lambda row: any(row["steps_off"].get(act, 0) > 0 for act in OF_ACCEPTANCE),
        "milestones_overdue": lambda row: row["project_id"] in late,
        "staffing_breach": lambda row: row["breaches"] > 0,
        "impersonation_found": lambda row: row["impersonation"],
        "organisation_listed_elsewhere": lambda row: row["organisation_id"] in warned,
        "funds_frozen": lambda row: row["project_id"] in frozen,
        "to_settle": lambda row: row["project_id"] in owing,
        "rectification_open": lambda row: row["rectifying"],
    }


OF_MONEY: Says = {
    "not_paid_out": lambda row: row["allotted_fen"] > row["appropriated_fen"],
    "not_spent": lambda row: row["appropriated_fen"] > row["spent_fen"],
}


async def of_budgets(city: City, on: str) -> Says:
    owing = await owed(city, on)
    return {**OF_MONEY, "to_settle": lambda row: row["project_id"] in owing}


async def owed(city: City, on: str) -> set[str]:
    """The projects with money left that nobody carries on with."""
    projects = {row["project_id"]: row for row in (await asked(city, "projects", limit=200, as_of=on))["items"]}
    return {
        line["project_id"]
        for line in (await asked(city, "budget-lines", limit=200, as_of=on))["items"]
        for number, fen in line["balances"].items()
        if fen > 0 and _over(projects[line["project_id"]], number)
    }


def _over(project: dict[str, Any], number: str) -> bool:
    alone = project["stage"] in OVER or project["organisation_id"] is None
    return alone or number not in ("0", str(project["assignment"]))


OF_ROWS: dict[str, Callable[[str], Says]] = {
    "schemes": lambda on: {
        "in_force": lambda row: row["effective_from"] <= on,
        "implementing": lambda row: row["impl_from"] <= on <= row["impl_to"],
        "places_left": lambda row: row["taken_projects"] < row["total_projects"],
        "withdrawn": lambda row: row["withdrawn_on"] is not None,
    },
    "milestones": lambda on: {
        "overdue": lambda row: overdue(row, on),
        "open": lambda row: row["reached_on"] is None and row["project_stage"] not in OVER,
        "not_noticed": lambda row: row["noticed_on"] is None,
    },
    "reports": lambda _: {
        "to_confirm": lambda row: row["next_step"] == "community",
        "to_review": lambda row: row["next_step"] == "district",
        "to_resubmit": lambda row: row["returned"],
        "to_evaluate": lambda row: (
            row["reviewed_on"] is not None and not row["returned"] and row["evaluated_on"] is None
        ),
        "to_audit": lambda row: row["reviewed_on"] is not None and not row["returned"] and row["audited_on"] is None,
    },
    "project-workers": lambda _: {"there": lambda row: row["left_on"] is None},
    "budget-lines": lambda _: OF_MONEY,
    "expenses": lambda _: {
        "reversed": lambda row: row["reversed_fen"] > 0,
        "without_voucher": lambda row: row["voucher"] is None,
        "before_term": lambda row: row["booked_on"] < str(STARTS),
        "after_term": lambda row: row["booked_on"] > str(ENDS),
    },
}


async def test_flags_say_what_a_row_says_on_every_day(city: City) -> None:
    await a_year(city)
    prepared = around(PREPARED_BY, SIGNED_LATE, STAFFED_ON, PAID_ON, SOME_PAID_ON)
    going = around(STARTS, STARTED_LATE, *BOOKED_ON, LEFT_ON, REVERSED_ON, REPORTED_ON, *STEPS, FOUND_ON, GONE_ON)
    ended = around(FAILED_ON, MENDED_ON, ENDS, ACCEPTED_BY, ACCEPTED_ON, date(2023, 10, 20))
    days = [*around(APPLIED_ON, APPROVED_ON, BOUGHT_ON), *prepared, *going, *ended]
    assert {name for name, listing in LISTS.items() if listing.flags} == {"projects", "budgets", *OF_ROWS}
    await flags_say_what_is_so(reader(city, "projects"), days, lambda on: of_projects(city, on))
    await flags_say_what_is_so(reader(city, "budgets"), days, lambda on: of_budgets(city, on))
    for name, of_row in OF_ROWS.items():

        async def says(on: str, of_row: Callable[[str], Says] = of_row) -> Says:
            return of_row(on)

        await flags_say_what_is_so(reader(city, name), days, says)
