"""REG-R8: the city's standard and leading group, and the streets' joint conferences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, assert_never
from uuid import UUID

from contracts.values import PersonId, SchemeId, TenantId, UnitCode
from kit.store import Meta, Row, Tx, View, titled
from registry.domain.linkage import conference
from registry.domain.linkage.conference import ConferenceEvent, JointConferenceEstablished
from registry.domain.linkage.leading_group import LeadingGroupFormed
from registry.domain.linkage.standard import LinkageStandardDeclared, SchemeDistrictsNoted, Seat, StandardEvent
from registry.domain.site import Device


@dataclass(frozen=True)
class StandardRow(Row, table="linkage_standard", key=()):
    scheme_id: Annotated[SchemeId | None, titled("方案编号")]
    devices: Annotated[tuple[Device, ...], titled("应配设备")]
    counts: Annotated[tuple[int, ...], titled("各设备台数")]
    seats: Annotated[tuple[Seat, ...], titled("席位")]
    liaisons_min: Annotated[int, titled("专职联动人员下限")]
    divisions: Annotated[tuple[str, ...], titled("成员科室")]
    office: Annotated[str, titled("办公室所在科室", "领导小组办公室")]


def evolve_standard(row: StandardRow | None, event: StandardEvent, _meta: Meta) -> StandardRow | None:
    match event:
        case LinkageStandardDeclared(standard=standard):
            return StandardRow(
                scheme_id=event.scheme_id,
                devices=tuple(one.device for one in standard.equipment),
                counts=tuple(one.count for one in standard.equipment),
                seats=standard.seats,
                liaisons_min=standard.liaisons_min,
                divisions=standard.divisions,
                office=standard.office,
            )
        case SchemeDistrictsNoted():
            return row  # only whoever forms the leading group asks for it
        case _:
            assert_never(event)


@dataclass(frozen=True)
class GroupRow(Row, table="leading_group", key=("scheme_id",)):
    scheme_id: Annotated[SchemeId, titled("方案编号")]
    head: Annotated[str, titled("组长单位或职务")]
    deputy: Annotated[str, titled("副组长单位或职务")]
    divisions: Annotated[tuple[str, ...], titled("成员科室")]
    districts: Annotated[tuple[TenantId, ...], titled("成员区县")]
    office: Annotated[str, titled("办公室所在科室")]
    formed_on: Annotated[date, titled("成立日期")]


def evolve_group(_row: GroupRow | None, event: LeadingGroupFormed, meta: Meta) -> GroupRow | None:
    """Formed anew, it is the new one."""
    match event:
        case LeadingGroupFormed():
            return GroupRow(
                scheme_id=event.scheme_id,
                head=event.head,
                deputy=event.deputy,
                divisions=event.divisions,
                districts=event.districts,
                office=event.office,
                formed_on=meta.occurred_on,
            )
        case _:
            assert_never(event)


class Duty(StrEnum):
    LIAISON = "liaison"
    OFFICER = "officer"


@dataclass(frozen=True)
class ConferenceRow(Row, table="conference_list", key=("street",)):
    street: Annotated[UnitCode, titled("街道（乡镇）代码")]
    office: Annotated[str, titled("办公室所在单位")]
    established_on: Annotated[date, titled("建立日期")]
    opened_on: Annotated[date | None, titled("会议启动日期")] = None
    meetings: Annotated[int, titled("会议次数")] = 0


@dataclass(frozen=True)
class SeatRow(Row, table="conference_seat", key=("street", "seat", "body")):
    street: Annotated[UnitCode, titled("街道（乡镇）代码")]
    seat: Annotated[Seat, titled("席位")]
    body: Annotated[str, titled("成员单位")]


@dataclass(frozen=True)
class PersonRow(Row, table="conference_person", key=("street", "duty", "unit", "person")):
    street: Annotated[UnitCode, titled("街道（乡镇）代码")]
    duty: Annotated[Duty, titled("职责")]
    unit: Annotated[UnitCode, titled("行政单元代码", "所在的单元")]
    person: Annotated[PersonId, titled("人员编号")]
    name_event: Annotated[UUID, titled("姓名所在记录")]
    since: Annotated[date, titled("任职起始日期")]


@dataclass(frozen=True)
class Conference:
    row: ConferenceRow
    people: tuple[PersonRow, ...] = ()

    def rows(self) -> Iterable[Row]:
        return (self.row, *self.people)

    def joined(self, person: PersonRow) -> Conference:
        return replace(self, people=(*self.people, person))


def evolve_conference(state: Conference | None, event: ConferenceEvent, meta: Meta) -> Conference | None:
    if state is None:
        return _established(event, meta) if isinstance(event, JointConferenceEstablished) else None
    day = meta.occurred_on
    match event:
        case JointConferenceEstablished() | conference.ConferenceSeatTaken():
            return state
        case conference.JointConferenceOpened():
            return replace(state, row=replace(state.row, opened_on=day))
        case conference.ConferenceHeld():
            return replace(state, row=replace(state.row, meetings=state.row.meetings + 1))
        case conference.LiaisonAppointed():
            return state.joined(PersonRow(event.street, Duty.LIAISON, event.street, event.person, meta.event_id, day))
        case conference.ResponsibleOfficerNamed():
            return state.joined(PersonRow(event.street, Duty.OFFICER, event.unit, event.person, meta.event_id, day))
        case conference.ResponsibleOfficerRelieved():
            relieved = (Duty.OFFICER, event.unit, event.person)
            kept = tuple(one for one in state.people if (one.duty, one.unit, one.person) != relieved)
            return replace(state, people=kept)
        case _:
            assert_never(event)


def _established(event: JointConferenceEstablished, meta: Meta) -> Conference:
    return Conference(ConferenceRow(event.street, event.office, meta.occurred_on))


def seated(event: ConferenceEvent, _meta: Meta) -> Iterable[SeatRow]:
    """Who took a seat, for good: nothing tells of one that is given up."""
    if isinstance(event, conference.ConferenceSeatTaken):
        yield SeatRow(event.street, event.seat, event.body)


STANDARDS = View("linkage_standard", 1, "standard", (StandardRow,), evolve_standard)
GROUPS = View("leading_group", 1, "leading-group", (GroupRow,), evolve_group)
CONFERENCES = View("conference_list", 1, "conference", (ConferenceRow, SeatRow, PersonRow), evolve_conference, seated)


async def seats_of(tx: Tx, tenant: TenantId, street: str) -> list[dict[str, Any]]:
    """The seats of a street's conference."""
    found = await tx.fetch(
        "select seat, body from conference_seat where tenant_id = $1 and street = $2 order by seat, body",
        tenant,
        street,
    )
    return [dict(row) for row in found]
