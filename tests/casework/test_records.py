"""What workers read back of what they recorded, and who else does not."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from tests.casework.stage import COMMUNITY, Project
from tests.casework.test_service import closed_case, refused
from tests.service import DISTRICT, OTHER_DISTRICT, headers

from contracts.messages.funding import ImplementationStartedV1
from contracts.values import OrganisationId, Role, WorkerId


async def read(
    project: Project, path: str, role: Role = Role.SOCIAL_WORKER, unit: str | None = None, tenant: str = DISTRICT
) -> httpx.Response:
    sent = headers(role, tenant, unit or str(project.organisation), None)
    return await project.service.http.get(path, headers=sent)


async def test_a_worker_reads_back_the_entry_and_its_visits(project: Project) -> None:
    entry = await project.enrol("演示对象甲01", address="演示路1号")
    await project.visit(entry)
    answer = await read(project, f"/v1/entries/{entry}")
    shown = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert (shown["name"], shown["id_number"], shown["address"]) == ("演示对象甲01", None, "演示路1号")
    assert (shown["entry_id"], shown["community"], shown["erased"]) == (str(entry), COMMUNITY, False)
    (visit,) = shown["visits"]
    assert (visit["findings"], visit["worker_id"]) == ("走访记录正文", str(project.worker))
    assert visit["recorder"] == f"social_worker-{DISTRICT}"


async def test_a_worker_reads_back_every_stage_of_a_case(project: Project) -> None:
    case = await closed_case(project, await project.enrol())
    shown = (await read(project, f"/v1/cases/{case}")).json()
    stages = ["intake", "pre_assessment", "planning", "intervention", "intervention", "evaluation", "closure"]
    assert [note["stage"] for note in shown["notes"]] == stages
    assert {note["text"] for note in shown["notes"]} == {"个案记录正文"}
    assert (shown["stage"], shown["closed_on"], shown["erased"]) == ("closure", shown["opened_on"], False)
    supervised = (await read(project, f"/v1/cases/{case}", Role.SUPERVISOR)).json()
    assert supervised | {"actions": shown["actions"]} == shown


async def test_nobody_else_reads_what_is_sealed(project: Project) -> None:
    entry = await project.enrol()
    case = UUID((await project.open(entry)).json()["stream"].partition("/")[2])
    for path in (f"/v1/entries/{entry}", f"/v1/cases/{case}"):
        for role in set(Role) - {Role.SOCIAL_WORKER, Role.SUPERVISOR, Role.SYSTEM}:
            refused(await read(project, path, role), 403, "forbidden")
        refused(await read(project, path, unit=str(uuid4())), 404, "not-found")
        refused(await read(project, path, tenant=OTHER_DISTRICT), 404, "not-found")
    refused(await read(project, f"/v1/entries/{case}"), 404, "not-found")
    facts: dict[str, Any] = {"project_id": project.project, "community": COMMUNITY, "worker_ids": (WorkerId(uuid4()),)}
    days: dict[str, Any] = {"impl_from": date(2022, 9, 27), "impl_to": date(2023, 9, 27)}
    await project.service.hear(ImplementationStartedV1(organisation_id=OrganisationId(uuid4()), **facts, **days))
    refused(await read(project, f"/v1/entries/{entry}"), 404, "not-found")


async def test_what_was_erased_is_null_and_said_to_be(project: Project) -> None:
    kept, entry = await project.enrol("演示对象甲01"), await project.enrol("演示对象甲02")
    await project.visit(entry)
    case = UUID((await project.open(entry)).json()["stream"].partition("/")[2])
    told = [orjson.loads(raw)["data"] for raw in await project.service.history("raw")]
    (name,) = [data["name"] for data in told if data.get("entry_id") == str(entry) and "name" in data]
    assert await project.service.held.vault.destroy(DISTRICT, UUID(name["$sealed"]["person"])) == 1
    shown = (await read(project, f"/v1/entries/{entry}")).json()
    assert (shown["name"], shown["erased"], shown["visits"][0]["findings"]) == (None, True, None)
    shown = (await read(project, f"/v1/cases/{case}")).json()
    assert (shown["erased"], [note["text"] for note in shown["notes"]]) == (True, [None])
    shown = (await read(project, f"/v1/entries/{kept}")).json()
    assert (shown["name"], shown["erased"]) == ("演示对象甲01", False)
