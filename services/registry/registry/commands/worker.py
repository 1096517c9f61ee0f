"""Social workers: registration, licences, employment, placement, removal from a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from contracts import normal
from contracts.fields import Code, LicenceNumber, PastDay, PersonName, Sha256
from contracts.values import OrganisationId, PersonId, ProjectId, Sealed, SiteId, WorkerId
from kit.auth import Caller
from kit.errors import require_unit
from kit.service import Command
from kit.store import Answer, Claim, Each, Release, Store, Stream
from registry.commands.finding import open_licence_finding
from registry.commands.streams import (
    ORGANISATIONS,
    SITES,
    STAFFING,
    WORKERS,
    asking_organisation,
    city_of,
    require_authority,
)
from registry.domain import employment, site, staffing, worker
from registry.domain.finding import LicenceInDispute
from registry.domain.organisation import Organisation, OrganisationEvent
from registry.domain.posting import Departure, Posting, PostingEvent
from registry.domain.site import Site, SiteEvent
from registry.domain.worker import Degree, Employment, LicenceTaken, Qualified, Worker, WorkerEvent

LICENCE = "licence"
"""The kind of natural key that a licence number is."""


class RegisterWorker(Command):
    """`major` is a code; `social_work` is 社会工作专业."""

    name: PersonName
    major: Code | None = None
    graduated: bool = False
    organisation_id: OrganisationId | None = None
    employment: Employment = Employment.FULL_TIME


class RecordEmployment(Command):
    organisation_id: OrganisationId
    employment: Employment


class EndEmployment(Command):
    """The worker left; no more than the day."""


class RecordQualification(Command):
    """`licence` is the number on the certificate; `evidence` the SHA-256 of its scan, in hex."""

    level: Qualified
    licence: LicenceNumber
    issued_on: PastDay
    evidence: Sha256


class RejectQualification(Command):
    reason: Code


class PlaceWorker(Command):
    """At a site."""

    site_id: SiteId


class RemoveWorker(Command):
    """`departure` says whether leave is asked for, or has happened."""

    project_id: ProjectId
    departure: Departure
    reason: Code


Organisations: TypeAlias = Mapping[OrganisationId, Organisation]


def _organisations(
    of: Stream[Worker, WorkerEvent], *ids: OrganisationId | None
) -> Each[OrganisationId, Organisation, OrganisationEvent]:
    """Those of the organisations that there are; they are registered where the worker is."""
    return Each({id: ORGANISATIONS.stream(id, beside=of) for id in ids if id is not None})


def _employs(caller: Caller, organisation_id: OrganisationId | None, organisations: Organisations) -> None:
    """Refuses whoever is neither this organisation, nor its authority, nor the city; of none, all but the city."""
    require_unit(caller.acts_for, organisation_id)
    require_authority(caller, organisations[organisation_id].number if organisation_id else "")


async def register_worker(store: Store, caller: Caller, cmd: RegisterWorker) -> Answer:
    """With the city; together with the first employment if one is named."""
    cause = caller.may("register-worker", cmd.occurred_on)
    worker_id = WorkerId(caller.new_id("worker"))
    name = Sealed(person=PersonId(caller.new_id("person")), clear=cmd.name)
    degree = Degree(cmd.major, cmd.graduated) if cmd.major else None

    def decide(state: Worker, organisations: Organisations) -> Sequence[WorkerEvent]:
        registered = worker.register_worker(state, worker_id=worker_id, name=name, degree=degree)
        if cmd.organisation_id is None:
            return registered
        _employs(caller, cmd.organisation_id, organisations)
        employed = employment.record_employment(
            WORKERS.fold(state, registered),
            organisation_id=cmd.organisation_id,
            employment=cmd.employment,
            asking=asking_organisation(caller),
            occurred_on=cmd.occurred_on,
        )
        return (*registered, *employed)

    stream = WORKERS.stream(worker_id, tenant=city_of(caller, caller.actor.tenant))
    return await store.change(cause, decide, stream, reads=_organisations(stream, cmd.organisation_id))


async def record_employment(store: Store, caller: Caller, worker_id: WorkerId, cmd: RecordEmployment) -> Answer:
    """A district moves workers between organisations that are registered with it."""
    cause = caller.may("record-employment", cmd.occurred_on)
    stream = WORKERS.stream(worker_id)

    def decide(state: Worker, organisations: Organisations) -> Sequence[WorkerEvent]:
        recorded = employment.record_employment(
            state,
            organisation_id=cmd.organisation_id,
            employment=cmd.employment,
            asking=asking_organisation(caller),
            occurred_on=cmd.occurred_on,
        )
        for organisation in organisations.values():
            require_authority(caller, organisation.number)
        return recorded

    return await store.change(
        cause, decide, stream, reads=lambda state: _organisations(stream, cmd.organisation_id, state.organisation_id)
    )


async def end_employment(store: Store, caller: Caller, worker_id: WorkerId, cmd: EndEmployment) -> Answer:
    cause = caller.may("end-employment", cmd.occurred_on)
    stream = WORKERS.stream(worker_id)

    def decide(state: Worker, organisations: Organisations) -> Sequence[WorkerEvent]:
        for organisation in organisations.values():
            require_authority(caller, organisation.number)
        return employment.end_employment(state, asking=asking_organisation(caller), occurred_on=cmd.occurred_on)

    return await store.change(cause, decide, stream, reads=lambda state: _organisations(stream, state.organisation_id))


async def record_qualification(store: Store, caller: Caller, worker_id: WorkerId, cmd: RecordQualification) -> Answer:
    """The licence number is sealed, and claimed by its keyed HMAC: it belongs to one person of the region.

    A number that is another's is refused, and opens a finding about the two (R-LZ-08).
    """
    cause = caller.may("record-qualification", cmd.occurred_on)
    qualification_id = caller.new_id("qualification")
    stream = WORKERS.stream(worker_id)

    def decide(state: Worker, organisations: Organisations) -> Sequence[WorkerEvent]:
        _employs(caller, state.organisation_id, organisations)
        return worker.record_qualification(
            state,
            qualification_id=qualification_id,
            level=cmd.level,
            licence=cmd.licence,
            issued_on=cmd.issued_on,
            evidence=cmd.evidence,
            occurred_on=cmd.occurred_on,
        )

    claim = Claim(LICENCE, _index(store, cmd.licence), LicenceTaken, str(qualification_id))
    try:
        return await store.change(
            cause, decide, stream, reads=lambda state: _organisations(stream, state.organisation_id), claims=[claim]
        )
    except LicenceTaken:
        finding = await open_licence_finding(store, caller, worker_id, claim.key, cmd.occurred_on)
        if caller.rehearsed:  # what a trial opens is undone, and nobody is sent to look for it
            raise
        raise LicenceInDispute(finding=finding) from None


def _index(store: Store, licence: str) -> str:
    """How a number is written does not make another licence."""
    assert store.vault is not None
    return store.vault.index_hmac("licence", None, normal.licence_number(licence))


async def reject_qualification(
    store: Store, caller: Caller, worker_id: WorkerId, qualification_id: UUID, cmd: RejectQualification
) -> Answer:
    """The number is free from then on: whoever holds it in truth may register it."""
    cause = caller.may("reject-qualification", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: worker.reject_qualification(state, qualification_id=qualification_id, reason=cmd.reason),
        WORKERS.stream(worker_id),
        releases=[Release(LICENCE, str(qualification_id))],
    )


async def place_worker(store: Store, caller: Caller, worker_id: WorkerId, cmd: PlaceWorker) -> Answer:
    """By the worker's employer, at a site that is planned or open; by a district also the staff of a project there."""
    cause = caller.may("place-worker", cmd.occurred_on)
    stream = WORKERS.stream(worker_id)

    def decide(
        state: Worker, at: Site, organisations: Organisations
    ) -> tuple[Sequence[WorkerEvent], Sequence[SiteEvent]]:
        plan = site.alive(at)
        employer = employment.employer(state)
        require_unit(caller.acts_for, employer)
        if not any(a.project_id in at.projects and a.to_day >= cmd.occurred_on for a in state.assignments):
            require_authority(caller, organisations[employer].number)
        placed = employment.place_worker(
            state,
            organisation_id=employer,
            site_id=cmd.site_id,
            project_id=plan.project_id,
            community=site.host(plan),
            occurred_on=cmd.occurred_on,
        )
        return placed, site.post_staff(at, worker_id=worker_id, organisation_id=employer)

    return await store.change(
        cause,
        decide,
        stream,
        SITES.stream(cmd.site_id),
        reads=lambda state, _: _organisations(stream, state.organisation_id),
    )


async def remove_worker(store: Store, caller: Caller, worker_id: WorkerId, cmd: RemoveWorker) -> Answer:
    """A request under the lock may be refused; a fact is recorded, as a breach if it is one (R-LZ-12, C-16)."""
    cause = caller.may("remove-worker", cmd.occurred_on)

    def decide(state: Posting, who: Worker) -> tuple[Sequence[PostingEvent], Sequence[WorkerEvent]]:
        require_unit(caller.acts_for, who.organisation_id)
        return staffing.remove_worker(
            state,
            who,
            worker_id=worker_id,
            departure=cmd.departure,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        )

    return await store.change(cause, decide, STAFFING.stream(cmd.project_id), WORKERS.stream(worker_id))
