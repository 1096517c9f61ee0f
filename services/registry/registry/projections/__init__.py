"""Read tables: what their rows say, and the queries over them."""

from __future__ import annotations

from typing import Any

from kit.store import View
from registry.projections import agency, division, document, finding, linkage, search, site, staffing, tenant, worker

VIEWS: tuple[View[Any, Any], ...] = (
    tenant.TENANTS,
    division.UNITS,
    agency.AGENCIES,
    worker.WORKERS,
    staffing.STAFFING,
    site.SITES,
    linkage.STANDARDS,
    linkage.GROUPS,
    linkage.CONFERENCES,
    document.DOCUMENTS,
    finding.FINDINGS,
    *search.SPELLINGS,
)
