"""What waits for whoever asks: counted, listed, and open to be done; and whatever is to be done next, waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import uuid4

from tests.funding.domain import histories as h
from tests.funding.lists_stage import REPORTED_ON, City
from tests.funding.stage import (
    AGREED_ON,
    APPLIED_ON,
    APPROVED_ON,
    AUDITOR,
    BOUGHT_ON,
    EVALUATOR,
    PAID_ON,
    Project,
)
from tests.funding.test_flags import a_year
from tests.service import CITY, OTHER_DISTRICT, headers

from contracts.messages.registry import OrganisationBlacklistedV1, OrganisationQualificationRevokedV1
from contracts.values import Role, SchemeId, TenantId
from funding.waits import MILESTONE_WAITS, PROJECT_WAITS, REPORT_WAITS

FINAL_ON, RATED_ON = date(2023, 9, 20), date(2023, 10, 8)
WAITED_FOR = {one.action for one in (*PROJECT_WAITS, *REPORT_WAITS, *MILESTONE_WAITS)}
AT_WILL = {
    "submit-application",  # of one that was refused, or withdrawn
    "declare-staffing",  # of who is there already: they may be changed
    "appropriate-funds",  # of the second instalment
    "name-third-party",  # anew
    "plan-milestones",  # anew
    "review-service-plan",  # another's
    "select-organisation",
    "return-funds",  # of an assignment that goes on
    "issue-node-notice",  # of a node that is noticed, or neither reached nor due
}
"""What may be done again, or before anybody waits for it."""

WAY = {
    "applied": {"sign-off-application"},
    "returned": {"submit-application"},
    "signed": {"recommend-project"},
    "recommended": {"approve-project"},
    "approved": {"plan-milestones", "publish-purchase"},
    "published": {"review-service-plan", "select-organisation"},
    "selected": {"sign-agreement"},
    "suspended": {"resume-project"},
    "agreed": {"declare-staffing"},
    "staffed": {"allot-budget"},
    "allotted": {"appropriate-funds"},
    "funded": {"start-implementation"},
    "started": {"submit-report", "name-third-party", "file-self-assessment"},
    "midterm submitted": {"confirm-report", "name-third-party", "file-self-assessment"},
    "midterm confirmed": {"review-report", "name-third-party", "file-self-assessment"},
    "midterm reviewed": {"complete-evaluation", "complete-audit", "file-self-assessment"},
    "midterm evaluated": {"submit-report", "file-self-assessment"},
    "final submitted": {"confirm-report", "file-self-assessment"},
    "final confirmed": {"review-report", "file-self-assessment"},
    "final reviewed": {"complete-evaluation", "complete-audit", "file-self-assessment"},
    "final evaluated": {"file-self-assessment"},
    "two assessed": {"file-self-assessment"},
    "assessed": {"complete-acceptance"},
    "failed": {"report-rectification"},
    "accepted": {"file-acceptance-report"},
    "filed": {"rate-project"},
    "rated": {"return-funds"},
    "settled": {"close-project"},
}
"""What a project waits for after each step of its way, beside notices of its nodes."""


class Somebody:
    """A role in a bureau, for a unit perhaps."""

    def __init__(self, city: City, role: Role, tenant: TenantId, unit: str | None = None) -> None:
        self.http, self.sent = city.service.http, headers(role, tenant, unit, None)
        self.name = f"{role} {tenant} {unit}"

    async def get(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=asked or None, headers=self.sent)
        assert answer.status_code == 200, f"{self.name}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def listed(self, rows: str) -> list[dict[str, Any]]:
        """Every row of a list, by its address."""
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            page = await self.get(f"{rows}&limit=2{more}")
            found += page["items"]
            if page["cursor"] is None:
                return found
            more = f"&cursor={page['cursor']}"


def those_of(city: City, project: dict[str, Any]) -> Iterator[Somebody]:
    """Everybody who has to do with a project."""
    tenant, unit = TenantId(project["tenant_id"]), project["organisation_id"]
    yield Somebody(city, Role.CITY_BUREAU, CITY)
    yield Somebody(city, Role.DISTRICT_BUREAU, tenant)
    yield Somebody(city, Role.STREET_PRINCIPAL_LEADER, tenant, project["street"])
    yield Somebody(city, Role.STREET_OFFICER, tenant, project["street"])
    yield Somebody(city, Role.COMMUNITY_COMMITTEE, tenant, project["community"])
    if unit is not None:
        yield Somebody(city, Role.ORGANISATION_MANAGER, tenant, unit)
    yield Somebody(city, Role.THIRD_PARTY_EVALUATOR, CITY, EVALUATOR)
    yield Somebody(city, Role.THIRD_PARTY_AUDITOR, CITY, AUDITOR)
    yield Somebody(city, Role.AUDITOR, CITY)


async def waiting(who: Somebody) -> set[tuple[str, str]]:
    """(project, action) of all that waits for somebody; a kind has as many rows as it counts, and their first day."""
    told, found = await who.get("/v1/tasks"), set[tuple[str, str]]()
    for task in told["tasks"]:
        rows = await who.listed(task["rows"])
        assert len(rows) == task["waiting"], task
        dues = [w["due"] for row in rows for w in row["waits_for"] if w["action"] == task["action"]]
        assert len(dues) == len(rows)
        assert task["first_due"] == min((due for due in dues if due), default=None)
        found |= {(row["project_id"], task["action"]) for row in rows}
    assert told["waiting"] == sum(task["waiting"] for task in told["tasks"])
    return found


async def allowed(who: Somebody, projects: Iterable[str]) -> set[tuple[str, str]]:
    """(project, action) of all that the projects' records say somebody may do."""
    found = set()
    for project in projects:
        record = await who.get(f"/v1/projects/{project}")
        found |= {(project, one["action"]) for one in record["actions"] if one["allowed"]}
    return found


