"""Steps 1 to 4."""

from __future__ import annotations

from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.state import HERE, Row


async def apply(row: Row, event: e.ApplicationEvent) -> None:
    match event:
        case e.PilotApplicationSubmitted():
            await _applied(row, event)
        case e.StreetSignOffGiven():
            await row.reach(Stage.STREET_ENDORSED)
        case e.PilotRecommendedByDistrict():
            await row.reach(Stage.RECOMMENDED)
        case e.PilotApproved():
            await row.reach(Stage.APPROVED)
            await row.set("approved_on = $3", row.day)
        case e.PilotRejected():
            await row.reach(Stage.REJECTED)
        case _:
            assert_never(event)


async def _applied(row: Row, event: e.PilotApplicationSubmitted) -> None:
    """A rejected community that applies again starts over."""
    for table in ("pilot_list", "pilot_stage"):
        await row.tx.execute(f"delete from {table} {HERE}", *row.key)
    await row.tx.execute(
        "insert into pilot_list (tenant_id, pilot_id, scheme_id, street, street_name, community, community_name,"
        " area_m2, stage, stage_rank, applied_on) values ($1, $2, $3, $4, $5, $6, $7, $8, 'none', 0, $9)",
        *row.key,
        event.scheme_id,
        event.street,
        event.street_name,
        event.community,
        event.community_name,
        event.area_m2,
        row.day,
    )
    await row.reach(Stage.APPLIED)
