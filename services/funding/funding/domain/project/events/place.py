"""Where a project is, when its community is renamed, merged, split or abolished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from contracts.values import DocumentId, Event, ProjectId, UnitCode


@dataclass(frozen=True)
class ProjectPlaceMoved(Event):
    """It is there from `moved_on` on: by itself with its community, or because a bureau decided so by a document."""

    TOPIC: ClassVar[str] = "funding.project-place-moved"
    NAME: ClassVar[str] = "试点所在社区变更"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    street: UnitCode
    street_name: str
    community: UnitCode
    community_name: str
    moved_on: date
    document: DocumentId | None = None
    reason: str = ""


@dataclass(frozen=True)
class ProjectPlaceDivided(Event):
    """Its community was split into `heirs`, or abolished, where there are none: `ended` unless one kept its code."""

    TOPIC: ClassVar[str] = "funding.project-place-divided"
    NAME: ClassVar[str] = "试点所在社区拆分或撤销"
    LATE: ClassVar[bool] = True
    project_id: ProjectId
    heirs: tuple[UnitCode, ...]
    ended: bool
    divided_on: date


PlaceEvent: TypeAlias = ProjectPlaceMoved | ProjectPlaceDivided
