"""The lists of volunteering: volunteers, activities, and who came."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from contracts.values import ProjectId, UnitCode
from kit.auth import Actor
from kit.service import Flag, Listing, More, Opens, Wait
from kit.store import titled
from volunteer.policy import ORGANISERS
from volunteer.projections.activity import ActivityRow, AttendanceRow
from volunteer.projections.volunteer import VolunteerRow


def _organises(actor: Actor, _row: dict[str, Any]) -> bool:
    """Of the volunteers in their sight, who organises sees the names; a bureau sees pseudonyms."""
    return actor.role in ORGANISERS


def _knows(actor: Actor, row: dict[str, Any]) -> bool:
    """Who came from elsewhere is named to those alone whose volunteer they are."""
    return actor.role in ORGANISERS and actor.unit in (row["home_community"], row["home_organisation"])


def _of_activity(column: str) -> str:
    return f"(select a.{column} from activity_list a where (a.tenant_id, a.activity_id) = (t.tenant_id, t.activity_id))"


def _of_volunteer(column: str) -> str:
    return (
        f"(select v.{column} from volunteer_list v where (v.tenant_id, v.volunteer_id) = (t.tenant_id, t.volunteer_id))"
    )


ORGANISATION_NOW = (
    "(select p.organisation_id::text from public.project_list p"
    " join public.volunteer_list v using (tenant_id, project_id)"
    " where (v.tenant_id, v.volunteer_id) = (t.tenant_id, t.volunteer_id))"
)
"""Whose volunteer it is as things stand now, of whatever moment the list is."""
TIMES = "(select count(*) from attendance a where (a.tenant_id, a.{key}) = (t.tenant_id, t.{key}){only})"
NOBODY_LISTED = (
    "not exists (select from attendance a where (a.tenant_id, a.activity_id) = (t.tenant_id, t.activity_id))"
)

VOLUNTEERS = Listing(
    "Volunteer",
    VolunteerRow,
    action="read-volunteers",
    category="volunteer",
    more=(
        More("activities_attended", Annotated[int, titled("参加活动次数")], TIMES.format(key="volunteer_id", only="")),
    ),
    flags=(
        Flag(
            "never_attended",
            "尚未参加活动",
            "not exists (select from attendance a where (a.tenant_id, a.volunteer_id) = (t.tenant_id, t.volunteer_id))",
        ),
    ),
    filters=("project_id", "community", "background", "is_party_member"),
    spans=("registered_on",),
    sorts=("-registered_on",),
    opens=Opens(_organises),
)
ACTIVITIES = Listing(
    "Activity",
    ActivityRow,
    action="read-activities",
    category="activity",
    more=(
        More("attended", Annotated[int, titled("参与志愿者人次")], TIMES.format(key="activity_id", only="")),
        More(
            "party_member_times",
            Annotated[int, titled("参与党员人次")],
            TIMES.format(key="activity_id", only=" and a.party_member"),
        ),
    ),
    flags=(
        Flag("planned", "计划中，未登记开展", "t.held_on is null"),
        Flag("overdue", "已过计划日期，未登记开展", "t.held_on is null and t.planned_for < {today}"),
        Flag("uncounted", "已开展，未登记服务人次", "t.held_on is not null and t.residents_served is null"),
        Flag(
            "nobody_listed",
            "已开展，未登记参与志愿者",
            f"t.held_on is not null and {NOBODY_LISTED}",
        ),
    ),
    waits=(
        Wait("hold-activity", "t.held_on is null", "t.planned_for"),
        Wait("record-residents-served", "t.held_on is not null and t.residents_served is null", "t.held_on"),
        Wait("record-attendance", f"t.held_on is not null and {NOBODY_LISTED}", "t.held_on"),
    ),
    filters=("project_id", "community", "organiser"),
    spans=("planned_for", "held_on", "served_on"),
    sorts=("-planned_for",),
)
ATTENDANCE = Listing(
    "Attendance",
    AttendanceRow,
    action="read-attendance",
    category="activity",
    more=(
        More("name_event", Annotated[UUID, titled("姓名所在记录")], _of_volunteer("name_event")),
        More("title", Annotated[str, titled("活动名称")], _of_activity("title")),
        More("project_id", Annotated[ProjectId | None, titled("试点编号")], _of_activity("project_id")),
        More("community", Annotated[UnitCode, titled("社区（村）代码")], _of_activity("community")),
        More("home_community", Annotated[UnitCode, titled("志愿者所在社区")], _of_volunteer("community")),
        More("home_organisation", Annotated[str | None, titled("志愿者所属机构")], ORGANISATION_NOW),
    ),
    filters=("activity_id", "volunteer_id", "party_member", "project_id", "community"),
    spans=("recorded_for",),
    sorts=("-recorded_for",),
    without=("home_community", "home_organisation"),
    opens=Opens(_knows),
)
