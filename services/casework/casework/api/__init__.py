"""HTTP: commands of workers and bureaus, and the lists behind the figures."""

from __future__ import annotations

from fastapi import APIRouter

from casework.api import bulletin, case, catalogue, correction, counts, entry, referral, search

router = APIRouter(prefix="/v1")
for part in (catalogue, entry, case, referral, correction, counts, bulletin, search):
    router.include_router(part.router)
