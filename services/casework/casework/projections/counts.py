"""A project's totals up to a day, counted from the lists.  Late entries raise a past day's totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from casework.domain.counts import Totals
from contracts.values import ProjectId, Quantity, Unit
from kit.store import Tx

TOTALS = """
select
  (select count(*) from ledger_entry where project_id = $1 and enrolled_on <= $2
     and not (end_reason is not distinct from 'mistake' and ended_on <= $2)) as ledger_persons,
  (select count(distinct entry_id) from home_visit v where project_id = $1 and visited_on <= $2
     and not exists (select from ledger_entry e where (e.tenant_id, e.entry_id) = (v.tenant_id, v.entry_id)
       and e.end_reason is not distinct from 'mistake' and e.ended_on <= $2)) as persons_visited,
  (select count(*) from home_visit where project_id = $1 and visited_on <= $2) as home_visits,
  (select count(*) from case_list where project_id = $1 and opened_on <= $2
     and coalesce(least(closed_on, ended_on), 'infinity') > $2) as cases_open,
  (select count(*) from case_list where project_id = $1 and closed_on <= $2) as cases_closed,
  (select count(*) from referral_list where project_id = $1 and referred_on <= $2) as referrals
"""

UNITS = {
    "ledger_persons": Unit.PERSONS,
    "persons_visited": Unit.PERSONS,
    "home_visits": Unit.SESSIONS,
    "cases_open": Unit.THINGS,
    "cases_closed": Unit.THINGS,
    "referrals": Unit.THINGS,
}


async def totals(tx: Tx, project_id: ProjectId, day: date) -> Totals:
    """What the project's services come to at the end of `day`."""
    (row,) = await tx.fetch(TOTALS, project_id, day)
    return Totals(**{name: Quantity(Decimal(row[name]), unit) for name, unit in UNITS.items()})
