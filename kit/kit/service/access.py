"""Who may use the routes that every service has."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from contracts.values import Role, TenantId
from kit.auth import Caller, Cause, Policy, Reach, Rule, Tree
from kit.errors import NotFound
from kit.service.tenants import ACTION, RULE

BUREAUS = frozenset({Role.PROVINCE_BUREAU, Role.CITY_BUREAU, Role.DISTRICT_BUREAU})
PEOPLE = frozenset(Role) - {Role.SYSTEM}
WATCHERS = BUREAUS | {Role.PROVINCE_IT, Role.AUDITOR}

KIT_POLICY: Policy = {
    ACTION: RULE,
    "read-me": Rule("查看自己的身份和权限", roles=PEOPLE, reads=Reach.LINE),
    "read-tasks": Rule("查看待办事项", roles=PEOPLE, reads=Reach.LINE),
    "read-words": Rule("查看词表", roles=PEOPLE),
    "read-history": Rule("查看历史记录", roles=WATCHERS, reads=Reach.DOWN),
    "read-own-history": Rule("查看本单位有权查阅的历史记录", roles=PEOPLE - WATCHERS, reads=Reach.LINE),
    "read-indicators": Rule("查看指标", roles=WATCHERS, reads=Reach.DOWN),
    "read-operations": Rule("查看运行情况", roles=frozenset({Role.PROVINCE_IT})),
    "read-parked": Rule("查看待处理消息", roles=frozenset({Role.PROVINCE_IT}), reads=Reach.DOWN),
    "redrive-parked": Rule("重新处理消息", roles=frozenset({Role.PROVINCE_IT}), reads=Reach.DOWN, writes=Reach.DOWN),
    "decide-parked": Rule("决定待处理消息", roles=frozenset({Role.PROVINCE_IT}), reads=Reach.DOWN, writes=Reach.DOWN),
}

Tenant = Annotated[
    TenantId | None, Query(pattern=r"^[0-9]{6}$", title="所属租户", description="只看这个租户（六位行政区划代码）")
]


class UnknownTenant(NotFound):
    """What was registered a moment ago may be on its way from the registry, where it was not registered here."""

    code, retryable = "unknown-tenant", True
    name = "没有该租户"
    text = "没有登记租户 {tenant}。请核对六位行政区划代码；刚刚登记的，请稍后再查。"


def looks_back(caller: Caller) -> Cause:
    """The cause of reading the history: a bureau's own and what is below it; for a role within a unit, what it may look
    into of its line (kit.service.sight).  Forbidden for a service."""
    return caller.reads("read-history" if caller.actor.role in WATCHERS else "read-own-history")


def tenants_of(cause: Cause, tenant: TenantId | None, tree: Tree) -> list[TenantId]:
    """The tenants in sight, or the one asked for.

    NotFound if that one is not in sight, UnknownTenant if nobody here has heard of it.
    """
    if tenant is None:
        return sorted(cause.scope.reads)
    if tenant not in cause.scope.reads:
        raise NotFound if tenant in tree else UnknownTenant(tenant=tenant)
    return [tenant]
