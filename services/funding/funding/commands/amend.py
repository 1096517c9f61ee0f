"""Moving a project to a later version of its scheme, and extending it."""

from __future__ import annotations

from contracts.fields import Day, Positive
from contracts.values import DocumentId, ProjectId
from funding.commands.application import WithReason
from funding.commands.streams import PROJECTS, SCHEMES, actor_of, scheme_of
from funding.domain.project import amend
from funding.domain.project.events import Ends
from kit.auth import Caller
from kit.store import Answer, Store


class MoveProject(WithReason):
    scheme_version: Positive
    document: DocumentId


class ExtendProject(WithReason):
    """The days of the plan's calendar that move: all of them, as they are to be."""

    impl_to: Day
    accept_from: Day
    accept_to: Day
    document: DocumentId


async def move(store: Store, caller: Caller, project_id: ProjectId, cmd: MoveProject) -> Answer:
    """It rests on the version in force on its day, which is the one that the project is moved to."""
    return await store.change(
        caller.may("move-project", cmd.occurred_on),
        lambda project, scheme: amend.move(
            project,
            scheme,
            version=cmd.scheme_version,
            document=cmd.document,
            reason=cmd.reason,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=lambda project: SCHEMES.stream(project.under),
    )


async def extend(store: Store, caller: Caller, project_id: ProjectId, cmd: ExtendProject) -> Answer:
    return await store.change(
        caller.may("extend-project", cmd.occurred_on),
        lambda project, scheme: amend.extend(
            project,
            scheme,
            ends=Ends(cmd.impl_to, cmd.accept_from, cmd.accept_to),
            document=cmd.document,
            reason=cmd.reason,
            actor=actor_of(caller),
            occurred_on=cmd.occurred_on,
        ),
        PROJECTS.stream(project_id),
        reads=scheme_of,
    )
