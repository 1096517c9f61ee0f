"""Moved to a later version, or extended."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from funding.domain.project import events as e
from funding.projections.project.rows import MilestoneRow, ProjectRow, ProjectRows


def evolve(rows: ProjectRows, event: e.AmendEvent) -> ProjectRows:
    match event:
        case e.ProjectMoved():
            moved = replace(rows.project, scheme_version=event.version)
            return replace(rows, project=_until(moved, event.extended), milestones=_planned(rows, event))
        case e.ProjectExtended():
            return replace(rows, project=_until(rows.project, event.ends), milestones=_planned(rows, event))
        case _:
            assert_never(event)


def _until(row: ProjectRow, ends: e.Ends | None) -> ProjectRow:
    days = (ends.impl_to, ends.accept_from, ends.accept_to) if ends else (None, None, None)
    return replace(row, extended_to=days[0], extended_accept_from=days[1], extended_accept_to=days[2])


def _planned(rows: ProjectRows, event: e.AmendEvent) -> tuple[MilestoneRow, ...]:
    """A node keeps what was last noticed of it."""
    known = {one.code: one for one in rows.milestones}
    return tuple(
        replace(
            known.get(one.code, MilestoneRow(event.project_id, one.code, one.name, one.due)), name=one.name, due=one.due
        )
        for one in event.milestones
    )
