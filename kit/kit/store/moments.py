"""The moment that a reading is of: how things are now, were on a day, or were known at an instant.

Read tables keep the versions of their rows (migrations/0002_rows.sql and 0007_known.sql), so a moment only says which
views are meant by the bare names of tables; the queries are the same, and nothing is written or replayed.
"""

from __future__ import annotations

from kit.clock import Moment
from kit.store.horizon import not_above
from kit.tenancy import Tx

DAY = "select set_config('search_path', 'on_day, public, pg_temp', true), set_config('app.as_of', $1, true)"
KNOWN = "select set_config('search_path', 'known, public, pg_temp', true), set_config('app.known_at', $1, true)"
DAY_AS_KNOWN = (
    "select set_config('search_path', 'as_known, public, pg_temp', true), set_config('app.as_of', $1, true),"
    " set_config('app.known_at', $2, true)"
)


async def look_at(tx: Tx, moment: Moment) -> None:
    """From here on the transaction reads this moment.  NotSettledYet for an instant that may still be added to."""
    day = moment.as_of.isoformat() if moment.as_of else None
    if moment.known_at is None:
        if day is not None:
            await tx.fetchval(DAY, day)
        return
    await not_above(tx, moment.known_at)
    instant = moment.known_at.isoformat()
    if day is None:
        await tx.fetchval(KNOWN, instant)
    else:
        await tx.fetchval(DAY_AS_KNOWN, day, instant)
