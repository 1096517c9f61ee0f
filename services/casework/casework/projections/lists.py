"""The catalogue, the ledger, visits, cases (CAS-R2) and referrals: every row is fed by one stream."""

from __future__ import annotations

from datetime import date
from typing import Any

from asyncpg import Record

from casework.domain.case import (
    CaseClosed,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
    Stage,
)
from casework.domain.catalogue import CatalogueEvent, LedgerCategoryRegistered, ServiceCatalogueDeclared
from casework.domain.entry import BeneficiaryEnrolled, EntryEvent, HomeVisitRecorded
from casework.domain.referral import AssistanceOutcomeRecorded, AssistanceReferred, ReferralEvent
from kit.store import Meta, Projection, Tx


async def apply_catalogue(tx: Tx, event: CatalogueEvent, meta: Meta) -> None:
    match event:
        case ServiceCatalogueDeclared():
            await tx.execute(
                "insert into service_catalogue values ($1, $2, $3, $4, $5, $6, $7, $8)",
                meta.tenant,
                event.catalogue_id,
                event.title,
                len(event.domains),
                len(event.categories),
                len(event.core_policies),
                len(event.extra_policies),
                meta.occurred_on,
            )
        case LedgerCategoryRegistered():
            await tx.execute(
                "update service_catalogue set categories = categories + 1 where tenant_id = $1 and catalogue_id = $2",
                meta.tenant,
                event.catalogue_id,
            )


async def apply_ledger(tx: Tx, event: EntryEvent, meta: Meta) -> None:
    match event:
        case BeneficiaryEnrolled():
            await tx.execute(
                "insert into ledger_entry values ($1, $2, $3, $4, $5, $6, $7)",
                meta.tenant,
                event.entry_id,
                event.place_id,
                event.pilot_id,
                event.community,
                list(event.categories),
                meta.occurred_on,
            )
        case HomeVisitRecorded():
            await tx.execute(
                "insert into home_visit values ($1, $2, $3, $4, $5, $6)",
                meta.tenant,
                event.visit_id,
                event.entry_id,
                event.pilot_id,
                event.community,
                meta.occurred_on,
            )


async def apply_cases(tx: Tx, event: CaseEvent, meta: Meta) -> None:
    match event:
        case CaseOpened():
            await tx.execute(
                "insert into case_list (tenant_id, case_id, entry_id, place_id, pilot_id, community, domain, stage,"
                " opened_on, stage_on) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                meta.tenant,
                event.case_id,
                event.entry_id,
                event.place_id,
                event.pilot_id,
                event.community,
                event.domain,
                Stage.INTAKE,
                meta.occurred_on,
            )
        case CasePreAssessed():
            await _reach(tx, meta, Stage.PRE_ASSESSMENT)
        case CasePlanMade():
            await _reach(tx, meta, Stage.PLANNING)
        case InterventionRecorded():
            await tx.execute(
                "update case_list set stage = $3, interventions = interventions + 1,"
                " stage_on = case when interventions = 0 then $4 else greatest(stage_on, $4) end"
                " where tenant_id = $1 and case_id = $2",
                meta.tenant,
                meta.stream_id,
                Stage.INTERVENTION,
                meta.occurred_on,
            )
        case CaseEvaluated():
            await _reach(tx, meta, Stage.EVALUATION)
        case CaseClosed():
            await _reach(tx, meta, Stage.CLOSURE)
            await tx.execute(
                "update case_list set closed_on = $3 where tenant_id = $1 and case_id = $2",
                meta.tenant,
                meta.stream_id,
                meta.occurred_on,
            )


async def _reach(tx: Tx, meta: Meta, stage: Stage) -> None:
    await tx.execute(
        "update case_list set stage = $3, stage_on = $4 where tenant_id = $1 and case_id = $2",
        meta.tenant,
        meta.stream_id,
        stage,
        meta.occurred_on,
    )


async def apply_referrals(tx: Tx, event: ReferralEvent, meta: Meta) -> None:
    match event:
        case AssistanceReferred():
            await tx.execute(
                "insert into referral_list values ($1, $2, $3, $4, $5, $6, $7, $8)",
                meta.tenant,
                event.referral_id,
                event.entry_id,
                event.pilot_id,
                event.community,
                event.kind,
                event.policy,
                meta.occurred_on,
            )
        case AssistanceOutcomeRecorded(outcome=outcome):
            await tx.execute(
                "update referral_list set outcome = $3 where tenant_id = $1 and referral_id = $2",
                meta.tenant,
                meta.stream_id,
                outcome,
            )


CATALOGUE = Projection("service_catalogue", 1, ("service_catalogue",), ("catalogue",), apply_catalogue)
LEDGER = Projection("ledger", 1, ("ledger_entry", "home_visit"), ("entry",), apply_ledger)
CASES = Projection("case_list", 1, ("case_list",), ("case",), apply_cases)
REFERRALS = Projection("referral_list", 1, ("referral_list",), ("referral",), apply_referrals)


async def catalogues(tx: Tx, tenants: list[str]) -> list[Record]:
    """The catalogues in sight, newest first."""
    return await tx.fetch(
        "select * from service_catalogue where tenant_id = any ($1::text[]) order by declared_on desc, catalogue_id",
        tenants,
    )


async def cases(
    tx: Tx, tenants: list[str], stage: Stage | None, after: tuple[date, Any] | None, limit: int
) -> list[Record]:
    """The case pipeline, oldest first, after the case that the last page ended with."""
    day, case_id = after or (None, None)
    return await tx.fetch(
        "select * from case_list where tenant_id = any ($1::text[]) and ($2::text is null or stage = $2)"
        " and ($3::date is null or (opened_on, case_id) > ($3, $4::uuid)) order by opened_on, case_id limit $5",
        tenants,
        stage,
        day,
        case_id,
        limit,
    )
