"""An organisation as the province knows it, by its credit code: where it is an agency, and which cities list it (C-37).

A city's blacklist bars in the city, and is a warning everywhere else in the province.  The stream belongs to the
province; what it says follows from the cities' own events, whenever they are heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import AgencyId, Event, TenantId


@dataclass(frozen=True)
class AgencyNotedInProvince(Event):
    """`city` has the organisation registered as this agency."""

    TOPIC: ClassVar[str] = "registry.agency-noted-in-province"
    NAME: ClassVar[str] = "获知机构在省内登记"
    LATE: ClassVar[bool] = True

    number: str
    city: TenantId
    agency_id: AgencyId


@dataclass(frozen=True)
class ListingNotedInProvince(Event):
    """Whether `city` has the organisation on its blacklist."""

    TOPIC: ClassVar[str] = "registry.listing-noted-in-province"
    NAME: ClassVar[str] = "获知省内黑名单"
    CLAUSE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    number: str
    city: TenantId
    listed: bool


OrganisationEvent: TypeAlias = AgencyNotedInProvince | ListingNotedInProvince


@dataclass(frozen=True)
class Organisation:
    agencies: Mapping[TenantId, AgencyId] = field(default_factory=dict)
    listed_by: frozenset[TenantId] = frozenset()


def evolve(organisation: Organisation, event: OrganisationEvent) -> Organisation:
    match event:
        case AgencyNotedInProvince():
            return replace(organisation, agencies={**organisation.agencies, event.city: event.agency_id})
        case ListingNotedInProvince(city=city, listed=listed):
            now = organisation.listed_by | {city} if listed else organisation.listed_by - {city}
            return replace(organisation, listed_by=now)
        case _:
            assert_never(event)


def note_agency(
    organisation: Organisation, *, number: str, city: TenantId, agency_id: AgencyId
) -> Sequence[OrganisationEvent]:
    known = organisation.agencies.get(city) == agency_id
    return () if known else (AgencyNotedInProvince(number, city, agency_id),)


def note_listing(
    organisation: Organisation, *, number: str, city: TenantId, listed: bool
) -> Sequence[OrganisationEvent]:
    known = (city in organisation.listed_by) == listed
    return () if known else (ListingNotedInProvince(number, city, listed),)
