"""Steps 1 to 4."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.project import events as e
from funding.domain.terms import Stage
from funding.projections.project.rows import ProjectRow, ProjectRows


def evolve(rows: ProjectRows | None, event: e.ApplicationEvent, day: date) -> ProjectRows | None:
    match event:
        case e.ProjectApplicationSubmitted():
            return _applied(rows, event, day)
        case e.StreetSignOffGiven():
            return rows and rows.reaching(Stage.STREET_ENDORSED, day)
        case e.ProjectRecommendedByDistrict():
            return rows and rows.reaching(Stage.RECOMMENDED, day)
        case e.ProjectApproved():
            return rows and _approved(rows.reaching(Stage.APPROVED, day), day)
        case e.ProjectRejected():
            return rows and rows.reaching(Stage.REJECTED, day)
        case e.ApplicationReturned():
            signed = (Stage.STREET_ENDORSED, Stage.RECOMMENDED)
            return rows and rows.without(*signed).reaching(Stage.RETURNED, day)
        case e.ApplicationWithdrawn():
            return rows and rows.reaching(Stage.WITHDRAWN, day)
        case _:
            assert_never(event)


def _applied(rows: ProjectRows | None, event: e.ProjectApplicationSubmitted, day: date) -> ProjectRows:
    """A rejected community that applies again starts over."""
    project = ProjectRow(
        project_id=event.project_id,
        scheme_id=event.scheme_id,
        scheme_version=event.scheme_version,
        street=event.street,
        street_name=event.street_name,
        community=event.community,
        community_name=event.community_name,
        area_m2=event.area_m2,
        stage=Stage.APPLIED,
        first_applied_on=rows.project.first_applied_on if rows else day,
        applied_on=day,
        assignment=rows.project.assignment if rows else 0,
    )
    return ProjectRows(project, stages={Stage.APPLIED: day})


def _approved(rows: ProjectRows, day: date) -> ProjectRows:
    return replace(rows, project=replace(rows.project, approved_on=day))
