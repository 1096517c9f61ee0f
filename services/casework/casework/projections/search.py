"""Whom the ledger names, for who works with them: the persons, where they were served, and who works there now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from casework.domain.entry import BeneficiaryEnrolled, EntryEvent
from casework.domain.place import PilotStartNoted, PlaceEvent
from contracts.values import AgencyId, EntryId, PersonId, UnitCode
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class PersonRow(Row, table="ledger_person", key=("entry_id",), indexes=(("tenant_id", "person"),)):
    entry_id: Annotated[EntryId, titled("台账编号")]
    person: Annotated[PersonId, titled("人员编号")]
    name_event: Annotated[UUID, titled("姓名所在记录")]
    community: Annotated[UnitCode, titled("社区代码")]
    places: Annotated[tuple[UUID, ...], titled("服务过的试点或站点")]


@dataclass(frozen=True)
class CarrierRow(Row, table="pilot_carrier", key=("place_id",), indexes=(("tenant_id", "agency_id"),)):
    """Who carries out a pilot."""

    place_id: Annotated[UUID, titled("试点编号")]
    agency_id: Annotated[AgencyId, titled("承接机构编号")]


def served(row: PersonRow | None, event: EntryEvent, meta: Meta) -> PersonRow | None:
    if isinstance(event, BeneficiaryEnrolled):
        return PersonRow(event.entry_id, event.name.person, meta.event_id, event.community, (event.place_id,))
    if row is None or event.place_id in row.places:
        return row
    return replace(row, places=(*row.places, event.place_id))


def carried(row: CarrierRow | None, event: PlaceEvent, _meta: Meta) -> CarrierRow | None:
    if not isinstance(event, PilotStartNoted):
        return row
    now = CarrierRow(event.pilot_id, event.agency_id)
    return row if now == row else now


PERSONS = View("ledger_person", 1, "entry", (PersonRow,), served)
CARRIERS = View("pilot_carrier", 1, "place", (CarrierRow,), carried)

LEDGER = """
with place as (
  select site_id as id from public.placement where agency_id::text = $1
  union select place_id from public.pilot_carrier where agency_id::text = $1
), person as (
  select * from ledger_person where tenant_id = any ($2::text[]) and person = any ($3::uuid[])
)
select p.tenant_id, p.entry_id::text as id, p.person, p.name_event, p.community as code, null as place,
  (select whole.places from public.ledger_person whole where whole.tenant_id = p.tenant_id
    and whole.entry_id = p.entry_id) as places,
  (select t.name from public.tenant t where t.tenant_id = p.tenant_id) as tenant_name
from person p where exists (
  select from public.ledger_person now where now.tenant_id = p.tenant_id and now.entry_id = p.entry_id
    and exists (select from place where place.id = any (now.places)))
"""
"""Where they were served at any time counts, and who works there now, whatever moment is looked at."""
