"""The registry's kinds of streams, where each belongs, and ids that follow from codes.

A category's name is a token of subjects; its events are what the store can read back.
"""

from __future__ import annotations

from typing import get_args
from uuid import NAMESPACE_URL, UUID

from contracts.values import PilotId, SiteId, TenantId, UnitCode
from kit.auth import Caller, Cause
from kit.ids import derived
from kit.store import Category, Store
from registry.domain import (
    agency,
    conference,
    division,
    document,
    leading_group,
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


def agency_unit(caller: Caller) -> str | None:
    """The agency that the actor is bound to, if the actor's role is an agency's."""
    return caller.actor.unit if caller.actor.role == "agency_manager" else None


def place_unit(caller: Caller) -> str | None:
    """The street or community that the actor is bound to, if the actor's role is such a body's."""
    bound = ("street_officer", "street_principal_leader", "community_committee")
    return caller.actor.unit if caller.actor.role in bound else None


def position_id(pilot: PilotId) -> SiteId:
    """A pilot's own service position."""
    return SiteId(derived(pilot, "position"))


def station_id(street: UnitCode) -> SiteId:
    """A street has one station, whichever pilot made it necessary."""
    return SiteId(derived(NAMESPACE_URL, f"liandong:station:{street}"))


def document_key(title: str, issuer: str) -> UUID:
    """A document is known by title and issuer."""
    return derived(NAMESPACE_URL, f"liandong:document:{issuer}:{title}")
