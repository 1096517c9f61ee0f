"""Whose worker somebody is, and where that employer sends the worker.

An employer disposes of its own, and takes on who is with none; a bureau decides otherwise.  With the employment end the
placements that rested on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.values import AgencyId, PilotId, SiteId, UnitCode
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
    clause = "R-LZ-12"
    text = "该社工在试点期间已派驻其他试点，不得流动。请另选社工。"


class EmployedElsewhere(Refused):
    code = "worker-employed-elsewhere"
    name = "社工有其他用人单位"
    status = 403
    text = "该社工目前有其他用人单位。变更须由其现用人单位办理，或报民政局办理。"


class WorkerEmployedAndAssigned(Refused):
    code = "worker-assigned-cannot-change-employer"
    name = "社工正在试点任职"
    clause = "R-LZ-12"
    text = "该社工正在试点任职，变更用人单位前须先办理退出试点。"


class NotEmployedByAgency(Refused):
    code = "worker-not-employed-by-agency"
    name = "非该机构在职人员"
    clause = "R-LZ-09"
    text = "该社工不是该机构的在职人员。请由其用人单位派驻。"


def record_employment(
    worker: Worker, *, agency_id: AgencyId, employment: Employment, asking: AgencyId | None, occurred_on: date
) -> Sequence[WorkerEvent]:
    """A worker whom a pilot counts on cannot change employer, nor go part-time, behind the pilot's back (R-LZ-12).

    `asking` is the agency that asks, None for a bureau: an agency takes on who is with none, and disposes of its own.
    """
    worker_id = registered(worker)
    if asking not in (None, worker.agency_id or agency_id):
        raise EmployedElsewhere
    if (worker.agency_id, worker.employment) == (agency_id, employment):
        return ()
    _free_to_move(worker, occurred_on)
    left = placements(worker) if worker.agency_id != agency_id else ()
    return (WorkerEmploymentRecorded(worker_id, agency_id, employment, occurred_on), *left)


def end_employment(worker: Worker, *, asking: AgencyId | None, occurred_on: date) -> Sequence[WorkerEvent]:
    """The employer, or a bureau (`asking` is None), records that the worker left; another may then take over."""
    worker_id = registered(worker)
    if worker.agency_id is None:
        return ()
    if asking not in (None, worker.agency_id):
        raise EmployedElsewhere
    _free_to_move(worker, occurred_on)
    return (WorkerEmploymentEnded(worker_id, worker.agency_id), *placements(worker))


def placements(worker: Worker, pilot_id: PilotId | None = None) -> tuple[WorkerPlacementEnded, ...]:
    """The ends of the worker's placements at sites: of those for one pilot, or of all."""
    return tuple(
        WorkerPlacementEnded(registered(worker), site)
        for site, pilot in worker.sites.items()
        if pilot_id in (None, pilot)
    )


def place_worker(
    worker: Worker,
    *,
    agency_id: AgencyId,
    site_id: SiteId | None,
    pilot_id: PilotId | None,
    community: UnitCode,
    occurred_on: date,
) -> Sequence[WorkerEvent]:
    """Only the employer places, and not before it employs; only staff of a pilot is placed for it."""
    worker_id = registered(worker)
    if worker.agency_id != agency_id:
        raise NotEmployedByAgency
    not_before(occurred_on, worker.employed_since, "该社工入职")
    if pilot_id and all(a.pilot_id != pilot_id for a in worker.assignments):
        raise AssignedElsewhere if worker.assignments else NotEmployedByAgency
    return (WorkerPlaced(worker_id, agency_id, site_id, pilot_id, community),)


def employer(worker: Worker) -> AgencyId:
    """The agency that employs the worker, or a refusal."""
    registered(worker)
    if worker.agency_id is None:
        raise NotEmployedByAgency
    return worker.agency_id


def _free_to_move(worker: Worker, occurred_on: date) -> None:
    if any(a.to_day >= occurred_on for a in worker.assignments):
        raise WorkerEmployedAndAssigned
