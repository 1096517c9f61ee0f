"""Each pilot's posting: every attempt and its verdict, who is there, the lock, and breaches."""

from __future__ import annotations

from typing import assert_never

from kit.store import Meta, Projection, Tx
from registry.domain import posting
from registry.domain.posting import PostingEvent, Reason

ONE = "where tenant_id = $1 and pilot_id = $2"
VERIFIED = """
insert into staffing_list (tenant_id, pilot_id, agency_id, scheme_id, attempts, verified_on, headcount, licensed_min,
  intermediate_min, sw_graduate_min, locked_min, licensed, intermediate, sw_graduates, present)
values ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (tenant_id, pilot_id) do update set
  agency_id = excluded.agency_id, scheme_id = excluded.scheme_id, attempts = staffing_list.attempts + 1,
  verified_on = excluded.verified_on, headcount = excluded.headcount, licensed_min = excluded.licensed_min,
  intermediate_min = excluded.intermediate_min, sw_graduate_min = excluded.sw_graduate_min,
  locked_min = excluded.locked_min, licensed = excluded.licensed, intermediate = excluded.intermediate,
  sw_graduates = excluded.sw_graduates, present = excluded.present, ended_on = null, ending = null"""
REJECTED = (
    "insert into staffing_list (tenant_id, pilot_id, attempts) values ($1, $2, 1) on conflict (tenant_id, pilot_id)"
    " do update set attempts = staffing_list.attempts + 1"
)
ATTEMPT = (
    "insert into staffing_attempt (tenant_id, pilot_id, declaration_id, attempt, judged_on, verified, codes, clauses)"
    " select $1, $2, $3, attempts, $4, $5, $6, $7 from staffing_list where tenant_id = $1 and pilot_id = $2"
)


async def apply(tx: Tx, event: PostingEvent, meta: Meta) -> None:
    key = (meta.tenant, event.pilot_id)
    match event:
        case posting.StaffingVerified():
            await _verified(tx, event, meta)
            await _attempt(tx, event, meta, ())
        case posting.StaffingRejected():
            await tx.execute(REJECTED, *key)
            await _attempt(tx, event, meta, event.reasons)
        case posting.PostingLocked():
            await tx.execute(
                f"update staffing_list set from_day = $3, to_day = $4, starters = $5 {ONE}",
                *key,
                event.from_day,
                event.to_day,
                len(event.starters),
            )
        case posting.WorkerLeftPosting():
            await tx.execute(
                f"update staffing_list set present = array_remove(present, $3), breaches = breaches + $4 {ONE}",
                *key,
                event.worker_id,
                int(event.breach),
            )
        case posting.PostingEnded():
            await tx.execute(
                "update staffing_list set ended_on = $3, ending = $4, present = '{}',"
                f" from_day = case when $4 = 'agency_revoked' then null else from_day end {ONE}",
                *key,
                meta.occurred_on,
                event.cause.value,
            )
        case _:
            assert_never(event)


async def _verified(tx: Tx, event: posting.StaffingVerified, meta: Meta) -> None:
    rule = event.declaration.rule
    await tx.execute(
        VERIFIED,
        meta.tenant,
        event.pilot_id,
        event.declaration.agency_id,
        event.declaration.scheme_id,
        meta.occurred_on,
        rule.headcount,
        rule.licensed_min,
        rule.intermediate_min,
        rule.sw_graduate_min,
        rule.locked_min,
        sum(w.licensed for w in event.workers),
        sum(w.intermediate for w in event.workers),
        sum(w.sw_graduate for w in event.workers),
        list(event.declaration.worker_ids),
    )


async def _attempt(
    tx: Tx, event: posting.StaffingVerified | posting.StaffingRejected, meta: Meta, reasons: tuple[Reason, ...]
) -> None:
    await tx.execute(
        ATTEMPT,
        meta.tenant,
        event.pilot_id,
        event.declaration.declaration_id,
        meta.occurred_on,
        not reasons,
        [r.code for r in reasons],
        [r.clause for r in reasons],
    )


STAFFING_LIST = Projection("staffing_list", 1, ("staffing_list", "staffing_attempt"), ("staffing",), apply)
