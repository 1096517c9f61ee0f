"""The policies against the table that was typed from the requirements: no action, role or reach more, none less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import pytest
from tests.authority import AUTHORITY, EVERYWHERE, OWN_UNIT, ROLES, UPWARDS, Entry, expected, roles_of
from tests.golden.files import SERVICES

from contracts.values import Role, TenantId
from kit.auth import Actor, Policy, Reach, acts_for
from kit.auth.unit import WHOLE
from kit.errors import NotYourUnit, Refused, require_unit
from kit.service.access import KIT_POLICY

POLICIES: dict[str, Policy] = {service.name: {**KIT_POLICY, **service.policy} for service in SERVICES}


def differences(policy: Policy, table: Mapping[str, Entry]) -> list[str]:
    """Every way in which a policy is not what the table says."""
    found = [f"{action} is in the policy alone" for action in policy.keys() - table.keys()]
    found += [f"{action} is in the table alone" for action in table.keys() - policy.keys()]
    for action in policy.keys() & table.keys():
        rule, (_, reads, writes, _) = policy[action], table[action]
        roles = {str(role) for role in rule.roles}
        found += [f"{action} lets {role} in" for role in sorted(roles - roles_of(table[action]))]
        found += [f"{action} keeps {role} out" for role in sorted(roles_of(table[action]) - roles)]
        if rule.reads != reads:
            found.append(f"{action} reads {rule.reads}, not {reads}")
        if (rule.writes or "-") != writes:
            found.append(f"{action} writes {rule.writes or '-'}, not {writes}")
    return sorted(found)


@pytest.mark.parametrize("service", sorted(POLICIES))
def test_a_policy_is_what_the_requirements_say(service: str) -> None:
    assert differences(POLICIES[service], expected(service)) == []


def test_the_table_speaks_of_every_role_and_service() -> None:
    assert set(ROLES.values()) == {str(role) for role in Role}
    assert AUTHORITY.keys() == POLICIES.keys()
    assert all(source for table in (*AUTHORITY.values(), EVERYWHERE) for *_, source in table.values())


@pytest.mark.parametrize("service", sorted(POLICIES))
def test_any_rule_widened_or_narrowed_is_seen(service: str) -> None:
    """Each action in turn: one role more, one role less, each other reach, the rule gone."""
    policy, table = POLICIES[service], expected(service)
    for action, rule in policy.items():
        others = [replace(rule, roles=frozenset(rule.roles) | {role}) for role in set(Role) - set(rule.roles)]
        others += [replace(rule, roles=frozenset(rule.roles) - {role}) for role in rule.roles]
        others += [replace(rule, reads=reach) for reach in set(Reach) - {rule.reads}]
        others += [replace(rule, writes=reach) for reach in {*Reach, None} - {rule.writes}]
        for other in others:
            assert differences({**policy, action: other}, table), f"{action}: {other}"
        assert differences({name: kept for name, kept in policy.items() if name != action}, table)


def refusals(of: type[Refused] = Refused) -> Iterator[type[Refused]]:
    for one in of.__subclasses__():
        yield one
        yield from refusals(one)


def test_one_refusal_says_that_it_is_another_units_business() -> None:
    assert [one for one in refusals() if getattr(one, "code", None) == "not-your-unit"] == [NotYourUnit]
    asking = Actor("demo", Role.COMMUNITY_COMMITTEE, TenantId("620102"), "620102001001")
    mine = partial(acts_for, asking)
    require_unit(mine, "620102001001")
    require_unit(mine, None, "620102001001")
    with pytest.raises(NotYourUnit, match=r"由其他单位（620102001、620102001002）负责.*请"):
        require_unit(mine, "620102001", None, "620102001002")
    with pytest.raises(NotYourUnit, match="尚未确定"):
        require_unit(mine, None)


@pytest.mark.parametrize("service", sorted(POLICIES))
def test_whoever_writes_above_its_own_bureau_is_bound_by_more_than_tenants(service: str) -> None:
    """Row security lets an action with this reach touch everything of the city's: the rules must say whose it is."""
    people = {
        action: rule.roles - {Role.SYSTEM}
        for action, rule in POLICIES[service].items()
        if rule.writes in (Reach.UP, Reach.LINE) and rule.roles - {Role.SYSTEM}
    }
    assert people.keys() == UPWARDS[service].keys()
    for action, roles in people.items():
        bounds = UPWARDS[service][action]
        assert (OWN_UNIT in bounds) == bool(roles - WHOLE), action
        assert bool(set(bounds) - {OWN_UNIT}) == bool(roles & WHOLE), action
