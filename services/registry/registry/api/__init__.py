"""HTTP <-> commands and lists."""

from __future__ import annotations

from fastapi import APIRouter

from registry.api import agencies, documents, findings, linkage, lists, sites, tenants, workers

router = APIRouter(prefix="/v1")
for part in (tenants, agencies, workers, findings, sites, linkage, documents, lists):
    router.include_router(part.router)
