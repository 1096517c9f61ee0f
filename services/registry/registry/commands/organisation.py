"""What the province is told of its cities' blacklists (C-37): our own announcements, heard and noted.

No city may write to its province or to another city.  So the registry, acting for the province on what a city
announced, keeps which cities have an organisation registered and which list it, and warns the others.

An organisation is named by its credit code, which its agency has.  So the agency comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from contracts.values import AgencyId, TenantId
from kit.auth import Caller
from kit.store import Answer, Each, Store, Stream
from registry.commands.streams import AGENCIES, ORGANISATIONS
from registry.domain import agency, blacklist, organisation
from registry.domain.agency import Agency, AgencyEvent
from registry.domain.organisation import Organisation, OrganisationEvent


async def note_agency(
    store: Store, caller: Caller, *, city: TenantId, agency_id: AgencyId, occurred_on: date
) -> Answer:
    """A city registered an agency; who lists it elsewhere is a warning from the first day on."""
    cause = caller.may("note-agency-in-province", occurred_on)

    def decide(state: Agency, known: Organisation) -> tuple[Sequence[AgencyEvent], Sequence[OrganisationEvent]]:
        warned = [
            event
            for authority in sorted(known.listed_by - {city})
            for event in blacklist.note_listing_elsewhere(state, authority=authority, listed=True)
        ]
        return warned, organisation.note_agency(known, number=state.number, city=city, agency_id=agency_id)

    return await store.change(
        cause, decide, AGENCIES.stream(agency_id, tenant=city), lambda state: _organisation(caller, state)
    )


async def note_listing(
    store: Store, caller: Caller, *, city: TenantId, agency_id: AgencyId, listed: bool, occurred_on: date
) -> Answer:
    """A city listed an agency, or lifted that: every other city where it is registered is warned, or no longer."""
    cause = caller.may("note-listing-in-province", occurred_on)

    def elsewhere(_: Agency, known: Organisation) -> Each[TenantId, Agency, AgencyEvent]:
        others = {where: id for where, id in known.agencies.items() if where != city}
        return Each({where: AGENCIES.stream(id, tenant=where) for where, id in others.items()})

    def decide(
        state: Agency, known: Organisation, others: Mapping[TenantId, Agency]
    ) -> tuple[Sequence[AgencyEvent], Sequence[OrganisationEvent], Mapping[TenantId, Sequence[AgencyEvent]]]:
        warned = {
            where: blacklist.note_listing_elsewhere(other, authority=city, listed=listed)
            for where, other in others.items()
        }
        return (), organisation.note_listing(known, number=state.number, city=city, listed=listed), warned

    return await store.change(
        cause,
        decide,
        AGENCIES.stream(agency_id, tenant=city),
        lambda state: _organisation(caller, state),
        elsewhere,
    )


def _organisation(caller: Caller, state: Agency) -> Stream[Organisation, OrganisationEvent]:
    """The organisation that an agency is, as the caller's province knows it; AgencyUnknown for no agency."""
    agency.registered(state)
    return ORGANISATIONS.stream(state.number, tenant=caller.actor.tenant)
