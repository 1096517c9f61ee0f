"""Other services' messages -> our commands."""

from __future__ import annotations

from contracts.messages.casework import ServiceCountsPublishedV1
from contracts.messages.registry import (
    AnnualInspectionRecordedV1,
    BlacklistLiftedV1,
    OrganisationBlacklistedV1,
    OrganisationConditionAttestedV1,
    OrganisationListedElsewhereV1,
    OrganisationPenalisedV1,
    OrganisationQualificationRevokedV1,
    OrganisationRegisteredV1,
    PostingEndedV1,
    PostingLockedV1,
    StaffingRejectedV1,
    StaffingVerifiedV1,
    UnitToldV1,
    WorkerLeftPostingV1,
)
from contracts.messages.volunteer import VolunteerCountsPublishedV1
from contracts.values import DocumentId, ProjectId, Quantity, UnitCode
from funding.commands import delivery, place
from funding.commands import organisation as commands
from funding.commands.streams import UNITS
from funding.domain import organisation
from funding.domain.organisation import Inspection, OrganisationFacts
from funding.domain.project.delivery import require_own_counts
from funding.domain.project.events import Reason, VerifiedWorker
from funding.domain.unit import UnitNoted
from funding.projections.project.place import in_unit
from kit.auth import Caller
from kit.bus import Envelope, Handlers
from kit.errors import NotKnownYet
from kit.store import Store

HANDLERS = Handlers(consumer="funding")


@HANDLERS.on(StaffingVerifiedV1)
async def note_verified(store: Store, event: StaffingVerifiedV1, envelope: Envelope) -> None:
    workers = tuple(
        VerifiedWorker(
            worker_id=worker.worker_id,
            licensed=worker.licensed,
            intermediate=worker.intermediate,
            sw_graduate=worker.sw_graduate,
        )
        for worker in event.workers
    )
    caller, declaration = envelope.caller("note-verdict"), DocumentId(event.declaration_id)
    await delivery.note_verified(store, caller, event.project_id, declaration, workers, envelope.occurred_on)


@HANDLERS.on(StaffingRejectedV1)
async def note_rejected(store: Store, event: StaffingRejectedV1, envelope: Envelope) -> None:
    reasons = tuple(Reason(reason.code, reason.rule) for reason in event.reasons)
    caller, declaration = envelope.caller("note-verdict"), DocumentId(event.declaration_id)
    await delivery.note_rejected(store, caller, event.project_id, declaration, reasons, envelope.occurred_on)


@HANDLERS.on(PostingLockedV1)
async def note_lock(store: Store, event: PostingLockedV1, envelope: Envelope) -> None:
    await delivery.note_lock(store, envelope.caller("note-lock"), event, envelope.occurred_on)


@HANDLERS.on(WorkerLeftPostingV1)
async def note_departure(store: Store, event: WorkerLeftPostingV1, envelope: Envelope) -> None:
    await delivery.note_departure(store, envelope.caller("note-departure"), event, envelope.occurred_on)


@HANDLERS.on(PostingEndedV1)
async def note_end(store: Store, event: PostingEndedV1, envelope: Envelope) -> None:
    await delivery.note_end(store, envelope.caller("note-posting-end"), event.project_id, envelope.occurred_on)


@HANDLERS.on(UnitToldV1)
async def note_unit(store: Store, event: UnitToldV1, envelope: Envelope) -> None:
    """The projects of a unit go on with it: with its names, and from the day of a merger on in what it became.

    Whoever applies looks at the community: what was applied for before the note is seen here, and who comes after it
    sees the note.
    """
    told = UnitNoted(event.unit, event.name, event.parent, event.since, event.until, event.successors, event.version)
    await place.note_unit(store, envelope.caller("note-unit"), told, envelope.occurred_on)
    cause = envelope.caller("look").reads("pass-place-on")

    async def known(unit: UnitCode) -> UnitNoted | None:
        return (await store.fold(cause, UNITS.stream(unit, envelope.tenant))).told

    now = await known(event.unit)
    while now is not None and now.version > 1:  # as it was declared, a unit says nothing of where its projects are
        async with store.reading(cause) as tx:
            projects = await in_unit(tx, envelope.tenant, now.unit)
        ended = now.until is not None and len(now.successors) == 1
        heir = await known(now.successors[0]) if ended else now
        if heir is None:
            raise NotKnownYet(what=f"行政单元 {now.successors[0]}")
        street = await known(heir.parent) if projects else None
        for project_id in projects:
            caller = envelope.caller(f"pass-place-on/{project_id}/{now.unit}")
            day = now.until or envelope.occurred_on
            await place.pass_on(store, caller, project_id, told=now, heir=heir, street=street, day=day)
        now = heir if ended else None


