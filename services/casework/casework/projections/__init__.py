"""Read tables: what their rows say, and the queries over them."""

from __future__ import annotations

from typing import Any

from casework.projections import case, catalogue, entry, referral, search, worker
from kit.store import View

VIEWS: tuple[View[Any, Any], ...] = (
    catalogue.CATALOGUES,
    entry.LEDGER,
    case.CASES,
    referral.REFERRALS,
    worker.PLACEMENTS,
    search.PERSONS,
    search.CARRIERS,
)
