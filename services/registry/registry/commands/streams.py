"""The registry's kinds of streams, where each belongs, and ids that follow from codes.

A category's name is a token of subjects; its events are what the store can read back.
"""

from __future__ import annotations

from typing import get_args
from uuid import NAMESPACE_URL, UUID

from contracts.values import AgencyId, PilotId, SiteId, TenantId, UnitCode
from kit.auth import Caller, Cause, Role
from kit.ids import derived
from kit.store import Category, Store
from registry.domain import (
    agency,
    conference,
    division,
    document,
    finding,
    leading_group,
    organisation,
    posting,
    site,
    standard,
    tenant,
    worker,
)

TENANTS = Category("tenant", tenant.Tenant(), tenant.evolve, get_args(tenant.TenantEvent))
DIVISIONS = Category("division", division.Divisions(), division.evolve, (division.AdministrativeUnitDeclared,))
AGENCIES = Category("agency", agency.Agency(), agency.evolve, get_args(agency.AgencyEvent))
WORKERS = Category("worker", worker.Worker(), worker.evolve, get_args(worker.WorkerEvent))
STAFFING = Category("staffing", posting.Posting(), posting.evolve, get_args(posting.PostingEvent))
"""One stream for each pilot's posting, by the pilot's id."""
SITES = Category("site", site.Site(), site.evolve, get_args(site.SiteEvent))
STANDARDS = Category("standard", standard.Standard(), standard.evolve, get_args(standard.StandardEvent))
"""One stream for each city, by its code."""
CONFERENCES = Category("conference", conference.Conference(), conference.evolve, get_args(conference.ConferenceEvent))
"""One stream for each street, by its code."""
GROUPS = Category(
    "leading-group", leading_group.LeadingGroup(), leading_group.evolve, (leading_group.LeadingGroupFormed,)
)
"""One stream for each scheme, by its id."""
DOCUMENTS = Category("document", document.Document(), document.evolve, get_args(document.DocumentEvent))
FINDINGS = Category("finding", finding.Finding(), finding.evolve, get_args(finding.FindingEvent))
"""One stream for each two workers who were brought with one licence number."""
ORGANISATIONS = Category(
    "organisation", organisation.Organisation(), organisation.evolve, get_args(organisation.OrganisationEvent)
)
"""One stream of the province for each organisation, by its credit code."""

CATEGORIES = (
    TENANTS,
    DIVISIONS,
    AGENCIES,
    WORKERS,
    STAFFING,
    SITES,
    STANDARDS,
    CONFERENCES,
    GROUPS,
    DOCUMENTS,
    FINDINGS,
    ORGANISATIONS,
)


async def city_of(store: Store, cause: Cause, acting: TenantId) -> TenantId:
    """The city that a bureau belongs to; a city is its own.  TenantUnknown for one that was never registered."""
    state = await store.fold(cause, TENANTS.stream(acting, tenant=acting))
    if state.registered is None:
        raise tenant.TenantUnknown
    registered = state.registered
    if registered.level is tenant.Level.DISTRICT and registered.parent is not None:
        return registered.parent
    return registered.tenant_id


def asking_district(caller: Caller) -> TenantId | None:
    """The district bureau that asks, None if anybody else does."""
    return caller.actor.tenant if caller.actor.role is Role.DISTRICT_BUREAU else None


def require_authority(caller: Caller, number: str) -> None:
    """Refuses a district bureau what is of an organisation that another authority registers (R-LZ-05).

    Agencies and workers are the city's: it may all of this, and a district what it would do as their authority.
    """
    if asking_district(caller) not in (None, agency.authority_of(number)):
        raise agency.RegisteredElsewhere


def asking_agency(caller: Caller) -> AgencyId | None:
    """The agency that asks, None if a bureau does."""
    actor = caller.actor
    return AgencyId(UUID(actor.unit)) if actor.role is Role.AGENCY_MANAGER and actor.unit else None


def position_id(pilot: PilotId) -> SiteId:
    """A pilot's own service position."""
    return SiteId(derived(pilot, "position"))


def station_id(district: TenantId, street: UnitCode) -> SiteId:
    """A street of a district has one station, whichever pilot made it necessary."""
    return SiteId(derived(NAMESPACE_URL, f"liandong:station:{district}:{street}"))


def document_key(tenant: TenantId, title: str, issuer: str) -> UUID:
    """A bureau knows a document by title and issuer."""
    return derived(NAMESPACE_URL, f"liandong:document:{tenant}:{issuer}:{title}")
