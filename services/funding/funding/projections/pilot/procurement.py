"""Steps 5 to 7 and x."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.rows import PilotRows, Staffing


def evolve(rows: PilotRows, event: e.ProcurementEvent, day: date) -> PilotRows:
    pilot = rows.pilot
    match event:
        case e.ServicePurchasePublished():
            return rows.reaching(Stage.PROCURING, day)
        case e.ServicePlanReviewed():
            return rows
        case e.AgencySelected():
            chosen = replace(rows, pilot=replace(pilot, agency_id=event.agency_id))
            return chosen.reaching(Stage.AGENCY_SELECTED, day)
        case e.PurchaseAgreementSigned():
            signed = replace(
                pilot,
                agreement_signed_on=event.signed_on,
                agreement_fen=event.amount_fen,
                agreement_days_late=event.days_late,
            )
            return replace(rows, pilot=signed).reaching(Stage.CONTRACTED, day)
        case e.CredentialImpersonationFound():
            return replace(rows, pilot=replace(pilot, impersonation=True))
        case e.AgencyDisqualified():
            return _without_agency(rows)
        case _:
            assert_never(event)


def _without_agency(rows: PilotRows) -> PilotRows:
    """Back to procuring: the stages that the agency reached, and its workers, are to be reached again."""
    pilot = replace(
        rows.pilot,
        stage=Stage.PROCURING,
        agency_id=None,
        agreement_signed_on=None,
        agreement_fen=None,
        agreement_days_late=None,
        staffing=Staffing.NONE,
        started_on=None,
        start_days_late=None,
        impersonation=False,
        disqualified_agencies=rows.pilot.disqualified_agencies + 1,
    )
    kept = {
        stage: day
        for stage, day in rows.stages.items()
        if not Stage.PROCURING.before(stage) or Stage.RUNNING.before(stage)
    }
    return replace(rows, pilot=pilot, bound=False, stages=kept).with_staff({})
