"""Steps 8 to 10, and what the registry and others tell of a project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import assert_never

from contracts.values import WorkerId
from funding.domain.project import events as e
from funding.domain.project.situation import Act
from funding.domain.terms import Stage
from funding.projections.project.rows import CountsRow, ProjectRows, Staffing, WorkerRow


def evolve(rows: ProjectRows, event: e.DeliveryEvent, day: date) -> ProjectRows:
    project, staff = rows.project, rows.staff
    match event:
        case e.StaffingDeclared():
            return replace(rows, project=replace(project, staffing=Staffing.DECLARED))
        case e.StaffingVerified():
            return _verified(rows, event).reaching(Stage.STAFFED, day)
        case e.StaffingRejected():
            refused = replace(project, staffing=Staffing.REJECTED, staffing_reasons=event.reasons)
            return replace(rows, project=refused)
        case e.ProjectFunded():
            return rows.reaching(Stage.FUNDED, day)
        case e.ImplementationStarted():
            started = replace(project, started_on=day, steps_off=project.off(Act.START, event.days_off))
            return replace(rows, project=started).reaching(Stage.RUNNING, day)
        case e.PostingLockNoted():
            locked = {id: replace(one, locked=True) if one.left_on is None else one for id, one in staff.items()}
            return replace(rows, bound=True).with_staff(locked)
        case e.WorkerDepartureNoted():
            return _leaving(rows, (event.worker_id,), event.left_on)
        case e.StaffingBreachNoted():
            moved = {id: replace(one, moved=True) for id, one in staff.items() if id == event.worker_id}
            return replace(rows, project=replace(project, breaches=project.breaches + 1), staff={**staff, **moved})
        case e.PostingEndNoted():
            return replace(_leaving(rows, staff, day), bound=False)
        case e.ProjectCountsNoted():
            counted = CountsRow(project.project_id, event.source, event.day, event.totals)
            return replace(rows, counts={**rows.counts, event.source: counted})
        case _:
            assert_never(event)


def _verified(rows: ProjectRows, event: e.StaffingVerified) -> ProjectRows:
    """Whom the verdict leaves out has left with it, and keeps a row."""
    verified = replace(rows.project, staffing=Staffing.VERIFIED, staffing_reasons=())
    stay = {worker.worker_id: _joined(rows, worker) for worker in event.workers}
    left = _leaving(replace(rows, project=verified), rows.staff.keys() - stay.keys(), event.verified_on)
    return left.with_staff({**left.staff, **stay})


def _joined(rows: ProjectRows, worker: e.VerifiedWorker) -> WorkerRow:
    known = rows.staff.get(worker.worker_id)
    return WorkerRow(
        project_id=rows.project.project_id,
        worker_id=worker.worker_id,
        licensed=worker.licensed,
        intermediate=worker.intermediate,
        sw_graduate=worker.sw_graduate,
        locked=rows.bound,
        moved=known is not None and known.moved,
    )


def _leaving(rows: ProjectRows, workers: Iterable[WorkerId], on: date) -> ProjectRows:
    """Who has left already has done so on that day."""
    there = {id: rows.staff[id] for id in workers if id in rows.staff and rows.staff[id].left_on is None}
    return rows.with_staff({**rows.staff, **{id: replace(one, left_on=on) for id, one in there.items()}})
