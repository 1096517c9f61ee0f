"""Pilots: one row each, the stages that they reached, their workers, milestones and counts (FUN-R2)."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from contracts.values import Quantity
from funding.domain.pilot import events as e
from funding.domain.pilot.events import PilotEvent
from funding.domain.terms import Stage
from kit.store import Meta, Projection, Tx

_TOTALS: TypeAdapter[dict[str, Quantity]] = TypeAdapter(dict[str, Quantity])
RANK = {stage: n for n, stage in enumerate(Stage)}
REACHES: dict[type[Any], Stage] = {
    e.PilotApplicationSubmitted: Stage.APPLIED,
    e.StreetSignOffGiven: Stage.STREET_ENDORSED,
    e.PilotRecommendedByDistrict: Stage.RECOMMENDED,
    e.PilotApproved: Stage.APPROVED,
    e.PilotRejected: Stage.REJECTED,
    e.ServicePurchasePublished: Stage.PROCURING,
    e.AgencySelected: Stage.AGENCY_SELECTED,
    e.PurchaseAgreementSigned: Stage.CONTRACTED,
    e.StaffingVerified: Stage.STAFFED,
    e.PilotFunded: Stage.FUNDED,
    e.ImplementationStarted: Stage.RUNNING,
    e.SelfAssessmentsCompleted: Stage.SELF_ASSESSED,
    e.AcceptanceReportFiled: Stage.DISTRICT_ACCEPTED,
    e.CityOverallRatingGiven: Stage.RATED,
    e.PilotClosed: Stage.CLOSED,
}
SETS: dict[type[Any], str] = {
    e.PilotApproved: "approved_on = $3::date",
    e.StaffingDeclared: "staffing = 'declared'",
    e.ThirdPartySupervisionReported: "supervisions = supervisions + 1",
    e.StaffingBreachNoted: "breaches = breaches + 1",
    e.PostingLockNoted: "bound = true, locked = workers",
    e.PostingEndNoted: "workers = 0, licensed = 0, intermediate = 0, sw_graduates = 0, locked = 0, bound = false",
    e.CredentialImpersonationFound: "impersonation = true",
    e.DistrictAcceptanceFailed: "acceptance_failures = acceptance_failures + 1, rectifying = true",
    e.RectificationReported: "rectifying = false",
    e.ExperiencePublicised: "publicity = publicity + 1",
    e.PilotClosed: "closed_on = $3::date",
}
"""Changes of the pilot's row that need no more than the day."""


async def apply(tx: Tx, event: PilotEvent, meta: Meta) -> None:
    pilot = (meta.tenant, event.pilot_id)
    if isinstance(event, e.PilotApplicationSubmitted):
        await _applied(tx, event, meta)
    elif isinstance(event, e.PhaseEvaluated):
        await _reach(tx, pilot, Stage.FINAL_EVALUATED if event.last else Stage.MIDTERM_EVALUATED, meta)
    elif (stage := REACHES.get(type(event))) is not None:
        await _reach(tx, pilot, stage, meta)
    if (change := SETS.get(type(event))) is not None:
        day = (meta.occurred_on,) if "$3" in change else ()
        await tx.execute(f"update pilot_list set {change} where tenant_id = $1 and pilot_id = $2", *pilot, *day)  # noqa: S608 - constants above
    await _facts(tx, event, meta)


async def _applied(tx: Tx, event: e.PilotApplicationSubmitted, meta: Meta) -> None:
    """A rejected community that applies again starts over."""
    for table in ("pilot_list", "pilot_stage"):
        await tx.execute(f"delete from {table} where tenant_id = $1 and pilot_id = $2", meta.tenant, event.pilot_id)  # noqa: S608 - constants above
    await tx.execute(
        "insert into pilot_list (tenant_id, pilot_id, scheme_id, street, street_name, community, community_name,"
        " area_m2, stage, stage_rank, applied_on) values ($1, $2, $3, $4, $5, $6, $7, $8, 'none', 0, $9)",
        meta.tenant,
        event.pilot_id,
        event.scheme_id,
        event.street,
        event.street_name,
        event.community,
        event.community_name,
        event.area_m2,
        meta.occurred_on,
    )
    await _reach(tx, (meta.tenant, event.pilot_id), Stage.APPLIED, meta)


