"""Where services are recorded: a project or a site, as funding or the registry told of it.

Their facts become events here, so that "who may record" is decided on our own history and replays with it.  Whom a
project names is not yet who works there: that is each worker's own history (`worker`), and `recording` joins the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event, OrganisationId, ProjectId, SiteId, UnitCode, WorkerId
from kit.errors import NotKnownYet, Refused, not_before


@dataclass(frozen=True)
class ProjectStartNoted(Event):
    """A project runs, begun with these workers.  Told again after a replacement: the new organisation takes over."""

    TOPIC: ClassVar[str] = "casework.project-start-noted"
    NAME: ClassVar[str] = "获知试点启动"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    organisation_id: OrganisationId
    community: UnitCode
    impl_from: date
    impl_to: date
    worker_ids: tuple[WorkerId, ...]
    began_on: date


@dataclass(frozen=True)
class SiteOpeningNoted(Event):
    """A district's centre has no community: workers are placed there, and nobody is served there."""

    TOPIC: ClassVar[str] = "casework.site-opening-noted"
    NAME: ClassVar[str] = "获知站点开放"
    LATE: ClassVar[bool] = True

    site_id: SiteId
    community: UnitCode | None
    project_id: ProjectId | None
    began_on: date


@dataclass(frozen=True)
class PlaceClosureNoted(Event):
    """The project ended, or the site closed: nothing new is taken on there."""

    TOPIC: ClassVar[str] = "casework.place-closure-noted"
    NAME: ClassVar[str] = "获知服务点结束"
    LATE: ClassVar[bool] = True

    closed_on: date


@dataclass(frozen=True)
class PlaceMoveNoted(Event):
    """Its community was merged or split: it is in this one from `moved_on` on."""

    TOPIC: ClassVar[str] = "casework.place-move-noted"
    NAME: ClassVar[str] = "获知服务点所在社区变更"
    LATE: ClassVar[bool] = True

    community: UnitCode
    moved_on: date


PlaceEvent: TypeAlias = ProjectStartNoted | SiteOpeningNoted | PlaceClosureNoted | PlaceMoveNoted


@dataclass(frozen=True)
class Place:
    """`starters` are whom the project's last start names, `organisation_id` who carries it out; a site has neither.

    `before` are the communities that it was in, each until a day.
    """

    place_id: UUID | None = None
    community: UnitCode | None = None
    project_id: ProjectId | None = None
    organisation_id: OrganisationId | None = None
    starters: tuple[WorkerId, ...] = ()
    began_on: date | None = None
    closed_on: date | None = None
    before: tuple[tuple[UnitCode, date], ...] = ()

    @property
    def communities(self) -> frozenset[UnitCode]:
        """All that it ever was in."""
        return frozenset(one for one in (self.community, *(was for was, _ in self.before)) if one is not None)

    def after(self, day: date) -> Sequence[tuple[UnitCode, date]]:
        """The communities that it came to be in after that day, and since when each."""
        into = [*(was for was, _ in self.before[1:]), self.community]
        return [(to, since) for to, (_, since) in zip(into, self.before, strict=False) if to and since > day]

    def community_on(self, day: date) -> UnitCode | None:
        return next((was for was, until in self.before if day < until), self.community)


class NoCommunity(Refused):
    code = "no-community"
    name = "站点没有所在社区"
    text = "该站点不属于任何街道或社区，不能登记服务对象和个案。请在服务对象所在社区的站点登记。"


class PlaceClosed(Refused):
    code = "place-closed"
    name = "试点或服务点已结束"
    text = (
        "该试点或服务点已于 {closed_on} 结束，不能再新增台账、救助协助和个案，也不能登记当日及以后的走访。"
        "此前的走访可以补记，已开个案可继续办理至结案。"
    )


def heard_of(place: Place) -> UUID:
    """The id of a place.  NotKnownYet until its opening was told."""
    if place.place_id is None:
        raise NotKnownYet(what="服务点开展情况")
    return place.place_id


def takes_on(place: Place, occurred_on: date) -> UnitCode:
    """The community of a place that still takes on new records, none of them from before it began."""
    heard_of(place)
    if place.closed_on is not None:
        raise PlaceClosed(closed_on=place.closed_on)
    return _there(place, occurred_on)


def open_on(place: Place, occurred_on: date) -> UnitCode:
    """The community of a place where a service was given, on a day when it was open: it may have closed since."""
    heard_of(place)
    if place.closed_on is not None and occurred_on >= place.closed_on:
        raise PlaceClosed(closed_on=place.closed_on)
    return _there(place, occurred_on)


def _there(place: Place, occurred_on: date) -> UnitCode:
    community = place.community_on(occurred_on)
    if community is None:
        raise NoCommunity
    not_before(occurred_on, place.began_on, "服务点启用")
    return community


def note_project_start(
    place: Place,
    *,
    project_id: ProjectId,
    organisation_id: OrganisationId,
    community: UnitCode,
    impl_from: date,
    impl_to: date,
    worker_ids: tuple[WorkerId, ...],
    occurred_on: date,
) -> Sequence[PlaceEvent]:
    """The project began when it first started, whoever carries it out now."""
    began_on = place.began_on or occurred_on
    return (ProjectStartNoted(project_id, organisation_id, community, impl_from, impl_to, worker_ids, began_on),)


def note_site_opening(
    place: Place, *, site_id: SiteId, community: UnitCode | None, project_id: ProjectId | None, occurred_on: date
) -> Sequence[PlaceEvent]:
    return () if place.place_id else (SiteOpeningNoted(site_id, community, project_id, occurred_on),)


def note_closure(place: Place, *, occurred_on: date) -> Sequence[PlaceEvent]:
    """An opening and its closure come from one stream, in order: what never opened here is not ours to close."""
    return (PlaceClosureNoted(occurred_on),) if place.place_id and place.closed_on is None else ()


def note_move(place: Place, *, community: UnitCode, moved_on: date) -> Sequence[PlaceEvent]:
    """Of what never opened here there is nothing to note: its start says where it is."""
    if place.place_id is None or community == place.community:
        return ()
    return (PlaceMoveNoted(community, moved_on),)


def evolve(place: Place, event: PlaceEvent) -> Place:
    match event:
        case ProjectStartNoted():
            return replace(
                place,
                place_id=event.project_id,
                community=event.community,
                project_id=event.project_id,
                organisation_id=event.organisation_id,
                starters=event.worker_ids,
                began_on=event.began_on,
            )
        case PlaceMoveNoted(community=community, moved_on=day):
            before = (*place.before, (place.community, day)) if place.community else place.before
            return replace(place, community=community, before=before)
        case SiteOpeningNoted():
            return Place(event.site_id, event.community, event.project_id, began_on=event.began_on)
        case PlaceClosureNoted(closed_on=closed_on):
            return replace(place, closed_on=closed_on)
        case _:
            assert_never(event)
