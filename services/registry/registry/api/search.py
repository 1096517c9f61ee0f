"""Finding units, sites, organisations and workers."""

from __future__ import annotations

from kit.service.search import searching
from registry.projections import search

router = searching(*search.NAMED, search.WORKERS)
