"""Who asks is told by name: the worker whose token it is, and the unit in whose name they act."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.registry.service import CITY, DISTRICT
from tests.registry.stage import COMMUNITY, STREET, Lanzhou
from tests.service import headers

from contracts.values import PersonId, Role


async def me(lanzhou: Lanzhou, role: Role, unit: str | None, **more: Any) -> dict[str, Any]:
    sent = headers(role, DISTRICT, unit, None, more.get("worker"))
    answer = await lanzhou.service.http.get("/v1/me", headers=sent)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_worker_is_told_their_own_name_until_it_is_erased_and_nobody_else_s(lanzhou: Lanzhou) -> None:
    organisation, (worker, *_) = str(lanzhou.organisation), lanzhou.team
    told = await me(lanzhou, Role.SOCIAL_WORKER, organisation, worker=worker)
    row = await lanzhou.service.get(f"/v1/workers/{worker}", Role.CITY_BUREAU, CITY)
    assert (told["worker_id"], told["worker_name"]) == (str(worker), row["name"])
    assert row["name"]
    for other in (
        await me(lanzhou, Role.SOCIAL_WORKER, organisation),
        await me(lanzhou, Role.SOCIAL_WORKER, organisation, worker=uuid4()),
    ):
        assert other["worker_name"] is None
    vault = lanzhou.service.held.store.vault
    assert vault is not None
    async with lanzhou.service.open_rebuild() as pool:
        raws = await pool.fetch("select raw from event where type = 'registry.social-worker-registered' order by pos")
    events = [lanzhou.service.held.store.mapper.to_event(one["raw"]) for one in raws]
    (person,) = {event.name.person for event in events if event.worker_id == worker}  # type: ignore[attr-defined]
    await vault.destroy(CITY, PersonId(person))
    gone = await me(lanzhou, Role.SOCIAL_WORKER, organisation, worker=worker)
    assert (gone["worker_id"], gone["worker_name"]) == (str(worker), None)


@pytest.mark.parametrize(
    ("role", "unit", "name"),
    [
        (Role.STREET_OFFICER, STREET, "酒泉路街道"),
        (Role.COMMUNITY_COMMITTEE, COMMUNITY, "演示社区一"),
        (Role.COMMUNITY_COMMITTEE, "620102001999", None),
        (Role.ORGANISATION_MANAGER, "96d46d5c-5ab8-4b2a-9dbb-a0dfb6a5a176", None),
        (Role.DISTRICT_BUREAU, None, None),
    ],
)
async def test_the_unit_is_called_as_it_was_declared(
    lanzhou: Lanzhou, role: Role, unit: str | None, name: str | None
) -> None:
    told = await me(lanzhou, role, unit)
    assert (told["unit"], told["unit_name"]) == (unit, name)


async def test_an_organisation_is_called_as_it_was_registered(lanzhou: Lanzhou) -> None:
    told = await me(lanzhou, Role.ORGANISATION_MANAGER, str(lanzhou.organisation))
    row = await lanzhou.service.get(f"/v1/organisations/{lanzhou.organisation}", Role.CITY_BUREAU, CITY)
    assert told["unit_name"] == row["name"]
    assert row["name"]
