"""Where services are recorded: a pilot or a site, as the registry and funding told of it.

Their facts become events here, so that "who may record" is decided on our own history and replays with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, assert_never

from contracts.values import AgencyId, Event, PilotId, SiteId, UnitCode, WorkerId
from kit.errors import NotKnownYet, Refused


@dataclass(frozen=True)
class PilotStartNoted(Event):
    """A pilot runs with these workers.  Told again after an agency was replaced: the new ones take over."""

    TOPIC: ClassVar[str] = "casework.pilot-start-noted"

    pilot_id: PilotId
    agency_id: AgencyId
    community: UnitCode
    impl_from: date
    impl_to: date
    worker_ids: tuple[WorkerId, ...]


@dataclass(frozen=True)
class SiteOpeningNoted(Event):
    """A district's centre has no community: workers are placed there, and nobody is served there."""

    TOPIC: ClassVar[str] = "casework.site-opening-noted"

    site_id: SiteId
    community: UnitCode | None
    pilot_id: PilotId | None


@dataclass(frozen=True)
class WorkerPlacementNoted(Event):
    TOPIC: ClassVar[str] = "casework.worker-placement-noted"

    worker_id: WorkerId
    agency_id: AgencyId


@dataclass(frozen=True)
class WorkerDepartureNoted(Event):
    TOPIC: ClassVar[str] = "casework.worker-departure-noted"

    worker_id: WorkerId


@dataclass(frozen=True)
class PlaceClosureNoted(Event):
    """The pilot ended, or the site closed: nothing new is taken on there."""

    TOPIC: ClassVar[str] = "casework.place-closure-noted"


PlaceEvent = PilotStartNoted | SiteOpeningNoted | WorkerPlacementNoted | WorkerDepartureNoted | PlaceClosureNoted


@dataclass(frozen=True)
class Place:
    """`workers` maps each placed worker to the agency that placed them."""

    known: bool = False
    community: UnitCode | None = None
    pilot_id: PilotId | None = None
    workers: tuple[tuple[WorkerId, AgencyId], ...] = ()
    closed: bool = False


class WorkerNotPlaced(Refused):
    code = "worker-not-placed"
    status = 403
    text = "该社工未派驻到本服务点，不能在此记录服务。请先由社工机构完成派驻登记。"


class NotYourUnit(Refused):
    code = "not-your-unit"
    status = 403
    text = "您所在的单位与该记录不符，不能办理。请由对应社区或派驻社工所属机构办理。"


class NoCommunity(Refused):
    code = "no-community"
    text = "该站点不属于任何街道或社区，不能登记服务对象和个案。请在服务对象所在社区的站点登记。"


class PlaceClosed(Refused):
    code = "place-closed"
    text = "该试点或服务点已结束，不能再新增台账、走访和个案；已开个案可继续办理至结案。"


def recorded_by(place: Place, worker_id: WorkerId, unit: str | None) -> None:
    """Only a worker placed here records services here, and only for the agency that placed them."""
    begun(place)
    agency = dict(place.workers).get(worker_id)
    if agency is None:
        raise WorkerNotPlaced
    if unit != str(agency):
        raise NotYourUnit


def takes_on(place: Place) -> UnitCode:
    """The community of a place that still takes on new records."""
    begun(place)
    if place.closed:
        raise PlaceClosed
    if place.community is None:
        raise NoCommunity
    return place.community


def begun(place: Place) -> None:
    """Only places that we have heard of."""
    if not place.known:
        raise NotKnownYet(what="服务点开展情况")


def note_pilot_start(
    _: Place,
    *,
    pilot_id: PilotId,
    agency_id: AgencyId,
    community: UnitCode,
    impl_from: date,
    impl_to: date,
    worker_ids: tuple[WorkerId, ...],
) -> Sequence[PlaceEvent]:
    return (PilotStartNoted(pilot_id, agency_id, community, impl_from, impl_to, worker_ids),)


def note_site_opening(
    place: Place, *, site_id: SiteId, community: UnitCode | None, pilot_id: PilotId | None
) -> Sequence[PlaceEvent]:
    return () if place.known else (SiteOpeningNoted(site_id, community, pilot_id),)


def note_placement(place: Place, *, worker_id: WorkerId, agency_id: AgencyId) -> Sequence[PlaceEvent]:
    begun(place)
    return () if (worker_id, agency_id) in place.workers else (WorkerPlacementNoted(worker_id, agency_id),)


def note_departure(place: Place, *, worker_id: WorkerId) -> Sequence[PlaceEvent]:
    return (WorkerDepartureNoted(worker_id),) if worker_id in dict(place.workers) else ()


def note_closure(place: Place) -> Sequence[PlaceEvent]:
    """An opening and its closure come from one stream, in order: what never opened here is not ours to close."""
    return (PlaceClosureNoted(),) if place.known and not place.closed else ()


def evolve(place: Place, event: PlaceEvent) -> Place:
    match event:
        case PilotStartNoted(pilot_id=pilot_id, agency_id=agency_id, community=community, worker_ids=worker_ids):
            workers = tuple((worker, agency_id) for worker in worker_ids)
            return replace(place, known=True, community=community, pilot_id=pilot_id, workers=workers)
        case SiteOpeningNoted(community=community, pilot_id=pilot_id):
            return replace(place, known=True, community=community, pilot_id=pilot_id)
        case WorkerPlacementNoted(worker_id=worker_id, agency_id=agency_id):
            others = tuple(w for w in place.workers if w[0] != worker_id)
            return replace(place, workers=(*others, (worker_id, agency_id)))
        case WorkerDepartureNoted(worker_id=worker_id):
            return replace(place, workers=tuple(w for w in place.workers if w[0] != worker_id))
        case PlaceClosureNoted():
            return replace(place, closed=True)
        case _:
            assert_never(event)
