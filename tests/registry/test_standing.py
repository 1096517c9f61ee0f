"""Blacklists across cities, licences that two bring, and whose worker somebody is, over HTTP on real engines."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from tests.registry.service import CITY, DISTRICT, PROVINCE
from tests.registry.stage import CONDITIONS, SPRING, Lanzhou, organisation, refused, told, worker
from tests.synthetic import credit_code

from contracts.messages.registry import (
    BlacklistLiftedV1,
    OrganisationBlacklistedV1,
    OrganisationConditionAttestedV1,
    OrganisationListedElsewhereV1,
    OrganisationRegisteredV1,
    WorkerEmploymentEndedV1,
    WorkerEmploymentRecordedV1,
    WorkerPlacementEndedV1,
)
from contracts.values import OrganisationId, Role, TenantId, WorkerId

JINCHANG = TenantId("620300")
"""Another city of the province."""
NUMBER, SECOND = credit_code(1), credit_code(2)
SCAN = {"issued_on": "2020-01-01", "evidence": "0" * 64}
ELSEWHERE: dict[str, Any] = {"role": Role.CITY_BUREAU, "tenant": JINCHANG}


async def heard(lanzhou: Lanzhou, kind: type[Any], tenant: TenantId, **facts: Any) -> None:
    """The registry hears the last of its own messages of a kind, as the bus brings it."""
    messages = [m for m in await told(lanzhou.service, kind) if all(getattr(m, k) == v for k, v in facts.items())]
    await lanzhou.service.hear(messages[-1], on=SPRING, tenant=tenant)


async def a_second_city(lanzhou: Lanzhou, *, told_of: bool = True) -> OrganisationId:
    """Where the same body is registered, as an organisation of that city's own; the province knows it if told of."""
    city = {"tenant_id": JINCHANG, "name": "金昌市", "level": "city", "parent": PROVINCE, "region": "gansu"}
    await lanzhou.ok("/tenants", city, Role.PROVINCE_IT, tenant=PROVINCE)
    body = {"name": "演示社工服务中心甲", "authority": "金昌市民政局", "civil_affairs": True}
    body |= {"registered_on": "2015-03-01", "number": NUMBER}
    other = OrganisationId(UUID(str(await lanzhou.ok("/organisations", body, **ELSEWHERE))))
    if told_of:
        await heard(lanzhou, OrganisationRegisteredV1, CITY, organisation_id=lanzhou.organisation)
        await heard(lanzhou, OrganisationRegisteredV1, JINCHANG, organisation_id=other)
    return other


async def elsewhere(lanzhou: Lanzhou, organisation_id: OrganisationId, tenant: TenantId) -> list[str]:
    shown = await lanzhou.service.get(f"/v1/organisations/{organisation_id}", Role.CITY_BUREAU, tenant)
    found: list[str] = shown["listed_elsewhere"]
    return found


async def test_R_LZ_08_a_listing_warns_in_every_other_city_of_the_province_until_it_is_lifted(lanzhou: Lanzhou) -> None:
    other = await a_second_city(lanzhou)
    assert await told(lanzhou.service, OrganisationListedElsewhereV1) == []
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist", {"reason": "impersonation"})
    await heard(lanzhou, OrganisationBlacklistedV1, CITY)
    assert (await elsewhere(lanzhou, other, JINCHANG), await elsewhere(lanzhou, lanzhou.organisation, CITY)) == (
        [CITY],
        [],
    )
    (warned,) = await told(lanzhou.service, OrganisationListedElsewhereV1)
    assert (warned.organisation_id, warned.listed_by, warned.listed) == (other, CITY, True)
    (row,) = [r for r in await lanzhou.service.history() if r["type"] == "registry.organisation-listed-elsewhere"]
    assert row["tenant_id"] == JINCHANG
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist/lift", {"document": "演示文号01"})
    await heard(lanzhou, BlacklistLiftedV1, CITY)
    assert await elsewhere(lanzhou, other, JINCHANG) == []
    assert [m.listed for m in await told(lanzhou.service, OrganisationListedElsewhereV1)] == [True, False]


