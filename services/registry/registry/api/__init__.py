"""HTTP <-> commands and lists."""

from __future__ import annotations

from fastapi import APIRouter

from registry.api import document, finding, linkage, lists, organisation, search, site, tenant, worker

router = APIRouter(prefix="/v1")
for part in (tenant, organisation, worker, finding, site, linkage, document, lists, search):
    router.include_router(part.router)
