"""Lanzhou's plan is changed in five places while projects run: each keeps the version that it took, to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from tests.funding.stage import (
    AGREED_ON,
    APPROVED_ON,
    BOUGHT_ON,
    PAID_ON,
    PLAN,
    STAFFED_ON,
    Plan,
    Project,
)
from tests.service import CITY, DISTRICT, OTHER_DISTRICT

from contracts.messages.funding import ProjectMovedV1, StaffingDeclaredV1
from contracts.values import Role

CHANGED_ON, NEW_ONE_ON, MOVED_ON = date(2022, 6, 15), date(2022, 6, 16), date(2023, 3, 1)
MIDTERM, OLD_END, NEW_END = date(2023, 3, 20), date(2023, 9, 28), date(2023, 11, 20)
CAP = PLAN["lines"][1]["cap_fen"]
"""Of the service."""
HEALTH = {"code": "health", "name": "健康服务", "kind": "service"}


def later() -> dict[str, Any]:
    """A place more for a district; a line's cap, and a purpose; staff; the acceptance; the chain of the reports."""
    people, service, *lines = PLAN["lines"]
    service = {**service, "cap_fen": CAP + 100_000, "purposes": [*service["purposes"], HEALTH]}
    quota, *quotas = PLAN["quotas"]
    return {
        **PLAN,
        "effective_from": CHANGED_ON.isoformat(),
        "total_projects": PLAN["total_projects"] + 1,
        "quotas": [{**quota, "projects": quota["projects"] + 1}, *quotas],
        "lines": [{**people, "cap_fen": people["cap_fen"] - 100_000}, service, *lines],
        "staffing": {**PLAN["staffing"], "locked_min": PLAN["staffing"]["locked_min"] + 1},
        "calendar": {
            **PLAN["calendar"], "impl_to": "2023-10-31", "accept_from": "2023-11-01", "accept_to": "2023-11-30",
        },
        "cites": [{**one, "clause": f"附则{one['clause']}"} for one in PLAN["cites"]],
        "report_chain": [
            {"by": "district", "remark_required": False},
            {"by": "community", "remark_required": False},
            {"by": "district", "remark_required": False},
        ],
    }  # fmt: skip


def clause_of(terms: dict[str, Any]) -> str:
    """Where the version states how a report goes through its chain."""
    (clause,) = (one["clause"] for one in terms["cites"] if one["rule"] == "R-LZ-25")
    return str(clause)


@dataclass
class Way:
    """A project, and the version by which it is led on."""

    project: Project
    terms: dict[str, Any]

    async def running(self) -> None:
        one = self.project
        await one.city("approve", APPROVED_ON)
        await one.local("milestones", APPROVED_ON)
        await one.contracted(await one.plan.organisation(), BOUGHT_ON, AGREED_ON)
        await one.staffed(STAFFED_ON)
        await one.city("budget", PAID_ON)
        amounts = [{"line": line["code"], "amount_fen": line["cap_fen"]} for line in self.terms["lines"]]
        await one.city("appropriations", PAID_ON, amounts=amounts)
        await one.own("start", date(2022, 9, 27))

    async def phase(self, phase: str, on: date) -> None:
        """The report by the version's own chain, which nobody can shorten; then the third party."""
        one, chain = self.project, [step["by"] for step in self.terms["report_chain"]]
        await one.own(f"reports/{phase}", on, report=str(uuid4()))
        for by in chain:
            wrong = await (self._review(phase, on) if by == "community" else self._confirm(phase, on))
            assert wrong.json()["code"] == "report-out-of-turn", (chain, by, wrong.text)
            assert wrong.json()["clause"] == clause_of(self.terms), "the paragraph of its own version"
            right = await (self._confirm(phase, on) if by == "community" else self._review(phase, on))
            assert right.status_code == 200, right.text
        await one.phase_results(phase, on)

    async def _confirm(self, phase: str, on: date) -> Any:
        who: dict[str, Any] = {"unit": self.project.community, "remark": "同意"}
        return await self.project.post(f"reports/{phase}/confirm", Role.COMMUNITY_COMMITTEE, on, **who)

    async def _review(self, phase: str, on: date) -> Any:
        return await self.project.post(f"reports/{phase}/review", Role.DISTRICT_BUREAU, on, passed=True)

    async def ended(self, on: date) -> None:
        await self.phase("final", on)
        await self.accepted(on)

    async def accepted(self, on: date) -> None:
        """Accepted, rated, settled and closed."""
        one = self.project
        await one.accepted(on)
        await one.city("rating", on, rating="good")
        lines = (await one.money())["lines"]
        left = [{"line": line["line"], "amount_fen": line["balance_fen"]} for line in lines if line["balance_fen"]]
        await one.city("returns", on, amounts=left)
        await one.city("close", on)

    async def bases(self) -> dict[str, set[int]]:
        """By which versions each kind of step was decided, of the project and of its money."""
        found: dict[str, set[int]] = {}
        for stream in ("project", "budget"):
            asked = {"stream": f"{stream}/{self.project.id}", "limit": 200}
            body = await self.project.service.get("/v1/history", Role.CITY_BUREAU, CITY, **asked)
            for one in body["items"]:
                if one["kind"] == "event" and one["scheme"] is not None:
                    found.setdefault(one["action"], set()).add(one["scheme"]["number"])
        return found