@HANDLERS.on(OrganisationRegisteredV1)
async def note_organisation(store: Store, event: OrganisationRegisteredV1, envelope: Envelope) -> None:
    facts = OrganisationFacts(
        registered_with_civil_affairs=event.registered_with_civil_affairs,
        penalised=event.penalised,
        failed_inspection=event.failed_inspection,
        refused_inspection=event.refused_inspection,
        sound_governance=event.sound_governance,
        own_bank_account=event.own_bank_account,
        professional_team=event.professional_team,
    )
    await commands.note(
        store,
        envelope.caller("note-organisation"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.note(known, organisation_id=event.organisation_id, name=event.name, facts=facts),
    )


@HANDLERS.on(OrganisationConditionAttestedV1)
async def note_conditions(store: Store, event: OrganisationConditionAttestedV1, envelope: Envelope) -> None:
    await commands.note(
        store,
        envelope.caller("note-conditions"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.note_conditions(
            known,
            organisation_id=event.organisation_id,
            sound_governance=event.sound_governance,
            own_bank_account=event.own_bank_account,
            professional_team=event.professional_team,
        ),
    )


@HANDLERS.on(OrganisationListedElsewhereV1)
async def note_listing_elsewhere(store: Store, event: OrganisationListedElsewhereV1, envelope: Envelope) -> None:
    await commands.note(
        store,
        envelope.caller("note-listing-elsewhere"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.note_listing_elsewhere(
            known, organisation_id=event.organisation_id, listed_by=event.listed_by, listed=event.listed
        ),
    )


@HANDLERS.on(OrganisationPenalisedV1)
async def note_penalty(store: Store, event: OrganisationPenalisedV1, envelope: Envelope) -> None:
    await commands.note(
        store,
        envelope.caller("note-penalty"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.note_penalty(known, organisation_id=event.organisation_id),
    )


@HANDLERS.on(AnnualInspectionRecordedV1)
async def note_inspection(store: Store, event: AnnualInspectionRecordedV1, envelope: Envelope) -> None:
    result = Inspection(event.result.value)
    await commands.note(
        store,
        envelope.caller("note-inspection"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.note_inspection(known, organisation_id=event.organisation_id, result=result),
    )


@HANDLERS.on(OrganisationBlacklistedV1)
async def note_bar(store: Store, event: OrganisationBlacklistedV1, envelope: Envelope) -> None:
    await commands.note(
        store,
        envelope.caller("note-bar"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.bar(known, organisation_id=event.organisation_id),
    )


@HANDLERS.on(BlacklistLiftedV1)
async def note_lift(store: Store, event: BlacklistLiftedV1, envelope: Envelope) -> None:
    await commands.note(
        store,
        envelope.caller("note-lift"),
        event.organisation_id,
        envelope.occurred_on,
        lambda known: organisation.lift_bar(known, organisation_id=event.organisation_id),
    )


@HANDLERS.on(OrganisationQualificationRevokedV1)
async def disqualify(store: Store, event: OrganisationQualificationRevokedV1, envelope: Envelope) -> None:
    caller = envelope.caller("note-revocation")
    await commands.disqualify(store, caller, event.organisation_id, event.scheme_id, envelope.occurred_on)


@HANDLERS.on(ServiceCountsPublishedV1)
async def note_service_counts(store: Store, event: ServiceCountsPublishedV1, envelope: Envelope) -> None:
    caller, totals = _of_the_project(event.project_id, envelope), _counted(vars(event.totals))
    await delivery.note_counts(store, caller, event.project_id, "casework", event.day, totals, envelope.occurred_on)


@HANDLERS.on(VolunteerCountsPublishedV1)
async def note_volunteer_counts(store: Store, event: VolunteerCountsPublishedV1, envelope: Envelope) -> None:
    caller, totals = _of_the_project(event.project_id, envelope), _counted(vars(event.totals))
    await delivery.note_counts(store, caller, event.project_id, "volunteer", event.day, totals, envelope.occurred_on)


def _of_the_project(project_id: ProjectId, envelope: Envelope) -> Caller:
    """Who notes a project's counts, which come from that project's own stream or not at all."""
    require_own_counts(envelope.stream, project_id)
    return envelope.caller("note-counts")


def _counted(totals: dict[str, Quantity | None]) -> dict[str, Quantity]:
    """What was counted; a total that was not is absent, not zero."""
    return {name: quantity for name, quantity in totals.items() if quantity is not None}
