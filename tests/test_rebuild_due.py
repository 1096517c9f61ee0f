"""Rows that are to be rebuilt answer nobody: an empty list would read as "never"."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.conftest import Installed
from tests.golden.files import SERVICES
from tests.service import CITY, DISTRICT, PROVINCE, Running, headers, running

from contracts.values import Role, TenantId
from kit.service import Definition
from kit.service.described import described
from kit.store import PEOPLE

EVENTS = {"/v1/history", "/v1/events/{event_id}", "/v1/parked", "/v1/parked/{parked_id}", "/v1/held"}
"""What bureaus and operators read straight from what was recorded."""
STANDING = {"/health/live", "/health/ready", "/v1/me", "/v1/words", "/v1/operations"}
WHO_NAMES = {
    "registry": Role.DISTRICT_BUREAU,
    "casework": Role.SOCIAL_WORKER,
    "volunteer": Role.COMMUNITY_COMMITTEE,
}
"""Somebody in whose name persons are looked for, and for whom something may wait."""
BY_WHO = {"/v1/search", "/v1/tasks"}
TENANTS = {Role.PROVINCE_BUREAU: PROVINCE, Role.PROVINCE_IT: PROVINCE, Role.CITY_BUREAU: CITY}


def asked(service: Running) -> Iterator[tuple[str, str, Role]]:
    """Every path that is read, as it is described and as it is asked, and a role that may."""
    definition = service.held.definition
    document = described(service.app, definition)
    for path, operations in document["paths"].items():
        if (operation := operations.get("get")) is not None:
            filled, query = path, ""
            for one in operation.get("parameters", ()):
                if one["in"] == "path":
                    filled = filled.replace(f"{{{one['name']}}}", str(one["example"]))
                if one["in"] == "query" and one["required"]:
                    query = f"?{one['name']}={one['schema']['examples'][0]}"
            filled = filled.replace("funding.project_places", definition.indicators[0].id)
            roles = [Role(role) for role in operation.get("x-roles", ["auditor"])]
            role = Role.DISTRICT_BUREAU if Role.DISTRICT_BUREAU in roles else roles[-1]
            yield path, filled + query, WHO_NAMES.get(definition.name, role) if path in BY_WHO else role


async def made_due(service: Running, *names: str) -> None:
    connection = await asyncpg.connect(service.urls["owner"])
    for name in names:
        await connection.execute("insert into rebuild_due (name) values ($1)", name)
    await connection.close()


@pytest.mark.parametrize("definition", SERVICES, ids=lambda one: one.name)
async def test_nothing_is_answered_by_rows_that_are_to_be_rebuilt(
    definition: Definition, installed: Installed, tmp_path: Path, nats_url: str, region: str
) -> None:
    urls = await installed(definition.name, definition.to_apply())
    settings = import_module(f"{definition.name}.settings").Settings
    async with running(definition, settings, urls, tmp_path, nats_url=nats_url, region=region) as service:
        before = await answers(service)
        assert not {path for path, (status, _) in before.items() if status not in (200, 404)}, before
        await made_due(service, *(view.name for view in definition.views))
        after = await answers(service)
    answered = {path for path, (status, _) in after.items() if status == 200}
    assert answered <= STANDING | EVENTS
    refused = {path: body for path, (status, body) in after.items() if status == 503}
    assert after.keys() - refused.keys() <= STANDING | EVENTS
    for path, body in refused.items():
        assert (body["code"], body["retryable"]) == ("rows-incomplete", True), path
        assert any(view.name in body["detail"] for view in definition.views), path
        assert "rebuild" in body["detail"]


async def answers(service: Running) -> dict[str, tuple[int, Any]]:
    found = {}
    for path, filled, role in asked(service):
        tenant: TenantId = TENANTS.get(role, DISTRICT)
        answer = await service.http.get(filled, headers=headers(role, tenant, None, None))
        found[path] = (answer.status_code, answer.json())
    return found


@pytest.mark.parametrize("definition", [one for one in SERVICES if one.people], ids=lambda one: one.name)
async def test_persons_are_not_looked_for_while_some_cannot_be_found(
    definition: Definition, installed: Installed, tmp_path: Path, nats_url: str, region: str
) -> None:
    """Who may name nobody finds nobody anyway, and goes on finding the rest."""
    urls = await installed(definition.name, definition.to_apply())
    settings = import_module(f"{definition.name}.settings").Settings
    async with running(definition, settings, urls, tmp_path, nats_url=nats_url, region=region) as service:
        sent = headers(WHO_NAMES[definition.name], DISTRICT, None, None)
        assert (await service.http.get("/v1/search?q=yszj", headers=sent)).status_code == 200
        await made_due(service, PEOPLE)
        answer = await service.http.get("/v1/search?q=yszj", headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (503, "rows-incomplete")
        assert PEOPLE in answer.json()["detail"]
        auditor = headers(Role.AUDITOR, PROVINCE, None, None)
        assert (await service.http.get("/v1/search?q=yszj", headers=auditor)).status_code != 503
