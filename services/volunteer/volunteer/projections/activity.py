"""The activities, and who attended them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from contracts.values import ActivityId, VolunteerId
from kit.store import Meta, Projection, Tx
from volunteer.domain.activity import (
    ActivityEvent,
    ResidentsServedRecorded,
    VolunteerActivityHeld,
    VolunteerActivityPlanned,
    VolunteerAttendanceRecorded,
)


async def apply(tx: Tx, event: ActivityEvent, meta: Meta) -> None:
    here = (meta.tenant, meta.stream_id)
    match event:
        case VolunteerActivityPlanned():
            await tx.execute(
                "insert into activity_list (tenant_id, activity_id, pilot_id, community, title, organiser, planned_for)"
                " values ($1, $2, $3, $4, $5, $6, $7)",
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
                "insert into attendance (tenant_id, activity_id, volunteer_id, party_member, recorded_for)"
                " values ($1, $2, $3, $4, $5)",
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
        case _:
            assert_never(event)


ACTIVITIES = Projection("activity_list", 1, ("activity_list", "attendance"), ("activity",), apply)


async def listed(tx: Tx, activity_id: ActivityId, volunteer_ids: Iterable[VolunteerId]) -> frozenset[VolunteerId]:
    """Who of some volunteers is on the activity's list: as exact as its stream, which alone adds to it."""
    rows = await tx.fetch(
        "select volunteer_id from attendance where activity_id = $1 and volunteer_id = any ($2::uuid[])",
        activity_id,
        list(volunteer_ids),
    )
    return frozenset(row["volunteer_id"] for row in rows)
