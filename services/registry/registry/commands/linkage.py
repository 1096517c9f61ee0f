"""The linkage mechanism: the city's standard and leading group, and each street's joint conference."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from contracts.values import PersonId, SchemeId, Sealed, TenantId, UnitCode
from kit.auth import Caller
from kit.service import Command, Part
from kit.store import Answer, Store
from registry.commands.streams import CONFERENCES, DIVISIONS, GROUPS, STANDARDS, city_of, place_unit
from registry.domain import conference as conferences
from registry.domain import division as divisions
from registry.domain import leading_group as groups
from registry.domain import standard as standards
from registry.domain.conference import Conference
from registry.domain.place import within
from registry.domain.site import Device, Equipment
from registry.domain.standard import LinkageStandard, Seat, Standard

Code = Annotated[TenantId, Field(pattern=r"^[0-9]{6}$")]
Place = Annotated[UnitCode, Field(pattern=r"^[0-9]{9}([0-9]{3})?$")]
Office = Annotated[str, Field(min_length=1, max_length=60)]
PersonName = Annotated[str, Field(min_length=1, max_length=60)]


class EquipmentGiven(Part):
    device: Device
    count: Annotated[int, Field(ge=1, le=1000)]


class DeclareLinkageStandard(Command):
    """What the city's scheme asks of sites, conferences and the leading group."""

    scheme_id: SchemeId | None = None
    equipment: Annotated[tuple[EquipmentGiven, ...], Field(max_length=20)]
    seats: Annotated[tuple[Seat, ...], Field(max_length=10)]
    liaisons_min: Annotated[int, Field(ge=0, le=100)]
    divisions: Annotated[tuple[Office, ...], Field(max_length=50)]
    office: Office


class FormLeadingGroup(Command):
    """Offices, never persons; `districts` are those whose bureaus' principal leaders are members."""

    scheme_id: SchemeId
    head: Office
    deputy: Office
    divisions: Annotated[tuple[Office, ...], Field(min_length=1, max_length=50)]
    districts: Annotated[tuple[Code, ...], Field(min_length=1, max_length=200)]
    office: Office


class EstablishConference(Command):
    street: Place
    office: Office


class TakeConferenceSeat(Command):
    """`body` is an organisation or group, not a person."""

    seat: Seat
    body: Annotated[str, Field(min_length=1, max_length=100)]


class OpenConference(Command):
    """No more than the day."""


class HoldConference(Command):
    agenda: Annotated[str, Field(min_length=1, max_length=500)]
    resolution: Annotated[str, Field(max_length=2000)] | None = None


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
    standard = LinkageStandard(
        equipment=tuple(Equipment(e.device, e.count) for e in cmd.equipment),
        seats=cmd.seats,
        liaisons_min=cmd.liaisons_min,
        divisions=cmd.divisions,
        office=cmd.office,
    )
    return await store.change(
        cause,
        lambda state: standards.declare_standard(state, tenant_id=city, scheme_id=cmd.scheme_id, standard=standard),
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
    occurred_on: Any,
) -> Answer:
    """Whose leaders belong to the leading group (R-LZ-42)."""
    cause = caller.may("note-scheme-published", occurred_on)
    return await store.change(
        cause,
        lambda state: standards.note_districts(state, scheme_id=scheme_id, scheme_version=version, districts=districts),
        STANDARDS.stream(city, tenant=city),
    )


async def form_leading_group(store: Store, caller: Caller, cmd: FormLeadingGroup) -> Answer:
    cause = caller.may("form-leading-group", cmd.occurred_on)
    city = caller.actor.tenant

    def decide(group: groups.LeadingGroup, standard: Standard) -> tuple[Any, Any]:
        formed = groups.form(
            group,
            standard,
            scheme_id=cmd.scheme_id,
            head=cmd.head,
            deputy=cmd.deputy,
            divisions=cmd.divisions,
            districts=cmd.districts,
            office=cmd.office,
        )
        return formed, ()

    return await store.change(
        cause, decide, GROUPS.stream(cmd.scheme_id, tenant=city), STANDARDS.stream(city, tenant=city)
    )


