"""A social worker as casework must know one: where they are placed, by which organisation, and since when no longer.

Noted from the worker's own history in the registry and from nothing else; what a project or site tells is in `place`,
and the two are joined when somebody records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event, OrganisationId, ProjectId, SiteId, WorkerId


@dataclass(frozen=True)
class WorkerPlacementNoted(Event):
    """Posted to a project, to a site, or to a project's site."""

    TOPIC: ClassVar[str] = "casework.worker-placement-noted"
    NAME: ClassVar[str] = "获知社工派驻"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    organisation_id: OrganisationId
    site_id: SiteId | None
    project_id: ProjectId | None
    placed_on: date


@dataclass(frozen=True)
class WorkerDepartureNoted(Event):
    """No longer at the project or site, for whatever reason; `left_on` is the first day away."""

    TOPIC: ClassVar[str] = "casework.worker-departure-noted"
    NAME: ClassVar[str] = "获知社工离开"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    place_id: UUID
    left_on: date


@dataclass(frozen=True)
class WorkerEmployerNoted(Event):
    """Employed by this organisation, or by none; what another employer placed has ended."""

    TOPIC: ClassVar[str] = "casework.worker-employer-noted"
    NAME: ClassVar[str] = "获知社工用人单位变更"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    organisation_id: OrganisationId | None


WorkerEvent: TypeAlias = WorkerPlacementNoted | WorkerDepartureNoted | WorkerEmployerNoted


@dataclass(frozen=True)
class Placement:
    organisation_id: OrganisationId
    site_id: SiteId | None
    project_id: ProjectId | None
    placed_on: date
    left_on: date | None = None
    former: bool = False
    """The worker has another employer since, or none."""

    def at(self, place_id: UUID) -> bool:
        return place_id in (self.site_id, self.project_id)

    def on(self, day: date) -> bool:
        return self.placed_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True)
class Worker:
    """Where a worker is and was: what was done on the days of a placement that ended may be recorded later.

    `ended` stands in the order of the ends.  Of the first `judged` of them, which had ended when `employer` was noted,
    those of another are `former`.  `places` are all that the worker's history ever spoke of: where a project names
    a worker, its absence here says that the placement has not been heard of yet, and nothing else does.
    """

    lasting: tuple[Placement, ...] = ()
    ended: tuple[Placement, ...] = ()
    places: frozenset[UUID] = frozenset()
    employer: OrganisationId | None = None
    judged: int = 0

    @property
    def placements(self) -> tuple[Placement, ...]:
        """All of them: those that last, then those that ended, the last first."""
        judged = [replace(p, former=p.organisation_id != self.employer) for p in self.ended[: self.judged]]
        return (*self.lasting, *reversed((*judged, *self.ended[self.judged :])))

    def at(self, place_id: UUID) -> Placement | None:
        """The placement there that lasts, else the last that ended."""
        return next((p for p in self.placements if p.at(place_id)), None)

    def at_on(self, place_id: UUID, day: date) -> Placement | None:
        """The placement there on a day, else the last that began before, else the first that began later.

        Of several that began on one day, the one that ended last.
        """
        there = [p for p in self.placements if p.at(place_id)]
        begun = [p for p in there if p.placed_on <= day]
        if begun:
            return max(begun, key=lambda p: (p.on(day), p.placed_on))
        return min(there, key=lambda p: p.placed_on, default=None)


def note_placement(
    worker: Worker,
    *,
    worker_id: WorkerId,
    organisation_id: OrganisationId,
    site_id: SiteId | None,
    project_id: ProjectId | None,
    placed_on: date,
) -> Sequence[WorkerEvent]:
    """Told again while it lasts is nothing new."""
    same = (organisation_id, site_id, project_id)
    if any((p.organisation_id, p.site_id, p.project_id) == same for p in worker.lasting):
        return ()
    return (WorkerPlacementNoted(worker_id, organisation_id, site_id, project_id, placed_on),)


def note_departure(worker: Worker, *, worker_id: WorkerId, place_id: UUID, left_on: date) -> Sequence[WorkerEvent]:
    """Also of who was assigned and never placed; leaving twice is leaving once."""
    if place_id in worker.places and not any(p.at(place_id) for p in worker.lasting):
        return ()
    return (WorkerDepartureNoted(worker_id, place_id, left_on),)


def note_employer(
    worker: Worker, *, worker_id: WorkerId, organisation_id: OrganisationId | None, occurred_on: date
) -> Sequence[WorkerEvent]:
    """Whom another organisation placed has left there by that day."""
    if all(p.former is (p.organisation_id != organisation_id) for p in worker.placements):
        return ()
    places = dict.fromkeys(p.site_id or p.project_id for p in worker.lasting if p.organisation_id != organisation_id)
    left = (WorkerDepartureNoted(worker_id, place, occurred_on) for place in places if place)
    return (*left, WorkerEmployerNoted(worker_id, organisation_id))


def evolve(worker: Worker, event: WorkerEvent) -> Worker:
    match event:
        case WorkerPlacementNoted(
            organisation_id=organisation_id, site_id=site_id, project_id=project_id, placed_on=placed_on
        ):
            others = tuple(p for p in worker.lasting if (p.site_id, p.project_id) != (site_id, project_id))
            placed = Placement(organisation_id, site_id, project_id, placed_on)
            return replace(worker, lasting=(*others, placed), places=_with(worker.places, site_id, project_id))
        case WorkerDepartureNoted(place_id=place_id, left_on=left_on):
            left = tuple(replace(p, left_on=left_on) for p in worker.lasting if p.at(place_id))
            lasting = tuple(p for p in worker.lasting if not p.at(place_id))
            return replace(worker, lasting=lasting, ended=worker.ended + left, places=_with(worker.places, place_id))
        case WorkerEmployerNoted(organisation_id=organisation_id):
            # What lasts by now was noted before departures were: nobody knows its last day.
            lasting = tuple(p for p in worker.lasting if p.organisation_id == organisation_id)
            return replace(worker, lasting=lasting, employer=organisation_id, judged=len(worker.ended))
        case _:
            assert_never(event)


def _with(places: frozenset[UUID], *heard: UUID | None) -> frozenset[UUID]:
    """No copy where nothing is new."""
    new = {place for place in heard if place} - places
    return places | new if new else places
