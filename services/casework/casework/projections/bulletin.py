"""The service bulletin (CAS-R1): what the lists come to, by community."""

from __future__ import annotations

from datetime import date

from asyncpg import Record

from kit.store import Tx

EVER = (
    "(select tenant_id, enrolled_in as community, enrolled_on, first_visited_on from ledger_entry"
    " where end_reason is distinct from 'mistake') as e"
)
"""Whoever was enrolled and not by mistake, in the community that enrolled them: a period's numbers outlast moves."""

COUNTED = {
    "ledger_persons": (EVER, "enrolled_on"),
    "persons_visited": (EVER, "first_visited_on"),
    "home_visits": ("home_visit", "visited_on"),
    "cases_opened": ("case_list", "opened_on"),
    "cases_closed": ("case_list", "closed_on"),
    "cases_ended_early": ("case_list", "ended_on"),
    "referrals": ("referral_list", "referred_on"),
}
"""Of each number the rows that it counts, and the day that a row counts on."""

COUNTS = " union all ".join(
    f"select tenant_id, community, '{name}' as name, count(*) as value from {table} where tenant_id = any ($1::text[])"
    f" and {day} between coalesce($2::date, '-infinity') and coalesce($3::date, 'infinity') group by 1, 2"
    for name, (table, day) in COUNTED.items()
)
NUMBERS = ", ".join(f"coalesce(sum(value) filter (where name = '{name}'), 0)::int as {name}" for name in COUNTED)


async def bulletin(tx: Tx, tenants: list[str], first: date | None, last: date | None) -> list[Record]:
    """Counts by community over the days from `first` to `last`, both included.

    `persons_visited` counts who was visited for the first time in the period: periods add up without counting twice.
    """
    return await tx.fetch(
        f"select tenant_id, community, {NUMBERS} from ({COUNTS}) as c"
        " group by tenant_id, community order by tenant_id, community",
        tenants,
        first,
        last,
    )
