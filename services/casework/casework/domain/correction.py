"""Putting right, or taking away, what was recorded of a person or of a case, as of the day of the record.

By who may record it: the worker whose record it is, or who records and supervises for their organisation.  What a
record needs it needs when it is put right, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from casework.domain.case import BACK, CORRECT, Case, Situation, begun
from casework.domain.case_events import CaseEvent, CaseOpened
from casework.domain.catalogue import Catalogue, DomainNotDeclared
from casework.domain.corrections import (
    CaseCorrected,
    CaseNoteAnnulled,
    CaseNoteCorrected,
    EntryCorrected,
    HomeVisitAnnulled,
    HomeVisitCorrected,
)
from casework.domain.entry import Entry, require_lasting, taken_on_here
from casework.domain.entry_events import BeneficiaryEnrolled, CaseTakenOn, EntryEvent, EntryMoved
from casework.domain.held import details, note_of, notes, visit_of, visits
from casework.domain.place import Place
from casework.domain.recording import Recorder, recorder_correcting, recorder_serving
from casework.domain.worker import Worker
from contracts.values import CaseStanding, CorrectionReason, Said, Sealed, WorkerId
from kit.errors import Annulled, Refused, require_day
from kit.steps import require


class NotTheLastStep(Refused):
    code = "not-the-last-step"
    name = "不是最近登记的环节"
    rule = "R-JX-03"
    text = "只能从最近登记的环节起逐项作废，最多连续作废 {most} 项。请先作废此后登记的环节，或更正其记录内容。"


def correct_entry(
    entry: Entry,
    past: Said,
    place: Place,
    worker: Worker,
    catalogue: Catalogue,
    *,
    recorder: Recorder,
    categories: tuple[str, ...] | None,
    name: str | None,
    id_number: str | None,
    address: str | None,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Puts right who somebody is; None stays as it is.  The number of whoever has left is nobody's to keep any more."""
    known = details(past)
    enrolled = known.enrolled
    by = recorder_correcting(place, worker, recorder, worker_id=enrolled.worker_id, recorded_on=enrolled.enrolled_on)
    require_day(occurred_on, enrolled.enrolled_on)
    if id_number is not None:
        require_lasting(entry)
    if categories is not None:
        catalogue.require_declared(categories)
    now = known.categories if categories is None else tuple(sorted(set(categories)))

    def changed(given: str | None, held: str | None) -> Sealed[str] | None:
        return None if given is None or given == held else Sealed(person=enrolled.name.person, clear=given)

    fresh = (changed(name, known.name), changed(id_number, known.id_number), changed(address, known.address))
    if now == known.categories and not any(fresh):
        return ()
    return (EntryCorrected(enrolled.entry_id, known.categories, now, *fresh, reason, enrolled.worker_id, by),)


def correct_visit(
    _: Entry,
    past: Said,
    place: Place,
    worker: Worker,
    other: Worker,
    *,
    visit_id: UUID,
    worker_id: WorkerId | None,
    findings: str | None,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Puts a visit right: what was found, and which worker paid it, who was placed here on that day (`other`)."""
    visit = visit_of(past, visit_id)
    by = recorder_correcting(place, worker, recorder, worker_id=visit.worker_id, recorded_on=visit.day)
    if visit.annulled:
        raise Annulled
    require_day(occurred_on, visit.day)
    now = worker_id or visit.worker_id
    if now != visit.worker_id:
        by = recorder_serving(place, other, recorder, worker_id=now, occurred_on=visit.day)
    read = None if findings in (None, visit.findings) else findings
    if now == visit.worker_id and read is None:
        return ()
    said = visit.recorded
    found = Sealed(person=said.findings.person, clear=read) if read is not None else None
    what = (visit_id, said.entry_id, said.place_id, said.project_id, said.community)
    return (HomeVisitCorrected(*what, visit.worker_id, now, found, reason, by),)


def annul_visit(
    _: Entry,
    past: Said,
    place: Place,
    worker: Worker,
    *,
    visit_id: UUID,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[EntryEvent]:
    """Takes a visit away."""
    visit = visit_of(past, visit_id)
    by = recorder_correcting(place, worker, recorder, worker_id=visit.worker_id, recorded_on=visit.day)
    if visit.annulled:
        return ()
    require_day(occurred_on, visit.day)
    others = [one for id, one in visits(past).items() if id != visit_id and not one.annulled]
    before = max((one.day for one in others if one.day <= visit.day), default=None)
    after = min((one.day for one in others if one.day > visit.day), default=None)
    said = visit.recorded
    here = {one.recorded.place_id for one in others}
    here |= {event.place_id for *_, event in past if isinstance(event, BeneficiaryEnrolled | EntryMoved)}
    what = (visit_id, said.entry_id, said.place_id, said.project_id, said.community, visit.worker_id)
    return (HomeVisitAnnulled(*what, before, after, said.place_id not in here, reason, by),)


def correct_case(
    case: Case,
    place: Place,
    worker: Worker,
    catalogue: Catalogue,
    *,
    domain: str,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[CaseEvent]:
    """Puts right in which service domain a case was taken on."""
    require(CORRECT, Situation(case, place, recorder, occurred_on, author=worker))
    opened = begun(case)
    by = recorder_correcting(place, worker, recorder, worker_id=opened.worker_id, recorded_on=opened.opened_on)
    require_day(occurred_on, opened.opened_on)
    if domain not in catalogue.domains:
        raise DomainNotDeclared(domains=catalogue.domain_names)
    if domain == opened.domain:
        return ()
    what = (opened.case_id, opened.project_id, opened.community, opened.domain, domain, case.standing)
    return (CaseCorrected(*what, reason, opened.worker_id, by),)


def correct_note(
    case: Case,
    past: Said,
    place: Place,
    worker: Worker,
    *,
    note: UUID,
    text: str,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> Sequence[CaseEvent]:
    """Puts right what was written at a step."""
    found = note_of(past, note)
    worker_id = found.event.worker_id
    by = recorder_correcting(place, worker, recorder, worker_id=worker_id, recorded_on=found.day)
    if found.annulled:
        raise Annulled
    require_day(occurred_on, found.day)
    if text == found.text:
        return ()
    sealed = Sealed(person=begun(case).problem.person, clear=text)
    return (CaseNoteCorrected(note, sealed, reason, worker_id, by),)


def annul_note(
    case: Case,
    entry: Entry,
    past: Said,
    place: Place,
    worker: Worker,
    *,
    note: UUID,
    recorder: Recorder,
    reason: CorrectionReason,
    occurred_on: date,
) -> tuple[Sequence[CaseEvent], Sequence[EntryEvent]]:
    """Takes the last step of a case back.  One that is open again needs a person who still belongs here."""
    found = note_of(past, note)
    worker_id, opened = found.event.worker_id, begun(case)
    by = recorder_correcting(place, worker, recorder, worker_id=worker_id, recorded_on=found.day)
    if found.annulled:
        return (), ()
    require_day(occurred_on, found.day)
    first = isinstance(found.event, CaseOpened)
    last = [one.id for one in notes(past).values() if not one.annulled][-1]
    if note != last or not (first or case.back):
        raise NotTheLastStep(most=BACK)
    again = case.standing is not CaseStanding.OPEN
    if again:
        taken_on_here(entry, place, occurred_on)
    standing = CaseStanding.ANNULLED if first else CaseStanding.OPEN
    what = (note, opened.case_id, opened.project_id, opened.community, opened.domain, standing)
    open_again = (CaseTakenOn(opened.entry_id, opened.case_id),) if again else ()
    return (CaseNoteAnnulled(*what, reason, worker_id, by),), open_again
