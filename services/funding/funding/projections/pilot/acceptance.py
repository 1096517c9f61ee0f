"""Steps 14 to 17."""

from __future__ import annotations

from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.state import Row


async def apply(row: Row, event: e.AcceptanceEvent) -> None:
    match event:
        case e.SelfAssessmentFiled():
            await row.set(
                "self_assessed = self_assessed || to_jsonb($3::text), outside_window = outside_window or $4",
                event.level.value,
                event.outside_window,
            )
        case e.SelfAssessmentsCompleted():
            await row.reach(Stage.SELF_ASSESSED)
        case e.DistrictAcceptanceCompleted():
            await row.set("accepted_on = $3, outside_window = outside_window or $4", row.day, event.outside_window)
        case e.DistrictAcceptanceFailed():
            await row.set("acceptance_failures = acceptance_failures + 1, rectifying = true")
        case e.RectificationReported():
            await row.set("rectifying = false")
        case e.AcceptanceReportFiled():
            await row.reach(Stage.DISTRICT_ACCEPTED)
            await row.set(
                "acceptance_report_on = $3, outside_window = outside_window or $4", row.day, event.outside_window
            )
        case e.CityOverallRatingGiven():
            await row.reach(Stage.RATED)
            await row.set("rating = $3, rated_on = $4", event.rating, row.day)
        case e.ExperiencePublicised():
            await row.set("publicity = publicity + 1")
        case e.PilotClosed():
            await row.reach(Stage.CLOSED)
            await row.set("closed_on = $3", row.day)
        case _:
            assert_never(event)
