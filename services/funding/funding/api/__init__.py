"""HTTP <-> commands and queries."""

from fastapi import APIRouter

from funding.api import (
    acceptance,
    amend,
    application,
    budget,
    delivery,
    end,
    milestone,
    place,
    procurement,
    project,
    review,
    scheme,
)
from funding.projections.search import NAMED
from kit.service.search import searching

router = APIRouter(prefix="/v1")
for part in (
    scheme,
    project,
    application,
    procurement,
    delivery,
    milestone,
    budget,
    review,
    acceptance,
    end,
    amend,
    place,
):
    router.include_router(part.router)
router.include_router(searching(*NAMED))
