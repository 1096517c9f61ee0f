"""The back-scheduled plan, and its notices."""

from __future__ import annotations

from typing import assert_never

from funding.domain.pilot import events as e
from funding.projections.pilot.state import HERE, Row


async def apply(row: Row, event: e.MilestoneEvent) -> None:
    match event:
        case e.MilestonesPlanned():
            await row.tx.execute(f"delete from pilot_milestone {HERE}", *row.key)
            await row.tx.executemany(
                "insert into pilot_milestone (tenant_id, pilot_id, code, name, due) values ($1, $2, $3, $4, $5)",
                [(*row.key, m.code.value, m.name, m.due) for m in event.milestones],
            )
        case e.MilestoneOverdue():
            pass
        case e.NodeNoticeIssued():
            await row.tx.execute(
                f"update pilot_milestone set noticed_on = $4, notice = $5 {HERE} and code = $3",
                *row.key,
                event.milestone.value,
                row.day,
                event.status.value,
            )
        case _:
            assert_never(event)
