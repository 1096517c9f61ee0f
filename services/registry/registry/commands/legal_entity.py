"""What the province is told of its cities' blacklists (C-37): our own announcements, heard and noted.

No city may write to its province or to another city.  So the registry, acting for the province on what a city
announced, keeps which cities have a legal entity registered and which list it, and warns the others.

A legal entity is named by its credit code, which its organisation has.  So the organisation comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from contracts.values import OrganisationId, TenantId
from kit.auth import Caller
from kit.store import Answer, Each, Store, Stream
from registry.commands.streams import LEGAL_ENTITIES, ORGANISATIONS
from registry.domain import blacklist, legal_entity, organisation
from registry.domain.legal_entity import LegalEntity, LegalEntityEvent
from registry.domain.organisation import Organisation, OrganisationEvent


async def note_organisation(
    store: Store, caller: Caller, *, city: TenantId, organisation_id: OrganisationId, occurred_on: date
) -> Answer:
    """A city registered an organisation; who lists it elsewhere is a warning from the first day on."""
    cause = caller.may("note-organisation-in-province", occurred_on)

    def decide(
        state: Organisation, known: LegalEntity
    ) -> tuple[Sequence[OrganisationEvent], Sequence[LegalEntityEvent]]:
        warned = [
            event
            for authority in sorted(known.listed_by - {city})
            for event in blacklist.note_listing_elsewhere(state, authority=authority, listed=True)
        ]
        return warned, legal_entity.note_organisation(
            known, number=state.number, city=city, organisation_id=organisation_id
        )

    return await store.change(
        cause, decide, ORGANISATIONS.stream(organisation_id, tenant=city), lambda state: _legal_entity(caller, state)
    )


async def note_listing(
    store: Store, caller: Caller, *, city: TenantId, organisation_id: OrganisationId, listed: bool, occurred_on: date
) -> Answer:
    """A city listed an organisation, or lifted that: each other city where it is registered is warned, or no longer."""
    cause = caller.may("note-listing-in-province", occurred_on)

    def elsewhere(_: Organisation, known: LegalEntity) -> Each[TenantId, Organisation, OrganisationEvent]:
        others = {where: id for where, id in known.organisations.items() if where != city}
        return Each({where: ORGANISATIONS.stream(id, tenant=where) for where, id in others.items()})

    def decide(
        state: Organisation, known: LegalEntity, others: Mapping[TenantId, Organisation]
    ) -> tuple[Sequence[OrganisationEvent], Sequence[LegalEntityEvent], Mapping[TenantId, Sequence[OrganisationEvent]]]:
        warned = {
            where: blacklist.note_listing_elsewhere(other, authority=city, listed=listed)
            for where, other in others.items()
        }
        return (), legal_entity.note_listing(known, number=state.number, city=city, listed=listed), warned

    return await store.change(
        cause,
        decide,
        ORGANISATIONS.stream(organisation_id, tenant=city),
        lambda state: _legal_entity(caller, state),
        elsewhere,
    )


def _legal_entity(caller: Caller, state: Organisation) -> Stream[LegalEntity, LegalEntityEvent]:
    """The legal entity that an organisation is, as the caller's province knows it; OrganisationUnknown for none."""
    organisation.registered(state)
    return LEGAL_ENTITIES.stream(state.number, tenant=caller.actor.tenant)
