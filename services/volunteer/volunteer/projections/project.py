"""The pilots whose volunteering is recorded here: where each runs, and which agency carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, assert_never

from contracts.values import AgencyId, PilotId, UnitCode
from kit.store import Meta, Row, View, titled
from volunteer.domain.project import ProjectClosureNoted, ProjectEvent, ProjectStartNoted


@dataclass(frozen=True)
class ProjectRow(
    Row,
    table="project_list",
    key=("pilot_id",),
    indexes=(("tenant_id", "agency_id"), ("tenant_id", "community")),
):
    """It stays when the pilot is over: what was recorded then is still its agency's to read."""

    pilot_id: Annotated[PilotId, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    agency_id: Annotated[AgencyId, titled("机构编号", "承接机构")]


def evolve(row: ProjectRow | None, event: ProjectEvent, _meta: Meta) -> ProjectRow | None:
    match event:
        case ProjectStartNoted():
            return ProjectRow(event.pilot_id, event.community, event.agency_id)
        case ProjectClosureNoted():
            return row
        case _:
            assert_never(event)


PROJECTS = View("project_list", 1, "project", (ProjectRow,), evolve)
