"""Lanzhou's lists and one running pilot, brought about the way they come about: a declaration, and three messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.casework.domain.histories import CATEGORIES, CORE, DOMAINS, EXTRA
from tests.service import CITY, DAY, DISTRICT, Running

from contracts.messages.funding import ImplementationStartedV1
from contracts.messages.registry import AgencyRegisteredV1, WorkerPlacedV1
from contracts.values import AgencyId, PilotId, Role, UnitCode, WorkerId

COMMUNITY = UnitCode("620102001001")
LISTS = {
    "title": "演示服务目录",
    "domains": [vars(d) for d in DOMAINS],
    "categories": [vars(c) for c in CATEGORIES],
    "core_policies": CORE,
    "extra_policies": EXTRA,
}


@dataclass(frozen=True)
class Pilot:
    """One pilot, its agency, and a worker placed there who speaks to the service."""

    service: Running
    pilot: PilotId
    agency: AgencyId
    worker: WorkerId
    catalogue: UUID

    async def post(self, path: str, body: dict[str, Any], **how: Any) -> httpx.Response:
        how = {"unit": str(self.agency), **how}
        return await self.service.post(path, {"worker_id": str(self.worker), **body}, Role.SOCIAL_WORKER, **how)

    async def made(self, path: str, body: dict[str, Any], **how: Any) -> UUID:
        answer = await self.post(path, body, **how)
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["stream"].partition("/")[2])

    async def enrol(self, name: str = "演示对象甲01", on: date = DAY, **more: Any) -> UUID:
        here = {"place_id": str(self.pilot), "catalogue_id": str(self.catalogue)}
        return await self.made("/v1/entries", {**here, "categories": ["disabled"], "name": name, **more}, on=on)

    async def visit(self, entry: UUID, on: date = DAY) -> None:
        body = {"place_id": str(self.pilot), "findings": "走访记录正文"}
        await self.made(f"/v1/entries/{entry}/visits", body, on=on)

    async def open(self, entry: UUID, **how: Any) -> httpx.Response:
        here = {"place_id": str(self.pilot), "catalogue_id": str(self.catalogue)}
        body = {**here, "entry_id": str(entry), "domain": "elderly_care", "problem": "个案记录正文"}
        return await self.post("/v1/cases", body, **how)

    async def taken_over(self) -> AgencyId:
        """Another agency carries the pilot out from now on, with a worker of its own."""
        agency, worker = AgencyId(uuid4()), WorkerId(uuid4())
        await self.service.hear(start_of(self.pilot, agency, worker))
        await self.service.hear(placement_at(self.pilot, agency, worker), tenant=CITY)
        return agency

    async def publish(self, on: date = DAY) -> httpx.Response:
        return await self.service.post(f"/v1/pilots/{self.pilot}/counts", {}, Role.DISTRICT_BUREAU, on=on)


async def register(service: Running, agency: AgencyId) -> None:
    await service.hear(
        AgencyRegisteredV1(
            agency_id=agency,
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


async def a_running_pilot(service: Running) -> Pilot:
    agency, pilot, worker = AgencyId(uuid4()), PilotId(uuid4()), WorkerId(uuid4())
    catalogue = await service.made("/v1/catalogues", LISTS, Role.CITY_BUREAU, tenant=CITY)
    await register(service, agency)
    await service.hear(start_of(pilot, agency, worker), tenant=DISTRICT, on=date(2022, 9, 27))
    await service.hear(placement_at(pilot, agency, worker), tenant=CITY, on=date(2022, 9, 27))
    return Pilot(service, pilot, agency, worker, catalogue)


def start_of(pilot: PilotId, agency: AgencyId, worker: WorkerId) -> ImplementationStartedV1:
    return ImplementationStartedV1(
        pilot_id=pilot,
        agency_id=agency,
        community=COMMUNITY,
        impl_from=date(2022, 9, 27),
        impl_to=date(2023, 9, 27),
        worker_ids=(worker,),
    )


def placement_at(pilot: PilotId, agency: AgencyId, worker: WorkerId) -> WorkerPlacedV1:
    return WorkerPlacedV1(worker_id=worker, agency_id=agency, site_id=None, pilot_id=pilot, community=COMMUNITY)
