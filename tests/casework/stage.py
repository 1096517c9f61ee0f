"""Lanzhou's lists and one running project, brought about the way they come about: a declaration, and three messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.casework.domain.histories import CATEGORIES, CORE, DOMAINS, EXTRA
from tests.service import CITY, DAY, DISTRICT, Running

from contracts.messages.funding import ImplementationStartedV1
from contracts.messages.registry import OrganisationRegisteredV1, WorkerPlacedV1
from contracts.values import OrganisationId, ProjectId, Role, UnitCode, WorkerId

COMMUNITY = UnitCode("620102001001")
LISTS = {
    "title": "演示服务目录",
    "domains": [vars(d) for d in DOMAINS],
    "categories": [vars(c) for c in CATEGORIES],
    "core_policies": CORE,
    "extra_policies": EXTRA,
}


@dataclass(frozen=True)
class Project:
    """One project, its organisation, and a worker placed there who speaks to the service."""

    service: Running
    project: ProjectId
    organisation: OrganisationId
    worker: WorkerId
    catalogue: UUID

    async def post(self, path: str, body: dict[str, Any], **how: Any) -> httpx.Response:
        how = {"unit": str(self.organisation), **how}
        return await self.service.post(path, {"worker_id": str(self.worker), **body}, Role.SOCIAL_WORKER, **how)

    async def made(self, path: str, body: dict[str, Any], **how: Any) -> UUID:
        answer = await self.post(path, body, **how)
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["stream"].partition("/")[2])

    async def enrol(self, name: str = "演示对象甲01", on: date = DAY, **more: Any) -> UUID:
        here = {"place_id": str(self.project), "catalogue_id": str(self.catalogue)}
        return await self.made("/v1/entries", {**here, "categories": ["disabled"], "name": name, **more}, on=on)

    async def visit(self, entry: UUID, on: date = DAY) -> None:
        body = {"place_id": str(self.project), "findings": "走访记录正文"}
        await self.made(f"/v1/entries/{entry}/visits", body, on=on)

    async def open(self, entry: UUID, **how: Any) -> httpx.Response:
        here = {"place_id": str(self.project), "catalogue_id": str(self.catalogue)}
        body = {**here, "entry_id": str(entry), "domain": "elderly_care", "problem": "个案记录正文"}
        return await self.post("/v1/cases", body, **how)

    async def leave(self, entry: UUID, reason: str = "died", **how: Any) -> httpx.Response:
        return await self.post(f"/v1/entries/{entry}/end", {"place_id": str(self.project), "reason": reason}, **how)

    async def move(self, entry: UUID, to: UUID, **how: Any) -> httpx.Response:
        here = {"place_id": str(self.project), "to_place_id": str(to)}
        return await self.post(f"/v1/entries/{entry}/move", here, **how)

    async def taken_over(self) -> OrganisationId:
        """Another organisation carries the project out from now on, with a worker of its own."""
        organisation, worker = OrganisationId(uuid4()), WorkerId(uuid4())
        await self.service.hear(start_of(self.project, organisation, worker))
        await self.service.hear(placement_at(self.project, organisation, worker), tenant=CITY)
        return organisation

    async def publish(self, on: date = DAY) -> httpx.Response:
        return await self.service.post(f"/v1/projects/{self.project}/counts", {}, Role.DISTRICT_BUREAU, on=on)


async def register(service: Running, organisation: OrganisationId) -> None:
    await service.hear(
        OrganisationRegisteredV1(
            organisation_id=organisation,
            name="演示机构甲",
            registered_with_civil_affairs=True,
            penalised=False,
            failed_inspection=False,
            refused_inspection=False,
            sound_governance=True,
            own_bank_account=True,
            professional_team=True,
        ),
        tenant=CITY,
    )


async def a_running_project(service: Running) -> Project:
    organisation, project, worker = OrganisationId(uuid4()), ProjectId(uuid4()), WorkerId(uuid4())
    catalogue = await service.made("/v1/catalogues", LISTS, Role.CITY_BUREAU, tenant=CITY)
    await register(service, organisation)
    await service.hear(start_of(project, organisation, worker), tenant=DISTRICT, on=date(2022, 9, 27))
    await service.hear(placement_at(project, organisation, worker), tenant=CITY, on=date(2022, 9, 27))
    return Project(service, project, organisation, worker, catalogue)


def start_of(project: ProjectId, organisation: OrganisationId, worker: WorkerId) -> ImplementationStartedV1:
    return ImplementationStartedV1(
        project_id=project,
        organisation_id=organisation,
        community=COMMUNITY,
        impl_from=date(2022, 9, 27),
        impl_to=date(2023, 9, 27),
        worker_ids=(worker,),
    )


def placement_at(project: ProjectId, organisation: OrganisationId, worker: WorkerId) -> WorkerPlacedV1:
    return WorkerPlacedV1(
        worker_id=worker, organisation_id=organisation, site_id=None, project_id=project, community=COMMUNITY
    )
