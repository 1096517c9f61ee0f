"""Steps 5 to 7 and x."""

from __future__ import annotations

from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import RANK, Stage
from funding.projections.pilot.state import HERE, Row


async def apply(row: Row, event: e.ProcurementEvent) -> None:
    match event:
        case e.ServicePurchasePublished():
            await row.reach(Stage.PROCURING)
        case e.ServicePlanReviewed():
            pass
        case e.AgencySelected():
            await row.reach(Stage.AGENCY_SELECTED)
            await row.set("agency_id = $3", event.agency_id)
        case e.PurchaseAgreementSigned():
            await row.reach(Stage.CONTRACTED)
            await row.set(
                "agreement_signed_on = $3, agreement_fen = $4, agreement_days_late = $5",
                event.signed_on,
                event.amount_fen,
                event.days_late,
            )
        case e.CredentialImpersonationFound():
            await row.set("impersonation = true")
        case e.AgencyDisqualified():
            await _without_agency(row)
        case _:
            assert_never(event)


async def _without_agency(row: Row) -> None:
    """Back to procuring: the stages that the agency reached, and its workers, are to be reached again."""
    await row.set(
        "stage = 'procuring', stage_rank = $3, agency_id = null, agreement_signed_on = null,"
        " agreement_fen = null, agreement_days_late = null, staffing = 'none', workers = 0, licensed = 0,"
        " intermediate = 0, sw_graduates = 0, locked = 0, bound = false, started_on = null, start_days_late = null,"
        " impersonation = false, disqualified_agencies = disqualified_agencies + 1",
        RANK[Stage.PROCURING],
    )
    await row.tx.execute(f"delete from pilot_worker {HERE}", *row.key)
    await row.tx.execute(
        f"delete from pilot_stage {HERE} and stage_rank > $3 and stage_rank <= $4",
        *row.key,
        RANK[Stage.PROCURING],
        RANK[Stage.RUNNING],
    )
