"""Every flag of every list, on every day on which it changes: what Python says of the rows that are shown."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.lists import Row, Says, around, flags_say_what_is_so
from tests.registry.service import CITY, DISTRICT, OTHER_DISTRICT, PROVINCE
from tests.registry.stage import (
    DISTRICT_DESK,
    FROM,
    SIGNED,
    SPRING,
    STREET,
    STREET_DESK,
    TO,
    Lanzhou,
    organisation,
    worker,
)
from tests.registry.test_lists import LATER, LISTS, NEIGHBOURS_DESK, NEXT_YEAR, OTHER_STREET, a_year, reader
from tests.registry.test_standing import JINCHANG, heard
from tests.synthetic import credit_code

from contracts.messages.registry import OrganisationBlacklistedV1, OrganisationRegisteredV1
from contracts.values import Role

SHUT = date(2023, 10, 20)
DAYS = around(SPRING, LATER, SIGNED, FROM, NEXT_YEAR, TO, SHUT)


async def a_year_and_more(lanzhou: Lanzhou) -> None:
    """Of everything that a flag says of somebody there is somebody of whom it is so, and somebody of whom it is not."""
    await a_year(lanzhou)
    failed, refused = [await organisation(lanzhou.service, f"演示社工服务中心{n}", credit_code(n)) for n in (40, 41)]
    for one, result in ((failed, "failed"), (refused, "refused")):
        await lanzhou.ok(f"/organisations/{one}/inspections", {"year": 2021, "result": result}, on=LATER)
    await lanzhou.ok(f"/organisations/{failed}/penalties", {"authority": "演示局", "document": "演示文号02"}, on=LATER)
    await lanzhou.ok(f"/organisations/{failed}/party-organisation", {"name": "演示党支部二"}, on=LATER)
    await lanzhou.ok(f"/organisations/{failed}/blacklist", {"reason": "impersonation"}, on=LATER)
    await warned_of(lanzhou, 40)
    idle = await worker(lanzhou.service, failed, "演示社工丁01", None, False)
    await lanzhou.ok(f"/workers/{idle}/employment/end", {}, on=LATER)
    unit = {"unit": "620103001009", "kind": "village", "name": "演示社区九", "parent": OTHER_STREET}
    await lanzhou.ok(f"/tenants/{OTHER_DISTRICT}/units", {"units": [unit]}, **NEIGHBOURS_DESK)
    room = {"district": OTHER_DISTRICT, "level": 4, "host": unit["unit"], "name": "演示室九"}
    await lanzhou.ok("/sites", room, **NEIGHBOURS_DESK)
    abolished = {"document": str(uuid4()), "reason": "整村搬迁"}
    path = f"/tenants/{OTHER_DISTRICT}/units/{unit['unit']}/abolition"
    await lanzhou.ok(path, abolished, **{**NEIGHBOURS_DESK, "on": NEXT_YEAR})
    path = f"/tenants/{DISTRICT}/conferences/{STREET}"
    await lanzhou.ok(f"{path}/meetings", {"agenda": "演示议题"}, **{**STREET_DESK, "on": NEXT_YEAR})
    assert (await lanzhou.removal(lanzhou.team[2], "fact", NEXT_YEAR)).status_code == 200
    await lanzhou.close()
    await lanzhou.ok(f"{path}/officers/relieve", {"unit": STREET}, **{**DISTRICT_DESK, "on": SHUT})
    for site in (await reader(lanzhou, "SITES").page(limit=200))["items"]:
        desk = NEIGHBOURS_DESK if site["tenant_id"] == OTHER_DISTRICT else DISTRICT_DESK
        await lanzhou.ok(f"/sites/{site['site_id']}/close", {"reason": "moved"}, **{**desk, "on": SHUT})


async def warned_of(lanzhou: Lanzhou, n: int) -> None:
    """The organisation of that number is on the blacklist of another city."""
    city = {"tenant_id": JINCHANG, "name": "金昌市", "level": "city", "parent": PROVINCE, "region": "gansu"}
    await lanzhou.ok("/tenants", city, Role.PROVINCE_IT, tenant=PROVINCE)
    there: dict[str, Any] = {"tenant": JINCHANG, "role": Role.CITY_BUREAU}
    body = {
        "name": f"演示社工服务中心{n}",
        "authority": "金昌市民政局",
        "civil_affairs": True,
        "number": credit_code(n),
    }
    other = UUID(str(await lanzhou.ok("/organisations", {**body, "registered_on": "2015-03-01"}, **there)))
    here = (await reader(lanzhou, "ORGANISATIONS").all(number=credit_code(n)))[0]["organisation_id"]
    await heard(lanzhou, OrganisationRegisteredV1, CITY, organisation_id=UUID(here))
    await heard(lanzhou, OrganisationRegisteredV1, JINCHANG, organisation_id=other)
    await lanzhou.ok(f"/organisations/{other}/blacklist", {"reason": "impersonation"}, **there)
    await heard(lanzhou, OrganisationBlacklistedV1, JINCHANG)


async def says(lanzhou: Lanzhou, name: str, on: str) -> Says:
    """What the flags of that list say, by the rows of the others."""

    async def rows(other: str) -> list[Row]:
        found: list[Row] = (await reader(lanzhou, other).page(limit=200, as_of=on))["items"]
        return found

    def opened(row: Row) -> bool:
        return bool(row["status"] != "closed")

    if name == "UNITS":
        covered = {(one["tenant_id"], one["host"]) for one in await rows("SITES") if one["status"] == "open"}
        return {
            "uncovered": lambda row: row["counted"] and (row["tenant_id"], row["unit"]) not in covered,
            "ended": lambda row: row["until"] is not None,
        }
    if name == "WORKERS":
        return {
            "unemployed": lambda row: row["organisation_id"] is None,
            "unposted": lambda row: row["project_id"] is None,
            "overdue": lambda row: row["to_day"] is not None and row["to_day"] < on,
        }
    if name == "QUALIFICATIONS":
        return {"valid": lambda row: row["rejected"] is None}
    if name == "STAFFING":
        return {
            "verified": lambda row: row["verified_on"] is not None,
            "locked": lambda row: (
                row["ended_on"] is None and row["from_day"] is not None and row["from_day"] <= on <= row["to_day"]
            ),
            "short": lambda row: (
                row["ended_on"] is None and row["headcount"] is not None and len(row["present"]) < row["headcount"]
            ),
            "breached": lambda row: row["breaches"] > 0,
            "ended": lambda row: row["ended_on"] is not None,
        }
    if name == "SITES":
        gone = {(one["tenant_id"], one["unit"]) for one in await rows("UNITS") if one["until"] is not None}
        return {
            "unit_ended": lambda row: opened(row) and (row["tenant_id"], row["host"]) in gone,
            "without_premises": lambda row: opened(row) and row["square_metres"] is None,
            "without_equipment": lambda row: opened(row) and not row["equipment"],
            "without_plaque": lambda row: opened(row) and not row["plaques"],
            "without_operator": lambda row: opened(row) and row["operator"] is None,
            "without_staff": lambda row: opened(row) and row["staff"] == 0,
        }
    if name == "CONFERENCES":
        duties = {(one["tenant_id"], one["street"], one["duty"]) for one in await rows("PEOPLE")}
        return {
            "open": lambda row: row["opened_on"] is not None,
            "without_liaison": lambda row: (row["tenant_id"], row["street"], "liaison") not in duties,
            "without_officer": lambda row: (row["tenant_id"], row["street"], "officer") not in duties,
            "without_meeting": lambda row: row["meetings"] == 0,
        }
    of_organisation: Says = {
        "penalised": lambda row: row["penalties"] > 0,
        "inspection_missed": lambda row: row["failed_inspections"] > 0 or row["refused_inspections"] > 0,
        "warned": lambda row: bool(row["listed_elsewhere"]),
        "without_party": lambda row: row["party_organisation"] is None,
    }
    return (
        of_organisation
        if name == "BLACKLIST"
        else {**of_organisation, "blacklisted": lambda row: row["listed_by"] is not None}
    )


async def test_flags_say_what_a_row_says_on_every_day(lanzhou: Lanzhou) -> None:
    await a_year_and_more(lanzhou)
    for name, listing in LISTS.items():
        if listing.flags:

            async def on_day(on: str, name: str = name) -> Says:
                return await says(lanzhou, name, on)

            await flags_say_what_is_so(reader(lanzhou, name), DAYS, on_day)
