"""The volunteer bulletin (VOL-R1): volunteers, activities, attendance.  Every row is fed by one stream."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from asyncpg import Record

from contracts.values import PilotId, Qualifier, Quantity, Unit
from kit.store import Meta, Projection, Tx
from volunteer.domain.activity import (
    ActivityEvent,
    ResidentsServedRecorded,
    VolunteerActivityHeld,
    VolunteerActivityPlanned,
    VolunteerAttendanceRecorded,
)
from volunteer.domain.counts import Totals
from volunteer.domain.volunteer import VolunteerRegistered


async def apply_volunteer(tx: Tx, event: VolunteerRegistered, meta: Meta) -> None:
    await tx.execute(
        "insert into volunteer_list values ($1, $2, $3, $4, $5, $6, $7)",
        meta.tenant,
        event.volunteer_id,
        event.pilot_id,
        event.community,
        event.background,
        event.is_party_member,
        meta.occurred_on,
    )


async def apply_activity(tx: Tx, event: ActivityEvent, meta: Meta) -> None:
    here = (meta.tenant, meta.stream_id)
    match event:
        case VolunteerActivityPlanned():
            await tx.execute(
                "insert into activity_list values ($1, $2, $3, $4, $5, $6, $7)",
                *here,
                event.pilot_id,
                event.community,
                event.title,
                event.organiser,
                event.planned_for,
            )
        case VolunteerActivityHeld():
            await tx.execute(
                "update activity_list set held_on = $3 where tenant_id = $1 and activity_id = $2",
                *here,
                meta.occurred_on,
            )
        case VolunteerAttendanceRecorded():
            await tx.execute(
                "insert into attendance values ($1, $2, $3, $4, $5)",
                *here,
                event.volunteer_id,
                event.party_member,
                meta.occurred_on,
            )
        case ResidentsServedRecorded(served=served):
            await tx.execute(
                "update activity_list set served = $3, served_qualifier = $4, served_on = $5"
                " where tenant_id = $1 and activity_id = $2",
                *here,
                served.value,
                served.qualifier,
                meta.occurred_on,
            )


VOLUNTEERS = Projection("volunteer_list", 1, ("volunteer_list",), ("volunteer",), apply_volunteer)
ACTIVITIES = Projection("activity_list", 1, ("activity_list", "attendance"), ("activity",), apply_activity)

# "more_than" and "at_least" outlast "exact" when quantities are added (requirements 2.0).
VAGUEST = (
    "case when bool_or(served_qualifier = 'more_than') then 'more_than'"
    " when bool_or(served_qualifier = 'at_least') then 'at_least' else 'exact' end"
)
TOTALS = f"""
with held as (select * from activity_list where pilot_id = $1 and held_on <= $2),
came as (select a.* from attendance a join held using (tenant_id, activity_id) where a.recorded_for <= $2)
select
  (select count(*) from held) as activities,
  (select count(*) from came where party_member) as party_member_times,
  (select coalesce(sum(served), 0) from held where served_on <= $2) as residents_served,
  (select {VAGUEST} from held where served_on <= $2) as served_qualifier,
  (select count(distinct volunteer_id) from came) as volunteers
"""  # noqa: S608 - only our own constants


async def totals(tx: Tx, pilot_id: PilotId, day: date) -> Totals:
    """What the pilot's volunteering comes to at the end of `day`."""
    row = await tx.fetchrow(TOTALS, pilot_id, day)
    assert row is not None  # noqa: S101 - counts always answer one row
    return Totals(
        activities=Quantity(Decimal(row["activities"]), Unit.SESSIONS),
        party_member_times=Quantity(Decimal(row["party_member_times"]), Unit.PERSON_TIMES),
        residents_served=Quantity(row["residents_served"], Unit.PERSON_TIMES, Qualifier(row["served_qualifier"])),
        volunteers=Quantity(Decimal(row["volunteers"]), Unit.PERSONS),
    )


async def bulletin(tx: Tx, tenants: list[str], first: date | None, last: date | None) -> list[Record]:
    """Activities held, Party-member times and residents served by community; the two person-times stay apart."""
    return await tx.fetch(
        "with held as (select * from activity_list where tenant_id = any ($1::text[]) and held_on is not null"  # noqa: S608
        " and ($2::date is null or held_on >= $2) and ($3::date is null or held_on <= $3)),"
        " members as (select tenant_id, activity_id, count(*) as times from attendance"
        " where party_member group by 1, 2)"
        " select tenant_id, community, count(*)::int as activities, coalesce(sum(times), 0)::int as party_member_times,"
        f" coalesce(sum(served), 0)::bigint as residents_served, {VAGUEST} as residents_served_qualifier"
        " from held left join members using (tenant_id, activity_id)"
        " group by tenant_id, community order by tenant_id, community",
        tenants,
        first,
        last,
    )
