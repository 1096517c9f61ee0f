"""A programme in small: bureaus, organisations and their workers, and projects from application to midterm report.

Every word about a person is a canary: no test of these words may find one in clear but where a policy shows it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from uuid import uuid5

from tests.synthetic import credit_code, identity_number
from tests.system.bureau import STEPS, Bureau, Json, SignIn

from contracts.values import Role

PROVINCE, CITY, DISTRICTS = "620000", "620100", ("620102", "620103")
FAR = ("610000", "610100", "610102")
"""Another province, its city and a district of it."""
NAMES = {
    PROVINCE: "甘肃省",
    CITY: "兰州市",
    DISTRICTS[0]: "城关区",
    DISTRICTS[1]: "七里河区",
    FAR[0]: "演示省",
    FAR[1]: "演示市",
    FAR[2]: "演示区",
}
LEVELS = ("province", "city", "district")
IT = SignIn(Role.PROVINCE_IT, PROVINCE)
CITY_BUREAU = SignIn(Role.CITY_BUREAU, CITY)
SERVICES = ("registry", "casework", "funding", "volunteer")
CANARY = "QXJKANARIEQX"
"""Begins every word about a person, so that one look finds them all, in whatever letters they are written."""
THIRD_PARTIES = {task: str(uuid5(STEPS, task)) for task in ("supervision", "evaluation", "audit")}
SCOPE = [
    {"duty": "case_services", "domain": "social_assistance"},
    {"duty": "child_visits", "domain": "child_welfare"},
    {"duty": "elder_visits", "domain": "elderly_care"},
    {"duty": "resident_groups", "domain": "community_governance"},
]
AMOUNTS = {"personnel": 8000000, "service": 4000000, "training": 1500000, "management": 3000000}


@dataclass(frozen=True)
class Project:
    """One project's place and who is there; ids become known on the way."""

    number: int
    district: str
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def street(self) -> str:
        return f"{self.district}{self.number + 100}"  # a long soak plays hundreds

    @property
    def community(self) -> str:
        return f"{self.street}001"

    @property
    def committee(self) -> SignIn:
        return SignIn(Role.COMMUNITY_COMMITTEE, self.district, self.community)

    @property
    def leader(self) -> SignIn:
        return SignIn(Role.STREET_PRINCIPAL_LEADER, self.district, self.street)

    @property
    def officer(self) -> SignIn:
        return SignIn(Role.STREET_OFFICER, self.district, self.street)

    @property
    def bureau(self) -> SignIn:
        return SignIn(Role.DISTRICT_BUREAU, self.district)

    @property
    def manager(self) -> SignIn:
        return SignIn(Role.ORGANISATION_MANAGER, self.district, self.ids["organisation"])

    @property
    def worker(self) -> SignIn:
        return SignIn(Role.SOCIAL_WORKER, self.district, self.ids["organisation"])

    def third_party(self, task: str) -> SignIn:
        role = Role.THIRD_PARTY_AUDITOR if task == "audit" else Role.THIRD_PARTY_EVALUATOR
        return SignIn(role, self.district, THIRD_PARTIES[task])


