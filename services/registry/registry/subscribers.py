"""Funding's facts become our commands; their ids come from the message, so twice is once.

Some of our own facts do too: what one bureau said has effects where it may not write.  The service acts there for the
bureau above both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts.messages.funding import (
    AssignmentEndedV1,
    CredentialImpersonationFoundV1,
    ImplementationStartedV1,
    ProjectApprovedV1,
    ProjectClosedV1,
    ProjectExtendedV1,
    ProjectMovedV1,
    ProjectPlaceMovedV1,
    ProjectTerminatedV1,
    SchemePublishedV1,
    StaffingDeclaredV1,
)
from contracts.messages.registry import (
    BlacklistLiftedV1,
    OrganisationBlacklistedV1,
    OrganisationRegisteredV1,
    UnitToldV1,
    WorkerPlacementEndedV1,
)
from contracts.values import OrganisationId, ProjectId
from kit.bus import Envelope, Handlers
from kit.store import Store
from registry.commands import legal_entity, linkage, site, staffing
from registry.commands.streams import DIVISIONS
from registry.domain.posting import Declaration, StaffingRule
from registry.projections.site import at_unit

HANDLERS = Handlers(consumer="registry", in_order=True)
"""A verdict on staff is for good, and rests on organisations and workers that other projects' messages bar or post."""


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


