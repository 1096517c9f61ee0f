"""Whose worker somebody is, and where that employer sends the worker.

An employer disposes of its own, and takes on who is with none; a bureau decides otherwise.  With the employment end the
placements that rested on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import OrganisationId, ProjectId, SiteId, UnitCode
from kit.errors import Refused, not_before
from registry.domain.worker import (
    Employment,
    Worker,
    WorkerEmploymentEnded,
    WorkerEmploymentRecorded,
    WorkerEvent,
    WorkerPlaced,
    WorkerPlacementEnded,
    registered,
)


class AssignedElsewhere(Refused):
    code = "worker-assigned-elsewhere"
    name = "社工已派驻其他试点"
    rule = "R-LZ-12"
    text = "该社工在试点期间已派驻其他试点，不得流动。请另选社工。"


class EmployedElsewhere(Refused):
    code = "worker-employed-elsewhere"
    name = "社工有其他用人单位"
    status = 403
    text = "该社工目前有其他用人单位。变更须由其现用人单位办理，或报民政局办理。"


class WorkerEmployedAndAssigned(Refused):
    code = "worker-assigned-cannot-change-employer"
    name = "社工正在试点任职"
    rule = "R-LZ-12"
    text = "该社工正在试点任职，变更用人单位前须先办理退出试点。"


class NotEmployedByOrganisation(Refused):
    code = "worker-not-employed-by-organisation"
    name = "非该机构在职人员"
    rule = "R-LZ-09"
    text = "该社工不是该机构的在职人员。请由其用人单位派驻。"


def record_employment(
    worker: Worker,
    *,
    organisation_id: OrganisationId,
    employment: Employment,
    asking: OrganisationId | None,
    occurred_on: date,
) -> Sequence[WorkerEvent]:
    """A worker whom a project counts on cannot change employer, nor go part-time, behind the project's back (R-LZ-12).

    `asking` is the organisation that asks, None for a bureau: one takes on who is with none, and disposes of its own.
    """
    worker_id = registered(worker)
    if asking not in (None, worker.organisation_id or organisation_id):
        raise EmployedElsewhere
    if (worker.organisation_id, worker.employment) == (organisation_id, employment):
        return ()
    _free_to_move(worker, occurred_on)
    left = placements(worker) if worker.organisation_id != organisation_id else ()
    return (WorkerEmploymentRecorded(worker_id, organisation_id, employment, occurred_on), *left)


def end_employment(worker: Worker, *, asking: OrganisationId | None, occurred_on: date) -> Sequence[WorkerEvent]:
    """The employer, or a bureau (`asking` is None), records that the worker left; another may then take over."""
    worker_id = registered(worker)
    if worker.organisation_id is None:
        return ()
    if asking not in (None, worker.organisation_id):
        raise EmployedElsewhere
    _free_to_move(worker, occurred_on)
    return (WorkerEmploymentEnded(worker_id, worker.organisation_id), *placements(worker))


def placements(worker: Worker, project_id: ProjectId | None = None) -> tuple[WorkerPlacementEnded, ...]:
    """The ends of the worker's placements at sites: of those for one project, or of all."""
    return tuple(
        WorkerPlacementEnded(registered(worker), site)
        for site, project in worker.sites.items()
        if project_id in (None, project)
    )


def place_worker(
    worker: Worker,
    *,
    organisation_id: OrganisationId,
    site_id: SiteId | None,
    project_id: ProjectId | None,
    community: UnitCode,
    occurred_on: date,
) -> Sequence[WorkerEvent]:
    """Only the employer places, and not before it employs; only staff of a project is placed for it."""
    worker_id = registered(worker)
    if worker.organisation_id != organisation_id:
        raise NotEmployedByOrganisation
    not_before(occurred_on, worker.employed_since, "该社工入职")
    if project_id and all(a.project_id != project_id for a in worker.assignments):
        raise AssignedElsewhere if worker.assignments else NotEmployedByOrganisation
    return (WorkerPlaced(worker_id, organisation_id, site_id, project_id, community),)


def employer(worker: Worker) -> OrganisationId:
    """The organisation that employs the worker, or a refusal."""
    registered(worker)
    if worker.organisation_id is None:
        raise NotEmployedByOrganisation
    return worker.organisation_id


def _free_to_move(worker: Worker, occurred_on: date) -> None:
    if any(a.to_day >= occurred_on for a in worker.assignments):
        raise WorkerEmployedAndAssigned