async def test_a_plan_changes_in_five_places_and_each_project_keeps_its_version_to_its_end(plan: Plan) -> None:
    old = [Way(await plan.recommended(where), PLAN) for where in (DISTRICT, OTHER_DISTRICT, DISTRICT)]
    changed = {"terms": later()}
    path = f"/v1/schemes/{plan.scheme}/versions"
    answer = await plan.service.post(path, changed, Role.CITY_BUREAU, tenant=CITY, on=CHANGED_ON)
    assert answer.status_code == 200, answer.text
    new = Way(await plan.recommended(on=NEW_ONE_ON), later())
    for way in (*old, new):
        await way.running()

    # What the versions say differs, and each has its own: staff, lines, nodes, days, chains
    declared = [one for one in await plan.service.told() if isinstance(one, StaffingDeclaredV1)]
    least = PLAN["staffing"]["locked_min"]
    assert [one.rule.locked_min for one in declared] == [least, least, least, least + 1]
    assert [one.rule.lock_to for one in declared] == [date(2023, 9, 27)] * 3 + [date(2023, 10, 31)]
    for way, code in ((old[0], "purpose-not-allowed"), (new, None)):
        booked = await way.project.book("service", "health", 100, on=MIDTERM)
        assert (booked.json().get("code"), booked.status_code == 200) == (code, code is None)
    sums = [(await way.project.money())["lines"][1]["allotted_fen"] for way in (*old, new)]
    assert sums == [CAP, CAP, CAP, CAP + 100_000]

    # One of the old is moved in the middle, its midterm report half through the old chain
    moved = old.pop()
    await moved.project.own("reports/midterm", MOVED_ON, report=str(uuid4()))
    assert (await moved._confirm("midterm", MOVED_ON)).status_code == 200
    paper: dict[str, Any] = {"document": str(uuid4()), "reason": "better_plan"}
    await moved.project.city("version", MOVED_ON, scheme_version=2, **paper)
    again = await moved.project.post("version", Role.CITY_BUREAU, MOVED_ON, scheme_version=2, **paper)
    assert again.json()["code"] == "version-held-already"
    told = [one for one in await plan.service.told() if isinstance(one, ProjectMovedV1)]
    assert [(one.project_id, one.version, one.impl_to) for one in told] == [(moved.project.id, 2, date(2023, 10, 31))]
    moved.terms = later()
    for confirm in (False, True, False):  # the whole of the new chain
        step = await (moved._confirm("midterm", MIDTERM) if confirm else moved._review("midterm", MIDTERM))
        assert step.status_code == 200, step.text
    await moved.project.phase_results("midterm", MIDTERM)
    await moved.project.city("budget", MIDTERM)
    lines = {one["line"]: one["allotted_fen"] for one in (await moved.project.money())["lines"]}
    assert lines["service"] == CAP + 100_000
    assert lines["personnel"] == PLAN["lines"][0]["cap_fen"], "what was paid stands"
    assert (await moved.project.book("service", "health", 100, on=MIDTERM)).status_code == 200

    for way in (*old, new):
        await way.phase("midterm", MIDTERM)
    for way in old:
        await way.ended(OLD_END)
    for way in (new, moved):  # past the old acceptance, in time for its own
        id, day = way.project.id, "2023-10-15"
        then = await plan.service.get(f"/v1/projects/{id}", Role.CITY_BUREAU, CITY, as_of=day)
        assert then["flags"]["acceptance_overdue"] is False
        await way.ended(NEW_END)

    # To their ends, and by which version
    for way, version in ((old[0], 1), (old[1], 1), (new, 2), (moved, 2)):
        shown = await way.project.shown()
        assert (shown["stage"], shown["scheme_version"]) == ("closed", version)
        offs = {act: days for act, days in shown["steps_off"].items() if days}
        assert offs == {}, "in their own windows, each of them"
        bases = await way.bases()
        if way is not moved:
            assert {number for numbers in bases.values() for number in numbers} == {version}, bases
        else:
            assert (bases["submit-application"], bases["start-implementation"]) == ({1}, {1})
            assert (bases["move-project"], bases["review-report"], bases["close-project"]) == ({2}, {2}, {2})
            assert bases["confirm-report"] == {1, 2}
    listed = await plan.service.get("/v1/projects", Role.CITY_BUREAU, CITY, scheme_version=2)
    assert {one["project_id"] for one in listed["items"]} == {str(new.project.id), str(moved.project.id)}


async def test_money_of_a_line_stays_with_who_was_paid_it_when_the_new_version_has_another_booker(
    project: Project,
) -> None:
    """Else nobody could spend it, take it back or write it off, and the project never closes."""
    people, service, *lines = PLAN["lines"]
    other = {**PLAN, "effective_from": MOVED_ON.isoformat(), "lines": [people, service | {"booked_by": "city"}, *lines]}
    path = f"/v1/schemes/{project.plan.scheme}/versions"
    answer = await project.service.post(path, {"terms": other}, Role.CITY_BUREAU, tenant=CITY, on=MOVED_ON)
    assert answer.status_code == 200, answer.text
    assert (await project.book("service", "casework", 1_000, on=MOVED_ON)).status_code == 200
    (booked,) = (await project.service.get("/v1/expenses", Role.CITY_BUREAU, CITY))["items"]
    await project.city("version", MOVED_ON, scheme_version=2, document=str(uuid4()), reason="better_plan")
    await project.city("budget", MOVED_ON)
    path = f"expenses/{booked['expense_id']}/reversals"
    await project.city(path, MOVED_ON, amount_fen=1_000, reason="refund")
    (line,) = [one for one in (await project.money())["lines"] if one["line"] == "service"]
    assert line["balances"] == {"1": CAP}, "in the pocket from which it was spent"
    await project.settled(MOVED_ON)
    assert (await project.money())["balance_fen"] == 0
