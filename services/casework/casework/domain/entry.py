"""A ledger entry (服务台账): one beneficiary under a pseudonym, and the home visits paid to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from casework.domain.catalogue import Catalogue
from casework.domain.place import Place, open_on, takes_on
from casework.domain.recording import Recorder, recorder_serving, recorder_taking_on
from casework.domain.worker import Worker
from contracts.values import EntryId, Event, PersonId, ProjectId, Sealed, UnitCode, WorkerId
from kit.errors import NotFound, Refused, not_before


@dataclass(frozen=True)
class BeneficiaryEnrolled(Event):
    """Registered in the ledger of one community.  Who it is, only sealed; every other figure is about the pseudonym.

    `recorder` is the subject of the token that sent it in, where that did not name the worker (so in every record).
    """

    TOPIC: ClassVar[str] = "casework.beneficiary-enrolled"
    NAME: ClassVar[str] = "建立服务台账"
    CLAUSE: ClassVar[str | None] = "R-KL-05"

    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    catalogue_id: UUID
    categories: tuple[str, ...]
    worker_id: WorkerId
    recorder: str | None
    enrolled_on: date
    name: Sealed[str]
    id_number: Sealed[str] | None
    address: Sealed[str] | None


@dataclass(frozen=True)
class HomeVisitRecorded(Event):
    """One visit to one registered person: a person visited twice is two visits and one person (R-KL-07)."""

    TOPIC: ClassVar[str] = "casework.home-visit-recorded"
    NAME: ClassVar[str] = "登记入户走访"
    CLAUSE: ClassVar[str | None] = "R-KL-07"
    LATE: ClassVar[bool] = True

    visit_id: UUID
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    worker_id: WorkerId
    recorder: str | None
    findings: Sealed[str]


EntryEvent: TypeAlias = BeneficiaryEnrolled | HomeVisitRecorded


@dataclass(frozen=True)
class Entry:
    person: PersonId | None = None
    community: UnitCode | None = None
    enrolled_on: date | None = None


class AlreadyInLedger(Refused):
    """The person, or the entry, is registered; a second community would count them twice."""

    code = "already-in-ledger"
    name = "已在台账"
    clause = "R-KL-06"
    text = "该服务对象已在台账中。每名服务对象只登记在一个社区，请在原台账下继续记录。"


class OtherCommunity(Refused):
    code = "other-community"
    name = "台账属于其他社区"
    clause = "R-KL-06"
    text = "该服务对象的台账属于其他社区，不能在本服务点记录。请在其台账所属社区办理。"


def enrol(
    entry: Entry,
    place: Place,
    worker: Worker,
    catalogue: Catalogue,
    *,
    entry_id: EntryId,
    place_id: UUID,
    catalogue_id: UUID,
    categories: tuple[str, ...],
    worker_id: WorkerId,
    recorder: Recorder,
    name: Sealed[str],
    id_number: Sealed[str] | None,
    address: Sealed[str] | None,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Registers a person under declared categories in the place's community, and in no second one."""
    if entry.person is not None:
        raise AlreadyInLedger
    by = recorder_taking_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    community = takes_on(place, occurred_on)
    catalogue.require_declared(categories)
    enrolled = BeneficiaryEnrolled(
        entry_id=entry_id,
        place_id=place_id,
        project_id=place.project_id,
        community=community,
        catalogue_id=catalogue_id,
        categories=tuple(sorted(set(categories))),
        worker_id=worker_id,
        recorder=by,
        enrolled_on=occurred_on,
        name=name,
        id_number=id_number,
        address=address,
    )
    return (enrolled,)


def record_visit(
    entry: Entry,
    place: Place,
    worker: Worker,
    *,
    visit_id: UUID,
    entry_id: EntryId,
    place_id: UUID,
    worker_id: WorkerId,
    recorder: Recorder,
    findings: str,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Records a visit to a registered person; the findings are sealed with everything else about that person.

    A visit may be entered late, so its own day decides whether the worker and the place were there.
    """
    person = served_here(entry, place, occurred_on)
    by = recorder_serving(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    visit = HomeVisitRecorded(
        visit_id=visit_id,
        entry_id=entry_id,
        place_id=place_id,
        project_id=place.project_id,
        community=open_on(place, occurred_on),
        worker_id=worker_id,
        recorder=by,
        findings=Sealed(person=person, clear=findings),
    )
    return (visit,)


def served_here(entry: Entry, place: Place, occurred_on: date) -> PersonId:
    """The person behind an entry of this place's community, registered by that day."""
    if entry.person is None:
        raise NotFound
    if entry.community != place.community:
        raise OtherCommunity
    not_before(occurred_on, entry.enrolled_on, "建立台账")
    return entry.person


def evolve(entry: Entry, event: EntryEvent) -> Entry:
    match event:
        case BeneficiaryEnrolled(name=name, community=community, enrolled_on=enrolled_on):
            return Entry(person=name.person, community=community, enrolled_on=enrolled_on)
        case HomeVisitRecorded():
            return entry
        case _:
            assert_never(event)