async def test_R_LZ_08_who_registers_later_in_another_city_is_warned_from_the_first_day_on(lanzhou: Lanzhou) -> None:
    await heard(lanzhou, OrganisationRegisteredV1, CITY)
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist", {"reason": "impersonation"})
    await heard(lanzhou, OrganisationBlacklistedV1, CITY)
    other = await a_second_city(lanzhou)
    assert await elsewhere(lanzhou, other, JINCHANG) == [CITY]
    own = await lanzhou.service.get("/v1/blacklist", Role.CITY_BUREAU, JINCHANG)
    assert own["items"] == []


async def test_R_LZ_08_who_registers_while_another_city_lists_is_warned_all_the_same(lanzhou: Lanzhou) -> None:
    """The organisation is named by its code: whichever is noted first, the other finds it."""
    await heard(lanzhou, OrganisationRegisteredV1, CITY)
    await lanzhou.ok(f"/organisations/{lanzhou.organisation}/blacklist", {"reason": "impersonation"})
    other = await a_second_city(lanzhou, told_of=False)
    await asyncio.gather(
        heard(lanzhou, OrganisationBlacklistedV1, CITY),
        heard(lanzhou, OrganisationRegisteredV1, JINCHANG, organisation_id=other),
    )
    assert await elsewhere(lanzhou, other, JINCHANG) == [CITY]
    assert len(await told(lanzhou.service, OrganisationListedElsewhereV1)) == 1


async def test_R_LZ_08_a_number_that_is_anothers_opens_a_finding_about_both(lanzhou: Lanzhou) -> None:
    other = await organisation(lanzhou.service, "演示社工服务中心乙", SECOND)
    holder = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲04", "junior", False, "DEMO-2020-77")
    claimant = await worker(lanzhou.service, other, "演示社工乙01", None, False)
    manager: dict[str, Any] = {"role": Role.ORGANISATION_MANAGER, "unit": str(other)}
    path, findings = f"/workers/{claimant}/qualifications", []
    body = {"level": "junior", "licence": "DEMO-2020-77", **SCAN}
    tried = await lanzhou.post(f"{path}?dry_run=true", body, **manager)
    refused(tried, 409, "licence-belongs-to-another", "R-LZ-08")
    assert "核查事项" not in tried.json()["detail"]
    assert (await lanzhou.service.get("/v1/findings", Role.CITY_BUREAU, CITY))["items"] == []
    for written in ("DEMO-2020-77", "DEMO202077", "ｄｅｍｏ-2020- 77", "demo202077"):
        answer = await lanzhou.post(path, {"level": "junior", "licence": written, **SCAN}, **manager)
        refused(answer, 409, "licence-belongs-to-another", "R-LZ-08")
        shown = await lanzhou.service.get("/v1/findings", Role.CITY_BUREAU, CITY)
        findings = shown["items"]
        assert findings[0]["finding_id"] in answer.json()["detail"]
    (one,) = findings
    assert (one["holder"], one["claimant"]) == (str(holder), str(claimant))
    assert (one["holder_organisation"], one["claimant_organisation"]) == (str(lanzhou.organisation), str(other))
    assert (one["reported_role"], one["reported_unit"], one["state"]) == ("organisation_manager", str(other), "open")
    for role, unit in ((Role.ORGANISATION_MANAGER, str(other)), (Role.STREET_OFFICER, "620102001")):
        answer = await lanzhou.service.http.get("/v1/findings", headers=lanzhou.service.bearing(role, DISTRICT, unit))
        assert answer.status_code == 403
    settled = {"outcome": "claimant_right", "document": "演示核查文书01"}
    refused(await lanzhou.post(f"/findings/{one['finding_id']}/settle", settled, **manager), 403, "forbidden")
    await lanzhou.ok(f"/findings/{one['finding_id']}/settle", settled)
    shown = await lanzhou.service.get("/v1/findings", Role.CITY_BUREAU, CITY, state="settled")
    assert [(f["outcome"], f["document"]) for f in shown["items"]] == [("claimant_right", "演示核查文书01")]


