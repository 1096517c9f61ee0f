"""A city ready for a project: its bureaus, divisions, an organisation and workers, over HTTP as bureaus do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT, PROVINCE, Running
from tests.synthetic import credit_code

from contracts.messages import Message
from contracts.messages.funding import Calendar as SchemeCalendar
from contracts.messages.funding import (
    CredentialImpersonationFoundV1,
    ImplementationStartedV1,
    ProjectApprovedV1,
    ProjectClosedV1,
    SchemePublishedV1,
    StaffingDeclaredV1,
    StaffingRule,
)
from contracts.messages.registry import StaffingRejectedV1, StaffingVerifiedV1
from contracts.values import OrganisationId, ProjectId, Role, SchemeId, UnitCode, WorkerId
from registry.commands.streams import position_id

STREET, COMMUNITY, SECOND = UnitCode("620102001"), UnitCode("620102001001"), UnitCode("620102001002")
SPRING, SIGNED, FROM, TO = date(2022, 6, 1), date(2022, 8, 20), date(2022, 9, 27), date(2023, 9, 27)
SCHEME = SchemeId(uuid4())
RULE = StaffingRule(
    headcount=3,
    licensed_min=2,
    intermediate_min=1,
    sw_graduate_min=1,
    full_time=True,
    locked_min=2,
    lock_from=FROM,
    lock_to=TO,
)
UNITS = [
    {"unit": STREET, "kind": "township", "name": "酒泉路街道", "parent": DISTRICT},
    {"unit": "620102400", "kind": "township", "name": "高新区", "parent": DISTRICT},
    {"unit": COMMUNITY, "kind": "village", "name": "演示社区一", "parent": STREET},
    {"unit": SECOND, "kind": "village", "name": "演示社区二", "parent": STREET},
]
CONDITIONS = ("sound_governance", "internal_rules", "finance_system", "own_bank_account", "professional_team")
DIVISIONS = ["慈社科", "社管科", "政权科", "救助科", "养老科", "儿童科", "财审科"]
STANDARD: dict[str, Any] = {
    "equipment": [{"device": "computer", "count": 2}, {"device": "printer", "count": 1}],
    "seats": ["government", "social_work_organisation", "social_organisation", "resident"],
    "liaisons_min": 1,
    "divisions": DIVISIONS,
    "office": "慈社科",
}

STREET_DESK: dict[str, Any] = {"role": Role.STREET_OFFICER, "tenant": DISTRICT, "unit": STREET}
DISTRICT_DESK: dict[str, Any] = {"role": Role.DISTRICT_BUREAU, "tenant": DISTRICT}


@dataclass
class Lanzhou:
    """The registry with a city, two districts, an eligible organisation and its three workers A, B, C."""

    service: Running
    organisation: OrganisationId
    team: tuple[WorkerId, WorkerId, WorkerId]
    project: ProjectId = field(default_factory=lambda: ProjectId(uuid4()))

    async def post(self, path: str, body: dict[str, Any], role: Role = Role.CITY_BUREAU, **how: Any) -> httpx.Response:
        how.setdefault("tenant", CITY)
        how.setdefault("on", SPRING)
        return await self.service.post(f"/v1{path}", body, role, **how)

    async def ok(self, path: str, body: dict[str, Any], role: Role = Role.CITY_BUREAU, **how: Any) -> UUID | str:
        answer = await self.post(path, body, role, **how)
        assert answer.status_code == 200, answer.text
        name = str(answer.json()["stream"].partition("/")[2])
        return UUID(name) if "-" in name else name

    async def approve(
        self, project: ProjectId | None = None, community: UnitCode = COMMUNITY, event: UUID | None = None
    ) -> None:
        await self.service.hear(
            ProjectApprovedV1(
                project_id=project or self.project,
                scheme_id=SCHEME,
                community=community,
                street=STREET,
                district=DISTRICT,
            ),
            on=SPRING,
            event=event,
        )

    async def declare(
        self,
        *workers: WorkerId,
        project: ProjectId | None = None,
        organisation: OrganisationId | None = None,
        event: UUID | None = None,
    ) -> UUID:
        """Declares staff, and answers the declaration's id."""
        declaration = event or uuid4()
        message = StaffingDeclaredV1(
            project_id=project or self.project,
            declaration_id=declaration,
            organisation_id=organisation or self.organisation,
            scheme_id=SCHEME,
            worker_ids=workers or self.team,
            rule=RULE,
        )
        await self.service.hear(message, on=SIGNED, event=event)
        return declaration

    async def start(self) -> None:
        message = ImplementationStartedV1(
            project_id=self.project,
            organisation_id=self.organisation,
            community=COMMUNITY,
            impl_from=FROM,
            impl_to=TO,
            worker_ids=self.team,
        )
        await self.service.hear(message, on=FROM)

    async def found(self, worker: WorkerId) -> None:
        message = CredentialImpersonationFoundV1(
            project_id=self.project, organisation_id=self.organisation, scheme_id=SCHEME, worker_id=worker
        )
        await self.service.hear(message, on=date(2023, 3, 1))

    async def close(self) -> None:
        message = ProjectClosedV1(project_id=self.project, organisation_id=self.organisation, community=COMMUNITY)
        await self.service.hear(message, on=date(2023, 10, 20))

    async def verdicts(self) -> list[Any]:
        told = await self.service.told()
        return [m for m in told if isinstance(m, StaffingVerifiedV1 | StaffingRejectedV1)]

    async def removal(self, worker: WorkerId, departure: str, on: date = date(2023, 3, 1)) -> httpx.Response:
        body = {"project_id": str(self.project), "departure": departure, "reason": "resigned"}
        return await self.post(f"/workers/{worker}/remove", body, on=on)


