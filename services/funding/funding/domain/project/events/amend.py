"""A project under other terms than it began with: moved to a later version of its scheme, or extended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from contracts.values import DocumentId, Event, ProjectId, SchemeId
from funding.domain.project.events.acceptance import Milestone


@dataclass(frozen=True)
class Ends:
    """The days of a plan's calendar that an extension sets anew."""

    impl_to: date
    accept_from: date
    accept_to: date


@dataclass(frozen=True)
class ProjectMoved(Event):
    """From then on all that is decided about it goes by another version.

    `extended` is what is left of an earlier extension, where it ends later than the version; `milestones` are the nodes
    planned anew; `passed` the phases whose report had passed the chain before.
    """

    TOPIC: ClassVar[str] = "funding.project-moved"
    NAME: ClassVar[str] = "改按方案新版本办理"
    project_id: ProjectId
    scheme_id: SchemeId
    was: int
    version: int
    extended: Ends | None
    impl_from: date
    impl_to: date
    milestones: tuple[Milestone, ...]
    passed: tuple[str, ...]
    document: DocumentId
    reason: str


@dataclass(frozen=True)
class ProjectExtended(Event):
    """Its term, the days of its acceptance, its nodes and its postings run to other days, by one decision."""

    TOPIC: ClassVar[str] = "funding.project-extended"
    NAME: ClassVar[str] = "延长试点期限"
    RULE = "R-LZ-28"
    project_id: ProjectId
    was: Ends
    ends: Ends
    impl_from: date
    milestones: tuple[Milestone, ...]
    document: DocumentId
    reason: str


AmendEvent: TypeAlias = ProjectMoved | ProjectExtended