async def test_R_LZ_08_a_number_is_free_again_once_its_record_is_rejected(lanzhou: Lanzhou) -> None:
    impostor = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲04", "junior", False, "DEMO-2020-77")
    true = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲05", None, False)
    paper = {"level": "junior", "licence": "DEMO-2020-77", **SCAN}
    refused(await lanzhou.post(f"/workers/{true}/qualifications", paper), 409, "licence-belongs-to-another", "R-LZ-08")
    (row,) = [
        r for r in await lanzhou.service.rebuild.fetch("select * from qualification") if r["worker_id"] == impostor
    ]
    rejected = f"/workers/{impostor}/qualifications/{row['qualification_id']}/reject"
    await lanzhou.ok(rejected, {"reason": "lent"})
    await lanzhou.ok(f"/workers/{true}/qualifications", paper)
    await lanzhou.ok(rejected, {"reason": "lent"})
    answer = await lanzhou.post(f"/workers/{impostor}/qualifications", paper)
    refused(answer, 409, "licence-belongs-to-another", "R-LZ-08")


async def test_R_LZ_08_a_finding_tells_of_whoever_has_the_number_now(lanzhou: Lanzhou) -> None:
    """And two numbers of one holder that are brought for one claimant are two findings."""
    number, paper = "DEMO-2020-77", {"level": "junior", **SCAN}
    first = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲04", "junior", False, number)
    claimant = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲05", None, False)
    path = f"/workers/{claimant}/qualifications"
    refused(await lanzhou.post(path, {**paper, "licence": number}), 409, "licence-belongs-to-another", "R-LZ-08")
    row = await lanzhou.service.rebuild.fetchrow("select * from qualification where worker_id = $1", first)
    assert row is not None
    await lanzhou.ok(f"/workers/{first}/qualifications/{row['qualification_id']}/reject", {"reason": "lent"})
    second = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲06", "junior", False, number)
    other = await lanzhou.post(f"/workers/{second}/qualifications", {**paper, "licence": "DEMO-2020-78"})
    assert other.status_code == 200, other.text
    for licence in (number, "DEMO-2020-78"):
        refused(await lanzhou.post(path, {**paper, "licence": licence}), 409, "licence-belongs-to-another", "R-LZ-08")
    shown = await lanzhou.service.get("/v1/findings", Role.CITY_BUREAU, CITY)
    assert [(f["holder"], f["claimant"]) for f in shown["items"]] == [(str(second), str(claimant))] * 2


async def test_R_LZ_08_one_person_brings_a_number_once(lanzhou: Lanzhou) -> None:
    """Or rejecting one record would free the number while another of the same person still rests on it."""
    one = await worker(lanzhou.service, lanzhou.organisation, "演示社工甲04", "junior", False, "DEMO-2020-77")
    again = await lanzhou.post(f"/workers/{one}/qualifications", {"level": "senior", "licence": "DEMO202077", **SCAN})
    refused(again, 409, "licence-recorded-already")


