"""The back-scheduled plan, and its notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.project import events as e
from funding.projections.project.rows import MilestoneRow, ProjectRows


def evolve(rows: ProjectRows, event: e.MilestoneEvent, day: date) -> ProjectRows:
    match event:
        case e.MilestonesPlanned():
            planned = tuple(MilestoneRow(event.project_id, one.code, one.name, one.due) for one in event.milestones)
            return replace(rows, milestones=planned)
        case e.MilestoneOverdue():
            return rows
        case e.NodeNoticeIssued():
            noticed = tuple(
                replace(one, noticed_on=day, notice=event.status) if one.code is event.milestone else one
                for one in rows.milestones
            )
            return replace(rows, milestones=noticed)
        case _:
            assert_never(event)
