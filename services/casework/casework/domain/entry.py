"""A ledger entry (服务台账): one beneficiary under a pseudonym, the home visits paid to them, and where and until when
they belong to the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from casework.domain.catalogue import Catalogue
from casework.domain.corrections import EntryCorrected, HomeVisitAnnulled, HomeVisitCorrected
from casework.domain.entry_events import (
    ENTRY_END_NAMES,
    BeneficiaryEnrolled,
    CaseTakenOn,
    EntryEnded,
    EntryEndReason,
    EntryEvent,
    EntryMoved,
    EntryPassedOn,
    HomeVisitRecorded,
)
from casework.domain.place import Place, open_on, takes_on
from casework.domain.recording import Recorder, recorder_serving, recorder_taking_on, recorder_told
from casework.domain.worker import Worker
from contracts.values import EntryId, PersonId, Sealed, UnitCode, WorkerId
from kit.errors import NotFound, Refused, not_before


@dataclass(frozen=True)
class End:
    on: date
    reason: EntryEndReason


@dataclass(frozen=True)
class Stay:
    """A person in the ledger of a community; the day of a move belongs to both."""

    community: UnitCode
    since: date
    until: date | None = None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Entry:
    """`stays` are the communities one after the other, the last of them the present one."""

    person: PersonId | None = None
    stays: tuple[Stay, ...] = ()
    ended: End | None = None


class AlreadyInLedger(Refused):
    """The person, or the entry, is registered; a second community would count them twice."""

    code = "already-in-ledger"
    name = "已在台账"
    rule = "R-KL-06"
    text = "该服务对象已在台账中。每名服务对象只登记在一个社区，请在原台账下继续记录。"


class OtherCommunity(Refused):
    code = "other-community"
    name = "台账属于其他社区"
    rule = "R-KL-06"
    text = "该服务对象的台账属于其他社区，不能在本服务点记录。请在其台账所属社区办理。"


class EntryHasEnded(Refused):
    code = "entry-ended"
    name = "台账已终止"
    rule = "R-KL-06"
    text = (
        "该服务对象的台账已于 {ended_on} 终止（{reason}），不能再办理个案、救助协助和台账变更，也不能登记此后的走访。"
        "当日及以前的走访可以补记；需要继续服务的，请重新建立台账。"
    )


class CasesStillOpen(Refused):
    code = "cases-still-open"
    name = "尚有个案未办结"
    rule = "R-JX-03"
    text = "该服务对象还有 {count} 个个案未办结，不能{what}。请先将这些个案结案或提前终止。"


class SameCommunity(Refused):
    code = "same-community"
    name = "台账已在该社区"
    status = 422
    rule = "R-KL-06"
    text = "该服务对象的台账已在该社区，无需变更。请核对要转入的试点或站点。"


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
    """Registers a person under declared categories in the place's community of the day, and in no second one.

    Where the place has come to another community since, the person is there with it.
    """
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
    return (enrolled, *(EntryPassedOn(entry_id, to, day) for to, day in place.after(occurred_on)))


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


def move(
    entry: Entry,
    place: Place,
    to: Place,
    worker: Worker,
    open_cases: int,
    *,
    entry_id: EntryId,
    to_place_id: UUID,
    worker_id: WorkerId,
    recorder: Recorder,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Moves a person to the community of `to`, which takes people on; a worker of the present community records it.

    A case belongs to the place that took it on: it is brought to its end there before.
    """
    by = recorder_told(place, worker, recorder, worker_id=worker_id)
    stay = _present(entry, place)
    community = takes_on(to, occurred_on)
    if community in (stay.community, place.community):
        raise SameCommunity
    _not_before_stay(entry, occurred_on)
    if open_cases:
        raise CasesStillOpen(count=open_cases, what="变更所属社区")
    return (EntryMoved(entry_id, to_place_id, community, worker_id, by, occurred_on),)


def end(
    entry: Entry,
    place: Place,
    worker: Worker,
    open_cases: int,
    *,
    entry_id: EntryId,
    reason: EntryEndReason,
    worker_id: WorkerId,
    recorder: Recorder,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Ends a person's membership with that day.  Each open case is ended before, for its own reason."""
    by = recorder_told(place, worker, recorder, worker_id=worker_id)
    _present(entry, place)
    _not_before_stay(entry, occurred_on)
    if open_cases:
        raise CasesStillOpen(count=open_cases, what="终止台账")
    return (EntryEnded(entry_id, reason, worker_id, by, occurred_on),)


def pass_on(
    entry: Entry, *, entry_id: EntryId, was: Collection[UnitCode], community: UnitCode, passed_on: date
) -> Sequence[EntryEvent]:
    """Of who belongs to one of those communities, or belonged to it last; who has moved on is not concerned."""
    if not entry.stays or entry.stays[-1].community not in was or entry.stays[-1].community == community:
        return ()
    return (EntryPassedOn(entry_id, community, passed_on),)


def served_here(entry: Entry, place: Place, occurred_on: date) -> PersonId:
    """The person behind an entry that was of this place's community on that day: it may have moved or ended since."""
    if entry.person is None:
        raise NotFound
    if all(stay.community not in place.communities for stay in entry.stays):
        raise OtherCommunity
    not_before(occurred_on, entry.stays[0].since, "建立台账")
    if entry.ended is not None and occurred_on > entry.ended.on:
        raise _has_ended(entry.ended)
    if not any(stay.community in place.communities and stay.on(occurred_on) for stay in entry.stays):
        raise OtherCommunity
    return entry.person


def taken_on_here(entry: Entry, place: Place, occurred_on: date) -> PersonId:
    """The person behind an entry that is of this place's community now, for something new from that day on."""
    person = served_here(entry, place, occurred_on)
    _present(entry, place)
    return person


def require_lasting(entry: Entry) -> None:
    """Raises EntryHasEnded for a person who belongs to the ledger no longer."""
    if entry.ended is not None:
        raise _has_ended(entry.ended)


def _present(entry: Entry, place: Place) -> Stay:
    """Where the person belongs now, which is this place's community."""
    if entry.person is None:
        raise NotFound
    if entry.ended is not None:
        raise _has_ended(entry.ended)
    if entry.stays[-1].community not in place.communities:
        raise OtherCommunity
    return entry.stays[-1]


def _not_before_stay(entry: Entry, occurred_on: date) -> None:
    not_before(occurred_on, entry.stays[-1].since, "建立台账" if len(entry.stays) == 1 else "上次变更社区")


def _has_ended(end: End) -> EntryHasEnded:
    return EntryHasEnded(ended_on=end.on, reason=ENTRY_END_NAMES[end.reason])


def evolve(entry: Entry, event: EntryEvent) -> Entry:
    match event:
        case BeneficiaryEnrolled(name=name, community=community, enrolled_on=enrolled_on):
            return Entry(name.person, (Stay(community, enrolled_on),))
        case HomeVisitRecorded() | CaseTakenOn() | EntryCorrected() | HomeVisitCorrected() | HomeVisitAnnulled():
            return entry
        case EntryMoved(community=community, moved_on=day) | EntryPassedOn(community=community, passed_on=day):
            *before, last = entry.stays
            return replace(entry, stays=(*before, replace(last, until=day), Stay(community, day)))
        case EntryEnded(reason=reason, ended_on=day):
            return replace(entry, ended=End(day, reason))
        case _:
            assert_never(event)
