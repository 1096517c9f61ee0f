"""Read tables, and which projections fill them: inline ones fed by one stream each, tailed ones by several."""

from __future__ import annotations

from kit.store import Projection
from registry.projections import (
    agency,
    coverage,
    document,
    finding,
    linkage,
    site,
    staffing,
    tenant,
    worker,
    workforce,
)

INLINE: tuple[Projection, ...] = (
    tenant.TENANT_LIST,
    tenant.UNIT_LIST,
    agency.AGENCY_LIST,
    worker.WORKER_LIST,
    staffing.STAFFING_LIST,
    site.SITE_LIST,
    linkage.STANDARD,
    linkage.GROUP,
    linkage.CONFERENCE,
    document.DOCUMENT_LIST,
    finding.FINDING_LIST,
)
TAILED: tuple[Projection, ...] = (workforce.WORKFORCE, coverage.COVERAGE)