class Programme:
    """Plays into one region.  Projects may be played one by one or together, and again: a repeat changes nothing."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.scheme = self.catalogue = ""
        self.canaries: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        """Other instances of a service, by its name: every second project talks to those."""

    async def prepare(self) -> None:
        """Bureaus, of whom all services have heard, units, the scheme and the service catalogue."""
        for line in ((PROVINCE, CITY, *DISTRICTS), FAR):
            for n, code in enumerate(line):
                it = SignIn(Role.PROVINCE_IT, line[0])
                parent = None if n == 0 else line[min(n, 2) - 1]
                body = {"tenant_id": code, "name": NAMES[code], "level": LEVELS[min(n, 2)], "parent": parent}
                body["region"] = self.bureau.region.slug
                await self.bureau.do(f"tenant/{code}", "registry", "/tenants", it, "2022-05-05", body)
        await self._known()
        terms = json.loads((files("liandong.demo") / "lanzhou-2022.json").read_text("utf-8"))
        quotas = [{"district": code, "name": NAMES[code], "projects": 20} for code in DISTRICTS]
        terms |= {"quotas": quotas, "total_projects": 40}
        self.terms = terms
        self.scheme = await self._city("scheme", "funding", "/schemes", "2022-05-31", {"terms": terms})
        catalogue = {
            "title": "演示服务目录",
            "domains": [{"code": one["code"], "name": one["name"]} for one in terms["service_domains"]],
            "categories": [{"code": "poor_elder", "name": "经济困难老人", "target": "elderly"}],
            "core_policies": [f"core_{n}" for n in range(1, 9)],
            "extra_policies": ["extra_1"],
        }
        self.catalogue = await self._city("catalogue", "casework", "/catalogues", "2022-06-02", catalogue)

    async def _known(self) -> None:
        for service in SERVICES:
            await self.bureau.sees(service, SignIn(Role.PROVINCE_IT, PROVINCE), {PROVINCE, CITY, *DISTRICTS})
            await self.bureau.sees(service, SignIn(Role.PROVINCE_IT, FAR[0]), set(FAR))

    async def play(self, project: Project) -> Project:
        """One project from its units to its midterm report."""
        await self.staff(project)
        await self.apply(project)
        await self.contract(project)
        await side_by_side([self.deliver(project), self.spend(project), self.confer(project)])
        await self.report(project)
        return project

    async def staff(self, project: Project) -> None:
        """The street and community, an organisation and three workers fit for the scheme."""
        n = project.number
        units = [
            {"unit": project.street, "kind": "township", "name": f"演示街道{n}", "parent": project.district},
            {"unit": project.community, "kind": "village", "name": f"演示社区{n}", "parent": project.street},
        ]
        path = f"/tenants/{project.district}/units"
        await self._do(project, "units", "registry", path, project.bureau, "2022-05-06", {"units": units})
        conditions = ("sound_governance", "internal_rules", "finance_system", "own_bank_account", "professional_team")
        organisation = {
            "name": f"演示社工机构{n}",
            "authority": "演示民政局",
            "civil_affairs": True,
            "registered_on": "2015-03-01",
            "number": credit_code(n),
            "attestations": [{"condition": c, "attester": "演示民政局", "evidence": "演示材料"} for c in conditions],
        }
        made = await self._do(
            project, "organisation", "registry", "/organisations", CITY_BUREAU, "2022-06-06", organisation
        )
        project.ids["organisation"] = made
        manager = SignIn(Role.ORGANISATION_MANAGER, CITY, made)
        for m, (level, graduate) in enumerate((("intermediate", False), ("junior", False), (None, True)), start=1):
            person = {"name": self._name(project, f"worker{m}"), "organisation_id": made, "graduated": graduate}
            person["major"] = "social_work" if graduate else None
            worker = await self._do(project, f"worker{m}", "registry", "/workers", manager, "2022-06-08", person)
            project.ids[f"worker{m}"] = worker
            if level:
                licence = {"level": level, "licence": self._name(project, f"licence{m}"), "issued_on": "2020-01-01"}
                licence["evidence"] = "0" * 64
                path = f"/workers/{worker}/qualifications"
                await self._do(project, f"licence{m}", "registry", path, manager, "2022-06-08", licence)

    async def apply(self, project: Project) -> None:
        attested = [
            {
                "condition": one["code"],
                "attester": project.street if one["code"].startswith("street") else project.community,
                "evidence": self._paper(project, one["code"]),
            }
            for one in self.terms["community"]["attested"]
        ]
        body = {
            "scheme_id": self.scheme,
            "street": project.street,
            "street_name": f"演示街道{project.number}",
            "community": project.community,
            "community_name": f"演示社区{project.number}",
            "area_m2": "400",
            "attestations": attested,
        }
        made = await self._do(project, "apply", "funding", "/projects", project.committee, "2022-06-20", body)
        project.ids["project"] = made
        await self._fund(project, "sign-off", project.leader, "2022-06-22")
        await self._fund(project, "recommend", project.bureau, "2022-06-27")
        await self._fund(project, "approve", CITY_BUREAU, "2022-07-14")
        await self._fund(project, "milestones", project.bureau, "2022-07-15")

    async def contract(self, project: Project) -> None:
        """From the purchase to the start, through the registry's verdict on the staff."""
        organisation = {"organisation_id": project.ids["organisation"]}
        await self._fund(project, "purchase", project.bureau, "2022-07-25", {"scope": SCOPE})
        review = {**organisation, "passed": True, "preferences": ["project_experience"]}
        await self._fund(project, "plan-reviews", project.bureau, "2022-08-10", review)
        await self._fund(project, "organisation", CITY_BUREAU, "2022-08-18", organisation)
        await self._fund(project, "agreement", CITY_BUREAU, "2022-08-26")
        team = {"worker_ids": [project.ids[f"worker{m}"] for m in (1, 2, 3)]}
        await self._fund(project, "staffing", project.manager, "2022-08-30", team)
        stream = f"project/{project.ids['project']}"
        await self.bureau.happened("funding", stream, "funding.staffing-verified", project.bureau)
        for task, who in THIRD_PARTIES.items():
            body = {"task": task, "third_party": who}
            await self._fund(project, "third-parties", CITY_BUREAU, "2022-09-19", body, again=task)
        await self._fund(project, "budget", CITY_BUREAU, "2022-09-19")
        amounts = {"amounts": [{"line": line, "amount_fen": fen} for line, fen in AMOUNTS.items()]}
        await self._fund(project, "appropriations", CITY_BUREAU, "2022-09-21", amounts)
        await self._fund(project, "start", project.manager, "2022-09-27")

    async def confer(self, project: Project) -> None:
        """The street's joint conference, with people in it."""
        path = f"/tenants/{project.district}/conferences/{project.street}"
        steps: Sequence[tuple[str, str, Json]] = (
            (
                "establish",
                f"/tenants/{project.district}/conferences",
                {"street": project.street, "office": "演示办公室"},
            ),
            ("seat", f"{path}/seats", {"seat": "government", "body": "演示街道"}),
            ("liaison", f"{path}/liaisons", {"name": self._name(project, "liaison")}),
            ("officer1", f"{path}/officers", {"unit": project.street, "name": self._name(project, "officer1")}),
            ("officer2", f"{path}/officers", {"unit": project.community, "name": self._name(project, "officer2")}),
        )
        for step, where, body in steps:
            await self._do(project, f"conference-{step}", "registry", where, project.officer, "2022-09-28", body)

    async def deliver(self, project: Project) -> None:
        """The ledger, a visit, a case to its end, a referral, and volunteers; then the counts of the day."""
        here = {"place_id": project.ids["project"], "worker_id": project.ids["worker1"]}
        person = {
            "name": self._name(project, "resident"),
            "id_number": self._number(project),
            "address": self._name(project, "address"),
        }
        body: Json = {**here, **person, "catalogue_id": self.catalogue, "categories": ["poor_elder"]}
        entry = await self._case(project, "enrol", "/entries", "2022-10-12", body)
        visit = {**here, "findings": self._name(project, "findings")}
        await self._case(project, "visit", f"/entries/{entry}/visits", "2022-10-26", visit)
        opening = {"entry_id": entry, "domain": "elderly_care", "problem": self._name(project, "problem")}
        case = await self._case(
            project, "open", "/cases", "2022-11-02", {**here, **opening, "catalogue_id": self.catalogue}
        )
        for n, stage in enumerate(("pre-assess", "plan", "interventions", "evaluate", "close")):
            text = {"worker_id": here["worker_id"], "text": self._name(project, stage)}
            await self._case(project, stage, f"/cases/{case}/{stage}", f"2022-11-{10 + n}", text)
        asks = {"kind": "civil_affairs", "policy": None, "reason": self._name(project, "reason"), "entry_id": entry}
        referral = await self._case(
            project, "refer", "/referrals", "2022-11-20", {**here, **asks, "catalogue_id": self.catalogue}
        )
        outcome = {"outcome": "granted", "worker_id": here["worker_id"]}
        await self._case(project, "outcome", f"/referrals/{referral}/outcome", "2022-12-08", outcome)
        await self._volunteering(project)
        await self._counts(project)

    async def _volunteering(self, project: Project) -> None:
        async def do(step: str, path: str, on: str, body: Json | None = None) -> str:
            return await self._do(project, f"volunteer-{step}", "volunteer", path, project.committee, on, body)

        at = project.ids["project"]
        who = {"project_id": at, "background": "party_member", "is_party_member": True}
        came = await do("register", "/volunteers", "2022-11-05", {**who, "name": self._name(project, "volunteer")})
        plan = {"project_id": at, "title": "演示志愿服务活动", "organiser": "community", "planned_for": "2022-12-03"}
        activity = await do("plan", "/activities", "2022-11-05", plan)
        await do("hold", f"/activities/{activity}/hold", "2022-12-03")
        await do("attendance", f"/activities/{activity}/attendance", "2022-12-03", {"volunteer_ids": [came]})
        served = {"residents_served": 30, "qualifier": "more_than"}
        await do("served", f"/activities/{activity}/served", "2022-12-03", served)

    async def _counts(self, project: Project) -> None:
        for service in ("casework", "volunteer"):
            path = f"/projects/{project.ids['project']}/counts"
            await self._do(project, f"counts-{service}", service, path, project.bureau, "2022-12-31")

    async def spend(self, project: Project) -> None:
        """Wages by the organisation's books, offices, and one expense that was wrong and is reversed."""
        grades = {one["level"]: one["post_grade"] for one in self.terms["wage_grades"]}
        for m, level in enumerate(("intermediate", "junior"), start=1):
            wage = {
                "line": "personnel",
                "purpose": "wage",
                "amount_fen": 1500000,
                "worker_id": project.ids[f"worker{m}"],
            }
            body = {**wage, "wage_grade": grades[level], "voucher": self._paper(project, f"wage{m}")}
            await self._fund(project, "expenses", project.manager, "2022-12-28", body, again=f"wage{m}")
        office = {"line": "management", "purpose": "daily_office", "voucher": self._paper(project, "office")}
        body = {**office, "amount_fen": 1200000}
        await self._fund(project, "expenses", project.manager, "2022-12-29", body, again="office")

    async def report(self, project: Project) -> None:
        """Supervision, the midterm report and its chain."""
        seen = {"report": self._paper(project, "supervision"), "satisfactory": True}
        await self._fund(project, "supervisions", project.third_party("supervision"), "2022-12-15", seen)
        written = {"report": self._paper(project, "midterm")}
        await self._fund(project, "reports/midterm", project.manager, "2023-03-20", written)
        remark = {"remark": "服务内容属实（演示意见）"}
        await self._fund(project, "reports/midterm/confirm", project.committee, "2023-03-20", remark)
        passed = {"passed": True, "remark": "同意（演示意见）"}
        await self._fund(project, "reports/midterm/review", project.bureau, "2023-03-20", passed)

    async def _do(
        self, project: Project, step: str, service: str, path: str, who: SignIn, on: str, body: Json | None = None
    ) -> str:
        url = self.urls.get(service) if project.number % 2 else None
        return await self.bureau.do(f"{project.number}/{step}", service, path, who, on, body, url)

    async def _fund(
        self, project: Project, what: str, who: SignIn, on: str, body: Json | None = None, again: str = ""
    ) -> str:
        path = f"/projects/{project.ids['project']}/{what}"
        return await self._do(project, f"fund-{what}{again}", "funding", path, who, on, body)

    async def _case(self, project: Project, step: str, path: str, on: str, body: Json) -> str:
        return await self._do(project, f"case-{step}", "casework", path, project.worker, on, body)

    async def _city(self, step: str, service: str, path: str, on: str, body: Json) -> str:
        return await self.bureau.do(step, service, path, CITY_BUREAU, on, body)

    def _name(self, project: Project, what: str) -> str:
        word = f"{CANARY}-{project.number}-{what}"
        self.canaries[word] = project.district
        return word

    def _number(self, project: Project) -> str:
        number = identity_number(project.number)
        self.canaries[number] = project.district
        return number

    @staticmethod
    def _paper(project: Project, what: str) -> str:
        return str(uuid5(STEPS, f"paper/{project.number}/{what}"))


def projects(numbers: Iterable[int]) -> list[Project]:
    """Alternating between the two districts."""
    return [Project(n, DISTRICTS[n % 2]) for n in numbers]


async def side_by_side(plays: Iterable[Awaitable[Any]]) -> list[Any]:
    """All at once; the first failure ends all."""

    async def one(play: Awaitable[Any]) -> Any:
        return await play

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(play)) for play in plays]
    return [task.result() for task in tasks]
