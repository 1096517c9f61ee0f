"""Social workers: registration, licences, employment, placement, removal from a pilot."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from contracts.values import AgencyId, PersonId, PilotId, Sealed, SiteId, WorkerId
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Claim, Store
from registry.commands.streams import SITES, STAFFING, WORKERS, agency_unit, city_of
from registry.domain import site as sites
from registry.domain import staffing
from registry.domain import worker as domain
from registry.domain.place import within
from registry.domain.posting import Departure, Posting
from registry.domain.worker import Degree, Employment, LicenceTaken, Qualified, Worker, WorkerUnknown

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=64)]


class RegisterWorker(Command):
    """`major` is a code; `social_work` is 社会工作专业."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    major: Code | None = None
    graduated: bool = False
    agency_id: AgencyId | None = None
    employment: Employment = Employment.FULL_TIME


class RecordEmployment(Command):
    agency_id: AgencyId
    employment: Employment


class RecordQualification(Command):
    """`licence` is the number on the certificate; `evidence` the SHA-256 of its scan, in hex."""

    level: Qualified
    licence: Annotated[str, Field(min_length=4, max_length=40)]
    issued_on: date
    evidence: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RejectQualification(Command):
    reason: Code


class PlaceWorker(Command):
    """At a site."""

    site_id: SiteId


class RemoveWorker(Command):
    """`departure` says whether leave is asked for, or has happened."""

    pilot_id: PilotId
    departure: Departure
    reason: Code


async def register_worker(store: Store, caller: Caller, cmd: RegisterWorker) -> Answer:
    """With the city; together with the first employment if one is named."""
    cause = caller.may("register-worker", cmd.occurred_on)
    if cmd.agency_id is not None:
        within(agency_unit(caller), str(cmd.agency_id))
    worker_id = WorkerId(caller.new_id("worker"))
    name = Sealed(person=PersonId(caller.new_id("person")), clear=cmd.name)
    degree = Degree(cmd.major, cmd.graduated) if cmd.major else None

    def decide(state: Worker) -> list[Any]:
        events: list[Any] = list(domain.register_worker(state, worker_id=worker_id, name=name, degree=degree))
        if cmd.agency_id is not None:
            state = WORKERS.fold(state, events)
            events += domain.record_employment(
                state, agency_id=cmd.agency_id, employment=cmd.employment, occurred_on=cmd.occurred_on
            )
        return events

    city = await city_of(store, cause, caller.actor.tenant)
    return await store.change(cause, decide, WORKERS.stream(worker_id, tenant=city))


async def record_employment(store: Store, caller: Caller, worker_id: WorkerId, cmd: RecordEmployment) -> Answer:
    cause = caller.may("record-employment", cmd.occurred_on)
    within(agency_unit(caller), str(cmd.agency_id))
    return await store.change(
        cause,
        lambda state: domain.record_employment(
            state, agency_id=cmd.agency_id, employment=cmd.employment, occurred_on=cmd.occurred_on
        ),
        WORKERS.stream(worker_id),
    )


async def record_qualification(store: Store, caller: Caller, worker_id: WorkerId, cmd: RecordQualification) -> Answer:
    """The licence number is sealed, and claimed by its keyed HMAC: it belongs to one person of the region."""
    cause = caller.may("record-qualification", cmd.occurred_on)
    worker = await store.fold(cause, WORKERS.stream(worker_id))
    within(agency_unit(caller), str(worker.agency_id))
    if worker.person is None:
        raise WorkerUnknown
    licence = Sealed(person=worker.person, clear=cmd.licence)
    return await store.change(
        cause,
        lambda state: domain.record_qualification(
            state,
            qualification_id=caller.new_id("qualification"),
            level=cmd.level,
            licence=licence,
            issued_on=cmd.issued_on,
            evidence=cmd.evidence,
            occurred_on=cmd.occurred_on,
        ),
        WORKERS.stream(worker_id),
        claims=[Claim("licence", _index(store, cmd.licence), LicenceTaken)],
    )


def _index(store: Store, licence: str) -> str:
    """Width, case and blanks do not make another licence."""
    assert store.vault is not None  # noqa: S101 - the registry always has one: it keeps names
    folded = "".join(unicodedata.normalize("NFKC", licence).upper().split())
    return store.vault.index_hmac("licence", None, folded)


async def reject_qualification(
    store: Store, caller: Caller, worker_id: WorkerId, qualification_id: UUID, cmd: RejectQualification
) -> Answer:
    cause = caller.may("reject-qualification", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: domain.reject_qualification(state, qualification_id=qualification_id, reason=cmd.reason),
        WORKERS.stream(worker_id),
    )


async def place_worker(store: Store, caller: Caller, worker_id: WorkerId, cmd: PlaceWorker) -> Answer:
    """By the worker's employer, at a site that is planned or open."""
    cause = caller.may("place-worker", cmd.occurred_on)

    def decide(worker: Worker, site: sites.Site) -> tuple[Any, Any]:
        plan = sites.alive(site)
        employer = domain.employer(worker)
        within(agency_unit(caller), str(employer))
        placed = domain.place_worker(
            worker,
            agency_id=employer,
            site_id=cmd.site_id,
            pilot_id=plan.pilot_id,
            community=sites.host(plan),
        )
        return placed, sites.post_staff(site, worker_id=worker_id, agency_id=employer)

    return await store.change(cause, decide, WORKERS.stream(worker_id), SITES.stream(cmd.site_id))


async def remove_worker(store: Store, caller: Caller, worker_id: WorkerId, cmd: RemoveWorker) -> Answer:
    """A request under the lock may be refused; a fact is recorded, as a breach if it is one (R-LZ-12, C-16)."""
    cause = caller.may("remove-worker", cmd.occurred_on)

    def decide(posting: Posting, worker: Worker) -> tuple[Any, Any]:
        within(agency_unit(caller), str(worker.agency_id))
        return staffing.remove_worker(
            posting,
            worker_id=worker_id,
            departure=cmd.departure,
            reason=cmd.reason,
            occurred_on=cmd.occurred_on,
        )

    return await store.change(cause, decide, STAFFING.stream(cmd.pilot_id), WORKERS.stream(worker_id))
