"""Noting what funding told of a project.  Called by subscribers only."""

from __future__ import annotations

from datetime import date

from contracts.messages.funding import AssignmentEndedV1, ImplementationStartedV1, ProjectPlaceMovedV1
from contracts.values import ProjectId
from kit.auth import Caller
from kit.store import Answer, Store
from volunteer.commands.streams import PROJECTS
from volunteer.domain import project


async def note_start(store: Store, caller: Caller, event: ImplementationStartedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-start", on),
        lambda state: project.note_start(
            state,
            project_id=event.project_id,
            organisation_id=event.organisation_id,
            community=event.community,
            occurred_on=on,
        ),
        PROJECTS.stream(event.project_id, caller.actor.tenant),
    )


async def note_move(store: Store, caller: Caller, event: ProjectPlaceMovedV1) -> Answer:
    return await store.change(
        caller.may("note-project-move", event.moved_on),
        lambda state: project.note_move(
            state, project_id=event.project_id, community=event.community, moved_on=event.moved_on
        ),
        PROJECTS.stream(event.project_id, caller.actor.tenant),
    )


async def note_closure(store: Store, caller: Caller, project_id: ProjectId, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-closure", on),
        lambda state: project.note_closure(state, project_id=project_id, occurred_on=on),
        PROJECTS.stream(project_id, caller.actor.tenant),
    )


async def note_assignment_end(store: Store, caller: Caller, event: AssignmentEndedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-assignment-end", on),
        lambda state: project.note_assignment_end(
            state, project_id=event.project_id, organisation_id=event.organisation_id
        ),
        PROJECTS.stream(event.project_id, caller.actor.tenant),
    )