async def made(service: Running, path: str, body: dict[str, Any]) -> UUID:
    """The id of what the city made."""
    answer = await service.post(path, body, Role.CITY_BUREAU, tenant=CITY, on=SPRING)
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["stream"].partition("/")[2])


async def worker(
    service: Running, organisation: OrganisationId, name: str, level: str | None, graduate: bool, licence: str = ""
) -> WorkerId:
    """A full-time worker of the organisation, with a licence of that level if one is named."""
    body = {
        "name": name,
        "organisation_id": str(organisation),
        "major": "social_work" if graduate else None,
        "graduated": graduate,
    }
    worker_id = await made(service, "/v1/workers", body)
    if level:
        paper = {
            "level": level,
            "licence": licence or f"DEMO-{worker_id.hex[:12]}",
            "issued_on": "2020-01-01",
            "evidence": "0" * 64,
        }
        answer = await service.post(
            f"/v1/workers/{worker_id}/qualifications", paper, Role.CITY_BUREAU, tenant=CITY, on=SPRING
        )
        assert answer.status_code == 200, answer.text
    return WorkerId(worker_id)


async def organisation(service: Running, name: str, number: str) -> OrganisationId:
    attested = [{"condition": c, "attester": "演示区民政局", "evidence": "演示材料"} for c in CONDITIONS]
    body = {
        "name": name,
        "authority": "兰州市民政局",
        "civil_affairs": True,
        "registered_on": "2015-03-01",
        "number": number,
        "attestations": attested,
    }
    return OrganisationId(await made(service, "/v1/organisations", body))


async def a_city(service: Running) -> Lanzhou:
    for code, name, level, parent in (
        (PROVINCE, "甘肃省", "province", None),
        (CITY, "兰州市", "city", PROVINCE),
        (DISTRICT, "城关区", "district", CITY),
        (OTHER_DISTRICT, "七里河区", "district", CITY),
    ):
        body = {"tenant_id": code, "name": name, "level": level, "parent": parent, "region": "gansu-lanzhou"}
        answer = await service.post("/v1/tenants", body, Role.PROVINCE_IT, tenant=PROVINCE, on=SPRING)
        assert answer.status_code == 200, answer.text
    declared = await service.post(f"/v1/tenants/{DISTRICT}/units", {"units": UNITS}, Role.DISTRICT_BUREAU, on=SPRING)
    assert declared.status_code == 200, declared.text
    one = await organisation(service, "演示社工服务中心甲", credit_code(1))
    team = (
        await worker(service, one, "演示社工甲01", "intermediate", False),
        await worker(service, one, "演示社工甲02", "junior", False),
        await worker(service, one, "演示社工甲03", None, True),
    )
    return Lanzhou(service, one, team)


