"""A social worker as casework must know one: where they are placed and by which agency, and since when not any more.

Noted from the worker's own history in the registry and from nothing else; what a pilot or site tells is in `place`,
and the two are joined when somebody records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, assert_never
from uuid import UUID

from contracts.values import AgencyId, Event, PilotId, SiteId, WorkerId


@dataclass(frozen=True)
class WorkerPlacementNoted(Event):
    """Posted to a pilot, to a site, or to a pilot's site."""

    TOPIC: ClassVar[str] = "casework.worker-placement-noted"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    agency_id: AgencyId
    site_id: SiteId | None
    pilot_id: PilotId | None
    placed_on: date


@dataclass(frozen=True)
class WorkerDepartureNoted(Event):
    """No longer at the pilot or site, for whatever reason; `left_on` is the first day away."""

    TOPIC: ClassVar[str] = "casework.worker-departure-noted"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    place_id: UUID
    left_on: date


@dataclass(frozen=True)
class WorkerEmployerNoted(Event):
    """Employed by this agency, or by none; what another employer placed has ended."""

    TOPIC: ClassVar[str] = "casework.worker-employer-noted"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    agency_id: AgencyId | None


WorkerEvent = WorkerPlacementNoted | WorkerDepartureNoted | WorkerEmployerNoted


@dataclass(frozen=True)
class Placement:
    agency_id: AgencyId
    site_id: SiteId | None
    pilot_id: PilotId | None
    placed_on: date
    left_on: date | None = None
    former: bool = False
    """The worker has another employer since, or none."""

    def at(self, place_id: UUID) -> bool:
        return place_id in (self.site_id, self.pilot_id)

    def on(self, day: date) -> bool:
        return self.placed_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True)
class Worker:
    """`placements` keeps those that ended: what was done on their days may be recorded later.

    `places` are all that the worker's history ever spoke of: where a pilot names a worker, its absence here says that
    the placement has not been heard of yet, and nothing else does.
    """

    placements: tuple[Placement, ...] = ()
    places: frozenset[UUID] = frozenset()

    def at(self, place_id: UUID) -> Placement | None:
        """The placement there that lasts, else the last that ended."""
        there = [p for p in self.placements if p.at(place_id)]
        return next((p for p in there if p.left_on is None), there[-1] if there else None)

    def at_on(self, place_id: UUID, day: date) -> Placement | None:
        """The placement there on a day, else the last that began before, else the first that began later."""
        there = [p for p in self.placements if p.at(place_id)]
        begun = [p for p in there if p.placed_on <= day]
        if begun:
            return max(begun, key=lambda p: (p.on(day), p.placed_on))
        return min(there, key=lambda p: p.placed_on, default=None)


def note_placement(
    worker: Worker,
    *,
    worker_id: WorkerId,
    agency_id: AgencyId,
    site_id: SiteId | None,
    pilot_id: PilotId | None,
    placed_on: date,
) -> Sequence[WorkerEvent]:
    """Told again while it lasts is nothing new."""
    same = (agency_id, site_id, pilot_id)
    if any((p.agency_id, p.site_id, p.pilot_id) == same and p.left_on is None for p in worker.placements):
        return ()
    return (WorkerPlacementNoted(worker_id, agency_id, site_id, pilot_id, placed_on),)


def note_departure(worker: Worker, *, worker_id: WorkerId, place_id: UUID, left_on: date) -> Sequence[WorkerEvent]:
    """Also of who was assigned and never placed; leaving twice is leaving once."""
    there = any(p.at(place_id) and p.left_on is None for p in worker.placements)
    if place_id in worker.places and not there:
        return ()
    return (WorkerDepartureNoted(worker_id, place_id, left_on),)


def note_employer(
    worker: Worker, *, worker_id: WorkerId, agency_id: AgencyId | None, occurred_on: date
) -> Sequence[WorkerEvent]:
    """Whom another agency placed has left there by that day."""
    if all(p.former is (p.agency_id != agency_id) for p in worker.placements):
        return ()
    lasting = [p for p in worker.placements if p.agency_id != agency_id and p.left_on is None]
    places = dict.fromkeys(p.site_id or p.pilot_id for p in lasting)
    left = (WorkerDepartureNoted(worker_id, place, occurred_on) for place in places if place)
    return (*left, WorkerEmployerNoted(worker_id, agency_id))


def evolve(worker: Worker, event: WorkerEvent) -> Worker:
    match event:
        case WorkerPlacementNoted(agency_id=agency_id, site_id=site_id, pilot_id=pilot_id, placed_on=placed_on):
            there = (site_id, pilot_id)
            others = tuple(p for p in worker.placements if p.left_on or (p.site_id, p.pilot_id) != there)
            placed = Placement(agency_id, site_id, pilot_id, placed_on)
            return Worker((*others, placed), worker.places | {place for place in (site_id, pilot_id) if place})
        case WorkerDepartureNoted(place_id=place_id, left_on=left_on):
            placements = tuple(_left(p, place_id, left_on) for p in worker.placements)
            return Worker(placements, worker.places | {place_id})
        case WorkerEmployerNoted(agency_id=agency_id):
            # What lasts by now was noted before departures were: nobody knows its last day.
            known = (p for p in worker.placements if p.agency_id == agency_id or p.left_on)
            return replace(worker, placements=tuple(replace(p, former=p.agency_id != agency_id) for p in known))
        case _:
            assert_never(event)


def _left(placement: Placement, place_id: UUID, left_on: date) -> Placement:
    if not placement.at(place_id) or placement.left_on is not None:
        return placement
    return replace(placement, left_on=left_on)
