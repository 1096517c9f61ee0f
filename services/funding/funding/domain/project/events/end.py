"""A project set aside for a while, and ended before its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from contracts.values import DocumentId, Event, ProjectId


@dataclass(frozen=True)
class ProjectSuspended(Event):
    TOPIC: ClassVar[str] = "funding.project-suspended"
    NAME: ClassVar[str] = "暂停试点"
    project_id: ProjectId
    reason: str


@dataclass(frozen=True)
class ProjectResumed(Event):
    TOPIC: ClassVar[str] = "funding.project-resumed"
    NAME: ClassVar[str] = "恢复试点"
    project_id: ProjectId


@dataclass(frozen=True)
class ProjectTerminated(Event):
    """The payer ended it before its time; `place_given_back` says whether its place in the quota is free again."""

    TOPIC: ClassVar[str] = "funding.project-terminated"
    NAME: ClassVar[str] = "终止试点"
    project_id: ProjectId
    reason: str
    document: DocumentId
    place_given_back: bool


@dataclass(frozen=True)
class ReopeningProposed(Event):
    """An officer of the payer wants a project that is over opened again; another officer decides it.

    `proposed_by` is the officer's opaque id.
    """

    TOPIC: ClassVar[str] = "funding.reopening-proposed"
    NAME: ClassVar[str] = "提议重新打开试点"
    project_id: ProjectId
    reason: str
    document: DocumentId
    proposed_by: str


@dataclass(frozen=True)
class ProjectReopened(Event):
    """Open again for its books: money, corrections, publicity; `place_taken` says whether it took its place again."""

    TOPIC: ClassVar[str] = "funding.project-reopened"
    NAME: ClassVar[str] = "重新打开试点"
    project_id: ProjectId
    reason: str
    document: DocumentId
    place_taken: bool


EndEvent: TypeAlias = ProjectSuspended | ProjectResumed | ProjectTerminated | ReopeningProposed | ProjectReopened
