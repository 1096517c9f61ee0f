"""Where a project is, and which projects are at a place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from contracts.values import ProjectId, SchemeId, TenantId, UnitCode
from funding.domain.project import events as e
from funding.domain.terms import Stage
from funding.projections.project.rows import Former, ProjectRows
from kit.tenancy import Tx

FREE = (Stage.REJECTED, Stage.WITHDRAWN, Stage.RETURNED, Stage.TERMINATED, Stage.CLOSED)
"""At these, a project holds no place."""


def evolve(rows: ProjectRows, event: e.PlaceEvent, _day: date) -> ProjectRows:
    project = rows.project
    match event:
        case e.ProjectPlaceMoved():
            stays = event.community == project.community
            former = (
                ()
                if stays and event.community_name == project.community_name
                else (Former(project.community, project.community_name),)
            )
            place = replace(
                project,
                street=event.street,
                street_name=event.street_name,
                community=event.community,
                community_name=event.community_name,
                former_communities=(*project.former_communities, *former),
                heirs=project.heirs if stays and event.document is None else (),
                divided_on=project.divided_on if stays and event.document is None else None,
            )
            return replace(rows, project=place)
        case e.ProjectPlaceDivided():
            divided = event.divided_on if event.ended else None
            return replace(rows, project=replace(project, heirs=event.heirs, divided_on=divided))
        case _:
            assert_never(event)


async def living_at(tx: Tx, district: TenantId, scheme_id: SchemeId, community: UnitCode) -> list[ProjectId]:
    """The projects of the scheme that hold the place now."""
    found = await tx.fetch(
        "select project_id from project_list where tenant_id = $1 and scheme_id = $2 and community = $3"
        " and stage <> all($4::text[])",
        district, scheme_id, community, list(FREE),
    )  # fmt: skip
    return [ProjectId(row["project_id"]) for row in found]


async def in_unit(tx: Tx, district: TenantId, unit: UnitCode) -> list[ProjectId]:
    """The projects of a community, or of a street; an application that came back is nobody's until it is made anew."""
    found = await tx.fetch(
        "select project_id from project_list where tenant_id = $1 and (community = $2 or street = $2)"
        f" and stage <> '{Stage.RETURNED}'",
        district,
        unit,
    )
    return [ProjectId(row["project_id"]) for row in found]
