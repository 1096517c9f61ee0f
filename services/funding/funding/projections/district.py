"""Pilots and money of a district in a scheme (FUN-R1): rows fed by many streams, so kept by the tail."""

from __future__ import annotations

from typing import Any, assert_never
from uuid import UUID

from funding.domain import budget as b
from funding.domain.budget import BudgetEvent
from funding.domain.pilot import events as e
from funding.domain.pilot.events import PilotEvent
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: PilotEvent | BudgetEvent, meta: Meta) -> None:
    if isinstance(event, e.ReviewEvent | e.MilestoneEvent):
        return
    match event:
        case e.PilotApplicationSubmitted():
            await tx.execute(
                "insert into district_pilot (tenant_id, pilot_id, scheme_id) values ($1, $2, $3)"
                " on conflict do nothing",
                meta.tenant,
                event.pilot_id,
                event.scheme_id,
            )
            await tx.execute(
                "insert into district_budget (tenant_id, scheme_id) values ($1, $2) on conflict do nothing",
                meta.tenant,
                event.scheme_id,
            )
            await _add(tx, event, meta, applied=1)
        case e.PilotRejected():
            await _add(tx, event, meta, applied=-1)
        case e.PilotApproved():
            await _add(tx, event, meta, approved=1)
        case e.ImplementationStarted():
            await _runs(tx, event, meta, True)
        case e.AgencyDisqualified():
            await _runs(tx, event, meta, False)
        case e.PilotClosed():
            await _runs(tx, event, meta, False)
            await _add(tx, event, meta, closed=1)
        case b.BudgetAllotted():
            await _add(tx, event, meta, allotted_fen=event.total_fen)
        case b.FundsAppropriated():
            await _add(tx, event, meta, appropriated_fen=event.total_fen)
        case b.FundsReturned():
            await _add(tx, event, meta, appropriated_fen=-event.total_fen)
        case b.ExpenseRecorded() | b.TrainingCharged():
            await _add(tx, event, meta, spent_fen=event.amount_fen)
        case b.ExpenseReversed():
            await _add(tx, event, meta, spent_fen=-event.amount_fen)
        case b.BudgetAdjusted() | b.AppropriationFrozen() | b.AppropriationReleased():
            pass
        case e.StreetSignOffGiven() | e.PilotRecommendedByDistrict():
            pass
        case (
            e.ServicePurchasePublished()
            | e.ServicePlanReviewed()
            | e.AgencySelected()
            | e.PurchaseAgreementSigned()
            | e.CredentialImpersonationFound()
        ):
            pass
        case (
            e.StaffingDeclared()
            | e.StaffingVerified()
            | e.StaffingRejected()
            | e.PilotFunded()
            | e.PostingLockNoted()
            | e.WorkerDepartureNoted()
            | e.StaffingBreachNoted()
            | e.PostingEndNoted()
            | e.ProjectCountsNoted()
        ):
            pass
        case (
            e.SelfAssessmentFiled()
            | e.SelfAssessmentsCompleted()
            | e.DistrictAcceptanceCompleted()
            | e.DistrictAcceptanceFailed()
            | e.RectificationReported()
            | e.AcceptanceReportFiled()
            | e.CityOverallRatingGiven()
            | e.ExperiencePublicised()
        ):
            pass
        case _:
            assert_never(event)


async def _runs(tx: Tx, event: PilotEvent, meta: Meta, running: bool) -> None:
    """Counts a pilot that starts or stops once, however often its agency is replaced."""
    changed = await tx.fetchval(
        "update district_pilot set running = $3 where tenant_id = $1 and pilot_id = $2 and running <> $3"
        " returning true",
        meta.tenant,
        event.pilot_id,
        running,
    )
    if changed:
        await _add(tx, event, meta, running=1 if running else -1)


async def _add(tx: Tx, event: PilotEvent | BudgetEvent, meta: Meta, **changes: int) -> None:
    sets = ", ".join(f"{column} = d.{column} + ${n}" for n, column in enumerate(changes, start=3))
    await tx.execute(
        f"update district_budget d set {sets} from district_pilot p where d.tenant_id = $1 and p.tenant_id = $1"
        " and p.pilot_id = $2 and d.scheme_id = p.scheme_id",
        meta.tenant,
        event.pilot_id,
        *changes.values(),
    )


DISTRICTS = Projection("district_budget", 1, ("district_budget", "district_pilot"), ("pilot", "budget"), apply)


async def of_scheme(tx: Tx, scheme_id: UUID) -> list[dict[str, Any]]:
    """One row per district in sight, with its quota's use and its money."""
    rows = await tx.fetch("select * from district_budget where scheme_id = $1 order by tenant_id", scheme_id)
    return [
        {
            **{name: value for name, value in row.items() if name != "tenant_id"},
            "district": row["tenant_id"],
            "open_fen": row["allotted_fen"] - row["appropriated_fen"],
            "balance_fen": row["appropriated_fen"] - row["spent_fen"],
        }
        for row in rows
    ]
