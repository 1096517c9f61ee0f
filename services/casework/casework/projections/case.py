"""The cases and how far they are (CAS-R2)."""

from __future__ import annotations

from datetime import date
from typing import assert_never
from uuid import UUID

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
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: CaseEvent, meta: Meta) -> None:
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
        case _:
            assert_never(event)


async def _reach(tx: Tx, meta: Meta, stage: Stage) -> None:
    await tx.execute(
        "update case_list set stage = $3, stage_on = $4 where tenant_id = $1 and case_id = $2",
        meta.tenant,
        meta.stream_id,
        stage,
        meta.occurred_on,
    )


CASES = Projection("case_list", 1, ("case_list",), ("case",), apply)


async def cases(
    tx: Tx, tenants: list[str], stage: Stage | None, after: tuple[date, UUID] | None, limit: int
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
