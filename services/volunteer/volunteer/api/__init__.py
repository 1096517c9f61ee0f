"""HTTP: commands of organisers, the lists behind the figures, and the bulletin."""

from __future__ import annotations

from fastapi import APIRouter

from volunteer.api import activity, bulletin, correction, counts, volunteer

router = APIRouter(prefix="/v1")
for part in (volunteer, activity, correction, counts, bulletin):
    router.include_router(part.router)
