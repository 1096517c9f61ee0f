"""What workers read back of what they recorded, and who else does not."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from tests.casework.stage import COMMUNITY, Pilot
from tests.casework.test_service import closed_case, refused
from tests.service import DISTRICT, OTHER_DISTRICT, headers

from contracts.messages.funding import ImplementationStartedV1
from contracts.values import AgencyId, Role, WorkerId


async def read(
    pilot: Pilot, path: str, role: Role = Role.SOCIAL_WORKER, unit: str | None = None, tenant: str = DISTRICT
) -> httpx.Response:
    sent = headers(role, tenant, unit or str(pilot.agency), None)
    return await pilot.service.http.get(path, headers=sent)


async def test_a_worker_reads_back_the_entry_and_its_visits(pilot: Pilot) -> None:
    entry = await pilot.enrol("演示对象甲01", address="演示路1号")
    await pilot.visit(entry)
    answer = await read(pilot, f"/v1/entries/{entry}")
    shown = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert (shown["name"], shown["id_number"], shown["address"]) == ("演示对象甲01", None, "演示路1号")
    assert (shown["entry_id"], shown["community"], shown["erased"]) == (str(entry), COMMUNITY, False)
    (visit,) = shown["visits"]
    assert (visit["findings"], visit["worker_id"]) == ("走访记录正文", str(pilot.worker))
    assert visit["recorder"] == f"social_worker-{DISTRICT}"


async def test_a_worker_reads_back_every_stage_of_a_case(pilot: Pilot) -> None:
    case = await closed_case(pilot, await pilot.enrol())
    shown = (await read(pilot, f"/v1/cases/{case}")).json()
    stages = ["intake", "pre_assessment", "planning", "intervention", "intervention", "evaluation", "closure"]
    assert [note["stage"] for note in shown["notes"]] == stages
    assert {note["text"] for note in shown["notes"]} == {"个案记录正文"}
    assert (shown["stage"], shown["closed_on"], shown["erased"]) == ("closure", shown["opened_on"], False)
    assert (await read(pilot, f"/v1/cases/{case}", Role.SUPERVISOR)).json() == shown


async def test_nobody_else_reads_what_is_sealed(pilot: Pilot) -> None:
    entry = await pilot.enrol()
    case = UUID((await pilot.open(entry)).json()["stream"].partition("/")[2])
    for path in (f"/v1/entries/{entry}", f"/v1/cases/{case}"):
        for role in set(Role) - {Role.SOCIAL_WORKER, Role.SUPERVISOR, Role.SYSTEM}:
            refused(await read(pilot, path, role), 403, "forbidden")
        refused(await read(pilot, path, unit=str(uuid4())), 404, "not-found")
        refused(await read(pilot, path, tenant=OTHER_DISTRICT), 404, "not-found")
    refused(await read(pilot, f"/v1/entries/{case}"), 404, "not-found")
    facts: dict[str, Any] = {"pilot_id": pilot.pilot, "community": COMMUNITY, "worker_ids": (WorkerId(uuid4()),)}
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await pilot.service.hear(ImplementationStartedV1(agency_id=AgencyId(uuid4()), **facts, **days))
    refused(await read(pilot, f"/v1/entries/{entry}"), 404, "not-found")


async def test_what_was_erased_is_null_and_said_to_be(pilot: Pilot) -> None:
    kept, entry = await pilot.enrol("演示对象甲01"), await pilot.enrol("演示对象甲02")
    await pilot.visit(entry)
    case = UUID((await pilot.open(entry)).json()["stream"].partition("/")[2])
    told = [orjson.loads(raw)["data"] for raw in await pilot.service.history("raw")]
    (name,) = [data["name"] for data in told if data.get("entry_id") == str(entry) and "name" in data]
    assert await pilot.service.held.vault.destroy(DISTRICT, UUID(name["$sealed"]["person"])) == 1
    shown = (await read(pilot, f"/v1/entries/{entry}")).json()
    assert (shown["name"], shown["erased"], shown["visits"][0]["findings"]) == (None, True, None)
    shown = (await read(pilot, f"/v1/cases/{case}")).json()
    assert (shown["erased"], [note["text"] for note in shown["notes"]]) == (True, [None])
    shown = (await read(pilot, f"/v1/entries/{kept}")).json()
    assert (shown["name"], shown["erased"]) == ("演示对象甲01", False)
