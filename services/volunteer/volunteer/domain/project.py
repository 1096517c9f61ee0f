"""A pilot as volunteering needs to know it: where it runs, and whether it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from contracts.values import Event, PilotId, UnitCode
from kit.errors import NotKnownYet, Refused


@dataclass(frozen=True)
class ProjectStartNoted(Event):
    TOPIC: ClassVar[str] = "volunteer.project-start-noted"

    pilot_id: PilotId
    community: UnitCode


@dataclass(frozen=True)
class ProjectClosureNoted(Event):
    TOPIC: ClassVar[str] = "volunteer.project-closure-noted"

    pilot_id: PilotId


ProjectEvent = ProjectStartNoted | ProjectClosureNoted


@dataclass(frozen=True)
class Project:
    community: UnitCode | None = None
    closed: bool = False


class ProjectClosed(Refused):
    code = "project-closed"
    text = "该试点项目已结束，不能再登记新的志愿活动。"


def note_start(project: Project, *, pilot_id: PilotId, community: UnitCode) -> Sequence[ProjectEvent]:
    return () if project.community == community else (ProjectStartNoted(pilot_id, community),)


def note_closure(project: Project, *, pilot_id: PilotId) -> Sequence[ProjectEvent]:
    if project.community is None:
        raise NotKnownYet(what="试点项目开展情况")
    return () if project.closed else (ProjectClosureNoted(pilot_id),)


def evolve(project: Project, event: ProjectEvent) -> Project:
    match event:
        case ProjectStartNoted(community=community):
            return replace(project, community=community)
        case ProjectClosureNoted():
            return replace(project, closed=True)
        case _:
            assert_never(event)
