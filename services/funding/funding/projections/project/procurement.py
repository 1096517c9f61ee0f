"""Steps 5 to 7 and x."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.project import events as e
from funding.domain.project.situation import Act
from funding.domain.terms import Stage
from funding.projections.project.rows import ProjectRows, Staffing


def evolve(rows: ProjectRows, event: e.ProcurementEvent, day: date) -> ProjectRows:
    project = rows.project
    match event:
        case e.ServicePurchasePublished():
            return rows.reaching(Stage.PROCURING, day)
        case e.ServicePlanReviewed():
            return rows
        case e.OrganisationSelected():
            chosen = replace(
                rows, project=replace(project, organisation_id=event.organisation_id, assignment=project.assignment + 1)
            )
            return chosen.reaching(Stage.ORGANISATION_SELECTED, day)
        case e.PurchaseAgreementSigned():
            signed = replace(
                project,
                agreement_signed_on=event.signed_on,
                agreement_fen=event.amount_fen,
                steps_off=project.off(Act.SIGN, event.days_off),
            )
            return replace(rows, project=signed).reaching(Stage.CONTRACTED, day)
        case e.CredentialImpersonationFound():
            now = project.organisation_id is not None and event.assignment == project.assignment
            return replace(rows, project=replace(project, impersonation=project.impersonation or now))
        case e.FindingDecided():
            return rows
        case e.AssignmentEnded():
            return _without_organisation(rows, disqualified=event.cause is e.EndCause.DISQUALIFIED)
        case e.PurchaseFailed():
            return rows.without(Stage.PROCURING)
        case _:
            assert_never(event)


def _without_organisation(rows: ProjectRows, *, disqualified: bool) -> ProjectRows:
    """Back to procuring: what the organisation reached, was judged by and whom it posted ended with its assignment."""
    project = replace(
        rows.project,
        organisation_id=None,
        agreement_signed_on=None,
        agreement_fen=None,
        staffing=Staffing.NONE,
        staffing_reasons=(),
        started_on=None,
        impersonation=False,
        breaches=0,
        self_assessed=(),
        accepted_on=None,
        acceptance_failures=0,
        rectifying=False,
        acceptance_report_on=None,
        steps_off={},
        disqualified_organisations=rows.project.disqualified_organisations + disqualified,
        ended_assignments=rows.project.ended_assignments + 1,
    )
    kept = {stage: day for stage, day in rows.stages.items() if not Stage.PROCURING.before(stage)}
    return replace(rows, project=project, bound=False).at(kept).with_staff({})
