"""What a district bureau may do to the city's organisations and workers: as registration authority, or not at all.

R-LZ-05 speaks of the registration authority (登记管理机关).  The credit code says which bureau that is (GB 32100, the
third to eighth character); what it cannot say is in docs/security.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.authority import OWN_PROJECT, OWN_UNIT, UPWARDS
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT, Running
from tests.registry.stage import SIGNED, STREET, Lanzhou, a_city, furnish, organisation, refused
from tests.service import Staged, Start

from contracts.normal import credit_check
from contracts.values import OrganisationId, Role, TenantId, WorkerId
from registry.app import REGISTRY

SCAN = {"issued_on": "2020-01-01", "evidence": "0" * 64}
FULL_TIME = {"employment": "full_time"}


def numbered(n: int, authority: TenantId, kind: str = "52") -> str:
    """The credit code of a made-up organisation, registered with that authority; 52 is civil affairs' 社会服务机构."""
    first = f"{kind}{authority}DEM{n:06}"
    return first + credit_check(first)


def bureau(tenant: TenantId) -> dict[str, Any]:
    return {"role": Role.CITY_BUREAU if tenant == CITY else Role.DISTRICT_BUREAU, "tenant": tenant}


@dataclass
class Registered:
    """An organisation that the first district registers, a second beside it there, and a worker of the first."""

    lanzhou: Lanzhou
    one: OrganisationId
    beside: OrganisationId
    worker: WorkerId

    async def site(self) -> UUID:
        centre = {"district": DISTRICT, "level": 3, "host": STREET, "name": "演示站"}
        return UUID(str(await self.lanzhou.ok("/sites", centre, **bureau(DISTRICT))))


async def a_registration(service: Running) -> Registered:
    lanzhou = await a_city(service)
    one = await organisation(lanzhou.service, "演示社工服务中心乙", numbered(11, DISTRICT))
    beside = await organisation(lanzhou.service, "演示社工服务中心丙", numbered(12, DISTRICT))
    hired = {"name": "演示社工乙01", "organisation_id": str(one)}
    return Registered(lanzhou, one, beside, WorkerId(UUID(str(await lanzhou.ok("/workers", hired)))))


@pytest.fixture
async def registered(staged: Staged[Running, Registered], start: Start[Running]) -> AsyncIterator[Registered]:
    async with staged(REGISTRY, start, a_registration) as one:
        yield one


async def attempt(about: Registered, action: str, tenant: TenantId) -> httpx.Response:
    """The action, by the bureau, on what the first district registers."""
    one, worker, post = about.one, about.worker, about.lanzhou.post
    attestation = {"condition": "own_bank_account", "attester": "演示区民政局", "evidence": "演示材料"}
    new = {"name": "演示社工服务中心丁", "authority": "演示区民政局", "civil_affairs": True}
    new |= {"registered_on": "2015-03-01", "number": numbered(13, DISTRICT)}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "register-organisation": ("/organisations", new),
        "attest-organisation-condition": (f"/organisations/{one}/attestations", {"attestation": attestation}),
        "record-organisation-penalty": (
            f"/organisations/{one}/penalties",
            {"authority": "x", "document": "演示文号01"},
        ),
        "record-annual-inspection": (f"/organisations/{one}/inspections", {"year": 2021, "result": "failed"}),
        "establish-party-organisation": (f"/organisations/{one}/party-organisation", {"name": "演示党支部"}),
        "register-worker": ("/workers", {"name": "演示社工乙02", "organisation_id": str(one)}),
        "record-employment": (f"/workers/{worker}/employment", {"organisation_id": str(about.beside), **FULL_TIME}),
        "end-employment": (f"/workers/{worker}/employment/end", {}),
        "record-qualification": (
            f"/workers/{worker}/qualifications",
            {"level": "junior", "licence": "DEMO-2020-88", **SCAN},
        ),
    }
    path, body = asked[action]
    return await post(path, body, **bureau(tenant))


ACTIONS = sorted(
    action
    for action, bounds in UPWARDS["registry"].items()
    if OWN_PROJECT not in bounds and action != "open-licence-finding"
)
"""An action of its own opens a finding, within the registration of a licence that was let through."""


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("tenant", [DISTRICT, CITY])
async def test_R_LZ_05_the_registration_authority_may_and_the_city(
    registered: Registered, action: str, tenant: TenantId
) -> None:
    answer = await attempt(registered, action, tenant)
    assert answer.status_code == 200, answer.text


async def test_R_LZ_05_a_district_that_does_not_register_it_may_not(registered: Registered) -> None:
    before = len(await registered.lanzhou.service.history())
    for action in ACTIONS:
        refused(await attempt(registered, action, OTHER_DISTRICT), 403, "registered-elsewhere", "R-LZ-05")
        assert len(await registered.lanzhou.service.history()) == before, action


