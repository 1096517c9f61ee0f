"""Whose workers are placed at which projects and sites: each worker's rows come of the worker's own stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, assert_never
from uuid import UUID

from casework.domain.worker import WorkerDepartureNoted, WorkerEmployerNoted, WorkerEvent, WorkerPlacementNoted
from contracts.values import OrganisationId, ProjectId, SiteId, WorkerId
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class PlacementRow(
    Row,
    table="placement",
    key=("worker_id", "organisation_id", "place_id"),
    indexes=(("tenant_id", "organisation_id"),),
):
    """There for as long as the placement lasts."""

    worker_id: Annotated[WorkerId, titled("社工编号")]
    organisation_id: Annotated[OrganisationId, titled("机构编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]


@dataclass(frozen=True)
class Post:
    """A placement that lasts: at a project, at a site, or at a project's site."""

    organisation_id: OrganisationId
    site_id: SiteId | None
    project_id: ProjectId | None


@dataclass(frozen=True)
class Posts:
    """Those of one worker."""

    worker_id: WorkerId
    posts: tuple[Post, ...]

    def rows(self) -> Iterable[PlacementRow]:
        """One a place, also where the worker is at a site for a project and for the site itself."""
        at = dict.fromkeys(
            (post.organisation_id, place)
            for post in self.posts
            for place in (post.site_id, post.project_id)
            if place is not None
        )
        return [PlacementRow(self.worker_id, organisation_id, UUID(str(place))) for organisation_id, place in at]


def evolve(state: Posts | None, event: WorkerEvent, _meta: Meta) -> Posts | None:
    posts = state.posts if state else ()
    match event:
        case WorkerPlacementNoted(organisation_id=organisation_id, site_id=site_id, project_id=project_id):
            here = Post(organisation_id, site_id, project_id)
            others = (post for post in posts if (post.site_id, post.project_id) != (site_id, project_id))
            return state if here in posts else Posts(event.worker_id, (*others, here))
        case WorkerDepartureNoted(place_id=place_id):
            return _left(state, [post for post in posts if place_id not in (post.site_id, post.project_id)])
        case WorkerEmployerNoted(organisation_id=organisation_id):
            return _left(state, [post for post in posts if post.organisation_id == organisation_id])
        case _:
            assert_never(event)


def _left(state: Posts | None, posts: list[Post]) -> Posts | None:
    if state is None or len(posts) == len(state.posts):
        return state
    return Posts(state.worker_id, tuple(posts))


PLACEMENTS = View("placement", 2, "worker", (PlacementRow,), evolve)
