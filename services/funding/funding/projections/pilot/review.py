"""What of steps 11 to 13 the pilot's row shows; the phases have rows of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.rows import PilotRows


def evolve(rows: PilotRows, event: e.ReviewEvent, day: date) -> PilotRows:
    pilot = rows.pilot
    match event:
        case e.ThirdPartyNamed():
            named = {**pilot.third_parties, event.task: event.third_party}
            return replace(rows, pilot=replace(pilot, third_parties=named))
        case e.ThirdPartySupervisionReported():
            return replace(rows, pilot=replace(pilot, supervisions=pilot.supervisions + 1))
        case e.PhaseEvaluated():
            return rows.reaching(Stage.FINAL_EVALUATED if event.last else Stage.MIDTERM_EVALUATED, day)
        case (
            e.ReportSubmitted()
            | e.ReportConfirmedByCommunity()
            | e.ReportReviewedByDistrict()
            | e.EvaluationCompleted()
            | e.AuditCompleted()
        ):
            return rows
        case _:
            assert_never(event)