async def establish_conference(store: Store, caller: Caller, district: TenantId, cmd: EstablishConference) -> Answer:
    """At a street that the district has declared."""
    cause = caller.may("establish-conference", cmd.occurred_on)
    within(place_unit(caller), cmd.street)

    def decide(conference: Conference, units: divisions.Divisions) -> tuple[Any, Any]:
        divisions.placed(units, cmd.street)
        return conferences.establish(conference, street=cmd.street, district=district, office=cmd.office), ()

    return await store.change(
        cause,
        decide,
        CONFERENCES.stream(cmd.street, tenant=district),
        DIVISIONS.stream(district, tenant=district),
    )


async def take_seat(store: Store, caller: Caller, street: UnitCode, cmd: TakeConferenceSeat) -> Answer:
    cause = caller.may("take-conference-seat", cmd.occurred_on)
    within(place_unit(caller), street)
    return await store.change(
        cause,
        lambda conference: conferences.take_seat(conference, seat=cmd.seat, body=cmd.body),
        CONFERENCES.stream(street),
    )


async def open_conference(store: Store, caller: Caller, street: UnitCode, cmd: OpenConference) -> Answer:
    """By the seats and liaisons that the city's standard asks for (R-LZ-22)."""
    cause = caller.may("open-conference", cmd.occurred_on)
    within(place_unit(caller), street)
    city = await city_of(store, cause, conferences.district_of(await store.fold(cause, CONFERENCES.stream(street))))

    def decide(conference: Conference, standard: Standard) -> tuple[Any, Any]:
        return conferences.open_conference(conference, standard=standards.declared(standard)), ()

    return await store.change(cause, decide, CONFERENCES.stream(street), STANDARDS.stream(city, tenant=city))


async def hold_conference(store: Store, caller: Caller, street: UnitCode, cmd: HoldConference) -> Answer:
    cause = caller.may("hold-conference", cmd.occurred_on)
    within(place_unit(caller), street)
    return await store.change(
        cause,
        lambda conference: conferences.hold(conference, agenda=cmd.agenda, resolution=cmd.resolution),
        CONFERENCES.stream(street),
    )


async def appoint_liaison(store: Store, caller: Caller, street: UnitCode, cmd: AppointLiaison) -> Answer:
    cause = caller.may("appoint-liaison", cmd.occurred_on)
    within(place_unit(caller), street)
    return await store.change(
        cause,
        lambda conference: conferences.appoint_liaison(conference, name=_person(caller, cmd.name)),
        CONFERENCES.stream(street),
    )


async def name_officer(store: Store, caller: Caller, street: UnitCode, cmd: NameOfficer) -> Answer:
    """One for the street, one for each of its communities (R-LZ-23)."""
    cause = caller.may("name-officer", cmd.occurred_on)
    within(place_unit(caller), cmd.unit)
    district = conferences.district_of(await store.fold(cause, CONFERENCES.stream(street)))

    def decide(conference: Conference, units: divisions.Divisions) -> tuple[Any, Any]:
        return conferences.name_officer(conference, units, unit=cmd.unit, name=_person(caller, cmd.name)), ()

    return await store.change(cause, decide, CONFERENCES.stream(street), DIVISIONS.stream(district, tenant=district))


async def relieve_officer(store: Store, caller: Caller, street: UnitCode, cmd: RelieveOfficer) -> Answer:
    cause = caller.may("relieve-officer", cmd.occurred_on)
    within(place_unit(caller), cmd.unit)
    return await store.change(
        cause,
        lambda conference: conferences.relieve_officer(conference, unit=cmd.unit),
        CONFERENCES.stream(street),
    )


def _person(caller: Caller, name: str) -> Sealed[str]:
    return Sealed(person=PersonId(caller.new_id("person")), clear=name)
