"""Read tables: what their rows say, and the queries over them."""

from __future__ import annotations

from typing import Any

from funding.projections import budget, organisation, project, quota, review, scheme, search
from kit.store import View

VIEWS: tuple[View[Any, Any], ...] = (
    scheme.SCHEMES,
    quota.QUOTAS,
    project.PROJECTS,
    review.PHASES,
    budget.BUDGETS,
    organisation.ORGANISATIONS,
    *search.SPELLINGS,
)
