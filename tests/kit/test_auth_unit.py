"""Which unit a role must carry, and what is its business."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.values import Role, TenantId
from kit.auth import Actor, acts_for
from kit.auth.unit import fits

STREET, COMMUNITY, BODY = "620102001", "620102001001", "0d9f6a3e-6a0a-4a51-9d5b-6a3f0c6f8e01"
NONE, STREETS, COMMUNITIES, BODIES, EITHER = ({None}, {STREET}, {COMMUNITY}, {BODY}, {COMMUNITY, BODY})
CARRIED = {
    Role.PROVINCE_IT: NONE,
    Role.PROVINCE_BUREAU: NONE,
    Role.CITY_BUREAU: NONE,
    Role.DISTRICT_BUREAU: NONE,
    Role.AUDITOR: NONE,
    Role.SYSTEM: NONE,
    Role.STREET_OFFICER: STREETS,
    Role.STREET_PRINCIPAL_LEADER: STREETS,
    Role.COMMUNITY_COMMITTEE: COMMUNITIES,
    Role.ORGANISATION_MANAGER: BODIES,
    Role.SOCIAL_WORKER: BODIES,
    Role.SUPERVISOR: BODIES,
    Role.THIRD_PARTY_EVALUATOR: BODIES,
    Role.THIRD_PARTY_AUDITOR: BODIES,
    Role.VOLUNTEER: EITHER,
    Role.VOLUNTEER_TEAM_LEADER: EITHER,
    Role.PARTY_BRANCH: EITHER,
}


def acting(role: Role, unit: str | None) -> Actor:
    return Actor("demo", role, TenantId("620102"), unit)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_carries_its_own_form_of_unit_and_no_other(role: Role) -> None:
    asked = [None, STREET, COMMUNITY, BODY, "", "6", "620102", f"{STREET}0", f"{COMMUNITY}\n", BODY.upper(), f"{BODY}0"]
    assert {unit for unit in asked if fits(role, unit)} == CARRIED[role]


@pytest.mark.parametrize(
    ("role", "unit", "asked", "theirs"),
    [
        (Role.STREET_OFFICER, STREET, STREET, True),
        (Role.STREET_OFFICER, STREET, COMMUNITY, True),
        (Role.STREET_OFFICER, STREET, "620102002", False),
        (Role.STREET_OFFICER, STREET, "620102002001", False),
        (Role.STREET_OFFICER, STREET, "6201020010", False),
        (Role.STREET_OFFICER, STREET, "6201020010011", False),
        (Role.STREET_OFFICER, "6", COMMUNITY, False),
        (Role.STREET_OFFICER, "", COMMUNITY, False),
        (Role.STREET_OFFICER, None, STREET, False),
        (Role.STREET_OFFICER, STREET, None, False),
        (Role.COMMUNITY_COMMITTEE, COMMUNITY, COMMUNITY, True),
        (Role.COMMUNITY_COMMITTEE, COMMUNITY, STREET, False),
        (Role.COMMUNITY_COMMITTEE, COMMUNITY, "620102001002", False),
        (Role.ORGANISATION_MANAGER, BODY, UUID(BODY), True),
        (Role.ORGANISATION_MANAGER, BODY, BODY, True),
        (Role.ORGANISATION_MANAGER, BODY[:9], BODY, False),
        (Role.ORGANISATION_MANAGER, BODY, BODY[:9], False),
        (Role.ORGANISATION_MANAGER, None, None, False),
        (Role.PARTY_BRANCH, COMMUNITY, COMMUNITY, True),
        (Role.DISTRICT_BUREAU, None, COMMUNITY, True),
        (Role.SYSTEM, None, UUID(BODY), True),
        (Role.CITY_BUREAU, None, None, True),
    ],
)
def test_whose_business_it_is(role: Role, unit: str | None, asked: UUID | str | None, theirs: bool) -> None:
    assert acts_for(acting(role, unit), asked) is theirs