async def test_R_LZ_05_what_the_city_registers_is_no_districts(lanzhou: Lanzhou) -> None:
    penalty = {"authority": "x", "document": "演示文号01"}
    for tenant in (DISTRICT, OTHER_DISTRICT):
        answer = await lanzhou.post(f"/organisations/{lanzhou.organisation}/penalties", penalty, **bureau(tenant))
        refused(answer, 403, "registered-elsewhere", "R-LZ-05")
        answer = await lanzhou.post(f"/workers/{lanzhou.team[0]}/employment/end", {}, **bureau(tenant))
        refused(answer, 403, "registered-elsewhere", "R-LZ-05")


async def test_R_LZ_05_whom_the_market_regulator_registers_is_no_civil_affairs_bureaus(lanzhou: Lanzhou) -> None:
    """The same division code after another kind of authority."""
    firm = await organisation(lanzhou.service, "演示有限公司", numbered(14, DISTRICT, kind="91"))
    path, penalty = f"/organisations/{firm}/penalties", {"authority": "x", "document": "演示文号01"}
    refused(await lanzhou.post(path, penalty, **bureau(DISTRICT)), 403, "registered-elsewhere", "R-LZ-05")
    await lanzhou.ok(path, penalty)


async def test_R_LZ_09_a_district_takes_on_nobody_for_anothers_organisation_and_none_of_its_workers(
    registered: Registered,
) -> None:
    lanzhou, path = registered.lanzhou, f"/workers/{registered.worker}/employment"
    away = {"organisation_id": str(lanzhou.organisation), **FULL_TIME}
    refused(await lanzhou.post(path, away, **bureau(DISTRICT)), 403, "registered-elsewhere", "R-LZ-05")
    here = {"organisation_id": str(registered.one), **FULL_TIME}
    taken = await lanzhou.post(f"/workers/{lanzhou.team[0]}/employment", here, **bureau(DISTRICT))
    refused(taken, 403, "registered-elsewhere", "R-LZ-05")
    await lanzhou.ok(path, away)


async def test_R_LZ_09_a_worker_with_no_employer_is_taken_on_and_until_then_the_citys(registered: Registered) -> None:
    lanzhou = registered.lanzhou
    free = await lanzhou.ok("/workers", {"name": "演示社工乙03"}, **bureau(DISTRICT))
    licence = {"level": "junior", "licence": "DEMO-2020-89", **SCAN}
    path = f"/workers/{free}"
    refused(
        await lanzhou.post(f"{path}/qualifications", licence, **bureau(DISTRICT)),
        403,
        "registered-elsewhere",
        "R-LZ-05",
    )
    await lanzhou.ok(f"{path}/employment", {"organisation_id": str(registered.one), **FULL_TIME}, **bureau(DISTRICT))
    await lanzhou.ok(f"{path}/qualifications", licence, **bureau(DISTRICT))


async def test_R_KL_01_a_district_sends_to_its_site_whose_authority_it_is(registered: Registered) -> None:
    lanzhou, to = registered.lanzhou, {"site_id": str(await registered.site())}
    theirs = await lanzhou.post(f"/workers/{lanzhou.team[0]}/place", to, **bureau(DISTRICT))
    refused(theirs, 403, "registered-elsewhere", "R-LZ-05")
    await lanzhou.ok(f"/workers/{registered.worker}/place", to, **bureau(DISTRICT))
    await lanzhou.ok(f"/workers/{lanzhou.team[0]}/place", to)


async def test_R_KL_01_a_district_sends_the_staff_of_its_own_project(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    to = {"site_id": str(await furnish(lanzhou))}
    await lanzhou.declare()
    await lanzhou.ok(f"/workers/{lanzhou.team[0]}/place", to, **bureau(DISTRICT), on=SIGNED)


async def test_R_LZ_12_a_district_removes_from_its_own_project_and_no_other(lanzhou: Lanzhou) -> None:
    await lanzhou.approve()
    await lanzhou.declare()
    path = f"/workers/{lanzhou.team[0]}/remove"
    leave = {"project_id": str(lanzhou.project), "departure": "fact", "reason": "resigned"}
    refused(await lanzhou.post(path, leave, **bureau(OTHER_DISTRICT), on=SIGNED), 404, "not-found")
    await lanzhou.ok(path, leave, **bureau(DISTRICT), on=SIGNED)


def test_every_action_on_organisations_and_their_workers_is_tried_here() -> None:
    tried = {*ACTIONS, "open-licence-finding", "place-worker", "remove-worker"}
    assert tried == UPWARDS["registry"].keys()
    assert all(bounds != (OWN_UNIT,) for bounds in UPWARDS["registry"].values())
