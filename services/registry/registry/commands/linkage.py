"""The linkage mechanism: the city's standard and leading group, and each street's joint conference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.fields import Count, Name, PersonName, Pieces, Place, Street, Tenant, Text
from contracts.values import PersonId, SchemeId, Sealed, TenantId, UnitCode
from kit.auth import Caller
from kit.errors import require_unit
from kit.service import Command, Part
from kit.store import Answer, Store, Stream
from registry.commands.streams import CONFERENCES, DIVISIONS, GROUPS, STANDARDS, city_of
from registry.domain import division
from registry.domain.division import Divisions
from registry.domain.linkage import conference, leading_group, standard
from registry.domain.linkage.conference import Conference, ConferenceEvent
from registry.domain.linkage.leading_group import LeadingGroup, LeadingGroupFormed
from registry.domain.linkage.standard import LinkageStandard, Seat, Standard
from registry.domain.site import Device, Equipment


class EquipmentGiven(Part):
    device: Device
    count: Pieces


class DeclareLinkageStandard(Command):
    """What the city's scheme asks of sites, conferences and the leading group."""

    scheme_id: SchemeId | None = None
    equipment: Annotated[tuple[EquipmentGiven, ...], Field(max_length=20)]
    seats: Annotated[tuple[Seat, ...], Field(max_length=10)]
    liaisons_min: Count
    divisions: Annotated[tuple[Name, ...], Field(max_length=50)]
    office: Name


class FormLeadingGroup(Command):
    """Offices, never persons; `districts` are those whose bureaus' principal leaders are members."""

    scheme_id: SchemeId
    head: Name
    deputy: Name
    divisions: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    districts: Annotated[tuple[Tenant, ...], Field(min_length=1, max_length=200)]
    office: Name


class EstablishConference(Command):
    street: Street
    office: Name


class TakeConferenceSeat(Command):
    """`body` is an organisation or group, not a person."""

    seat: Seat
    body: Name


class OpenConference(Command):
    """No more than the day."""


class HoldConference(Command):
    agenda: Text
    resolution: Text | None = None


class AppointLiaison(Command):
    name: PersonName


class NameOfficer(Command):
    """`unit` is the street or one of its communities."""

    unit: Place
    name: PersonName


class RelieveOfficer(Command):
    unit: Place


async def declare_standard(store: Store, caller: Caller, cmd: DeclareLinkageStandard) -> Answer:
    cause = caller.may("declare-linkage-standard", cmd.occurred_on)
    city = caller.actor.tenant
    declared = LinkageStandard(
        equipment=tuple(Equipment(e.device, e.count) for e in cmd.equipment),
        seats=cmd.seats,
        liaisons_min=cmd.liaisons_min,
        divisions=cmd.divisions,
        office=cmd.office,
    )
    return await store.change(
        cause,
        lambda state: standard.declare_standard(state, tenant_id=city, scheme_id=cmd.scheme_id, standard=declared),
        STANDARDS.stream(city, tenant=city),
    )


async def note_scheme_published(
    store: Store,
    caller: Caller,
    *,
    city: TenantId,
    scheme_id: SchemeId,
    version: int,
    districts: tuple[TenantId, ...],
    occurred_on: date,
) -> Answer:
    """Whose leaders belong to the leading group (R-LZ-42)."""
    cause = caller.may("note-scheme-published", occurred_on)
    return await store.change(
        cause,
        lambda state: standard.note_districts(
            state, scheme_id=scheme_id, scheme_version=version, districts=districts, published_on=occurred_on
        ),
        STANDARDS.stream(city, tenant=city),
    )


async def form_leading_group(store: Store, caller: Caller, cmd: FormLeadingGroup) -> Answer:
    cause = caller.may("form-leading-group", cmd.occurred_on)
    city = caller.actor.tenant

    def decide(state: LeadingGroup, declared: Standard) -> Sequence[LeadingGroupFormed]:
        return leading_group.form(
            state,
            declared,
            scheme_id=cmd.scheme_id,
            head=cmd.head,
            deputy=cmd.deputy,
            divisions=cmd.divisions,
            districts=cmd.districts,
            office=cmd.office,
            occurred_on=cmd.occurred_on,
        )

    return await store.change(
        cause, decide, GROUPS.stream(cmd.scheme_id, tenant=city), reads=STANDARDS.stream(city, tenant=city)
    )


