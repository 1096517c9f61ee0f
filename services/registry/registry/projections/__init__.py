"""Read tables, and which projections fill them: inline ones fed by one stream each, tailed ones by several."""

from __future__ import annotations

from kit.store import Projection
from registry.projections import (
    agencies,
    coverage,
    documents,
    findings,
    linkage,
    sites,
    staffing,
    tenants,
    workers,
    workforce,
)

INLINE: tuple[Projection, ...] = (
    tenants.TENANT_LIST,
    tenants.UNIT_LIST,
    agencies.AGENCY_LIST,
    workers.WORKER_LIST,
    staffing.STAFFING_LIST,
    sites.SITE_LIST,
    linkage.STANDARD,
    linkage.GROUP,
    linkage.CONFERENCE,
    documents.DOCUMENT_LIST,
    findings.FINDING_LIST,
)
TAILED: tuple[Projection, ...] = (workforce.WORKFORCE, coverage.COVERAGE)