async def _reach(tx: Tx, pilot: tuple[Any, ...], stage: Stage, meta: Meta) -> None:
    """The row shows the furthest stage; each stage keeps the day when it was first reached."""
    await tx.execute(
        "insert into pilot_stage (tenant_id, pilot_id, stage, stage_rank, reached_on) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing",
        *pilot,
        stage.value,
        RANK[stage],
        meta.occurred_on,
    )
    await tx.execute(
        "update pilot_list set stage = $3, stage_rank = $4 where tenant_id = $1 and pilot_id = $2"
        " and (stage_rank < $4 or $3 = 'rejected')",
        *pilot,
        stage.value,
        RANK[stage],
    )


async def _facts(tx: Tx, event: PilotEvent, meta: Meta) -> None:
    """What else the event changes."""
    pilot = (meta.tenant, event.pilot_id)
    here = "where tenant_id = $1 and pilot_id = $2"
    match event:
        case e.AgencySelected():
            await tx.execute(f"update pilot_list set agency_id = $3 {here}", *pilot, event.agency_id)  # noqa: S608
        case e.PurchaseAgreementSigned():
            await tx.execute(
                f"update pilot_list set agreement_signed_on = $3, agreement_fen = $4, agreement_days_late = $5 {here}",  # noqa: S608
                *pilot,
                event.signed_on,
                event.amount_fen,
                event.days_late,
            )
        case e.ImplementationStarted():
            await tx.execute(
                f"update pilot_list set started_on = $3, start_days_late = $4 {here}",  # noqa: S608
                *pilot,
                meta.occurred_on,
                event.days_late,
            )
        case e.CityOverallRatingGiven():
            await tx.execute(
                f"update pilot_list set rating = $3, rated_on = $4 {here}",  # noqa: S608
                *pilot,
                event.rating,
                meta.occurred_on,
            )
        case e.ThirdPartyNamed():
            await tx.execute(
                f"update pilot_list set third_parties = third_parties || jsonb_build_object($3::text, $4::text) {here}",  # noqa: S608
                *pilot,
                event.task.value,
                event.third_party,
            )
        case e.SelfAssessmentFiled():
            await tx.execute(
                "update pilot_list set self_assessed = self_assessed || to_jsonb($3::text),"  # noqa: S608
                f" outside_window = outside_window or $4 {here}",
                *pilot,
                event.level.value,
                event.outside_window,
            )
        case e.DistrictAcceptanceCompleted():
            await tx.execute(
                f"update pilot_list set accepted_on = $3, outside_window = outside_window or $4 {here}",  # noqa: S608
                *pilot,
                meta.occurred_on,
                event.outside_window,
            )
        case e.AcceptanceReportFiled():
            await tx.execute(
                f"update pilot_list set acceptance_report_on = $3, outside_window = outside_window or $4 {here}",  # noqa: S608
                *pilot,
                meta.occurred_on,
                event.outside_window,
            )
        case _:
            await _people_and_plans(tx, event, meta)


async def _people_and_plans(tx: Tx, event: PilotEvent, meta: Meta) -> None:
    pilot = (meta.tenant, event.pilot_id)
    here = "where tenant_id = $1 and pilot_id = $2"
    match event:
        case e.StaffingVerified():
            await _staffed(tx, event, pilot)
        case e.StaffingRejected():
            await tx.execute(
                f"update pilot_list set staffing = 'rejected', staffing_reasons = $3::jsonb {here}",  # noqa: S608
                *pilot,
                json.dumps([vars(reason) for reason in event.reasons]),
            )
        case e.PostingLockNoted():
            await tx.execute(f"update pilot_worker set locked = true {here} and left_on is null", *pilot)  # noqa: S608
        case e.PostingEndNoted():
            await tx.execute(
                f"update pilot_worker set left_on = $3 {here} and left_on is null",  # noqa: S608
                *pilot,
                meta.occurred_on,
            )
        case e.WorkerDepartureNoted():
            await _departed(tx, event, pilot)
        case e.StaffingBreachNoted():
            await tx.execute(f"update pilot_worker set moved = true {here} and worker_id = $3", *pilot, event.worker_id)  # noqa: S608
        case e.AgencyDisqualified():
            await _without_agency(tx, pilot)
        case e.MilestonesPlanned():
            await tx.execute(f"delete from pilot_milestone {here}", *pilot)  # noqa: S608
            await tx.executemany(
                "insert into pilot_milestone (tenant_id, pilot_id, code, name, due) values ($1, $2, $3, $4, $5)",
                [(*pilot, m.code.value, m.name, m.due) for m in event.milestones],
            )
        case e.NodeNoticeIssued():
            await tx.execute(
                f"update pilot_milestone set noticed_on = $4, notice = $5 {here} and code = $3",  # noqa: S608
                *pilot,
                event.milestone.value,
                meta.occurred_on,
                event.status.value,
            )
        case e.ProjectCountsNoted():
            await tx.execute(
                "insert into pilot_counts (tenant_id, pilot_id, source, day, totals) values ($1, $2, $3, $4, $5::jsonb)"
                " on conflict (tenant_id, pilot_id, source) do update set day = excluded.day, totals = excluded.totals",
                *pilot,
                event.source,
                event.day,
                _TOTALS.dump_json(event.totals).decode(),
            )
        case _:
            pass


