"""The volunteer bulletin (VOL-R1) by community."""

from __future__ import annotations

from datetime import date

from asyncpg import Record

from kit.store import Tx

# "more_than" and "at_least" outlast "exact" when quantities are added (requirements 2.0).
VAGUEST = (
    "case when bool_or(residents_served_qualifier = 'more_than') then 'more_than'"
    " when bool_or(residents_served_qualifier = 'at_least') then 'at_least' else 'exact' end"
)


async def bulletin(tx: Tx, tenants: list[str], first: date | None, last: date | None) -> list[Record]:
    """Activities held, Party-member times and residents served by community; the two person-times stay apart."""
    return await tx.fetch(
        "with held as (select * from activity_list where tenant_id = any ($1::text[]) and held_on is not null"
        " and ($2::date is null or held_on >= $2) and ($3::date is null or held_on <= $3)),"
        " members as (select tenant_id, activity_id, count(*) as times from attendance"
        " where party_member group by 1, 2)"
        " select tenant_id, community, count(*)::int as activities, coalesce(sum(times), 0)::int as party_member_times,"
        f" coalesce(sum(residents_served), 0)::bigint as residents_served, {VAGUEST} as residents_served_qualifier"
        " from held left join members using (tenant_id, activity_id)"
        " group by tenant_id, community order by tenant_id, community",
        tenants,
        first,
        last,
    )
