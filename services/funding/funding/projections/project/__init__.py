"""Projects: one row each, the stages that they reached, their workers, milestones and counts (FUN-R2)."""

from __future__ import annotations

from funding.domain.project import events as e
from funding.domain.project.events import ProjectEvent
from funding.projections.project import acceptance, application, delivery, end, milestone, procurement, review
from funding.projections.project.rows import CountsRow, MilestoneRow, ProjectRow, ProjectRows, StageRow, WorkerRow
from kit.store import Meta, View


def evolve(rows: ProjectRows | None, event: ProjectEvent, meta: Meta) -> ProjectRows | None:
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
    if isinstance(event, e.EndEvent):
        return end.evolve(rows, event, day)
    return acceptance.evolve(rows, event, day)


PROJECTS = View("project_list", 4, "project", (ProjectRow, StageRow, WorkerRow, MilestoneRow, CountsRow), evolve)
