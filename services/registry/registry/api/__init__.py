"""HTTP <-> commands and lists."""

from __future__ import annotations

from fastapi import APIRouter

from registry.api import agencies, linkage, lists, sites, tenants, workers

router = APIRouter(prefix="/v1")
for part in (tenants, agencies, workers, sites, linkage, lists):
    router.include_router(part.router)
