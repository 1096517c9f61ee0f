"""What the province is told of its cities' blacklists (C-37): our own announcements, heard and noted.

No city may write to its province or to another city.  So the registry, acting for the province on what a city
announced, keeps which cities have an organisation registered and which list it, and warns the others.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.values import AgencyId, TenantId
from kit.auth import Caller, Cause
from kit.errors import NotKnownYet
from kit.store import Answer, Store
from registry.commands.streams import AGENCIES, ORGANISATIONS
from registry.domain import agency as agencies
from registry.domain import blacklist
from registry.domain import organisation as domain
from registry.domain.organisation import Organisation


async def note_agency(
    store: Store, caller: Caller, *, city: TenantId, agency_id: AgencyId, occurred_on: date
) -> Answer:
    """A city registered an agency; who lists it elsewhere is a warning from the first day on."""
    cause = caller.may("note-agency-in-province", occurred_on)
    number = await _number(store, cause, city, agency_id)

    def decide(organisation: Organisation, agency: agencies.Agency) -> tuple[Any, Any]:
        noted = domain.note_agency(organisation, number=number, city=city, agency_id=agency_id)
        warned: list[Any] = []
        for authority in sorted(organisation.listed_by - {city}):
            warned += blacklist.note_listing_elsewhere(agency, authority=authority, listed=True)
        return noted, warned

    return await store.change(
        cause,
        decide,
        ORGANISATIONS.stream(number, tenant=caller.actor.tenant),
        AGENCIES.stream(agency_id, tenant=city),
    )


async def note_listing(
    store: Store, caller: Caller, *, city: TenantId, agency_id: AgencyId, listed: bool, occurred_on: date
) -> Answer:
    """A city listed an agency, or lifted that: every other city where it is registered is warned, or no longer."""
    cause = caller.may("note-listing-in-province", occurred_on)
    number = await _number(store, cause, city, agency_id)
    stream = ORGANISATIONS.stream(number, tenant=caller.actor.tenant)
    known = (await store.fold(cause, stream)).agencies
    others = [(where, known[where]) for where in sorted(known) if where != city]

    def decide(organisation: Organisation, *states: agencies.Agency) -> Any:
        if organisation.agencies != known:  # somebody registered it between looking up and deciding
            raise NotKnownYet(what="该机构在其他城市的登记")
        noted = domain.note_listing(organisation, number=number, city=city, listed=listed)
        warned = [blacklist.note_listing_elsewhere(state, authority=city, listed=listed) for state in states]
        return (noted, *warned) if others else noted

    return await store.change(cause, decide, stream, *(AGENCIES.stream(id, tenant=where) for where, id in others))


async def _number(store: Store, cause: Cause, city: TenantId, agency_id: AgencyId) -> str:
    agency = await store.fold(cause, AGENCIES.stream(agency_id, tenant=city))
    agencies.registered(agency)
    return agency.number
