"""Whose name is read by whom: bureaus read all, a body reads those of its own, and nobody else any."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.values import Role, TenantId
from kit.auth import Actor
from registry.policy import may_name

ORGANISATION, OTHER = UUID(int=1), UUID(int=2)
STREET, COMMUNITY, ELSEWHERE = "620102001", "620102001001", "620102002001"
OWN = {
    Role.ORGANISATION_MANAGER: (str(ORGANISATION), {"organisation": ORGANISATION, "place": None}),
    Role.STREET_OFFICER: (STREET, {"organisation": None, "place": STREET}),
    Role.STREET_PRINCIPAL_LEADER: (STREET, {"organisation": None, "place": STREET}),
    Role.COMMUNITY_COMMITTEE: (COMMUNITY, {"organisation": None, "place": COMMUNITY}),
}
ALL = {Role.CITY_BUREAU, Role.DISTRICT_BUREAU}
OTHERS = (
    {"organisation": OTHER, "place": None},
    {"organisation": None, "place": ELSEWHERE},
    {"organisation": None, "place": None},
)


def actor(role: Role) -> Actor:
    return Actor("demo", role, TenantId("620102"), OWN[role][0] if role in OWN else None)


@pytest.mark.parametrize("role", OWN)
def test_a_body_reads_the_names_of_its_own_and_of_nobody_else(role: Role) -> None:
    assert may_name(actor(role), **OWN[role][1])  # type: ignore[arg-type]
    assert not any(may_name(actor(role), **other) for other in OTHERS)


@pytest.mark.parametrize("role", [role for role in Role if role not in OWN])
def test_a_bureau_reads_every_name_and_no_other_role_any(role: Role) -> None:
    asked = [what for _, what in OWN.values()] + list(OTHERS)
    assert {may_name(actor(role), **what) for what in asked} == {role in ALL}  # type: ignore[arg-type]
