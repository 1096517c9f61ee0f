"""A street's joint conference, its liaisons, and who answers for linkage work (R-LZ-22, R-LZ-23).

One stream for each street: it seats the parties, and names the responsible officer of the street and of each of its
project communities.  People's names are sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, PersonId, Sealed, TenantId, UnitCode
from kit.errors import Refused, not_before
from registry.domain.division import Divisions
from registry.domain.linkage.standard import LinkageStandard, Seat


@dataclass(frozen=True)
class JointConferenceEstablished(Event):
    """`office` is where the conference office sits (联席会议办公室)."""

    TOPIC: ClassVar[str] = "registry.joint-conference-established"
    NAME: ClassVar[str] = "建立联席会议"
    RULE: ClassVar[str | None] = "R-LZ-22"

    street: UnitCode
    district: TenantId
    office: str


@dataclass(frozen=True)
class ConferenceSeatTaken(Event):
    """`body` is an organisation, a committee or a group of residents, never a person."""

    TOPIC: ClassVar[str] = "registry.conference-seat-taken"
    NAME: ClassVar[str] = "联席会议成员加入"
    RULE: ClassVar[str | None] = "R-LZ-22"

    street: UnitCode
    seat: Seat
    body: str


@dataclass(frozen=True)
class JointConferenceOpened(Event):
    TOPIC: ClassVar[str] = "registry.joint-conference-opened"
    NAME: ClassVar[str] = "启动联席会议"
    RULE: ClassVar[str | None] = "R-LZ-22"

    street: UnitCode
    liaisons: int
    opened_on: date


@dataclass(frozen=True)
class ConferenceHeld(Event):
    TOPIC: ClassVar[str] = "registry.conference-held"
    NAME: ClassVar[str] = "召开联席会议"
    LATE: ClassVar[bool] = True

    street: UnitCode
    agenda: str
    resolution: str | None


@dataclass(frozen=True)
class LiaisonAppointed(Event):
    """A dedicated liaison at the street (专职联动人员, C-40)."""

    TOPIC: ClassVar[str] = "registry.liaison-appointed"
    NAME: ClassVar[str] = "配备联动人员"

    street: UnitCode
    person: PersonId
    name: Sealed[str]


@dataclass(frozen=True)
class ResponsibleOfficerNamed(Event):
    """The one officer of `unit`, which is the street or one of its project communities."""

    TOPIC: ClassVar[str] = "registry.responsible-officer-named"
    NAME: ClassVar[str] = "明确负责人员"
    RULE: ClassVar[str | None] = "R-LZ-23"

    street: UnitCode
    unit: UnitCode
    person: PersonId
    name: Sealed[str]


@dataclass(frozen=True)
class ResponsibleOfficerRelieved(Event):
    TOPIC: ClassVar[str] = "registry.responsible-officer-relieved"
    NAME: ClassVar[str] = "免除负责人员"
    RULE: ClassVar[str | None] = "R-LZ-23"

    street: UnitCode
    unit: UnitCode
    person: PersonId


ConferenceEvent: TypeAlias = (
    JointConferenceEstablished
    | ConferenceSeatTaken
    | JointConferenceOpened
    | ConferenceHeld
    | LiaisonAppointed
    | ResponsibleOfficerNamed
    | ResponsibleOfficerRelieved
)


@dataclass(frozen=True)
class Conference:
    street: UnitCode | None = None
    district: TenantId | None = None
    seats: frozenset[tuple[Seat, str]] = frozenset()
    liaisons: frozenset[PersonId] = frozenset()
    officers: Mapping[UnitCode, PersonId] = field(default_factory=dict)
    opened_on: date | None = None


class NoConference(Refused):
    code = "joint-conference-not-established"
    name = "联席会议未建立"
    status = 404
    text = "该街道尚未建立联席会议。请先办理建立手续。"


class SeatMissing(Refused):
    code = "conference-seat-missing"
    name = "联席会议成员不全"
    rule = "R-LZ-22"
    text = "联席会议成员不全，缺少：{missing}。请补充成员后再启动。"


class LiaisonMissing(Refused):
    code = "conference-liaison-missing"
    name = "专职联动人员不足"
    text = "该街道应配备专职联动人员 {required} 名，已配备 {appointed} 名。请先配备。"


class NotOpened(Refused):
    code = "joint-conference-not-open"
    name = "联席会议未启动"
    rule = "R-LZ-22"
    text = "联席会议尚未启动。请先启动，再登记会议情况。"


class OfficerNamedAlready(Refused):
    code = "responsible-officer-named-already"
    name = "已明确负责人员"
    rule = "R-LZ-23"
    text = "{unit} 已明确 1 名负责“三社联动”工作的人员。如需更换，请先办理原人员免除。"


class NotInThisStreet(Refused):
    code = "unit-not-in-street"
    name = "单元不属于该街道"
    status = 422
    rule = "R-LZ-23"
    text = "{unit} 不属于该街道。请核对社区代码。"


class NoOfficer(Refused):
    code = "responsible-officer-not-named"
    name = "未明确负责人员"
    rule = "R-LZ-23"
    text = "{unit} 目前没有已明确的工作人员，无需免除。"


SEATS = {
    Seat.GOVERNMENT: "政府",
    Seat.SOCIAL_WORK_ORGANISATION: "社工机构",
    Seat.SOCIAL_ORGANISATION: "社会组织",
    Seat.RESIDENT: "居民代表",
    Seat.VOLUNTEERS: "志愿者",
    Seat.CHARITY: "慈善力量",
}


def evolve(conference: Conference, event: ConferenceEvent) -> Conference:
    match event:
        case JointConferenceEstablished():
            return replace(conference, street=event.street, district=event.district)
        case ConferenceSeatTaken():
            return replace(conference, seats=conference.seats | {(event.seat, event.body)})
        case JointConferenceOpened():
            return replace(conference, opened_on=event.opened_on)
        case ConferenceHeld():
            return conference
        case LiaisonAppointed():
            return replace(conference, liaisons=conference.liaisons | {event.person})
        case ResponsibleOfficerNamed():
            return replace(conference, officers={**conference.officers, event.unit: event.person})
        case ResponsibleOfficerRelieved():
            kept = {unit: person for unit, person in conference.officers.items() if unit != event.unit}
            return replace(conference, officers=kept)
        case _:
            assert_never(event)


def establish(
    conference: Conference, *, street: UnitCode, district: TenantId, office: str
) -> Sequence[ConferenceEvent]:
    return () if conference.street else (JointConferenceEstablished(street, district, office),)


def take_seat(conference: Conference, *, seat: Seat, body: str) -> Sequence[ConferenceEvent]:
    street = established(conference)
    return () if (seat, body) in conference.seats else (ConferenceSeatTaken(street, seat, body),)


def open_conference(
    conference: Conference, *, standard: LinkageStandard, occurred_on: date
) -> Sequence[ConferenceEvent]:
    """Every kind of party that the standard names has a seat, and the street has its liaisons (R-LZ-22, C-40)."""
    street = established(conference)
    if conference.opened_on is not None:
        return ()
    taken = {seat for seat, _ in conference.seats}
    missing = [SEATS[seat] for seat in standard.seats if seat not in taken]
    if missing:
        raise SeatMissing(missing="、".join(missing))
    if len(conference.liaisons) < standard.liaisons_min:
        raise LiaisonMissing(required=standard.liaisons_min, appointed=len(conference.liaisons))
    return (JointConferenceOpened(street, len(conference.liaisons), occurred_on),)


def hold(
    conference: Conference, *, agenda: str, resolution: str | None, occurred_on: date
) -> Sequence[ConferenceEvent]:
    """A meeting may be entered late, but is never before the conference opened."""
    street = established(conference)
    if conference.opened_on is None:
        raise NotOpened
    not_before(occurred_on, conference.opened_on, "联席会议启动")
    return (ConferenceHeld(street, agenda, resolution),)


def appoint_liaison(conference: Conference, *, name: Sealed[str]) -> Sequence[ConferenceEvent]:
    return (LiaisonAppointed(established(conference), name.person, name),)


def name_officer(
    conference: Conference, divisions: Divisions, *, unit: UnitCode, name: Sealed[str]
) -> Sequence[ConferenceEvent]:
    """Exactly one at a time for the street and for each community in it (R-LZ-23)."""
    street = established(conference)
    if unit != street and divisions.street_of(unit) != street:
        raise NotInThisStreet(unit=unit)
    if unit in conference.officers:
        raise OfficerNamedAlready(unit=unit)
    return (ResponsibleOfficerNamed(street, unit, name.person, name),)


def relieve_officer(conference: Conference, *, unit: UnitCode) -> Sequence[ConferenceEvent]:
    street = established(conference)
    if unit not in conference.officers:
        raise NoOfficer(unit=unit)
    return (ResponsibleOfficerRelieved(street, unit, conference.officers[unit]),)


def established(conference: Conference) -> UnitCode:
    if conference.street is None:
        raise NoConference
    return conference.street
