"""A project's totals up to a day, counted from the lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.values import ProjectId, Qualifier, Quantity, Unit
from kit.store import Tx
from volunteer.domain.counts import Totals
from volunteer.projections.bulletin import VAGUEST

TOTALS = f"""
with held as (select * from activity_list where project_id = $1 and held_on <= $2),
came as (select a.* from attendance a join held using (tenant_id, activity_id) where a.recorded_for <= $2)
select
  (select count(*) from held) as activities,
  (select count(*) from came where party_member) as party_member_times,
  (select coalesce(sum(residents_served), 0) from held where served_on <= $2) as residents_served,
  (select {VAGUEST} from held where served_on <= $2) as residents_served_qualifier,
  (select count(distinct volunteer_id) from came) as volunteers
"""


async def totals(tx: Tx, project_id: ProjectId, day: date) -> Totals:
    """What the project's volunteering comes to at the end of `day`."""
    (row,) = await tx.fetch(TOTALS, project_id, day)
    return Totals(
        activities=Quantity(Decimal(row["activities"]), Unit.SESSIONS),
        party_member_times=Quantity(Decimal(row["party_member_times"]), Unit.PERSON_TIMES),
        residents_served=Quantity(
            row["residents_served"], Unit.PERSON_TIMES, Qualifier(row["residents_served_qualifier"])
        ),
        volunteers=Quantity(Decimal(row["volunteers"]), Unit.PERSONS),
    )
