"""What belongs to a project: the stages that it reached, its nodes, workers, counts and phases (FUN-R2, FUN-R4)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from contracts.values import ProjectId
from funding.domain.terms import RANK, Stage
from funding.projections import review
from kit.store import Tx


async def parts(tx: Tx, project_id: ProjectId, today: date) -> dict[str, Any]:
    """Of a project that is in sight; a node is overdue by `today`."""
    stages = await tx.fetch("select stage, reached_on from project_stage where project_id = $1", project_id)
    milestones = await tx.fetch(
        "select m.code, m.name, m.due, m.noticed_on, m.notice, s.reached_on,"
        " coalesce(s.reached_on, $2) > m.due as overdue from project_milestone m"
        " left join project_stage s on s.tenant_id = m.tenant_id and s.project_id = m.project_id and s.stage = m.code"
        " where m.project_id = $1 order by m.due, m.code",
        project_id,
        today,
    )
    workers = await tx.fetch(
        "select worker_id, licensed, intermediate, sw_graduate, locked, moved, left_on from project_worker"
        " where project_id = $1 order by worker_id",
        project_id,
    )
    counts = await tx.fetch(
        "select source, day, totals from project_counts where project_id = $1 order by source", project_id
    )
    return {
        "stages": sorted(map(dict, stages), key=lambda one: RANK[Stage(one["stage"])]),
        "milestones": [dict(milestone) for milestone in milestones],
        "staff": [dict(worker) for worker in workers],
        "counts": {c["source"]: {"day": c["day"], "totals": json.loads(c["totals"])} for c in counts},
        "phases": await review.of_project(tx, project_id),
    }
