"""Read tables: what their rows say, and the queries over them."""

from __future__ import annotations

from typing import Any

from funding.projections import agency, budget, pilot, quota, review, scheme, search
from kit.store import View

VIEWS: tuple[View[Any, Any], ...] = (
    scheme.SCHEMES,
    quota.QUOTAS,
    pilot.PILOTS,
    review.PHASES,
    budget.BUDGETS,
    agency.AGENCIES,
    *search.SPELLINGS,
)
