"""The figures of volunteering (口径), each from the lists, so that they can be asked as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.values import Qualifier, Quantity, TenantId, Unit
from kit.service import Figure, Indicator, Query, figures


def _by_community(select: str) -> Query:
    """Figures of `select`, an aggregate and the tables that it is over, one for each community."""
    value, _, tables = select.partition(" from ")
    return figures(
        f"select tenant_id, community, {value} as value from {tables}"
        " group by tenant_id, community order by tenant_id, community",
        "community",
    )


async def _served(tx: Any, tenants: Sequence[TenantId]) -> list[Figure]:
    """Added as quantities are: one rough count makes the sum a rough one."""
    rows = await tx.fetch(
        "select tenant_id, community, served_qualifier, sum(served) as served from activity_list"
        " where tenant_id = any ($1::text[]) and served is not null group by 1, 2, 3 order by 1, 2, 3",
        list(tenants),
    )
    sums: dict[tuple[str, str], Quantity] = {}
    for row in rows:
        here = (row["tenant_id"], row["community"])
        served = Quantity(row["served"], Unit.PERSON_TIMES, Qualifier(row["served_qualifier"]))
        sums[here] = sums[here] + served if here in sums else served
    return [
        Figure(TenantId(tenant), total.value, total.qualifier, (("community", community),))
        for (tenant, community), total in sums.items()
    ]


INDICATORS = (
    Indicator(
        "volunteer.registered_volunteers",
        "登记志愿者人数",
        Unit.PERSONS,
        "已登记的志愿者人数，不论是否参加过活动。",
        1,
        _by_community("count(*) from volunteer_list where {scope}"),
    ),
    Indicator(
        "volunteer.activities",
        "志愿服务活动次数",
        Unit.SESSIONS,
        "已开展的志愿服务活动次数，不含仅计划的活动，与主题活动分开统计。",
        1,
        _by_community("count(*) from activity_list where {scope} and held_on is not null"),
    ),
    Indicator(
        "volunteer.party_member_times",
        "参与党员人次",
        Unit.PERSON_TIMES,
        "党员参加志愿服务活动的人次；同一人同一活动只计一次（R-KL-10）。",
        1,
        _by_community(
            "count(*) from attendance join activity_list using (tenant_id, activity_id) where {scope} and party_member"
        ),
    ),
    Indicator(
        "volunteer.residents_served",
        "服务居民人次",
        Unit.PERSON_TIMES,
        "志愿服务活动服务居民的人次，与参与党员人次分开统计、不相加（R-KL-10）。",
        1,
        _served,
    ),
)
