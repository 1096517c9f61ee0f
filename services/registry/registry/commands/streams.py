"""The registry's kinds of streams, where each belongs, and ids that follow from codes.

A category's name is a token of subjects; its events are what the store can read back.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID

from contracts.values import OrganisationId, ProjectId, SiteId, TenantId, UnitCode
from kit.auth import Caller, Role
from kit.errors import NotFound
from kit.ids import derived
from kit.store import Category
from registry.domain import division, document, finding, legal_entity, organisation, posting, site, tenant, worker
from registry.domain.linkage import conference, leading_group, standard

TENANTS = Category("tenant", tenant.Tenant(), tenant.evolve)
DIVISIONS = Category("division", division.Divisions(), division.evolve)
ORGANISATIONS = Category("organisation", organisation.Organisation(), organisation.evolve)
WORKERS = Category("worker", worker.Worker(), worker.evolve)
STAFFING = Category("staffing", posting.Posting(), posting.evolve)
"""One stream for each project's posting, by the project's id."""
SITES = Category("site", site.Site(), site.evolve)
STANDARDS = Category("standard", standard.Standard(), standard.evolve)
"""One stream for each city, by its code."""
CONFERENCES = Category("conference", conference.Conference(), conference.evolve)
"""One stream for each street, by its code."""
GROUPS = Category("leading-group", leading_group.LeadingGroup(), leading_group.evolve)
"""One stream for each scheme, by its id."""
DOCUMENTS = Category("document", document.Document(), document.evolve)
FINDINGS = Category("finding", finding.Finding(), finding.evolve)
"""One stream for each licence that was brought for a worker while another had it on record."""
LEGAL_ENTITIES = Category("legal_entity", legal_entity.LegalEntity(), legal_entity.evolve)
"""One stream of the province for each legal_entity, by its credit code."""

CATEGORIES = (
    TENANTS,
    DIVISIONS,
    ORGANISATIONS,
    WORKERS,
    STAFFING,
    SITES,
    STANDARDS,
    CONFERENCES,
    GROUPS,
    DOCUMENTS,
    FINDINGS,
    LEGAL_ENTITIES,
)


def city_of(caller: Caller, bureau: TenantId) -> TenantId:
    """The city that a bureau belongs to; a city is its own, and so is a province.

    TenantUnknown where the caller's own was never registered, NotFound where another was not.
    """
    if bureau not in caller.tree:
        raise tenant.TenantUnknown if bureau == caller.actor.tenant else NotFound
    above = caller.tree.ancestors(bureau)
    return above[-2] if len(above) > 1 else bureau


def asking_district(caller: Caller) -> TenantId | None:
    """The district bureau that asks, None if anybody else does."""
    return caller.actor.tenant if caller.actor.role is Role.DISTRICT_BUREAU else None


def require_authority(caller: Caller, number: str) -> None:
    """Refuses a district bureau what is of an legal_entity that another authority registers (R-LZ-05).

    Organisations and workers are the city's: it may all of this, and a district what it would do as their authority.
    """
    if asking_district(caller) not in (None, organisation.authority_of(number)):
        raise organisation.RegisteredElsewhere


def asking_organisation(caller: Caller) -> OrganisationId | None:
    """The organisation that asks, None if a bureau does."""
    actor = caller.actor
    return OrganisationId(UUID(actor.unit)) if actor.role is Role.ORGANISATION_MANAGER and actor.unit else None


def position_id(project: ProjectId) -> SiteId:
    """A project's own service position."""
    return SiteId(derived(project, "position"))


def station_id(district: TenantId, street: UnitCode) -> SiteId:
    """A street of a district has one station, whichever project made it necessary."""
    return SiteId(derived(NAMESPACE_URL, f"liandong:station:{district}:{street}"))


def document_key(tenant: TenantId, title: str, issuer: str) -> UUID:
    """A bureau knows a document by title and issuer."""
    return derived(NAMESPACE_URL, f"liandong:document:{tenant}:{issuer}:{title}")
