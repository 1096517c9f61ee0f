"""Who sees which projects, and what belongs to them: their own as things stand now, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.funding.lists_stage import REPORTED_ON, City
from tests.funding.stage import AUDITOR, EVALUATOR
from tests.funding.test_lists import LISTS
from tests.funding.test_service import refused
from tests.service import CITY, DISTRICT, OTHER_DISTRICT, headers

from contracts.messages.registry import OrganisationBlacklistedV1, OrganisationQualificationRevokedV1
from contracts.values import Role, SchemeId
from funding.policy import READERS, WITHIN, WORKERS
from funding.sights import SIGHTS

OF_PROJECTS = [name for name in LISTS if name != "schemes"]
MONEY = ("budgets", "budget-lines", "expenses", "reversals")
Who = tuple[Role, str, str]
CATEGORIES = {role: {one for s in SIGHTS if role in s.roles for one in s.categories} for role in Role}
"""Of which streams each role sees some."""


async def answer(city: City, who: Who, path: str, **ask: Any) -> httpx.Response:
    role, tenant, unit = who
    return await city.service.http.get(f"/v1/{path}", params=ask, headers=headers(role, tenant, unit, None))


async def sees(city: City, who: Who, name: str, **ask: Any) -> set[str]:
    """The projects of which the list has something; each record is there, or not, as the list says."""
    found = await answer(city, who, name, limit=200, **ask)
    assert found.status_code == 200, found.text
    items = found.json()["items"]
    assert found.json()["total"] == len(items)
    return {item["project_id"] for item in items}


def those_of(city: City, role: Role, name: str) -> Who:
    """Who has that role at the project."""
    project = getattr(city, name)
    bodies = {
        Role.COMMUNITY_COMMITTEE: project.community,
        Role.STREET_OFFICER: project.street,
        Role.STREET_PRINCIPAL_LEADER: project.street,
        Role.THIRD_PARTY_EVALUATOR: EVALUATOR if name == "one" else AUDITOR,
        Role.THIRD_PARTY_AUDITOR: EVALUATOR if name == "one" else AUDITOR,
    }
    return role, project.district, bodies.get(role) or str(project.organisation or uuid4())


def test_a_reader_within_a_unit_has_a_sight_and_nobody_else() -> None:
    for role in Role:
        within = role in WITHIN
        assert bool({role} & set().union(*(sight.roles for sight in SIGHTS))) is within
        assert role in READERS or not within
    assert {category for sight in SIGHTS for category in sight.categories} == {
        "scheme",
        "project",
        "budget",
        "organisation",
    }


async def test_each_sees_their_own_and_not_the_neighbours(city: City, subtests: pytest.Subtests) -> None:
    for role in sorted(WITHIN):
        with subtests.test(role.value):
            await _sees_own_and_not_the_neighbours(city, role)


async def _sees_own_and_not_the_neighbours(city: City, role: Role) -> None:
    streets = role in (Role.STREET_OFFICER, Role.STREET_PRINCIPAL_LEADER)
    one, near, far = (those_of(city, role, name) for name in ("one", "near", "far"))
    for name in OF_PROJECTS:
        if role in WORKERS and name in MONEY:
            refused(await answer(city, one, name), 403, "forbidden")
            continue
        has_more = name == "projects"
        both = {str(city.one.id), str(city.near.id)} if has_more else {str(city.one.id)}
        assert await sees(city, one, name) == (both if streets else {str(city.one.id)})
        if not streets:
            third = role in (Role.THIRD_PARTY_EVALUATOR, Role.THIRD_PARTY_AUDITOR)
            assert await sees(city, near, name) == ({str(city.near.id)} if has_more and not third else set())
        assert str(city.one.id) not in await sees(city, far, name)
        stranger = (role, DISTRICT, _nobody(role))
        assert await sees(city, stranger, name) == set()
        assert await sees(city, (role, OTHER_DISTRICT, one[2]), name) == set()
    records = {f"projects/{city.one.id}": "project", f"projects/{city.one.id}/budget": "budget"}
    for path, category in records.items():
        if category not in CATEGORIES[one[0]]:
            refused(await answer(city, one, path), 403, "forbidden")
            continue
        assert (await answer(city, one, path)).status_code == 200
        for other in (far, (role, DISTRICT, _nobody(role)), (role, OTHER_DISTRICT, one[2])):
            refused(await answer(city, other, path), 404, "not-found")
    if "budget" in CATEGORIES[one[0]]:
        bill = (await answer(city, one, "expenses")).json()["items"][0]["expense_id"]
        assert (await answer(city, one, f"expenses/{bill}")).status_code == 200
        refused(await answer(city, far, f"expenses/{bill}"), 404, "not-found")
    assert (await answer(city, one, "schemes")).json()["total"] == 1
    assert (await answer(city, far, f"schemes/{city.plan.scheme}")).status_code == 200


def _nobody(role: Role) -> str:
    if role in (Role.STREET_OFFICER, Role.STREET_PRINCIPAL_LEADER):
        return f"{DISTRICT}999"
    return f"{DISTRICT}999999" if role is Role.COMMUNITY_COMMITTEE else str(uuid4())


async def test_who_reads_nothing_here_is_refused(city: City, subtests: pytest.Subtests) -> None:
    for role in set(Role) - {Role.SYSTEM}:
        with subtests.test(role.value):
            for name in LISTS:
                found = await answer(city, (role, DISTRICT, str(city.one.organisation)), name)
                allowed = role in READERS and not (role in WORKERS and name in MONEY)
                assert found.status_code == (200 if allowed else 403), (name, found.text)


async def test_what_was_theirs_on_a_day_before_is_theirs_no_longer(city: City) -> None:
    bad, evaluator = those_of(city, Role.ORGANISATION_MANAGER, "one"), those_of(city, Role.THIRD_PARTY_EVALUATOR, "one")
    past = {"as_of": REPORTED_ON.isoformat()}
    for name in OF_PROJECTS:
        for who in (bad, evaluator):
            assert await sees(city, who, name) == {str(city.one.id)}, (name, who)
            assert await sees(city, who, name, **past) == {str(city.one.id)}, (name, who)
    organisation = city.one.organisation
    assert organisation is not None
    listed = OrganisationBlacklistedV1(
        organisation_id=organisation, reason="credential_impersonation", project_id=city.one.id
    )
    revoked = OrganisationQualificationRevokedV1(
        organisation_id=organisation, scheme_id=SchemeId(city.plan.scheme), project_id=city.one.id
    )
    later = REPORTED_ON + timedelta(days=1)
    for message in (listed, revoked):
        await city.service.hear(message, tenant=CITY, on=later)
    await city.one.city("third-parties", later, task="evaluation", third_party=AUDITOR)
    for name in OF_PROJECTS:
        for who in (bad, evaluator):
            assert await sees(city, who, name, **past) == await sees(city, who, name) == set()
    for path in (f"projects/{city.one.id}", f"projects/{city.one.id}/budget"):
        refused(await answer(city, bad, path, **past), 404, "not-found")
    assert await sees(city, (Role.DISTRICT_BUREAU, DISTRICT, ""), "reports", **past) == {str(city.one.id)}
