"""A pilot as volunteering needs to know it: where it runs, and whether it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, assert_never

from contracts.values import AgencyId, Event, PilotId, UnitCode
from kit.errors import ActsFor, NotKnownYet, Refused, not_before, require_unit


@dataclass(frozen=True)
class ProjectStartNoted(Event):
    TOPIC: ClassVar[str] = "volunteer.project-start-noted"
    LATE: ClassVar[bool] = True

    pilot_id: PilotId
    agency_id: AgencyId
    community: UnitCode
    began_on: date


@dataclass(frozen=True)
class ProjectClosureNoted(Event):
    TOPIC: ClassVar[str] = "volunteer.project-closure-noted"
    LATE: ClassVar[bool] = True

    pilot_id: PilotId


ProjectEvent = ProjectStartNoted | ProjectClosureNoted


@dataclass(frozen=True)
class Project:
    community: UnitCode | None = None
    agency_id: AgencyId | None = None
    began_on: date | None = None
    closed: bool = False


class ProjectClosed(Refused):
    code = "project-closed"
    text = "该试点项目已结束，不能再登记新的志愿活动。"


def at(project: Project, acts_for: ActsFor, occurred_on: date) -> UnitCode:
    """The community of a project at which the caller's unit, its community or its agency, may record.

    Nothing of it happened before it began.
    """
    if project.community is None:
        raise NotKnownYet(what="试点项目开展情况")
    require_unit(acts_for, project.community, project.agency_id)
    not_before(occurred_on, project.began_on, "试点启动实施")
    return project.community


def note_start(
    project: Project, *, pilot_id: PilotId, agency_id: AgencyId, community: UnitCode, occurred_on: date
) -> Sequence[ProjectEvent]:
    """Told again after the agency was replaced: the new one records from then on, and the beginning stays."""
    if (project.community, project.agency_id) == (community, agency_id):
        return ()
    return (ProjectStartNoted(pilot_id, agency_id, community, project.began_on or occurred_on),)


def note_closure(project: Project, *, pilot_id: PilotId) -> Sequence[ProjectEvent]:
    """Start and closure come from one stream, in order: what never started here is not ours to close."""
    return () if project.closed or project.community is None else (ProjectClosureNoted(pilot_id),)


def evolve(project: Project, event: ProjectEvent) -> Project:
    match event:
        case ProjectStartNoted(community=community, agency_id=agency_id, began_on=began_on):
            return replace(project, community=community, agency_id=agency_id, began_on=began_on)
        case ProjectClosureNoted():
            return replace(project, closed=True)
        case _:
            assert_never(event)
