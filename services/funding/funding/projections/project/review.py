"""What of steps 11 to 13 the project's row shows; the phases have rows of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.project import events as e
from funding.domain.terms import Stage
from funding.projections.project.rows import ProjectRows


def evolve(rows: ProjectRows, event: e.ReviewEvent, day: date) -> ProjectRows:
    project = rows.project
    match event:
        case e.ThirdPartyNamed():
            named = {**project.third_parties, event.task: event.third_party}
            return replace(rows, project=replace(project, third_parties=named))
        case e.ThirdPartySupervisionReported():
            return replace(rows, project=replace(project, supervisions=project.supervisions + 1))
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
