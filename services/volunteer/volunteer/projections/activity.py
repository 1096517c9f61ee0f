"""The activities, and who attended them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, assert_never

from contracts.values import ActivityId, ProjectId, Qualifier, UnitCode, VolunteerId
from kit.store import Meta, Row, Tx, View, titled
from volunteer.domain.activity import (
    ActivityEvent,
    Organiser,
    ResidentsServedAnnulled,
    ResidentsServedCorrected,
    ResidentsServedRecorded,
    VolunteerActivityAnnulled,
    VolunteerActivityCorrected,
    VolunteerActivityHeld,
    VolunteerActivityPlanned,
    VolunteerAttendanceAnnulled,
    VolunteerAttendanceRecorded,
)


@dataclass(frozen=True)
class ActivityRow(
    Row,
    table="activity_list",
    key=("activity_id",),
    indexes=(
        ("tenant_id", "project_id", "held_on"),
        ("tenant_id", "planned_for", "activity_id"),
        ("tenant_id", "community"),
    ),
    counted=("community", "held_on", "residents_served", "residents_served_qualifier"),
):
    activity_id: Annotated[ActivityId, titled("活动编号")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    title: Annotated[str, titled("活动名称")]
    organiser: Annotated[Organiser, titled("组织方")]
    planned_for: Annotated[date, titled("计划日期")]
    held_on: Annotated[date | None, titled("开展日期")] = None
    residents_served: Annotated[Decimal | None, titled("服务居民人次")] = None
    residents_served_qualifier: Annotated[Qualifier | None, titled("服务居民人次的限定")] = None
    served_on: Annotated[date | None, titled("人次登记日期")] = None


@dataclass(frozen=True)
class AttendanceRow(
    Row,
    table="attendance",
    key=("activity_id", "volunteer_id"),
    indexes=(("tenant_id", "recorded_for", "activity_id", "volunteer_id"), ("tenant_id", "volunteer_id")),
    counted=("party_member",),
):
    activity_id: Annotated[ActivityId, titled("活动编号")]
    volunteer_id: Annotated[VolunteerId, titled("志愿者编号")]
    party_member: Annotated[bool, titled("是否以党员身份参加")]
    recorded_for: Annotated[date, titled("参加日期")]


def evolve(row: ActivityRow | None, event: ActivityEvent, meta: Meta) -> ActivityRow | None:
    match event:
        case VolunteerActivityPlanned():
            return ActivityRow(
                activity_id=event.activity_id,
                project_id=event.project_id,
                community=event.community,
                title=event.title,
                organiser=event.organiser,
                planned_for=event.planned_for,
            )
        case VolunteerActivityHeld():
            return row and replace(row, held_on=meta.occurred_on)
        case ResidentsServedRecorded(served=served):
            return row and replace(
                row,
                residents_served=served.value,
                residents_served_qualifier=served.qualifier,
                served_on=meta.occurred_on,
            )
        case ResidentsServedCorrected(now=served):
            return row and replace(row, residents_served=served.value, residents_served_qualifier=served.qualifier)
        case ResidentsServedAnnulled():
            return row and replace(row, residents_served=None, residents_served_qualifier=None, served_on=None)
        case VolunteerActivityCorrected(now=now):
            return row and replace(row, **vars(now))
        case VolunteerActivityAnnulled():
            return None
        case VolunteerAttendanceRecorded() | VolunteerAttendanceAnnulled():
            return row
        case _:
            assert_never(event)


def came(event: ActivityEvent, meta: Meta) -> Iterable[AttendanceRow]:
    """Who came, for good: however many they are, each is written once."""
    if isinstance(event, VolunteerAttendanceRecorded):
        activity = ActivityId(meta.stream_id)
        yield AttendanceRow(activity, event.volunteer_id, event.party_member, meta.occurred_on)


def stayed_away(event: ActivityEvent, meta: Meta) -> Iterable[tuple[AttendanceRow, None]]:
    """Who was not there after all."""
    if isinstance(event, VolunteerAttendanceAnnulled):
        activity = ActivityId(meta.stream_id)
        yield AttendanceRow(activity, event.volunteer_id, event.party_member, meta.occurred_on), None


ACTIVITIES = View("activity_list", 4, "activity", (ActivityRow, AttendanceRow), evolve, came, stayed_away)


async def how_many(tx: Tx, activity_id: ActivityId) -> int:
    """How many volunteers are on the activity's list: as exact as its stream."""
    ((found,),) = await tx.fetch("select count(*) from attendance where activity_id = $1", activity_id)
    return int(found)


async def listed(tx: Tx, activity_id: ActivityId, volunteer_ids: Iterable[VolunteerId]) -> frozenset[VolunteerId]:
    """Who of some volunteers is on the activity's list: as exact as its stream, which alone adds to it."""
    rows = await tx.fetch(
        "select volunteer_id from attendance where activity_id = $1 and volunteer_id = any ($2::uuid[])",
        activity_id,
        list(volunteer_ids),
    )
    return frozenset(row["volunteer_id"] for row in rows)
