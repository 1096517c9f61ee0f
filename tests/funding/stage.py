"""The plan of 2022 and its people, as the service meets them: over HTTP, and in other services' messages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.funding.domain import histories as h
from tests.service import CITY, DISTRICT, Running

from contracts.messages.funding import StaffingDeclaredV1
from contracts.messages.registry import (
    OrganisationRegisteredV1,
    PostingLockedV1,
    StaffingVerifiedV1,
    UnitToldV1,
    VerifiedWorker,
)
from contracts.values import OrganisationId, ProjectId, Role, TenantId, UnitCode, WorkerId

PLAN = json.loads(h.PLAN.read_bytes())
APPLIED_ON, APPROVED_ON, BOUGHT_ON = date(2022, 6, 10), date(2022, 6, 20), date(2022, 7, 20)
AGREED_ON, STAFFED_ON, PAID_ON = date(2022, 8, 30), date(2022, 9, 10), date(2022, 9, 20)
STAFF = ((True, True, False), (True, False, False), (False, False, True))
EVALUATOR, AUDITOR = "e7a1f0c2-0000-4000-8000-000000000001", "e7a1f0c2-0000-4000-8000-000000000002"


@dataclass
class Plan:
    """One published plan; every actor of the story speaks through it."""

    service: Running
    scheme: UUID
    used: int = 0

    async def apply(self, district: TenantId = DISTRICT, on: date = APPLIED_ON, **changes: Any) -> httpx.Response:
        """A community that has not applied yet applies."""
        self.used += 1
        street = f"{district}001"
        community = f"{street}{self.used:03d}"
        await self.told_of(community, f"演示社区{self.used}", district=district)
        form = {
            "scheme_id": str(self.scheme),
            "street": street,
            "street_name": "演示街道",
            "community": community,
            "community_name": f"演示社区{self.used}",
            "area_m2": "320",
            "attestations": [{"condition": c["code"], "attester": street} for c in PLAN["community"]["attested"]],
            **changes,
        }
        who: dict[str, Any] = {"tenant": district, "unit": community, "on": on}
        return await self.service.post("/v1/projects", form, Role.COMMUNITY_COMMITTEE, **who)

    async def told_of(
        self,
        unit: str,
        name: str,
        *,
        district: TenantId = DISTRICT,
        version: int = 1,
        on: date = APPLIED_ON,
        **facts: Any,
    ) -> None:
        """The registry tells of a unit."""
        parent = district if len(unit) == len("620102001") else unit[:9]
        told = {"since": None, "until": None, "successors": (), **facts, "version": version}
        message = UnitToldV1(unit=UnitCode(unit), name=name, parent=UnitCode(parent), **told)
        await self.service.hear(message, district, on)

    async def applied(self, district: TenantId = DISTRICT, on: date = APPLIED_ON) -> Project:
        answer = await self.apply(district, on)
        assert answer.status_code == 200, answer.text
        id = ProjectId(UUID(answer.json()["stream"].partition("/")[2]))
        return Project(self, id, district, f"{district}001", f"{district}001{self.used:03d}")

    async def recommended(self, district: TenantId = DISTRICT, on: date = APPLIED_ON) -> Project:
        project = await self.applied(district, on)
        await project.done("sign-off", Role.STREET_PRINCIPAL_LEADER, on, unit=project.street)
        await project.done("recommend", Role.DISTRICT_BUREAU, on)
        return project

    async def organisation(self, **facts: bool) -> OrganisationId:
        """An organisation that the registry tells of."""
        organisation_id = OrganisationId(uuid4())
        good = {**vars(h.FACTS), **facts}
        await self.service.hear(
            OrganisationRegisteredV1(organisation_id=organisation_id, name="演示社工机构甲", **good), tenant=CITY
        )
        return organisation_id


@dataclass
class Project:
    """One project on its way."""

    plan: Plan
    id: ProjectId
    district: TenantId
    street: str
    community: str
    organisation: OrganisationId | None = None
    workers: tuple[WorkerId, ...] = field(default_factory=tuple)

    @property
    def service(self) -> Running:
        return self.plan.service

    async def post(
        self, step: str, role: Role, on: date, unit: str | None = None, tenant: TenantId | None = None, **body: Any
    ) -> httpx.Response:
        where = CITY if role is Role.CITY_BUREAU else self.district
        path = f"/v1/projects/{self.id}/{step}"
        return await self.plan.service.post(path, body, role, tenant=tenant or where, unit=unit, on=on)

    async def done(self, step: str, role: Role, on: date, **body: Any) -> dict[str, Any]:
        answer = await self.post(step, role, on, **body)
        assert answer.status_code == 200, f"{step}: {answer.text}"
        answered: dict[str, Any] = answer.json()
        return answered

    async def city(self, step: str, on: date, **body: Any) -> dict[str, Any]:
        return await self.done(step, Role.CITY_BUREAU, on, **body)

    async def local(self, step: str, on: date, **body: Any) -> dict[str, Any]:
        return await self.done(step, Role.DISTRICT_BUREAU, on, **body)

    async def own(self, step: str, on: date, **body: Any) -> dict[str, Any]:
        return await self.done(step, Role.ORGANISATION_MANAGER, on, unit=str(self.organisation), **body)

    async def book(self, line: str, purpose: str, fen: int, **facts: Any) -> httpx.Response:
        """The organisation books, unless a payer's role is named."""
        role = facts.pop("role", Role.ORGANISATION_MANAGER)
        unit = str(self.organisation) if role is Role.ORGANISATION_MANAGER else None
        on = facts.pop("on", date(2023, 1, 10))
        bill = {"line": line, "purpose": purpose, "amount_fen": fen, **facts}
        return await self.post("expenses", role, on, unit=unit, **bill)

    async def shown(self, role: Role = Role.CITY_BUREAU) -> dict[str, Any]:
        return await self.plan.service.get(f"/v1/projects/{self.id}", role, CITY)

    async def money(self) -> dict[str, Any]:
        return await self.plan.service.get(f"/v1/projects/{self.id}/budget", Role.CITY_BUREAU, CITY)

    async def settled(self, on: date) -> None:
        """What is left of each line comes back."""
        lines = (await self.money())["lines"]
        left = [{"line": one["line"], "amount_fen": one["balance_fen"]} for one in lines if one["balance_fen"]]
        await self.city("returns", on, amounts=left)

    async def contracted(
        self, organisation: OrganisationId, bought: date = BOUGHT_ON, agreed: date = AGREED_ON
    ) -> None:
        """Steps 5 to 7 with this organisation."""
        self.organisation = organisation
        if (await self.shown())["stage"] == "approved":
            await self.local("purchase", bought, scope=[{"domain": "elderly_care", "duty": "regular_visits"}])
        await self.local("plan-reviews", bought, organisation_id=str(organisation), passed=True)
        await self.city("organisation", bought, organisation_id=str(organisation))
        await self.city("agreement", agreed)

    async def staffed(self, on: date = STAFFED_ON) -> None:
        """Step 8: the organisation declares, the registry verifies."""
        self.workers = tuple(WorkerId(uuid4()) for _ in STAFF)
        await self.own("staffing", on, worker_ids=[str(w) for w in self.workers])
        await self.plan.service.hear(await self.verdict(), tenant=self.district, on=on)

    async def verdict(self) -> StaffingVerifiedV1:
        """The registry's answer to the declaration that was published last."""
        told = [m for m in await self.plan.service.told() if isinstance(m, StaffingDeclaredV1)]
        staff = tuple(
            VerifiedWorker(worker_id=w, licensed=a, intermediate=b, sw_graduate=c)
            for w, (a, b, c) in zip(told[-1].worker_ids, STAFF, strict=True)
        )
        return StaffingVerifiedV1(
            project_id=self.id,
            declaration_id=told[-1].declaration_id,
            workers=staff,
            licensed=2,
            intermediate=1,
            sw_graduate=1,
        )

    async def running(self, on: date = h.STARTED) -> None:
        """Steps 9 and 10."""
        await self.city("budget", PAID_ON)
        amounts = [{"line": line["code"], "amount_fen": line["cap_fen"]} for line in PLAN["lines"]]
        await self.city("appropriations", PAID_ON, amounts=amounts)
        await self.own("start", on)
        assert self.organisation is not None
        lock = PostingLockedV1(
            project_id=self.id,
            organisation_id=self.organisation,
            worker_ids=self.workers,
            lock_from=h.STARTED,
            lock_to=h.ENDED,
        )
        await self.plan.service.hear(lock, tenant=self.district, on=h.STARTED)

    async def phase(self, phase: str, on: date) -> None:
        """Steps 11 to 13 for one phase."""
        await self.own(f"reports/{phase}", on, report=str(uuid4()))
        committee = {"unit": self.community, "remark": "服务到位，同意。"}
        await self.done(f"reports/{phase}/confirm", Role.COMMUNITY_COMMITTEE, on, **committee)
        await self.local(f"reports/{phase}/review", on, passed=True)
        await self.phase_results(phase, on)

    async def phase_results(self, phase: str, on: date) -> None:
        """Steps 12 and 13: those whom the city named evaluate and audit."""
        await self.city("third-parties", on, task="evaluation", third_party=EVALUATOR)
        await self.city("third-parties", on, task="audit", third_party=AUDITOR)
        scores = [{"criterion": c["code"], "score": 90} for c in (*PLAN["abilities"], *PLAN["linkages"])]
        evaluator, auditor = Role.THIRD_PARTY_EVALUATOR, Role.THIRD_PARTY_AUDITOR
        await self.done(f"evaluations/{phase}", evaluator, on, unit=EVALUATOR, scores=scores)
        await self.done(f"audits/{phase}", auditor, on, unit=AUDITOR, opinion="clean")

    async def accepted(self, on: date) -> None:
        """Steps 14 and 15."""
        files = {"summary": str(uuid4())}
        await self.done("self-assessments", Role.COMMUNITY_COMMITTEE, on, unit=self.community, **files)
        await self.done("self-assessments", Role.STREET_OFFICER, on, unit=self.street, **files)
        await self.local("self-assessments", on, **files)
        await self.local("acceptance", on)
        await self.local("acceptance-report", on, report=str(uuid4()))


async def a_plan(service: Running) -> Plan:
    answer = await service.post("/v1/schemes", {"terms": PLAN}, Role.CITY_BUREAU, tenant=CITY, on=date(2022, 5, 31))
    assert answer.status_code == 200, answer.text
    return Plan(service, UUID(answer.json()["stream"].partition("/")[2]))


async def a_running_project(plan: Plan) -> Project:
    project = await plan.recommended()
    await project.city("approve", APPROVED_ON)
    await project.local("milestones", APPROVED_ON)
    await project.contracted(await plan.organisation())
    await project.staffed()
    await project.running()
    return project


async def a_plan_with_a_running_project(service: Running) -> Project:
    return await a_running_project(await a_plan(service))