async def agrees(who: Somebody, waits: set[tuple[str, str]], projects: Iterable[str]) -> None:
    may = await allowed(who, projects)
    assert waits <= may, f"{who.name}: waited for and refused"
    assert {one for one in may if one[1] in WAITED_FOR - AT_WILL} <= waits, f"{who.name}: nobody waits for it"


async def test_what_waits_for_somebody_is_theirs_to_do_and_what_is_theirs_to_do_waits(city: City) -> None:
    """Of a city after its year, for everybody in it."""
    await a_year(city)
    projects = (await city.service.get("/v1/projects", Role.CITY_BUREAU, CITY, limit=200))["items"]
    everybody = {who.name: who for project in projects for who in those_of(city, project)}
    for who in everybody.values():
        seen = [row["project_id"] for row in await who.listed("/v1/projects?")]
        await agrees(who, await waiting(who), seen)


async def test_each_step_of_a_project_waits_for_whose_it_is_until_it_is_done(city: City) -> None:
    """Which actions it waits for, of whomever, at each step of its way."""
    waited: dict[str, set[str]] = {}
    async for step, project in its_way(city):
        record = await project.shown()
        found = set()
        for who in those_of(city, record):
            waits = {one for one in await waiting(who) if one[0] == str(project.id)}
            if who.name.startswith(("city", "district")) or waits:
                await agrees(who, waits, [str(project.id)])
            found |= {action for _, action in waits}
        waited[step] = found - {"issue-node-notice"}
    assert waited == WAY


async def test_the_money_of_who_was_found_out_waits_for_its_payer_once_a_successor_stands(city: City) -> None:
    """And a step that nobody waits for is a step that was forgotten."""
    bad, found_on, payer = city.one.organisation, date(2023, 4, 1), Somebody(city, Role.CITY_BUREAU, CITY)
    assert bad is not None
    await city.one.city("impersonation", found_on, worker_id=str(city.one.workers[0]))
    scheme, one = SchemeId(city.plan.scheme), city.one.id
    listed = OrganisationBlacklistedV1(organisation_id=bad, project_id=one, reason="credential_impersonation")
    revoked = OrganisationQualificationRevokedV1(organisation_id=bad, scheme_id=scheme, project_id=one)
    for message in (listed, revoked):
        await city.service.hear(message, tenant=CITY, on=found_on)
    await city.one.contracted(await city.plan.organisation(), found_on, found_on)
    await city.one.staffed(found_on)
    mine = {one for one in await waiting(payer) if one[0] == str(city.one.id)}
    assert {action for _, action in mine} == {"return-funds"}
    await agrees(payer, mine, [str(city.one.id)])
    assert set().union(*WAY.values(), {"return-funds", "issue-node-notice", "reopen-project"}) == WAITED_FOR


