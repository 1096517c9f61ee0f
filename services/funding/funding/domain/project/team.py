"""Whom an organisation declared for a project: who was verified when, and who left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from contracts.values import WorkerId
from funding.domain.growing import Growing
from funding.domain.project import events as e


@dataclass(frozen=True)
class Member:
    """A worker whom the present organisation declared."""

    verified: e.VerifiedWorker | None = None
    """What the registry found, once it did: only then may the worker be paid (R-LZ-17)."""
    since: date | None = None
    """When the worker was verified; of one who left and came back, when that was."""
    left_on: date | None = None
    impersonator: bool = False


Team: TypeAlias = Growing[WorkerId, Member]


def verified(team: Team, posted: Iterable[WorkerId], event: e.StaffingVerified) -> tuple[Team, tuple[WorkerId, ...]]:
    """The team, and who is posted of it.

    Who had left is paid from the new verdict on; whom it leaves out has left with it.
    """
    staff = {worker.worker_id: _joined(team, worker, event.verified_on) for worker in event.workers}
    out = [worker for worker in posted if worker not in staff]
    return team | gone(team, out, event.verified_on) | staff, tuple(staff)


def _joined(team: Team, worker: e.VerifiedWorker, on: date) -> Member:
    known = team.get(worker.worker_id, Member())
    stays = known.verified is not None and known.left_on is None
    return replace(known, verified=worker, since=known.since if stays else on, left_on=None)


def gone(team: Team, workers: Iterable[WorkerId], on: date) -> dict[WorkerId, Member]:
    return {worker: replace(team.get(worker, Member()), left_on=on) for worker in workers}
