"""Who may do what, how far it reaches, and on which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

import pytest

from contracts.values import ROLE_NAMES, Role, TenantId
from kit.auth import Actor, Basis, Caller, Policy, Reach, Rule, Scope, Tree
from kit.errors import Forbidden, FutureDay

PROVINCE, CITY, OTHER_CITY = TenantId("620000"), TenantId("620100"), TenantId("620200")
EAST, WEST, FAR = TenantId("620102"), TenantId("620103"), TenantId("620202")
TREE = Tree({PROVINCE: None, CITY: PROVINCE, OTHER_CITY: PROVINCE, EAST: CITY, WEST: CITY, FAR: OTHER_CITY})
POLICY: Policy = {
    "approve": Rule("批准", roles={Role.CITY_BUREAU}, reads=Reach.DOWN, writes=Reach.DOWN),
    "recommend": Rule("推荐", roles={Role.DISTRICT_BUREAU}, reads=Reach.UP, writes=Reach.OWN),
    "look": Rule("查看", roles=set(Role) - {Role.SYSTEM}, reads=Reach.LINE),
    "note": Rule("获知", roles={Role.SYSTEM}, reads=Reach.LINE, writes=Reach.UP),
}
NOW = datetime(2022, 9, 26, 16, 30, tzinfo=UTC)
"""Half past midnight of 27 September in Shanghai."""
TODAY = date(2022, 9, 27)

CALLER = Caller(
    actor=Actor("demo-officer-01", Role.CITY_BUREAU, CITY, None),
    command_id=UUID(int=1),
    now=NOW,
    digest=b"\1" * 32,
    correlation=UUID(int=2),
    tree=TREE,
    policy=POLICY,
    expected=4,
    causation=None,
    trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def acting(role: Role, tenant: TenantId) -> Caller:
    return replace(CALLER, actor=Actor("demo-officer-02", role, tenant, None))


@pytest.mark.parametrize(
    ("reach", "tenant", "expected"),
    [
        (Reach.OWN, PROVINCE, {PROVINCE}),
        (Reach.OWN, CITY, {CITY}),
        (Reach.OWN, EAST, {EAST}),
        (Reach.DOWN, PROVINCE, {PROVINCE, CITY, OTHER_CITY, EAST, WEST, FAR}),
        (Reach.DOWN, CITY, {CITY, EAST, WEST}),
        (Reach.DOWN, EAST, {EAST}),
        (Reach.UP, PROVINCE, {PROVINCE}),
        (Reach.UP, CITY, {CITY, PROVINCE}),
        (Reach.UP, EAST, {EAST, CITY, PROVINCE}),
        (Reach.LINE, PROVINCE, {PROVINCE, CITY, OTHER_CITY, EAST, WEST, FAR}),
        (Reach.LINE, CITY, {PROVINCE, CITY, EAST, WEST}),
        (Reach.LINE, EAST, {PROVINCE, CITY, EAST}),
    ],
)
def test_how_far_an_action_reaches(reach: Reach, tenant: TenantId, expected: set[TenantId]) -> None:
    tenants = reach.tenants(TREE, tenant)
    assert set(tenants) == expected
    assert len(tenants) == len(expected)
    assert tenants[0] == tenant


def test_a_tenant_that_is_not_known_yet_reaches_itself() -> None:
    stranger = TenantId("630000")
    assert all(reach.tenants(TREE, stranger) == (stranger,) for reach in Reach)


def test_parents_are_data_and_not_digits() -> None:
    tree = Tree({EAST: OTHER_CITY, OTHER_CITY: None})
    assert tree.ancestors(EAST) == (OTHER_CITY,)
    assert tree.descendants(CITY) == ()


def test_a_circle_takes_its_own_tenants_out_and_nobody_else() -> None:
    tree = Tree({PROVINCE: None, OTHER_CITY: PROVINCE, FAR: OTHER_CITY, CITY: EAST, EAST: CITY, WEST: CITY})
    assert tree.circles == {CITY, EAST, WEST}
    for lost in (CITY, EAST, WEST):
        assert tree.line(lost) == (lost,)
    assert tree.line(FAR) == (FAR, OTHER_CITY, PROVINCE)
    assert set(tree.descendants(PROVINCE)) == {OTHER_CITY, FAR}
    assert Tree({CITY: CITY}).circles == {CITY}
    assert TREE.circles == set()


def test_a_tree_tells_what_is_known_here() -> None:
    assert CITY in TREE
    assert TenantId("630000") not in TREE
    assert TenantId("630000") not in Tree({CITY: TenantId("630000")})
    assert Tree({}, {PROVINCE}).provinces == {PROVINCE}
    assert TREE.provinces == set()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(POLICY))
def test_a_role_does_what_its_rule_lists_and_nothing_else(action: str, role: Role) -> None:
    caller = acting(role, EAST)
    if role in POLICY[action].roles:
        assert caller.may(action, TODAY).action == action
    else:
        with pytest.raises(Forbidden) as caught:
            caller.may(action, TODAY)
        assert caught.value.facts == {"role": ROLE_NAMES[role], "action": action, "called": POLICY[action].name}


def test_an_action_without_a_rule_is_a_bug() -> None:
    with pytest.raises(LookupError, match="abolish"):
        CALLER.may("abolish", TODAY)
    with pytest.raises(LookupError, match="abolish"):
        CALLER.reads("abolish")


def test_reading_and_writing_reach_apart() -> None:
    scope = acting(Role.DISTRICT_BUREAU, EAST).may("recommend", TODAY).scope
    assert scope == Scope(reads=(EAST, CITY, PROVINCE), writes=(EAST,))


def test_a_rule_that_only_reads_writes_nothing() -> None:
    assert CALLER.may("look", TODAY).scope.writes == ()


def test_looking_writes_nothing_whatever_the_rule() -> None:
    cause = CALLER.reads("approve")
    assert cause.scope == Scope(reads=(CITY, EAST, WEST), writes=())
    assert cause.occurred_on == TODAY
    with pytest.raises(Forbidden):
        acting(Role.VOLUNTEER, CITY).reads("approve")


def test_tomorrow_has_not_happened_and_today_is_shanghais() -> None:
    assert CALLER.may("approve", TODAY).occurred_on == TODAY
    assert CALLER.may("approve", date(2021, 1, 1)).occurred_on == date(2021, 1, 1)
    with pytest.raises(FutureDay) as caught:
        CALLER.may("approve", date(2022, 9, 28))
    assert "2022-09-28" in caught.value.detail
    assert "2022-09-27" in caught.value.detail


def test_who_may_not_is_told_so_before_the_day_is_looked_at() -> None:
    with pytest.raises(Forbidden):
        acting(Role.VOLUNTEER, CITY).may("approve", date(2100, 1, 1))


def test_a_cause_carries_the_request() -> None:
    basis = Basis(UUID(int=9), 2)
    cause = CALLER.may("approve", TODAY, basis)
    assert (cause.command_id, cause.actor, cause.now, cause.digest) == (UUID(int=1), CALLER.actor, NOW, b"\1" * 32)
    assert (cause.expected, cause.correlation, cause.causation) == (4, UUID(int=2), None)
    assert (cause.trace, cause.basis, cause.action) == (CALLER.trace, basis, "approve")


def test_a_service_acts_only_where_it_is_listed() -> None:
    command = UUID(int=5)
    system = Caller.system(EAST, name="funding", command_id=command, now=NOW, tree=TREE, policy=POLICY)
    cause = system.may("note", TODAY)
    assert cause.actor == Actor("funding", Role.SYSTEM, EAST, None)
    assert cause.scope.writes == (EAST, CITY, PROVINCE)
    assert (cause.correlation, cause.digest) == (command, sha256(command.bytes).digest())
    with pytest.raises(Forbidden):
        system.may("look", TODAY)
