"""Set aside for a while, and ended before its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.project import events as e
from funding.domain.terms import Stage
from funding.projections.project.rows import ProjectRows


def evolve(rows: ProjectRows, event: e.EndEvent, day: date) -> ProjectRows:
    project = rows.project
    match event:
        case e.ProjectSuspended():
            return replace(rows, project=replace(project, suspended_on=day))
        case e.ProjectResumed():
            return replace(rows, project=replace(project, suspended_on=None))
        case e.ProjectTerminated():
            back = event.place_given_back
            ended = replace(project, terminated_on=day, suspended_on=None, place_given_back=back)
            return replace(rows, project=ended).reaching(Stage.TERMINATED, day)
        case e.ReopeningProposed():
            return replace(
                rows, project=replace(project, reopening_proposed_on=day, reopening_proposed_by=event.proposed_by)
            )
        case e.ProjectReopened():
            back = project.place_given_back and not event.place_taken
            opened = replace(
                project,
                closed_on=None,
                terminated_on=None,
                reopening_proposed_on=None,
                reopening_proposed_by=None,
                reopened_on=day,
                place_given_back=back,
            )
            fallen = (Stage.PROCURING,) if project.terminated_on else ()  # a purchase ended with the project
            return replace(rows, project=opened).without(Stage.CLOSED, Stage.TERMINATED, *fallen)
        case _:
            assert_never(event)
