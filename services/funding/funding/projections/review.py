"""A phase's report, evaluation and audit in one row (FUN-R4)."""

from __future__ import annotations

import json
from typing import Any, TypeAlias, assert_never

from funding.domain.pilot import events as e
from funding.domain.pilot.events import PilotEvent
from kit.store import Meta, Projection, Tx

OfPhase: TypeAlias = (
    e.ReportConfirmedByCommunity
    | e.ReportReviewedByDistrict
    | e.EvaluationCompleted
    | e.AuditCompleted
    | e.PhaseEvaluated
)


async def apply(tx: Tx, event: PilotEvent, meta: Meta) -> None:
    if isinstance(event, e.AgencyDisqualified):
        await _without_agency(tx, event, meta)
    elif isinstance(event, e.ReviewEvent):
        await _reviewed(tx, event, meta)


async def _without_agency(tx: Tx, event: e.AgencyDisqualified, meta: Meta) -> None:
    """What the agency left open is to be done again."""
    await tx.execute(
        "delete from pilot_phase where tenant_id = $1 and pilot_id = $2 and closed_on is null",
        meta.tenant,
        event.pilot_id,
    )


async def _reviewed(tx: Tx, event: e.ReviewEvent, meta: Meta) -> None:
    match event:
        case e.ReportSubmitted():
            await tx.execute(
                "insert into pilot_phase (tenant_id, pilot_id, phase, revision, submitted_on)"
                " values ($1, $2, $3, $4, $5)"
                " on conflict (tenant_id, pilot_id, phase) do update set revision = excluded.revision,"
                " submitted_on = excluded.submitted_on, confirmed_on = null, remark = null, reviewed_on = null,"
                " returned = false",
                meta.tenant,
                event.pilot_id,
                event.phase,
                event.revision,
                meta.occurred_on,
            )
        case e.ReportConfirmedByCommunity():
            await _set(tx, event, meta, "confirmed_on = $4, remark = $5", meta.occurred_on, event.remark)
        case e.ReportReviewedByDistrict():
            await _set(tx, event, meta, "reviewed_on = $4, returned = $5", meta.occurred_on, not event.passed)
        case e.EvaluationCompleted():
            scores = json.dumps({s.criterion: s.score for s in event.scores}, sort_keys=True)
            facts = (meta.occurred_on, event.third_party, scores, event.breaches)
            await _set(tx, event, meta, "evaluated_on = $4, evaluator = $5, scores = $6::jsonb, breaches = $7", *facts)
        case e.AuditCompleted():
            found = (meta.occurred_on, event.third_party, event.opinion.value, event.questioned_fen)
            await _set(tx, event, meta, "audited_on = $4, auditor = $5, opinion = $6, questioned_fen = $7", *found)
        case e.PhaseEvaluated():
            await _set(tx, event, meta, "closed_on = $4", meta.occurred_on)
        case e.ThirdPartyNamed() | e.ThirdPartySupervisionReported():
            pass
        case _:
            assert_never(event)


async def _set(tx: Tx, event: OfPhase, meta: Meta, change: str, *values: Any) -> None:
    await tx.execute(
        f"update pilot_phase set {change} where tenant_id = $1 and pilot_id = $2 and phase = $3",
        meta.tenant,
        event.pilot_id,
        event.phase,
        *values,
    )


PHASES = Projection("pilot_phase", 1, ("pilot_phase",), ("pilot",), apply)


async def of_pilot(tx: Tx, pilot_id: object) -> list[dict[str, Any]]:
    """The phases of one pilot, in the order in which their reports came."""
    rows = await tx.fetch("select * from pilot_phase where pilot_id = $1 order by submitted_on, phase", pilot_id)
    return [{**dict(row), "scores": json.loads(row["scores"]) if row["scores"] else None} for row in rows]
