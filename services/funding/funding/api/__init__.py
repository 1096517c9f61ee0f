"""HTTP <-> commands and queries."""

from fastapi import APIRouter

from funding.api import money, pilots, reports, schemes

router = APIRouter(prefix="/v1")
for part in (schemes.router, pilots.router, money.router, reports.router):
    router.include_router(part)
