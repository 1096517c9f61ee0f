"""Our events as others may know them; what is not here stays ours."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, assert_never

from contracts.messages import Message
from contracts.messages import registry as told
from kit.store import Meta
from registry.domain import organisation, posting, site, tenant, worker
from registry.domain.division import UnitTold
from registry.domain.organisation import Condition, OrganisationEvent
from registry.domain.posting import PostingEvent
from registry.domain.site import SiteEvent
from registry.domain.tenant import TenantEvent
from registry.domain.worker import WorkerEvent

GOVERNANCE = (Condition.SOUND_GOVERNANCE, Condition.INTERNAL_RULES, Condition.FINANCE_SYSTEM)


def to_contract(event: Any, meta: Meta) -> Message | None:  # noqa: ARG001 - the shape that the relay calls
    """The message that tells this event, or None."""
    if isinstance(event, TenantEvent):
        return _tenant(event)
    if isinstance(event, UnitTold):
        return told.UnitToldV1(
            unit=event.unit,
            name=event.name,
            parent=event.parent,
            since=event.since,
            until=event.until,
            successors=event.successors,
            version=event.version,
        )
    if isinstance(event, SiteEvent):
        return _site(event)
    if isinstance(event, OrganisationEvent):
        return _organisation(event)
    if isinstance(event, PostingEvent):
        return _staffing(event)
    if isinstance(event, WorkerEvent):
        return _worker(event)
    return None  # documents, findings, organisations, the linkage mechanism, and what is the kit's own


def _tenant(event: TenantEvent) -> Message | None:
    match event:
        case tenant.TenantRegistered():
            return told.TenantRegisteredV1(
                tenant_id=event.tenant_id,
                name=event.name,
                level=told.TenantLevel(event.level),
                parent=event.parent,
            )
        case tenant.PopulationDeclared() | tenant.SubordinateRegistered() | tenant.DivisionCodeLent():
            return None
        case _:
            assert_never(event)


def _site(event: SiteEvent) -> Message | None:
    match event:
        case site.SiteOpened():
            return told.SiteOpenedV1(
                site_id=event.site_id, community=event.host, project_id=event.project_id, level=int(event.level)
            )
        case site.SiteClosed():
            return told.SiteClosedV1(site_id=event.site_id)
        case site.SitePassedOn():
            return told.SitePassedOnV1(site_id=event.site_id, community=event.host, passed_on=event.passed_on)
        case site.SiteGivenUp():
            return told.SiteGivenUpV1(site_id=event.site_id)
        case (
            site.SitePlanned()
            | site.ProjectBasedAtStation()
            | site.PremisesProvided()
            | site.EquipmentProvided()
            | site.PlaqueHung()
            | site.OperatorAssigned()
            | site.StaffPosted()
            | site.StaffWithdrawn()
            | site.SiteSuspended()
        ):
            return None
        case _:
            assert_never(event)


def _organisation(event: OrganisationEvent) -> Message | None:
    match event:
        case organisation.OrganisationRegistered():
            return _registered(event)
        case organisation.OrganisationConditionAttested():
            return told.OrganisationConditionAttestedV1(
                organisation_id=event.organisation_id,
                sound_governance=_sound(event.attested),
                own_bank_account=Condition.OWN_BANK_ACCOUNT in event.attested,
                professional_team=Condition.PROFESSIONAL_TEAM in event.attested,
            )
        case organisation.OrganisationPenalised():
            return told.OrganisationPenalisedV1(organisation_id=event.organisation_id)
        case organisation.AnnualInspectionRecorded():
            return told.AnnualInspectionRecordedV1(
                organisation_id=event.organisation_id, year=event.year, result=told.InspectionResult(event.result)
            )
        case organisation.OrganisationQualificationRevoked():
            return told.OrganisationQualificationRevokedV1(
                organisation_id=event.organisation_id, scheme_id=event.scheme_id, project_id=event.project_id
            )
        case organisation.OrganisationBlacklisted():
            return told.OrganisationBlacklistedV1(
                organisation_id=event.organisation_id, reason=event.reason, project_id=event.project_id
            )
        case organisation.BlacklistLifted():
            return told.BlacklistLiftedV1(organisation_id=event.organisation_id)
        case organisation.OrganisationListedElsewhere():
            return told.OrganisationListedElsewhereV1(
                organisation_id=event.organisation_id, listed_by=event.authority, listed=event.listed
            )
        case organisation.PartyOrganisationEstablished():
            return None
        case _:
            assert_never(event)


def _registered(event: organisation.OrganisationRegistered) -> Message:
    attested = [a.condition for a in event.attestations]
    return told.OrganisationRegisteredV1(
        organisation_id=event.organisation_id,
        name=event.name,
        registered_with_civil_affairs=event.registration.civil_affairs,
        penalised=False,
        failed_inspection=False,
        refused_inspection=False,
        sound_governance=_sound(attested),
        own_bank_account=Condition.OWN_BANK_ACCOUNT in attested,
        professional_team=Condition.PROFESSIONAL_TEAM in attested,
    )


def _sound(attested: Collection[Condition]) -> bool:
    return set(attested).issuperset(GOVERNANCE)


def _staffing(event: PostingEvent) -> Message | None:
    match event:
        case posting.StaffingVerified():
            return told.StaffingVerifiedV1(
                project_id=event.project_id,
                declaration_id=event.declaration.declaration_id,
                workers=tuple(
                    told.VerifiedWorker(
                        worker_id=w.worker_id,
                        licensed=w.licensed,
                        intermediate=w.intermediate,
                        sw_graduate=w.sw_graduate,
                    )
                    for w in event.workers
                ),
                licensed=sum(w.licensed for w in event.workers),
                intermediate=sum(w.intermediate for w in event.workers),
                sw_graduate=sum(w.sw_graduate for w in event.workers),
            )
        case posting.StaffingRejected():
            return told.StaffingRejectedV1(
                project_id=event.project_id,
                declaration_id=event.declaration.declaration_id,
                # The same reason of several workers is told once: they are not named, and a hundred could be wrong.
                reasons=tuple(
                    told.RejectionReason(code=code, rule=rule)
                    for code, rule in dict.fromkeys((r.code, r.rule) for r in event.reasons)
                ),
            )
        case posting.PostingLocked():
            return told.PostingLockedV1(
                project_id=event.project_id,
                organisation_id=event.organisation_id,
                worker_ids=event.starters,
                lock_from=event.from_day,
                lock_to=event.to_day,
            )
        case posting.WorkerLeftPosting():
            return told.WorkerLeftPostingV1(
                project_id=event.project_id,
                worker_id=event.worker_id,
                breach=event.breach,
                remaining=event.starters_left,
                locked=event.locked,
            )
        case posting.PostingTermChanged():
            return None
        case posting.PostingEnded():
            return told.PostingEndedV1(project_id=event.project_id)
        case _:
            assert_never(event)


def _worker(event: WorkerEvent) -> Message | None:
    match event:
        case worker.WorkerEmploymentRecorded():
            return told.WorkerEmploymentRecordedV1(worker_id=event.worker_id, organisation_id=event.organisation_id)
        case worker.WorkerEmploymentEnded():
            return told.WorkerEmploymentEndedV1(worker_id=event.worker_id)
        case worker.WorkerPlacementEnded():
            return told.WorkerPlacementEndedV1(worker_id=event.worker_id, site_id=event.site_id)
        case worker.WorkerUnassigned():
            return told.WorkerUnassignedV1(worker_id=event.worker_id, project_id=event.project_id)
        case worker.WorkerReleased():
            return told.WorkerReleasedV1(worker_id=event.worker_id, project_id=event.project_id)
        case worker.LockedWorkerMoved():
            return told.LockedWorkerMovedV1(
                worker_id=event.worker_id, project_id=event.project_id, remaining=event.remaining
            )
        case worker.WorkerPlaced():
            return told.WorkerPlacedV1(
                worker_id=event.worker_id,
                organisation_id=event.organisation_id,
                site_id=event.site_id,
                project_id=event.project_id,
                community=event.community,
            )
        case (
            worker.SocialWorkerRegistered()
            | worker.QualificationRecorded()
            | worker.QualificationRejected()
            | worker.WorkerImpersonationRecorded()
            | worker.WorkerAssigned()
            | worker.WorkerLocked()
        ):
            return None
        case _:
            assert_never(event)
