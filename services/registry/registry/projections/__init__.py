"""Read tables: what their rows say, and the queries over them."""

from __future__ import annotations

from typing import Any

from kit.store import View
from registry.projections import (
    division,
    document,
    finding,
    linkage,
    organisation,
    search,
    site,
    staffing,
    tenant,
    worker,
)

VIEWS: tuple[View[Any, Any], ...] = (
    tenant.TENANTS,
    division.UNITS,
    organisation.ORGANISATIONS,
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
