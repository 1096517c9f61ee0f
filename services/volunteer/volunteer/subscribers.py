"""Other services' events -> our notes of them."""

from __future__ import annotations

from contracts.messages.funding import (
    AssignmentEndedV1,
    ImplementationStartedV1,
    ProjectClosedV1,
    ProjectPlaceMovedV1,
    ProjectTerminatedV1,
)
from kit.bus import Envelope, Handlers
from kit.store import Store
from volunteer.commands import project

HANDLERS = Handlers(consumer="volunteer")


@HANDLERS.on(ImplementationStartedV1)
async def note_start(store: Store, event: ImplementationStartedV1, envelope: Envelope) -> None:
    await project.note_start(store, envelope.caller("note-project-start"), event, envelope.occurred_on)


@HANDLERS.on(ProjectPlaceMovedV1)
async def note_move(store: Store, event: ProjectPlaceMovedV1, envelope: Envelope) -> None:
    await project.note_move(store, envelope.caller("note-project-move"), event)


@HANDLERS.on(ProjectClosedV1)
async def note_closure(store: Store, event: ProjectClosedV1, envelope: Envelope) -> None:
    caller = envelope.caller("note-project-closure")
    await project.note_closure(store, caller, event.project_id, envelope.occurred_on)


@HANDLERS.on(ProjectTerminatedV1)
async def note_termination(store: Store, event: ProjectTerminatedV1, envelope: Envelope) -> None:
    caller = envelope.caller("note-project-closure")
    await project.note_closure(store, caller, event.project_id, envelope.occurred_on)


@HANDLERS.on(AssignmentEndedV1)
async def note_assignment_end(store: Store, event: AssignmentEndedV1, envelope: Envelope) -> None:
    await project.note_assignment_end(store, envelope.caller("note-assignment-end"), event, envelope.occurred_on)
