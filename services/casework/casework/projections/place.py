"""The places where services are recorded, and which organisation carries out a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from casework.domain.place import PlaceClosureNoted, PlaceEvent, PlaceMoveNoted, ProjectStartNoted, SiteOpeningNoted
from contracts.values import OrganisationId, ProjectId, UnitCode
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class PlaceRow(Row, table="place_list", key=("place_id",), indexes=(("tenant_id", "organisation_id"),)):
    """A site has no organisation of its own: whose workers are placed there, `placement` says."""

    place_id: Annotated[UUID, titled("试点或站点编号")]
    community: Annotated[UnitCode | None, titled("社区（村）代码")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    organisation_id: Annotated[OrganisationId | None, titled("机构编号", "承接机构")]
    began_on: Annotated[date, titled("启用日期")]
    closed_on: Annotated[date | None, titled("结束日期")] = None


def evolve(row: PlaceRow | None, event: PlaceEvent, _meta: Meta) -> PlaceRow | None:
    match event:
        case ProjectStartNoted():
            return PlaceRow(event.project_id, event.community, event.project_id, event.organisation_id, event.began_on)
        case SiteOpeningNoted():
            return PlaceRow(event.site_id, event.community, event.project_id, None, event.began_on)
        case PlaceMoveNoted(community=community):
            return row and replace(row, community=community)
        case PlaceClosureNoted():
            return row and replace(row, closed_on=event.closed_on)
        case _:
            assert_never(event)


PLACES = View("place_list", 2, "place", (PlaceRow,), evolve)
