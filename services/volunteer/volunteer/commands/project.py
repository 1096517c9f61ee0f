"""Noting what funding told of a pilot.  Called by subscribers only."""

from __future__ import annotations

from datetime import date

from contracts.messages.funding import ImplementationStartedV1
from contracts.values import PilotId
from kit.auth import Caller
from kit.store import Answer, Store
from volunteer.commands.streams import PROJECTS
from volunteer.domain import project


async def note_start(store: Store, caller: Caller, event: ImplementationStartedV1, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-start", on),
        lambda state: project.note_start(
            state, pilot_id=event.pilot_id, agency_id=event.agency_id, community=event.community, occurred_on=on
        ),
        PROJECTS.stream(event.pilot_id, caller.actor.tenant),
    )


async def note_closure(store: Store, caller: Caller, pilot_id: PilotId, on: date) -> Answer:
    return await store.change(
        caller.may("note-project-closure", on),
        lambda state: project.note_closure(state, pilot_id=pilot_id, occurred_on=on),
        PROJECTS.stream(pilot_id, caller.actor.tenant),
    )
