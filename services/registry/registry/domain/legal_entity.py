"""A legal entity as the province knows it, by its credit code: which organisation it is where, and who lists it (C-37).

A city's blacklist bars in the city, and is a warning everywhere else in the province.  The stream belongs to the
province; what it says follows from the cities' own events, whenever they are heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, OrganisationId, TenantId


@dataclass(frozen=True)
class OrganisationNotedInProvince(Event):
    """`city` has the legal entity registered as this organisation."""

    TOPIC: ClassVar[str] = "registry.organisation-noted-in-province"
    NAME: ClassVar[str] = "获知机构在省内登记"
    LATE: ClassVar[bool] = True

    number: str
    city: TenantId
    organisation_id: OrganisationId


@dataclass(frozen=True)
class ListingNotedInProvince(Event):
    """Whether `city` has the legal entity on its blacklist."""

    TOPIC: ClassVar[str] = "registry.listing-noted-in-province"
    NAME: ClassVar[str] = "获知省内黑名单"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    number: str
    city: TenantId
    listed: bool


LegalEntityEvent: TypeAlias = OrganisationNotedInProvince | ListingNotedInProvince


@dataclass(frozen=True)
class LegalEntity:
    organisations: Mapping[TenantId, OrganisationId] = field(default_factory=dict)
    listed_by: frozenset[TenantId] = frozenset()


def evolve(legal_entity: LegalEntity, event: LegalEntityEvent) -> LegalEntity:
    match event:
        case OrganisationNotedInProvince():
            return replace(
                legal_entity, organisations={**legal_entity.organisations, event.city: event.organisation_id}
            )
        case ListingNotedInProvince(city=city, listed=listed):
            now = legal_entity.listed_by | {city} if listed else legal_entity.listed_by - {city}
            return replace(legal_entity, listed_by=now)
        case _:
            assert_never(event)


def note_organisation(
    legal_entity: LegalEntity, *, number: str, city: TenantId, organisation_id: OrganisationId
) -> Sequence[LegalEntityEvent]:
    known = legal_entity.organisations.get(city) == organisation_id
    return () if known else (OrganisationNotedInProvince(number, city, organisation_id),)


def note_listing(legal_entity: LegalEntity, *, number: str, city: TenantId, listed: bool) -> Sequence[LegalEntityEvent]:
    known = (city in legal_entity.listed_by) == listed
    return () if known else (ListingNotedInProvince(number, city, listed),)
