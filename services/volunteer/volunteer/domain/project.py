"""A project as volunteering needs to know it: where it runs, and whether it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, TypeAlias, assert_never

from contracts.values import Event, OrganisationId, ProjectId, UnitCode
from kit.errors import ActsFor, NotKnownYet, Refused, not_before, require_unit


@dataclass(frozen=True)
class ProjectStartNoted(Event):
    TOPIC: ClassVar[str] = "volunteer.project-start-noted"
    NAME: ClassVar[str] = "获知试点启动"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    organisation_id: OrganisationId
    community: UnitCode
    began_on: date


@dataclass(frozen=True)
class ProjectClosureNoted(Event):
    """Version 1 did not say the day."""

    TOPIC: ClassVar[str] = "volunteer.project-closure-noted"
    NAME: ClassVar[str] = "获知试点结束"
    LATE: ClassVar[bool] = True
    class_version: ClassVar[int] = 2

    project_id: ProjectId
    closed_on: date | None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["closed_on"] = None


@dataclass(frozen=True)
class ProjectOrganisationLeft(Event):
    """Nobody carries it out until another start is told; the community records as before."""

    TOPIC: ClassVar[str] = "volunteer.project-organisation-left"
    NAME: ClassVar[str] = "获知承接任期结束"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    organisation_id: OrganisationId


@dataclass(frozen=True)
class ProjectMoveNoted(Event):
    """Its community was merged or split: it is in this one from `moved_on` on."""

    TOPIC: ClassVar[str] = "volunteer.project-move-noted"
    NAME: ClassVar[str] = "获知试点所在社区变更"
    LATE: ClassVar[bool] = True

    project_id: ProjectId
    community: UnitCode
    moved_on: date


ProjectEvent: TypeAlias = ProjectStartNoted | ProjectMoveNoted | ProjectOrganisationLeft | ProjectClosureNoted


@dataclass(frozen=True)
class Project:
    community: UnitCode | None = None
    organisation_id: OrganisationId | None = None
    began_on: date | None = None
    closed: bool = False
    closed_on: date | None = None
    before: tuple[tuple[UnitCode, date], ...] = ()
    """The communities that it was in, each until a day."""

    def community_on(self, day: date) -> UnitCode | None:
        return next((was for was, until in self.before if day < until), self.community)

    def open_on(self, day: date) -> bool:
        """Not on or after its last day; on no day where that is not known."""
        return not self.closed or (self.closed_on is not None and day < self.closed_on)


class ProjectClosed(Refused):
    code = "project-closed"
    name = "试点项目已结束"
    text = "该试点项目已结束，不能再登记结束当日及以后的志愿活动。结束之前开展的活动可以补记，请核对发生日期。"


def recorded_in(project: Project, acts_for: ActsFor, occurred_on: date) -> UnitCode:
    """The project's community on that day, where the caller's unit may record what happened then.

    The unit is its community now, or its organisation; NotYourUnit for another, TooEarly before the start.
    """
    community = runs_in(project)
    require_unit(acts_for, community, project.organisation_id)
    not_before(occurred_on, project.began_on, "试点启动实施")
    return project.community_on(occurred_on) or community


def runs_in(project: Project) -> UnitCode:
    """The community of a project.  NotKnownYet until its start was told."""
    if project.community is None:
        raise NotKnownYet(what="试点项目开展情况")
    return project.community


def note_start(
    project: Project, *, project_id: ProjectId, organisation_id: OrganisationId, community: UnitCode, occurred_on: date
) -> Sequence[ProjectEvent]:
    """Told again after the organisation was replaced: the new one records from then on, and the beginning stays."""
    if (project.community, project.organisation_id) == (community, organisation_id):
        return ()
    return (ProjectStartNoted(project_id, organisation_id, community, project.began_on or occurred_on),)


def note_move(
    project: Project, *, project_id: ProjectId, community: UnitCode, moved_on: date
) -> Sequence[ProjectEvent]:
    """What never started here is not ours to move: its start says where it is."""
    if project.community in (None, community):
        return ()
    return (ProjectMoveNoted(project_id, community, moved_on),)


def note_assignment_end(
    project: Project, *, project_id: ProjectId, organisation_id: OrganisationId
) -> Sequence[ProjectEvent]:
    """An organisation that another has followed by now, or that never began here, leaves nothing."""
    if project.organisation_id != organisation_id:
        return ()
    return (ProjectOrganisationLeft(project_id, organisation_id),)


def note_closure(project: Project, *, project_id: ProjectId, occurred_on: date) -> Sequence[ProjectEvent]:
    """Start and closure come from one stream, in order: what never started here is not ours to close."""
    return () if project.closed or project.community is None else (ProjectClosureNoted(project_id, occurred_on),)


def evolve(project: Project, event: ProjectEvent) -> Project:
    match event:
        case ProjectStartNoted(community=community, organisation_id=organisation_id, began_on=began_on):
            return replace(project, community=community, organisation_id=organisation_id, began_on=began_on)
        case ProjectMoveNoted(community=community, moved_on=day):
            before = (*project.before, (project.community, day)) if project.community else project.before
            return replace(project, community=community, before=before)
        case ProjectOrganisationLeft():
            return replace(project, organisation_id=None)
        case ProjectClosureNoted(closed_on=closed_on):
            return replace(project, closed=True, closed_on=closed_on)
        case _:
            assert_never(event)
