"""What belongs to a pilot: the stages that it reached, its nodes, workers, counts and phases (FUN-R2, FUN-R4)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from contracts.values import PilotId
from funding.domain.terms import RANK, Stage
from funding.projections import review
from kit.store import Tx


async def parts(tx: Tx, pilot_id: PilotId, today: date) -> dict[str, Any]:
    """Of a pilot that is in sight; a node is overdue by `today`."""
    stages = await tx.fetch("select stage, reached_on from pilot_stage where pilot_id = $1", pilot_id)
    milestones = await tx.fetch(
        "select m.code, m.name, m.due, m.noticed_on, m.notice, s.reached_on,"
        " coalesce(s.reached_on, $2) > m.due as overdue from pilot_milestone m"
        " left join pilot_stage s on s.tenant_id = m.tenant_id and s.pilot_id = m.pilot_id and s.stage = m.code"
        " where m.pilot_id = $1 order by m.due, m.code",
        pilot_id,
        today,
    )
    workers = await tx.fetch(
        "select worker_id, licensed, intermediate, sw_graduate, locked, moved, left_on from pilot_worker"
        " where pilot_id = $1 order by worker_id",
        pilot_id,
    )
    counts = await tx.fetch(
        "select source, day, totals from pilot_counts where pilot_id = $1 order by source", pilot_id
    )
    return {
        "stages": sorted(map(dict, stages), key=lambda one: RANK[Stage(one["stage"])]),
        "milestones": [dict(milestone) for milestone in milestones],
        "staff": [dict(worker) for worker in workers],
        "counts": {c["source"]: {"day": c["day"], "totals": json.loads(c["totals"])} for c in counts},
        "phases": await review.of_pilot(tx, pilot_id),
    }
