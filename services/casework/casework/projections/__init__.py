"""Read tables, and which projections fill them: inline ones fed by one stream each, tailed ones by several."""

from __future__ import annotations

from casework.projections import bulletin, case, catalogue, entry, referral, worker
from kit.store import Projection

INLINE: tuple[Projection, ...] = (
    catalogue.CATALOGUE,
    entry.LEDGER,
    case.CASES,
    referral.REFERRALS,
    worker.PLACEMENTS,
)
TAILED: tuple[Projection, ...] = (bulletin.BULLETIN,)
