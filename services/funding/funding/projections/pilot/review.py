"""What of steps 11 to 13 the pilot's row shows; the phases have rows of their own."""

from __future__ import annotations

from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.state import Row


async def apply(row: Row, event: e.ReviewEvent) -> None:
    match event:
        case e.ThirdPartyNamed():
            await row.set(
                "third_parties = third_parties || jsonb_build_object($3::text, $4::text)",
                event.task.value,
                event.third_party,
            )
        case e.ThirdPartySupervisionReported():
            await row.set("supervisions = supervisions + 1")
        case e.PhaseEvaluated():
            await row.reach(Stage.FINAL_EVALUATED if event.last else Stage.MIDTERM_EVALUATED)
        case (
            e.ReportSubmitted()
            | e.ReportConfirmedByCommunity()
            | e.ReportReviewedByDistrict()
            | e.EvaluationCompleted()
            | e.AuditCompleted()
        ):
            pass
        case _:
            assert_never(event)