async def its_way(city: City) -> AsyncIterator[tuple[str, Project]]:
    """A project from its application to its closing, each step told once it is done."""
    plan = city.plan
    project = await plan.applied(OTHER_DISTRICT)
    yield "applied", project
    await project.local("return", APPLIED_ON, reason="papers-missing")
    yield "returned", project
    plan.used -= 1  # the same community
    await plan.applied(OTHER_DISTRICT)
    await project.done("sign-off", Role.STREET_PRINCIPAL_LEADER, APPLIED_ON, unit=project.street)
    yield "signed", project
    await project.local("recommend", APPLIED_ON)
    yield "recommended", project
    await project.city("approve", APPROVED_ON)
    yield "approved", project
    await project.local("milestones", APPROVED_ON)
    await project.local("purchase", BOUGHT_ON, scope=[{"domain": "elderly_care", "duty": "regular_visits"}])
    yield "published", project
    project.organisation = await plan.organisation()
    await project.local("plan-reviews", BOUGHT_ON, organisation_id=str(project.organisation), passed=True)
    await project.city("organisation", BOUGHT_ON, organisation_id=str(project.organisation))
    yield "selected", project
    await project.city("suspension", BOUGHT_ON, reason="flood")
    yield "suspended", project
    await project.city("resumption", BOUGHT_ON)
    await project.city("agreement", AGREED_ON)
    yield "agreed", project
    await project.staffed()
    yield "staffed", project
    await project.city("budget", PAID_ON)
    yield "allotted", project
    await project.city("appropriations", PAID_ON, amounts=[{"line": "service", "amount_fen": 1_000}])
    yield "funded", project
    await project.own("start", h.STARTED)
    yield "started", project
    for phase, on in (("midterm", REPORTED_ON), ("final", FINAL_ON)):
        await project.own(f"reports/{phase}", on, report=str(uuid4()))
        yield f"{phase} submitted", project
        committee = {"unit": project.community, "remark": "服务到位，同意。"}
        await project.done(f"reports/{phase}/confirm", Role.COMMUNITY_COMMITTEE, on, **committee)
        yield f"{phase} confirmed", project
        await project.local(f"reports/{phase}/review", on, passed=True)
        for task, third in (("evaluation", EVALUATOR), ("audit", AUDITOR), ("supervision", EVALUATOR)):
            await project.city("third-parties", on, task=task, third_party=third)
        yield f"{phase} reviewed", project
        await project.phase_results(phase, on)
        yield f"{phase} evaluated", project
    files = {"summary": str(uuid4())}
    await project.done("self-assessments", Role.COMMUNITY_COMMITTEE, FINAL_ON, unit=project.community, **files)
    await project.done("self-assessments", Role.STREET_OFFICER, FINAL_ON, unit=project.street, **files)
    yield "two assessed", project
    await project.local("self-assessments", FINAL_ON, **files)
    yield "assessed", project
    await project.local("acceptance-failures", FINAL_ON, reasons=["records_incomplete"], rectify_by=str(FINAL_ON))
    yield "failed", project
    await project.own("rectification", FINAL_ON, report=str(uuid4()))
    await project.local("acceptance", FINAL_ON)
    yield "accepted", project
    await project.local("acceptance-report", FINAL_ON, report=str(uuid4()))
    yield "filed", project
    await project.city("rating", RATED_ON, rating="excellent")
    yield "rated", project
    await project.city("returns", RATED_ON, amounts=[{"line": "service", "amount_fen": 1_000}])
    yield "settled", project