async def test_an_organisation_takes_nobody_from_another(lanzhou: Lanzhou) -> None:
    other = await organisation(lanzhou.service, "演示社工服务中心乙", SECOND)
    rival: dict[str, Any] = {"role": Role.ORGANISATION_MANAGER, "unit": str(other)}
    own: dict[str, Any] = {"role": Role.ORGANISATION_MANAGER, "unit": str(lanzhou.organisation)}
    a, path = lanzhou.team[0], f"/workers/{lanzhou.team[0]}/employment"
    take = {"organisation_id": str(other), "employment": "full_time"}
    refused(await lanzhou.post(path, take, **rival), 403, "worker-employed-elsewhere")
    refused(await lanzhou.post(f"{path}/end", {}, **rival), 403, "worker-employed-elsewhere")
    forged = {"level": "senior", "licence": "DEMO-FORGED-1", **SCAN}
    refused(await lanzhou.post(f"/workers/{a}/qualifications", forged, **rival), 403, "not-your-unit")
    shown = await lanzhou.service.get(f"/v1/workers/{a}", Role.ORGANISATION_MANAGER, CITY, unit=str(other))
    assert (shown["name"], shown["organisation_id"]) == (None, str(lanzhou.organisation))
    await lanzhou.ok(f"{path}/end", {}, **own)
    await lanzhou.ok(path, take, **rival)
    shown = await lanzhou.service.get(f"/v1/workers/{a}", Role.ORGANISATION_MANAGER, CITY, unit=str(other))
    assert (shown["name"], shown["organisation_id"]) == ("演示社工甲01", str(other))
    (ended,) = await told(lanzhou.service, WorkerEmploymentEndedV1)
    taken = (await told(lanzhou.service, WorkerEmploymentRecordedV1))[-1]
    assert (ended.worker_id, taken.worker_id, taken.organisation_id) == (a, a, other)


async def test_the_city_decides_whose_worker_somebody_is(lanzhou: Lanzhou) -> None:
    other = await organisation(lanzhou.service, "演示社工服务中心乙", SECOND)
    path = f"/workers/{lanzhou.team[0]}/employment"
    await lanzhou.ok(path, {"organisation_id": str(other), "employment": "part_time"})
    shown = await lanzhou.service.get(f"/v1/workers/{lanzhou.team[0]}", Role.CITY_BUREAU, CITY)
    assert (shown["organisation_id"], shown["employment"]) == (str(other), "part_time")


async def test_what_an_employer_posted_to_a_site_ends_with_the_employment(lanzhou: Lanzhou) -> None:
    a = lanzhou.team[0]
    centre = {"district": DISTRICT, "level": 3, "host": "620102001", "name": "演示站"}
    site = await lanzhou.ok("/sites", centre, Role.DISTRICT_BUREAU, tenant=DISTRICT)
    await lanzhou.ok(f"/workers/{a}/place", {"site_id": str(site)})
    assert (await lanzhou.service.get(f"/v1/sites/{site}", Role.DISTRICT_BUREAU))["staff"] == 1
    await lanzhou.ok(f"/workers/{a}/employment/end", {})
    (ended,) = await told(lanzhou.service, WorkerPlacementEndedV1)
    assert (ended.worker_id, ended.site_id) == (a, site)
    await heard(lanzhou, WorkerPlacementEndedV1, CITY)
    await heard(lanzhou, WorkerPlacementEndedV1, CITY)
    assert (await lanzhou.service.get(f"/v1/sites/{site}", Role.DISTRICT_BUREAU))["staff"] == 0
    shown = await lanzhou.service.get(f"/v1/workers/{a}", Role.CITY_BUREAU, CITY)
    assert (shown["site_id"], shown["community"]) == (None, None)


async def test_conditions_attested_after_registration_are_told_as_they_stand(lanzhou: Lanzhou) -> None:
    body = {"name": "演示社工服务中心乙", "authority": "x", "civil_affairs": True, "registered_on": "2015-03-01"}
    bare = await lanzhou.ok("/organisations", {**body, "number": SECOND})
    for condition in CONDITIONS:
        attestation = {"condition": condition, "attester": "演示区民政局", "evidence": "演示材料"}
        await lanzhou.ok(f"/organisations/{bare}/attestations", {"attestation": attestation})
    said = [
        (m.sound_governance, m.own_bank_account, m.professional_team)
        for m in await told(lanzhou.service, OrganisationConditionAttestedV1)
    ]
    no, yes = False, True
    assert said == [(no, no, no), (no, no, no), (yes, no, no), (yes, yes, no), (yes, yes, yes)]


async def test_nobody_unknown_is_taken_on(lanzhou: Lanzhou) -> None:
    nobody = WorkerId(uuid4())
    take = {"organisation_id": str(lanzhou.organisation), "employment": "full_time"}
    refused(await lanzhou.post(f"/workers/{nobody}/employment", take), 404, "not-found")
