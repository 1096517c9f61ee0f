"""Pilots: one row each, the stages that they reached, their workers, milestones and counts (FUN-R2)."""

from __future__ import annotations

from funding.domain.pilot import events as e
from funding.domain.pilot.events import PilotEvent
from funding.projections.pilot import acceptance, application, delivery, milestone, procurement, review
from funding.projections.pilot.state import Row
from kit.store import Meta, Projection, Tx


async def apply(tx: Tx, event: PilotEvent, meta: Meta) -> None:
    row = Row(tx, meta, event.pilot_id)
    if isinstance(event, e.ApplicationEvent):
        await application.apply(row, event)
    elif isinstance(event, e.ProcurementEvent):
        await procurement.apply(row, event)
    elif isinstance(event, e.DeliveryEvent):
        await delivery.apply(row, event)
    elif isinstance(event, e.ReviewEvent):
        await review.apply(row, event)
    elif isinstance(event, e.MilestoneEvent):
        await milestone.apply(row, event)
    else:
        await acceptance.apply(row, event)


PILOTS = Projection(
    "pilot_list",
    1,
    ("pilot_list", "pilot_stage", "pilot_worker", "pilot_milestone", "pilot_counts"),
    ("pilot",),
    apply,
)
