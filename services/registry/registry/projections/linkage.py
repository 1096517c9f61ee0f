"""REG-R8: the city's standard and leading group, and the streets' joint conferences."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain.linkage import conference
from registry.domain.linkage.conference import ConferenceEvent
from registry.domain.linkage.leading_group import LeadingGroupFormed
from registry.domain.linkage.standard import LinkageStandardDeclared, SchemeDistrictsNoted, StandardEvent

ONE = "where tenant_id = $1 and street = $2"


async def apply_standard(tx: Tx, event: StandardEvent, meta: Meta) -> None:
    match event:
        case LinkageStandardDeclared():
            await _declare(tx, event, meta)
        case SchemeDistrictsNoted():
            pass  # only whoever forms the leading group asks for it
        case _:
            assert_never(event)


async def _declare(tx: Tx, event: LinkageStandardDeclared, meta: Meta) -> None:
    standard = event.standard
    await tx.execute(
        "insert into linkage_standard (tenant_id, scheme_id, devices, counts, seats, liaisons_min, divisions, office)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id) do update set scheme_id = excluded.scheme_id,"
        " devices = excluded.devices, counts = excluded.counts, seats = excluded.seats,"
        " liaisons_min = excluded.liaisons_min, divisions = excluded.divisions, office = excluded.office",
        meta.tenant,
        event.scheme_id,
        [e.device.value for e in standard.equipment],
        [e.count for e in standard.equipment],
        [seat.value for seat in standard.seats],
        standard.liaisons_min,
        list(standard.divisions),
        standard.office,
    )


async def apply_group(tx: Tx, event: LeadingGroupFormed, meta: Meta) -> None:
    await tx.execute(
        "insert into leading_group (tenant_id, scheme_id, head, deputy, divisions, districts, office, formed_on)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, scheme_id) do update set"
        " head = excluded.head, deputy = excluded.deputy, divisions = excluded.divisions,"
        " districts = excluded.districts, office = excluded.office, formed_on = excluded.formed_on",
        meta.tenant,
        event.scheme_id,
        event.head,
        event.deputy,
        list(event.divisions),
        list(event.districts),
        event.office,
        meta.occurred_on,
    )


async def apply_conference(tx: Tx, event: ConferenceEvent, meta: Meta) -> None:
    key = (meta.tenant, event.street)
    match event:
        case conference.JointConferenceEstablished():
            await tx.execute(
                "insert into conference_list (tenant_id, street, office, established_on) values ($1, $2, $3, $4)",
                *key,
                event.office,
                meta.occurred_on,
            )
        case conference.ConferenceSeatTaken():
            await tx.execute(
                "insert into conference_seat (tenant_id, street, seat, body) values ($1, $2, $3, $4)",
                *key,
                event.seat.value,
                event.body,
            )
        case conference.JointConferenceOpened():
            await tx.execute(f"update conference_list set opened_on = $3 {ONE}", *key, meta.occurred_on)
        case conference.ConferenceHeld():
            await tx.execute(f"update conference_list set meetings = meetings + 1 {ONE}", *key)
        case conference.LiaisonAppointed():
            await _person(tx, meta, event, "liaison", event.street)
        case conference.ResponsibleOfficerNamed():
            await _person(tx, meta, event, "officer", event.unit)
        case conference.ResponsibleOfficerRelieved():
            await tx.execute(
                f"delete from conference_person {ONE} and duty = 'officer' and unit = $3 and person = $4",
                *key,
                event.unit,
                event.person,
            )
        case _:
            assert_never(event)


async def _person(
    tx: Tx,
    meta: Meta,
    event: conference.LiaisonAppointed | conference.ResponsibleOfficerNamed,
    duty: str,
    unit: str,
) -> None:
    await tx.execute(
        "insert into conference_person (tenant_id, street, duty, unit, person, name_event, since)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        meta.tenant,
        event.street,
        duty,
        unit,
        event.person,
        meta.event_id,
        meta.occurred_on,
    )


STANDARD = Projection("linkage_standard", 1, ("linkage_standard",), ("standard",), apply_standard)
GROUP = Projection("leading_group", 1, ("leading_group",), ("leading-group",), apply_group)
CONFERENCE = Projection(
    "conference_list",
    1,
    ("conference_list", "conference_seat", "conference_person"),
    ("conference",),
    apply_conference,
)
