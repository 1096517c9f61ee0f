"""Pilots: one row each, the stages that they reached, their workers, milestones and counts (FUN-R2)."""

from __future__ import annotations

from funding.domain.pilot import events as e
from funding.domain.pilot.events import PilotEvent
from funding.projections.pilot import acceptance, application, delivery, milestone, procurement, review
from funding.projections.pilot.rows import CountsRow, MilestoneRow, PilotRow, PilotRows, StageRow, WorkerRow
from kit.store import Meta, View


def evolve(rows: PilotRows | None, event: PilotEvent, meta: Meta) -> PilotRows | None:
    day = meta.occurred_on
    if isinstance(event, e.ApplicationEvent):
        return application.evolve(rows, event, day)
    if rows is None:
        return None
    if isinstance(event, e.ProcurementEvent):
        return procurement.evolve(rows, event, day)
    if isinstance(event, e.DeliveryEvent):
        return delivery.evolve(rows, event, day)
    if isinstance(event, e.ReviewEvent):
        return review.evolve(rows, event, day)
    if isinstance(event, e.MilestoneEvent):
        return milestone.evolve(rows, event, day)
    return acceptance.evolve(rows, event, day)


PILOTS = View("pilot_list", 2, "pilot", (PilotRow, StageRow, WorkerRow, MilestoneRow, CountsRow), evolve)
