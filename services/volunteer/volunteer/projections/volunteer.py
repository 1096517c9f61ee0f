"""The volunteers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from contracts.values import ProjectId, UnitCode, VolunteerId
from kit.store import Meta, Row, View, titled
from volunteer.domain.volunteer import Background, VolunteerCorrected, VolunteerEvent, VolunteerRegistered


@dataclass(frozen=True)
class VolunteerRow(
    Row,
    table="volunteer_list",
    key=("volunteer_id",),
    indexes=(
        ("project_id",),
        ("tenant_id", "registered_on", "volunteer_id"),
        ("tenant_id", "community"),
        ("tenant_id", "project_id"),
    ),
    counted=("community",),
):
    """`name_event` is the event that seals the name: the name itself stands in no row."""

    volunteer_id: Annotated[VolunteerId, titled("志愿者编号")]
    name_event: Annotated[UUID, titled("姓名所在记录")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    background: Annotated[Background, titled("身份背景")]
    is_party_member: Annotated[bool, titled("是否党员")]
    registered_on: Annotated[date, titled("登记日期")]


def evolve(row: VolunteerRow | None, event: VolunteerEvent, meta: Meta) -> VolunteerRow | None:
    match event:
        case VolunteerRegistered():
            return VolunteerRow(
                volunteer_id=event.volunteer_id,
                name_event=meta.event_id,
                project_id=event.project_id,
                community=event.community,
                background=event.background,
                is_party_member=event.is_party_member,
                registered_on=meta.occurred_on,
            )
        case VolunteerCorrected(now=now, name=name):
            named = meta.event_id if name is not None else None
            return row and replace(row, **vars(now), name_event=named or row.name_event)
        case _:
            assert_never(event)


VOLUNTEERS = View("volunteer_list", 3, "volunteer", (VolunteerRow,), evolve)