async def _staffed(tx: Tx, event: e.StaffingVerified, pilot: tuple[Any, ...]) -> None:
    """The row counts the present staff; a worker who was replaced keeps a row of their own."""
    staff = event.workers
    await tx.execute(
        "update pilot_list set staffing = 'verified', staffing_reasons = '[]', workers = $3, licensed = $4,"
        " intermediate = $5, sw_graduates = $6, locked = case when bound then $3 else 0 end"
        " where tenant_id = $1 and pilot_id = $2",
        *pilot,
        len(staff),
        sum(w.licensed for w in staff),
        sum(w.intermediate for w in staff),
        sum(w.sw_graduate for w in staff),
    )
    await tx.execute(
        "update pilot_worker set left_on = $4 where tenant_id = $1 and pilot_id = $2 and left_on is null"
        " and worker_id <> all ($3::uuid[])",
        *pilot,
        [w.worker_id for w in staff],
        event.verified_on,
    )
    await tx.executemany(
        "insert into pilot_worker (tenant_id, pilot_id, worker_id, licensed, intermediate, sw_graduate, locked)"
        " select $1, $2, $3, $4, $5, $6, bound from pilot_list where tenant_id = $1 and pilot_id = $2"
        " on conflict (tenant_id, pilot_id, worker_id) do update set licensed = excluded.licensed,"
        " intermediate = excluded.intermediate, sw_graduate = excluded.sw_graduate, locked = excluded.locked,"
        " left_on = null",
        [(*pilot, w.worker_id, w.licensed, w.intermediate, w.sw_graduate) for w in staff],
    )


async def _departed(tx: Tx, event: e.WorkerDepartureNoted, pilot: tuple[Any, ...]) -> None:
    """One fewer of whatever the worker counted as."""
    await tx.execute(
        "with gone as (update pilot_worker set left_on = $4"
        " where tenant_id = $1 and pilot_id = $2 and worker_id = $3 and left_on is null returning *)"
        " update pilot_list p set workers = p.workers - 1, licensed = p.licensed - gone.licensed::int,"
        " intermediate = p.intermediate - gone.intermediate::int,"
        " sw_graduates = p.sw_graduates - gone.sw_graduate::int, locked = p.locked - gone.locked::int"
        " from gone where p.tenant_id = $1 and p.pilot_id = $2",
        *pilot,
        event.worker_id,
        event.left_on,
    )


async def _without_agency(tx: Tx, pilot: tuple[Any, ...]) -> None:
    """Back to procuring: the stages that the agency reached, and its workers, are to be reached again."""
    here = "where tenant_id = $1 and pilot_id = $2"
    await tx.execute(
        "update pilot_list set stage = 'procuring', stage_rank = $3, agency_id = null, agreement_signed_on = null,"  # noqa: S608
        " agreement_fen = null, agreement_days_late = null, staffing = 'none', workers = 0, licensed = 0,"
        " intermediate = 0, sw_graduates = 0, locked = 0, bound = false, started_on = null, start_days_late = null,"
        f" impersonation = false, disqualified_agencies = disqualified_agencies + 1 {here}",
        *pilot,
        RANK[Stage.PROCURING],
    )
    await tx.execute(f"delete from pilot_worker {here}", *pilot)  # noqa: S608
    await tx.execute(
        f"delete from pilot_stage {here} and stage_rank > $3 and stage_rank <= $4",  # noqa: S608
        *pilot,
        RANK[Stage.PROCURING],
        RANK[Stage.RUNNING],
    )


PILOTS = Projection(
    "pilot_list",
    1,
    ("pilot_list", "pilot_stage", "pilot_worker", "pilot_milestone", "pilot_counts"),
    ("pilot",),
    apply,
)