async def publish_scheme(service: Running) -> None:
    calendar = SchemeCalendar(
        prep_due=date(2022, 8, 30),
        impl_from=FROM,
        impl_to=TO,
        accept_from=date(2023, 9, 5),
        accept_to=date(2023, 9, 30),
    )
    message = SchemePublishedV1(
        scheme_id=SCHEME,
        version=1,
        tenant_id=CITY,
        year=2022,
        staffing=RULE,
        calendar=calendar,
        districts=(DISTRICT, OTHER_DISTRICT),
    )
    await service.hear(message, tenant=CITY, on=SPRING)


def refused(answer: httpx.Response, status: int, code: str, rule: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("rule") == rule


async def told(service: Running, kind: type[Message]) -> list[Any]:
    return [message for message in await service.told() if isinstance(message, kind)]


async def figures(service: Running, **asked: Any) -> dict[str, list[tuple[str, int, str]]]:
    body = await service.get("/v1/indicators", Role.CITY_BUREAU, CITY, **asked)
    return {
        one["id"].removeprefix("registry."): [(f["tenant_id"], f["value"], f["qualifier"]) for f in one["figures"]]
        for one in body["indicators"]
    }


async def furnish(lanzhou: Lanzhou, computers: int = 2) -> UUID:
    """Premises, plaque and equipment of the project's position."""
    site = position_id(lanzhou.project)
    premises = {"square_metres": "320", "provider": "酒泉路街道办事处"}
    await lanzhou.ok(f"/sites/{site}/premises", premises, **STREET_DESK)
    for device, count in (("computer", computers), ("printer", 1)):
        body = {"device": device, "count": count, "provider": "酒泉路街道办事处"}
        await lanzhou.ok(f"/sites/{site}/equipment", body, **STREET_DESK)
    await lanzhou.ok(f"/sites/{site}/plaques", {"plaque": "社工站"}, **STREET_DESK)
    return site


async def conference(lanzhou: Lanzhou, seats: list[str]) -> str:
    body = {"street": STREET, "office": "酒泉路街道社会事务办"}
    await lanzhou.ok(f"/tenants/{DISTRICT}/conferences", body, **STREET_DESK)
    path = f"/tenants/{DISTRICT}/conferences/{STREET}"
    for seat in seats:
        await lanzhou.ok(f"{path}/seats", {"seat": seat, "body": f"演示{seat}"}, **STREET_DESK)
    await lanzhou.ok(f"{path}/liaisons", {"name": "演示联动员甲"}, **STREET_DESK)
    return path


async def an_open_site(lanzhou: Lanzhou) -> UUID:
    """The project's position with everything, its staff verified, open."""
    await lanzhou.ok("/linkage-standards", STANDARD)
    await lanzhou.approve()
    site = await furnish(lanzhou)
    await lanzhou.declare()
    await lanzhou.ok(f"/sites/{site}/open", {}, **DISTRICT_DESK, on=SIGNED)
    return site


async def everything(lanzhou: Lanzhou) -> None:
    """Something in nearly every list."""
    await an_open_site(lanzhou)
    await lanzhou.start()
    path = await conference(lanzhou, STANDARD["seats"])
    await lanzhou.ok(f"{path}/officers", {"unit": STREET, "name": "演示干部甲"}, **DISTRICT_DESK)
    await publish_scheme(lanzhou.service)
    people = {"basis": "registered", "year": 2021, "persons": 1000}
    await lanzhou.ok(f"/tenants/{CITY}/populations", people)
    document = await lanzhou.ok(
        "/documents", {"title": "演示方案", "issuer": "兰州市民政局", "published_at": "2022-05-31T22:28:30"}
    )
    await lanzhou.ok(f"/documents/{document}/targets", {"code": "a", "title": "演示目标", "year": 2025})
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist", {"reason": "impersonation"})
