"""Steps 14 to 17."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.project import events as e
from funding.domain.project.situation import Act
from funding.domain.terms import Stage
from funding.projections.project.rows import ProjectRow, ProjectRows


def evolve(rows: ProjectRows, event: e.AcceptanceEvent, day: date) -> ProjectRows:
    rows = replace(rows, project=_project(rows.project, event, day))
    match event:
        case e.SelfAssessmentsCompleted():
            return rows.reaching(Stage.SELF_ASSESSED, day)
        case e.AcceptanceReportFiled():
            return rows.reaching(Stage.DISTRICT_ACCEPTED, day)
        case e.CityOverallRatingGiven():
            return rows.reaching(Stage.RATED, day)
        case e.ProjectClosed():
            return rows.reaching(Stage.CLOSED, day)
        case e.AcceptanceWithdrawn():
            return rows.without(Stage.DISTRICT_ACCEPTED)
        case (
            e.SelfAssessmentFiled()
            | e.DistrictAcceptanceCompleted()
            | e.DistrictAcceptanceFailed()
            | e.RectificationReported()
            | e.ExperiencePublicised()
        ):
            return rows
        case _:
            assert_never(event)


def _project(row: ProjectRow, event: e.AcceptanceEvent, day: date) -> ProjectRow:
    match event:
        case e.SelfAssessmentFiled():
            assessed = (*row.self_assessed, event.level)
            return replace(row, self_assessed=assessed, steps_off=row.off(Act.SELF_ASSESS, event.days_off))
        case e.SelfAssessmentsCompleted():
            return row
        case e.DistrictAcceptanceCompleted():
            return replace(row, accepted_on=day, steps_off=row.off(Act.ACCEPT, event.days_off))
        case e.DistrictAcceptanceFailed():
            off = row.off(Act.FAIL_ACCEPTANCE, event.days_off)
            return replace(row, acceptance_failures=row.acceptance_failures + 1, rectifying=True, steps_off=off)
        case e.RectificationReported():
            return replace(row, rectifying=False)
        case e.AcceptanceReportFiled():
            return replace(row, acceptance_report_on=day, steps_off=row.off(Act.FILE_ACCEPTANCE, event.days_off))
        case e.AcceptanceWithdrawn():
            off = row.without(Act.ACCEPT, Act.FILE_ACCEPTANCE)
            return replace(row, accepted_on=None, acceptance_report_on=None, steps_off=off)
        case e.CityOverallRatingGiven():
            return replace(row, rating=event.rating, rated_on=day, steps_off=row.off(Act.RATE, event.days_off))
        case e.ExperiencePublicised():
            return replace(row, publicity=row.publicity + 1)
        case e.ProjectClosed():
            return replace(row, closed_on=day)
        case _:
            assert_never(event)
