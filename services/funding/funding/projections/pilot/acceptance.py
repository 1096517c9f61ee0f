"""Steps 14 to 17."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.rows import PilotRow, PilotRows


def evolve(rows: PilotRows, event: e.AcceptanceEvent, day: date) -> PilotRows:
    rows = replace(rows, pilot=_pilot(rows.pilot, event, day))
    match event:
        case e.SelfAssessmentsCompleted():
            return rows.reaching(Stage.SELF_ASSESSED, day)
        case e.AcceptanceReportFiled():
            return rows.reaching(Stage.DISTRICT_ACCEPTED, day)
        case e.CityOverallRatingGiven():
            return rows.reaching(Stage.RATED, day)
        case e.PilotClosed():
            return rows.reaching(Stage.CLOSED, day)
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


def _pilot(row: PilotRow, event: e.AcceptanceEvent, day: date) -> PilotRow:
    match event:
        case e.SelfAssessmentFiled():
            outside = row.outside_window or event.outside_window
            return replace(row, self_assessed=(*row.self_assessed, event.level), outside_window=outside)
        case e.SelfAssessmentsCompleted():
            return row
        case e.DistrictAcceptanceCompleted():
            return replace(row, accepted_on=day, outside_window=row.outside_window or event.outside_window)
        case e.DistrictAcceptanceFailed():
            return replace(row, acceptance_failures=row.acceptance_failures + 1, rectifying=True)
        case e.RectificationReported():
            return replace(row, rectifying=False)
        case e.AcceptanceReportFiled():
            return replace(row, acceptance_report_on=day, outside_window=row.outside_window or event.outside_window)
        case e.CityOverallRatingGiven():
            return replace(row, rating=event.rating, rated_on=day)
        case e.ExperiencePublicised():
            return replace(row, publicity=row.publicity + 1)
        case e.PilotClosed():
            return replace(row, closed_on=day)
        case _:
            assert_never(event)
