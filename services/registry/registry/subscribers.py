"""Funding's facts become our commands; their ids come from the message, so twice is once."""

from __future__ import annotations

from contracts.messages.funding import (
    CredentialImpersonationFoundV1,
    ImplementationStartedV1,
    PilotApprovedV1,
    PilotClosedV1,
    SchemePublishedV1,
    StaffingDeclaredV1,
)
from kit.bus import Envelope, Handlers
from kit.store import Store
from registry.commands import linkage, postings, sites
from registry.domain.posting import Declaration, StaffingRule

HANDLERS = Handlers(consumer="registry")


@HANDLERS.on(SchemePublishedV1)
async def note_scheme_published(store: Store, event: SchemePublishedV1, envelope: Envelope) -> None:
    await linkage.note_scheme_published(
        store,
        envelope.caller("note-scheme-published"),
        city=event.tenant_id,
        scheme_id=event.scheme_id,
        version=event.version,
        districts=event.districts,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(PilotApprovedV1)
async def plan_pilot_sites(store: Store, event: PilotApprovedV1, envelope: Envelope) -> None:
    await sites.plan_pilot_sites(
        store,
        envelope.caller("plan-pilot-sites"),
        pilot_id=event.pilot_id,
        community=event.community,
        street=event.street,
        district=event.district,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(StaffingDeclaredV1)
async def verify_staffing(store: Store, event: StaffingDeclaredV1, envelope: Envelope) -> None:
    declaration = Declaration(
        declaration_id=event.declaration_id,
        agency_id=event.agency_id,
        scheme_id=event.scheme_id,
        worker_ids=event.worker_ids,
        rule=StaffingRule(**event.rule.model_dump()),
    )
    caller = envelope.caller("verify-staffing")
    await postings.verify_staffing(store, caller, event.pilot_id, declaration, envelope.occurred_on)


@HANDLERS.on(ImplementationStartedV1)
async def lock_workers(store: Store, event: ImplementationStartedV1, envelope: Envelope) -> None:
    await postings.lock_workers(
        store,
        envelope.caller("lock-workers"),
        event.pilot_id,
        agency_id=event.agency_id,
        community=event.community,
        from_day=event.impl_from,
        to_day=event.impl_to,
        worker_ids=event.worker_ids,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(CredentialImpersonationFoundV1)
async def punish_impersonation(store: Store, event: CredentialImpersonationFoundV1, envelope: Envelope) -> None:
    await postings.punish_impersonation(
        store,
        envelope.caller("punish-impersonation"),
        pilot_id=event.pilot_id,
        agency_id=event.agency_id,
        scheme_id=event.scheme_id,
        worker_id=event.worker_id,
        finding=envelope.event_id,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(PilotClosedV1)
async def release_workers(store: Store, event: PilotClosedV1, envelope: Envelope) -> None:
    await postings.release_workers(store, envelope.caller("release-workers"), event.pilot_id, envelope.occurred_on)
