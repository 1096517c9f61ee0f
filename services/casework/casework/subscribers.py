"""Other services' events -> our notes of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from casework.commands import entry, organisation, place, worker
from casework.projections.entry import at_place
from contracts.messages.funding import (
    ImplementationStartedV1,
    ProjectClosedV1,
    ProjectPlaceMovedV1,
    ProjectTerminatedV1,
)
from contracts.messages.registry import (
    BlacklistLiftedV1,
    LockedWorkerMovedV1,
    OrganisationBlacklistedV1,
    OrganisationRegisteredV1,
    SiteClosedV1,
    SiteGivenUpV1,
    SiteOpenedV1,
    SitePassedOnV1,
    WorkerEmploymentEndedV1,
    WorkerEmploymentRecordedV1,
    WorkerPlacedV1,
    WorkerPlacementEndedV1,
    WorkerReleasedV1,
    WorkerUnassignedV1,
)
from contracts.values import UnitCode, WorkerId
from kit.bus import Envelope, Handlers
from kit.store import Store

HANDLERS = Handlers(consumer="casework")
TOGETHER = 100
"""Entries that go on in one change."""


@HANDLERS.on(ImplementationStartedV1)
async def note_project_start(store: Store, event: ImplementationStartedV1, envelope: Envelope) -> None:
    await place.note_project_start(store, envelope.caller("note-project-start"), event, envelope.occurred_on)


@HANDLERS.on(ProjectClosedV1)
async def note_project_closure(store: Store, event: ProjectClosedV1, envelope: Envelope) -> None:
    await place.note_closure(store, envelope.caller("note-closure"), event.project_id, envelope.occurred_on)


@HANDLERS.on(ProjectTerminatedV1)
async def note_project_termination(store: Store, event: ProjectTerminatedV1, envelope: Envelope) -> None:
    await place.note_closure(store, envelope.caller("note-closure"), event.project_id, envelope.occurred_on)


@HANDLERS.on(SiteOpenedV1)
async def note_site_opening(store: Store, event: SiteOpenedV1, envelope: Envelope) -> None:
    await place.note_site_opening(store, envelope.caller("note-site-opening"), event, envelope.occurred_on)


@HANDLERS.on(SiteClosedV1)
async def note_site_closure(store: Store, event: SiteClosedV1, envelope: Envelope) -> None:
    await place.note_closure(store, envelope.caller("note-closure"), event.site_id, envelope.occurred_on)


@HANDLERS.on(ProjectPlaceMovedV1)
async def note_project_move(store: Store, event: ProjectPlaceMovedV1, envelope: Envelope) -> None:
    await _moved(store, event.project_id, event.community, event.moved_on, envelope)


@HANDLERS.on(SitePassedOnV1)
async def note_site_move(store: Store, event: SitePassedOnV1, envelope: Envelope) -> None:
    await _moved(store, event.site_id, event.community, event.passed_on, envelope)


async def _moved(store: Store, place_id: UUID, community: UnitCode, day: date, envelope: Envelope) -> None:
    """The ledger follows the place: who was enrolled there before is seen here, and who is later goes on at once."""
    await place.note_move(store, envelope.caller("note-place-move"), place_id, community, day)
    async with store.reading(envelope.caller("look").reads("pass-entries-on")) as tx:
        entries = await at_place(tx, envelope.tenant, place_id)
    for start in range(0, len(entries), TOGETHER):
        part = sorted(entries)[start : start + TOGETHER]
        caller = envelope.caller(f"pass-entries-on/{part[0]}")
        await entry.pass_on(store, caller, part, place_id, community=community, passed_on=day)


@HANDLERS.on(SiteGivenUpV1)
async def note_site_given_up(store: Store, event: SiteGivenUpV1, envelope: Envelope) -> None:
    await place.note_closure(store, envelope.caller("note-closure"), event.site_id, envelope.occurred_on)


@HANDLERS.on(WorkerPlacedV1)
async def note_placement(store: Store, event: WorkerPlacedV1, envelope: Envelope) -> None:
    await worker.note_placement(store, envelope.caller("note-placement"), event, envelope.occurred_on)


@HANDLERS.on(WorkerUnassignedV1)
async def note_unassignment(store: Store, event: WorkerUnassignedV1, envelope: Envelope) -> None:
    await _departed(store, event.worker_id, event.project_id, envelope)


@HANDLERS.on(WorkerReleasedV1)
async def note_release(store: Store, event: WorkerReleasedV1, envelope: Envelope) -> None:
    await _departed(store, event.worker_id, event.project_id, envelope)


@HANDLERS.on(LockedWorkerMovedV1)
async def note_move(store: Store, event: LockedWorkerMovedV1, envelope: Envelope) -> None:
    await _departed(store, event.worker_id, event.project_id, envelope)


@HANDLERS.on(WorkerPlacementEndedV1)
async def note_placement_end(store: Store, event: WorkerPlacementEndedV1, envelope: Envelope) -> None:
    await _departed(store, event.worker_id, event.site_id, envelope)


async def _departed(store: Store, worker_id: WorkerId, place_id: UUID, envelope: Envelope) -> None:
    caller = envelope.caller("note-departure")
    await worker.note_departure(store, caller, worker_id, place_id, envelope.occurred_on)


@HANDLERS.on(WorkerEmploymentRecordedV1)
async def note_employer(store: Store, event: WorkerEmploymentRecordedV1, envelope: Envelope) -> None:
    caller = envelope.caller("note-employer")
    await worker.note_employer(store, caller, event.worker_id, event.organisation_id, envelope.occurred_on)


@HANDLERS.on(WorkerEmploymentEndedV1)
async def note_no_employer(store: Store, event: WorkerEmploymentEndedV1, envelope: Envelope) -> None:
    await worker.note_employer(store, envelope.caller("note-employer"), event.worker_id, None, envelope.occurred_on)


@HANDLERS.on(OrganisationRegisteredV1)
async def note_organisation(store: Store, event: OrganisationRegisteredV1, envelope: Envelope) -> None:
    await organisation.note_organisation(
        store, envelope.caller("note-organisation"), event.organisation_id, envelope.occurred_on
    )


@HANDLERS.on(OrganisationBlacklistedV1)
async def note_freeze(store: Store, event: OrganisationBlacklistedV1, envelope: Envelope) -> None:
    caller = envelope.caller("note-freeze")
    await organisation.note_freeze(store, caller, event.organisation_id, event.reason, envelope.occurred_on)


@HANDLERS.on(BlacklistLiftedV1)
async def note_freeze_lift(store: Store, event: BlacklistLiftedV1, envelope: Envelope) -> None:
    caller = envelope.caller("note-freeze-lift")
    await organisation.note_freeze_lift(store, caller, event.organisation_id, envelope.occurred_on)