@HANDLERS.on(ProjectApprovedV1)
async def plan_project_sites(store: Store, event: ProjectApprovedV1, envelope: Envelope) -> None:
    await site.plan_project_sites(
        store,
        envelope.caller("plan-project-sites"),
        project_id=event.project_id,
        community=event.community,
        street=event.street,
        district=event.district,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(StaffingDeclaredV1)
async def verify_staffing(store: Store, event: StaffingDeclaredV1, envelope: Envelope) -> None:
    declaration = Declaration(
        declaration_id=event.declaration_id,
        organisation_id=event.organisation_id,
        scheme_id=event.scheme_id,
        worker_ids=event.worker_ids,
        rule=StaffingRule(
            headcount=event.rule.headcount,
            licensed_min=event.rule.licensed_min,
            intermediate_min=event.rule.intermediate_min,
            sw_graduate_min=event.rule.sw_graduate_min,
            full_time=event.rule.full_time,
            locked_min=event.rule.locked_min,
            lock_from=event.rule.lock_from,
            lock_to=event.rule.lock_to,
        ),
    )
    caller = envelope.caller("verify-staffing")
    await staffing.verify_staffing(store, caller, event.project_id, declaration, envelope.occurred_on)


@HANDLERS.on(ImplementationStartedV1)
async def lock_workers(store: Store, event: ImplementationStartedV1, envelope: Envelope) -> None:
    await staffing.lock_workers(
        store,
        envelope.caller("lock-workers"),
        event.project_id,
        organisation_id=event.organisation_id,
        community=event.community,
        from_day=event.impl_from,
        to_day=event.impl_to,
        worker_ids=event.worker_ids,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(CredentialImpersonationFoundV1)
async def punish_impersonation(store: Store, event: CredentialImpersonationFoundV1, envelope: Envelope) -> None:
    await staffing.punish_impersonation(
        store,
        envelope.caller("punish-impersonation"),
        project_id=event.project_id,
        organisation_id=event.organisation_id,
        scheme_id=event.scheme_id,
        worker_id=event.worker_id,
        finding=envelope.event_id,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(ProjectExtendedV1)
async def extend_postings(store: Store, event: ProjectExtendedV1, envelope: Envelope) -> None:
    await _change_term(store, event.project_id, event.impl_from, event.impl_to, envelope)


@HANDLERS.on(ProjectMovedV1)
async def move_postings(store: Store, event: ProjectMovedV1, envelope: Envelope) -> None:
    await _change_term(store, event.project_id, event.impl_from, event.impl_to, envelope)


async def _change_term(store: Store, project_id: ProjectId, first: date, last: date, envelope: Envelope) -> None:
    caller = envelope.caller("change-posting-term")
    await staffing.change_term(store, caller, project_id, first, last, envelope.occurred_on)


@HANDLERS.on(ProjectClosedV1)
async def release_workers(store: Store, event: ProjectClosedV1, envelope: Envelope) -> None:
    await staffing.release_workers(store, envelope.caller("release-workers"), event.project_id, envelope.occurred_on)


@HANDLERS.on(ProjectTerminatedV1)
async def give_up_project_site(store: Store, event: ProjectTerminatedV1, envelope: Envelope) -> None:
    await site.give_up_project_site(
        store,
        envelope.caller("give-up-project-site"),
        project_id=event.project_id,
        district=envelope.tenant,
        occurred_on=envelope.occurred_on,
    )


@HANDLERS.on(AssignmentEndedV1)
async def end_assignment(store: Store, event: AssignmentEndedV1, envelope: Envelope) -> None:
    caller = envelope.caller("end-assignment")
    await staffing.end_assignment(store, caller, event.project_id, event.organisation_id, envelope.occurred_on)


@HANDLERS.on(WorkerPlacementEndedV1)
async def withdraw_staff(store: Store, event: WorkerPlacementEndedV1, envelope: Envelope) -> None:
    caller = envelope.caller("withdraw-staff")
    await site.withdraw_staff(store, caller, event.site_id, event.worker_id, envelope.occurred_on)


@HANDLERS.on(UnitToldV1)
async def pass_sites_on(store: Store, event: UnitToldV1, envelope: Envelope) -> None:
    """The sites of a unit that was merged are those of what carries it on, from the day of each merger on.

    Whoever plans a site looks at the district's units: what was planned before the merger is seen here, and after it
    nothing is planned there any more.
    """
    if event.until is None:
        return
    cause = envelope.caller("look").reads("pass-site-on")
    units = await store.fold(cause, DIVISIONS.stream(envelope.tenant, tenant=envelope.tenant))
    for was, host, day in units.mergers(event.unit):
        async with store.reading(cause) as tx:
            sites = await at_unit(tx, envelope.tenant, was)
        for site_id in sites:
            caller = envelope.caller(f"pass-site-on/{site_id}/{host}")
            await site.pass_on(store, caller, site_id, was=was, host=host, day=day)


@HANDLERS.on(ProjectPlaceMovedV1)
async def pass_position_on(store: Store, event: ProjectPlaceMovedV1, envelope: Envelope) -> None:
    """A project's own position is where the project is, also where a bureau decided that."""
    caller = envelope.caller("pass-position-on")
    await site.pass_position_on(store, caller, event.project_id, community=event.community, day=event.moved_on)


@HANDLERS.on(OrganisationRegisteredV1)
async def note_organisation(store: Store, event: OrganisationRegisteredV1, envelope: Envelope) -> None:
    above = _for_province(envelope)
    if above is not None:
        await legal_entity.note_organisation(
            store,
            above.caller("note-organisation-in-province"),
            city=envelope.tenant,
            organisation_id=event.organisation_id,
            occurred_on=envelope.occurred_on,
        )


@HANDLERS.on(OrganisationBlacklistedV1)
async def note_listing(store: Store, event: OrganisationBlacklistedV1, envelope: Envelope) -> None:
    await _note_listing(store, event.organisation_id, envelope, listed=True)


@HANDLERS.on(BlacklistLiftedV1)
async def note_lift(store: Store, event: BlacklistLiftedV1, envelope: Envelope) -> None:
    await _note_listing(store, event.organisation_id, envelope, listed=False)


async def _note_listing(store: Store, organisation_id: OrganisationId, envelope: Envelope, *, listed: bool) -> None:
    above = _for_province(envelope)
    if above is not None:
        await legal_entity.note_listing(
            store,
            above.caller("note-listing-in-province"),
            city=envelope.tenant,
            organisation_id=organisation_id,
            listed=listed,
            occurred_on=envelope.occurred_on,
        )


def _for_province(envelope: Envelope) -> Envelope | None:
    """The same message, heard for the province that the city belongs to; None where there is none above it."""
    above = envelope.tree.ancestors(envelope.tenant)
    return replace(envelope, tenant=above[-1]) if above else None
