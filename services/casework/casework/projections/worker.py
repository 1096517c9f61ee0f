"""Which agency's workers are where: every row is fed by its worker's stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never
from uuid import UUID

from casework.domain.worker import WorkerDepartureNoted, WorkerEmployerNoted, WorkerEvent, WorkerPlacementNoted
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: WorkerEvent, meta: Meta) -> None:
    whose = (meta.tenant, event.worker_id)
    match event:
        case WorkerPlacementNoted():
            await tx.execute(
                "insert into placement (tenant_id, worker_id, agency_id, site_id, pilot_id, placed_on)"
                " values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, worker_id, site_id, pilot_id) do update"
                " set agency_id = excluded.agency_id, placed_on = excluded.placed_on, left_on = null",
                *whose,
                event.agency_id,
                event.site_id,
                event.pilot_id,
                event.placed_on,
            )
        case WorkerDepartureNoted():
            await tx.execute(
                "update placement set left_on = $4"
                " where tenant_id = $1 and worker_id = $2 and $3 in (site_id, pilot_id) and left_on is null",
                *whose,
                event.place_id,
                event.left_on,
            )
        case WorkerEmployerNoted():
            await tx.execute(
                "delete from placement where tenant_id = $1 and worker_id = $2 and agency_id is distinct from $3",
                *whose,
                event.agency_id,
            )
        case _:
            assert_never(event)


PLACEMENTS = Projection("placement", 1, ("placement",), ("worker",), apply)


async def works_at(tx: Tx, agency: str, sites: Iterable[UUID]) -> bool:
    """Whether a worker of the agency is placed at one of the sites."""
    found: bool = await tx.fetchval(
        "select exists (select from placement where agency_id::text = $1 and site_id = any ($2) and left_on is null)",
        agency,
        list(sites),
    )
    return found
