"""The kinds of streams that casework keeps."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from casework.domain import case, catalogue, counts, entry, organisation, place, referral, worker
from casework.domain.organisation import Organisation, OrganisationEvent
from casework.domain.place import Place, PlaceEvent
from casework.domain.recording import Recorder
from casework.domain.worker import Worker, WorkerEvent
from contracts.values import Role, TenantId, WorkerId
from kit.auth import Caller
from kit.store import Category, Stream

CATALOGUES = Category("catalogue", catalogue.Catalogue(), catalogue.evolve)
PLACES = Category("place", place.Place(), place.evolve)
WORKERS = Category("worker", worker.Worker(), worker.evolve)
ORGANISATIONS = Category("organisation", organisation.Organisation(), organisation.evolve)
ENTRIES = Category("entry", entry.Entry(), entry.evolve)
CASES = Category("case", case.Case(), case.evolve)
REFERRALS = Category("referral", referral.Referral(), referral.evolve)
COUNTS = Category("counts", counts.Counts(), counts.evolve)

CATEGORIES = (CATALOGUES, PLACES, WORKERS, ORGANISATIONS, ENTRIES, CASES, REFERRALS, COUNTS)


def place_stream(caller: Caller, place_id: UUID) -> Stream[Place, PlaceEvent]:
    """A project or site of the acting district.  It may be new: one that we have not heard of is "not known yet"."""
    return PLACES.stream(place_id, caller.actor.tenant)


def worker_stream(caller: Caller, worker_id: WorkerId) -> Stream[Worker, WorkerEvent]:
    """Workers belong to the city, and may be new as places may."""
    return WORKERS.stream(worker_id, _city(caller))


def organisation_stream(caller: Caller, organisation_id: UUID) -> Stream[Organisation, OrganisationEvent]:
    """Organisations belong to the city too, and may be new as places may."""
    return ORGANISATIONS.stream(organisation_id, _city(caller))


def recorder(caller: Caller) -> Recorder:
    actor = caller.actor
    return Recorder(actor.id, caller.acts_for, WorkerId(actor.worker) if actor.worker else None)


def corrector(caller: Caller) -> Recorder:
    """As who records; a supervisor puts right what any worker of their organisation recorded."""
    known = recorder(caller)
    return replace(known, worker=None) if caller.actor.role is Role.SUPERVISOR else known


def _city(caller: Caller) -> TenantId:
    """The bureau above the acting district."""
    above = caller.tree.ancestors(caller.actor.tenant)
    return above[0] if above else caller.actor.tenant