async def establish_conference(store: Store, caller: Caller, district: TenantId, cmd: EstablishConference) -> Answer:
    """At a street that the district has declared."""
    cause = caller.may("establish-conference", cmd.occurred_on)
    require_unit(caller.acts_for, cmd.street)

    def decide(state: Conference, units: Divisions) -> Sequence[ConferenceEvent]:
        division.placed(units, cmd.street, cmd.occurred_on)
        return conference.establish(state, street=cmd.street, district=district, office=cmd.office)

    return await store.change(
        cause, decide, _conference(district, cmd.street), reads=DIVISIONS.stream(district, tenant=district)
    )


async def take_seat(
    store: Store, caller: Caller, district: TenantId, street: UnitCode, cmd: TakeConferenceSeat
) -> Answer:
    cause = caller.may("take-conference-seat", cmd.occurred_on)
    require_unit(caller.acts_for, street)
    return await store.change(
        cause,
        lambda state: conference.take_seat(state, seat=cmd.seat, body=cmd.body),
        _conference(district, street),
    )


async def open_conference(
    store: Store, caller: Caller, district: TenantId, street: UnitCode, cmd: OpenConference
) -> Answer:
    """By the seats and liaisons that the city's standard asks for (R-LZ-22)."""
    cause = caller.may("open-conference", cmd.occurred_on)
    require_unit(caller.acts_for, street)
    city = city_of(caller, district)
    return await store.change(
        cause,
        lambda state, declared: conference.open_conference(
            state, standard=standard.declared(declared), occurred_on=cmd.occurred_on
        ),
        _conference(district, street),
        reads=STANDARDS.stream(city, tenant=city),
    )


async def hold_conference(
    store: Store, caller: Caller, district: TenantId, street: UnitCode, cmd: HoldConference
) -> Answer:
    cause = caller.may("hold-conference", cmd.occurred_on)
    require_unit(caller.acts_for, street)
    return await store.change(
        cause,
        lambda state: conference.hold(state, agenda=cmd.agenda, resolution=cmd.resolution, occurred_on=cmd.occurred_on),
        _conference(district, street),
    )


async def appoint_liaison(
    store: Store, caller: Caller, district: TenantId, street: UnitCode, cmd: AppointLiaison
) -> Answer:
    cause = caller.may("appoint-liaison", cmd.occurred_on)
    require_unit(caller.acts_for, street)
    return await store.change(
        cause,
        lambda state: conference.appoint_liaison(state, name=_person(caller, cmd.name)),
        _conference(district, street),
    )


async def name_officer(store: Store, caller: Caller, district: TenantId, street: UnitCode, cmd: NameOfficer) -> Answer:
    """One for the street, one for each of its communities (R-LZ-23)."""
    cause = caller.may("name-officer", cmd.occurred_on)
    require_unit(caller.acts_for, cmd.unit)

    return await store.change(
        cause,
        lambda state, units: conference.name_officer(
            state, units, unit=cmd.unit, name=_person(caller, cmd.name), occurred_on=cmd.occurred_on
        ),
        _conference(district, street),
        reads=DIVISIONS.stream(district, tenant=district),
    )


async def relieve_officer(
    store: Store, caller: Caller, district: TenantId, street: UnitCode, cmd: RelieveOfficer
) -> Answer:
    cause = caller.may("relieve-officer", cmd.occurred_on)
    require_unit(caller.acts_for, cmd.unit)
    return await store.change(
        cause,
        lambda state: conference.relieve_officer(state, unit=cmd.unit),
        _conference(district, street),
    )


def _conference(district: TenantId, street: UnitCode) -> Stream[Conference, ConferenceEvent]:
    """Two districts may have declared a code alike: whose conference it is must be said."""
    return CONFERENCES.stream(street, tenant=district)


def _person(caller: Caller, name: str) -> Sealed[str]:
    return Sealed(person=PersonId(caller.new_id("person")), clear=name)
