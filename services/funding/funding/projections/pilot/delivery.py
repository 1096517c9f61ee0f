"""Steps 8 to 10, and what the registry and others tell of a pilot."""

from __future__ import annotations

import json
from typing import assert_never

from pydantic import TypeAdapter

from contracts.values import Quantity
from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.state import HERE, Row

_TOTALS: TypeAdapter[dict[str, Quantity]] = TypeAdapter(dict[str, Quantity])


async def apply(row: Row, event: e.DeliveryEvent) -> None:
    match event:
        case e.StaffingDeclared():
            await row.set("staffing = 'declared'")
        case e.StaffingVerified():
            await row.reach(Stage.STAFFED)
            await _staffed(row, event)
        case e.StaffingRejected():
            reasons = json.dumps([{"code": one.code, "clause": one.clause} for one in event.reasons])
            await row.set("staffing = 'rejected', staffing_reasons = $3::jsonb", reasons)
        case e.PilotFunded():
            await row.reach(Stage.FUNDED)
        case e.ImplementationStarted():
            await row.reach(Stage.RUNNING)
            await row.set("started_on = $3, start_days_late = $4", row.day, event.days_late)
        case e.PostingLockNoted():
            await row.set("bound = true, locked = workers")
            await row.tx.execute(f"update pilot_worker set locked = true {HERE} and left_on is null", *row.key)
        case e.WorkerDepartureNoted():
            await _departed(row, event)
        case e.StaffingBreachNoted():
            await row.set("breaches = breaches + 1")
            await row.tx.execute(
                f"update pilot_worker set moved = true {HERE} and worker_id = $3", *row.key, event.worker_id
            )
        case e.PostingEndNoted():
            await row.set("workers = 0, licensed = 0, intermediate = 0, sw_graduates = 0, locked = 0, bound = false")
            await row.tx.execute(f"update pilot_worker set left_on = $3 {HERE} and left_on is null", *row.key, row.day)
        case e.ProjectCountsNoted():
            await row.tx.execute(
                "insert into pilot_counts (tenant_id, pilot_id, source, day, totals) values ($1, $2, $3, $4, $5::jsonb)"
                " on conflict (tenant_id, pilot_id, source) do update set day = excluded.day, totals = excluded.totals",
                *row.key,
                event.source,
                event.day,
                _TOTALS.dump_json(event.totals).decode(),
            )
        case _:
            assert_never(event)


async def _staffed(row: Row, event: e.StaffingVerified) -> None:
    """The row counts the present staff; a worker who was replaced keeps a row of their own."""
    staff = event.workers
    await row.set(
        "staffing = 'verified', staffing_reasons = '[]', workers = $3, licensed = $4,"
        " intermediate = $5, sw_graduates = $6, locked = case when bound then $3 else 0 end",
        len(staff),
        sum(w.licensed for w in staff),
        sum(w.intermediate for w in staff),
        sum(w.sw_graduate for w in staff),
    )
    await row.tx.execute(
        f"update pilot_worker set left_on = $4 {HERE} and left_on is null and worker_id <> all ($3::uuid[])",
        *row.key,
        [w.worker_id for w in staff],
        event.verified_on,
    )
    await row.tx.executemany(
        "insert into pilot_worker (tenant_id, pilot_id, worker_id, licensed, intermediate, sw_graduate, locked)"
        f" select $1, $2, $3, $4, $5, $6, bound from pilot_list {HERE}"
        " on conflict (tenant_id, pilot_id, worker_id) do update set licensed = excluded.licensed,"
        " intermediate = excluded.intermediate, sw_graduate = excluded.sw_graduate, locked = excluded.locked,"
        " left_on = null",
        [(*row.key, w.worker_id, w.licensed, w.intermediate, w.sw_graduate) for w in staff],
    )


async def _departed(row: Row, event: e.WorkerDepartureNoted) -> None:
    """One fewer of whatever the worker counted as."""
    await row.tx.execute(
        f"with gone as (update pilot_worker set left_on = $4 {HERE} and worker_id = $3 and left_on is null returning *)"
        " update pilot_list p set workers = p.workers - 1, licensed = p.licensed - gone.licensed::int,"
        " intermediate = p.intermediate - gone.intermediate::int,"
        " sw_graduates = p.sw_graduates - gone.sw_graduate::int, locked = p.locked - gone.locked::int"
        " from gone where p.tenant_id = $1 and p.pilot_id = $2",
        *row.key,
        event.worker_id,
        event.left_on,
    )
