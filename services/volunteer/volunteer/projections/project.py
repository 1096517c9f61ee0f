"""The projects whose volunteering is recorded here: where each runs, and which organisation carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, assert_never

from contracts.values import OrganisationId, ProjectId, UnitCode
from kit.store import Meta, Row, View, titled
from volunteer.domain.project import (
    ProjectClosureNoted,
    ProjectEvent,
    ProjectMoveNoted,
    ProjectOrganisationLeft,
    ProjectStartNoted,
)


@dataclass(frozen=True)
class ProjectRow(
    Row,
    table="project_list",
    key=("project_id",),
    indexes=(("tenant_id", "organisation_id"), ("tenant_id", "community")),
):
    """It stays when the project is over: what was recorded then is still its organisation's to read."""

    project_id: Annotated[ProjectId, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    organisation_id: Annotated[OrganisationId | None, titled("机构编号", "承接机构")]


def evolve(row: ProjectRow | None, event: ProjectEvent, _meta: Meta) -> ProjectRow | None:
    match event:
        case ProjectStartNoted():
            return ProjectRow(event.project_id, event.community, event.organisation_id)
        case ProjectMoveNoted(community=community):
            return row and replace(row, community=community)
        case ProjectOrganisationLeft():
            return row and replace(row, organisation_id=None)
        case ProjectClosureNoted():
            return row
        case _:
            assert_never(event)


PROJECTS = View("project_list", 3, "project", (ProjectRow,), evolve)
