"""Who may record services at a place: what the place tells and what the worker's own history tells, joined.

The two come from different streams of other services, in any order; a verdict rests on what both have told so far,
and is NotKnownYet where one speaks of what the other must still tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.domain.place import Place, heard_of
from casework.domain.worker import Placement, Worker
from contracts.values import WorkerId
from kit.errors import ActsFor, NotKnownYet, Refused, not_before, require_unit


@dataclass(frozen=True)
class Recorder:
    """Who sends the record in: the token's subject, whom it acts for, the worker whom it names if it does."""

    id: str
    acts_for: ActsFor
    worker: WorkerId | None = None


class WorkerNotPlaced(Refused):
    code = "worker-not-placed"
    name = "社工未派驻"
    status = 403
    text = (
        "该社工未派驻到本服务点，或已离开，不能在此记录服务；离开之前的走访和个案服务可以补记。"
        "请核对发生日期，或先由社工机构完成派驻登记。"
    )


class NotYourRecord(Refused):
    code = "not-your-record"
    name = "非本人提供的服务"
    status = 403
    text = "您只能登记本人提供的服务，不能以其他社工的名义登记。请由提供服务的社工本人办理。"


def recorder_taking_on(
    place: Place, worker: Worker, recorder: Recorder, *, worker_id: WorkerId, occurred_on: date
) -> str | None:
    """The recorder of a new entry, referral or case: its worker is placed here now, by the organisation that records.

    None where the token is the worker's own, else the token's subject, who is noted beside the worker.
    """
    placement = _placement(worker.at(heard_of(place)), place, worker, worker_id)
    if placement.left_on is not None:
        raise WorkerNotPlaced
    return _recorder(placement, recorder, worker_id, occurred_on)


def recorder_serving(
    place: Place, worker: Worker, recorder: Recorder, *, worker_id: WorkerId, occurred_on: date
) -> str | None:
    """The recorder of a service that was given: as of a new entry, by a worker who was placed here on that day."""
    placement = _placement(worker.at_on(heard_of(place), occurred_on), place, worker, worker_id)
    if _away(placement, occurred_on):
        raise WorkerNotPlaced
    return _recorder(placement, recorder, worker_id, occurred_on)


def recorder_going_on(
    place: Place, worker: Worker, recorder: Recorder, *, worker_id: WorkerId, occurred_on: date
) -> str | None:
    """The recorder of what had begun: as of a service, and who was here when the project closed may still finish it."""
    placement = _placement(worker.at_on(heard_of(place), occurred_on), place, worker, worker_id)
    if _away(placement, occurred_on) and (placement.former or not _stayed(place, placement.left_on)):
        raise WorkerNotPlaced
    return _recorder(placement, recorder, worker_id, occurred_on)


def recorder_told(place: Place, worker: Worker, recorder: Recorder, *, worker_id: WorkerId) -> str | None:
    """The recorder of what befell a person, which may be learnt long after: its worker is placed here now.

    Or was here when the project closed.  The day is the fact's, on which the worker need not have been here.
    """
    placement = _placement(worker.at(heard_of(place)), place, worker, worker_id)
    if placement.left_on is not None and (placement.former or not _stayed(place, placement.left_on)):
        raise WorkerNotPlaced
    return _speaking(placement, recorder, worker_id)


def recorder_correcting(
    place: Place, worker: Worker, recorder: Recorder, *, worker_id: WorkerId, recorded_on: date
) -> str | None:
    """Who puts a record right: the worker whose it is, wherever they are now, or one of the organisation for them."""
    placement = _placement(worker.at_on(heard_of(place), recorded_on), place, worker, worker_id)
    return _speaking(placement, recorder, worker_id)


def _placement(placement: Placement | None, place: Place, worker: Worker, worker_id: WorkerId) -> Placement:
    if placement is None:
        if worker_id in place.starters and place.place_id not in worker.places:
            raise NotKnownYet(what="社工派驻信息")
        raise WorkerNotPlaced
    return placement


def _away(placement: Placement, day: date) -> bool:
    return placement.left_on is not None and day >= placement.left_on


def _stayed(place: Place, left_on: date | None) -> bool:
    """The project's end is told of each worker as a departure on its day."""
    return place.closed_on is not None and left_on is not None and place.closed_on <= left_on


def _recorder(placement: Placement, recorder: Recorder, worker_id: WorkerId, occurred_on: date) -> str | None:
    by = _speaking(placement, recorder, worker_id)
    not_before(occurred_on, placement.placed_on, "社工派驻")
    return by


def _speaking(placement: Placement, recorder: Recorder, worker_id: WorkerId) -> str | None:
    require_unit(recorder.acts_for, placement.organisation_id)
    if recorder.worker not in (None, worker_id):
        raise NotYourRecord
    return None if recorder.worker else recorder.id
