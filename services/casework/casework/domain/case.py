"""A case (个案): six stages in a fixed order, or an early end.  What is written about the person is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID

from casework.domain.catalogue import Catalogue, DomainNotDeclared
from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled, CaseNoteCorrected
from casework.domain.entry import CaseTakenOn, Entry, EntryEvent, taken_on_here
from casework.domain.organisation import Organisation, OrganisationFrozen
from casework.domain.place import Place, takes_on
from casework.domain.recording import Recorder, recorder_going_on, recorder_taking_on, recorder_told
from casework.domain.stage import CASE_END_NAMES, STAGE_NAMES, CaseEndReason, Stage, following
from casework.domain.worker import Worker
from contracts.values import CaseId, CaseStanding, EntryId, Event, ProjectId, Sealed, UnitCode, WorkerId
from kit.errors import Annulled, NotFound, NotKnownYet, Refused


@dataclass(frozen=True)
class CaseOpened(Event):
    TOPIC: ClassVar[str] = "casework.case-opened"
    NAME: ClassVar[str] = "个案接案"
    RULE: ClassVar[str | None] = "R-JX-03"

    case_id: CaseId
    entry_id: EntryId
    place_id: UUID
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    worker_id: WorkerId
    recorder: str | None
    opened_on: date
    problem: Sealed[str]


@dataclass(frozen=True)
class CasePreAssessed(Event):
    TOPIC: ClassVar[str] = "casework.case-pre-assessed"
    NAME: ClassVar[str] = "个案预估"
    RULE: ClassVar[str | None] = "R-JX-03"

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    assessment: Sealed[str]


@dataclass(frozen=True)
class CasePlanMade(Event):
    TOPIC: ClassVar[str] = "casework.case-plan-made"
    NAME: ClassVar[str] = "个案制定计划"
    RULE: ClassVar[str | None] = "R-JX-03"

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    plan: Sealed[str]


@dataclass(frozen=True)
class InterventionRecorded(Event):
    TOPIC: ClassVar[str] = "casework.intervention-recorded"
    NAME: ClassVar[str] = "个案介入"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    record: Sealed[str]


@dataclass(frozen=True)
class CaseEvaluated(Event):
    TOPIC: ClassVar[str] = "casework.case-evaluated"
    NAME: ClassVar[str] = "个案评估"
    RULE: ClassVar[str | None] = "R-JX-03"

    worker_id: WorkerId
    recorder: str | None
    done_on: date
    evaluation: Sealed[str]


@dataclass(frozen=True)
class CaseClosed(Event):
    """`community`, `project_id` and `domain` are repeated so that the fact can be told without the history."""

    TOPIC: ClassVar[str] = "casework.case-closed"
    NAME: ClassVar[str] = "个案结案"
    RULE: ClassVar[str | None] = "R-JX-03"

    case_id: CaseId
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    worker_id: WorkerId
    recorder: str | None
    done_on: date
    closing: Sealed[str]


@dataclass(frozen=True)
class CaseEndedEarly(Event):
    """The case ended without its closure, and claims no stage; `note` is what the worker wrote of it.

    The rest is repeated as in `CaseClosed`.
    """

    TOPIC: ClassVar[str] = "casework.case-ended-early"
    NAME: ClassVar[str] = "个案提前终止"
    RULE: ClassVar[str | None] = "R-JX-03"
    LATE: ClassVar[bool] = True

    case_id: CaseId
    project_id: ProjectId | None
    community: UnitCode
    domain: str
    reason: CaseEndReason
    worker_id: WorkerId
    recorder: str | None
    ended_on: date
    note: Sealed[str]


CaseEvent: TypeAlias = (
    CaseOpened
    | CasePreAssessed
    | CasePlanMade
    | InterventionRecorded
    | CaseEvaluated
    | CaseClosed
    | CaseEndedEarly
    | CaseCorrected
    | CaseNoteCorrected
    | CaseNoteAnnulled
)
BACK = 6
"""So many steps of a case can be taken back one after another."""


@dataclass(frozen=True)
class Reached:
    """How far a case is."""

    stage: Stage | None = None
    planned_on: date | None = None
    not_before: date | None = None
    ended_early: CaseEndedEarly | None = None


@dataclass(frozen=True)
class Case:
    """`not_before` is the day that what comes next may not precede: the last day recorded so far."""

    opened: CaseOpened | None = None
    stage: Stage | None = None
    planned_on: date | None = None
    not_before: date | None = None
    ended_early: CaseEndedEarly | None = None
    back: tuple[Reached, ...] = ()
    """How far it was before each of its last steps, oldest first."""
    annulled: bool = False

    @property
    def reached(self) -> Reached:
        return Reached(self.stage, self.planned_on, self.not_before, self.ended_early)

    @property
    def standing(self) -> CaseStanding:
        if self.annulled:
            return CaseStanding.ANNULLED
        if self.ended_early is not None:
            return CaseStanding.ENDED_EARLY
        return CaseStanding.CLOSED if self.stage is Stage.CLOSURE else CaseStanding.OPEN


class CaseStageOutOfOrder(Refused):
    code = "case-stage-out-of-order"
    name = "个案环节顺序不符"
    rule = "R-JX-03"
    text = (
        "个案已完成“{reached}”，不能办理“{wanted}”。"
        "请按接案、预估、制定计划、介入、评估、结案的顺序办理，新一轮服务请新开个案。"
    )


class CaseHasEnded(Refused):
    code = "case-ended-early"
    name = "个案已提前终止"
    rule = "R-JX-03"
    text = "个案已于 {ended_on} 提前终止（{reason}），不能再办理。需要继续服务的，请新开个案。"


class CaseIsClosed(Refused):
    code = "case-closed"
    name = "个案已结案"
    rule = "R-JX-03"
    text = "个案已结案，不能提前终止。需要继续服务的，请新开个案。"


class StageDayTooEarly(Refused):
    code = "case-stage-day-too-early"
    name = "早于上一个案环节"
    status = 422
    rule = "R-JX-03"
    text = "发生日期 {day} 早于上一环节的日期（{earliest}）。请核对后填写实际发生的日期。"


def open_case(
    case: Case,
    entry: Entry,
    place: Place,
    worker: Worker,
    organisation: Organisation,
    catalogue: Catalogue,
    *,
    case_id: CaseId,
    entry_id: EntryId,
    place_id: UUID,
    domain: str,
    worker_id: WorkerId,
    recorder: Recorder,
    problem: str,
    occurred_on: date,
) -> tuple[Sequence[CaseEvent], Sequence[EntryEvent]]:
    """Takes a registered person on in a declared service domain; the worker is placed, the organisation not frozen."""
    if case.opened is not None:
        raise CaseStageOutOfOrder(reached=_reached(case), wanted=STAGE_NAMES[Stage.INTAKE])
    person = taken_on_here(entry, place, occurred_on)
    by = recorder_taking_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    community = takes_on(place, occurred_on)
    if not organisation.known:
        raise NotKnownYet(what="社工机构登记信息")
    if organisation.frozen:
        raise OrganisationFrozen
    if domain not in catalogue.domains:
        raise DomainNotDeclared(domains=catalogue.domain_names)
    opened = CaseOpened(
        case_id=case_id,
        entry_id=entry_id,
        place_id=place_id,
        project_id=place.project_id,
        community=community,
        domain=domain,
        worker_id=worker_id,
        recorder=by,
        opened_on=occurred_on,
        problem=Sealed(person=person, clear=problem),
    )
    return (opened,), (CaseTakenOn(entry_id, case_id),)


def advance(
    case: Case,
    place: Place,
    worker: Worker,
    *,
    to: Stage,
    worker_id: WorkerId,
    recorder: Recorder,
    text: str,
    occurred_on: date,
) -> Sequence[CaseEvent]:
    """Completes the next stage, or records a further intervention; `text` is what the worker wrote about it."""
    opened = begun(case)
    by = recorder_going_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
    _goes_on(case)
    if to not in following(case.stage):
        raise CaseStageOutOfOrder(reached=_reached(case), wanted=STAGE_NAMES[to])
    # A visit written up later than the next one is late entry, not going back: it need only follow the plan.
    earliest = case.planned_on if to is Stage.INTERVENTION else case.not_before
    if earliest is not None and occurred_on < earliest:
        raise StageDayTooEarly(day=occurred_on, earliest=earliest)
    written = Sealed(person=opened.problem.person, clear=text)
    return (_completed(opened, to, worker_id, by, occurred_on, written),)


def end_early(
    case: Case,
    place: Place,
    worker: Worker,
    *,
    reason: CaseEndReason,
    worker_id: WorkerId,
    recorder: Recorder,
    text: str,
    occurred_on: date,
) -> Sequence[CaseEvent]:
    """Ends a case at whatever stage it is, not before the last one; `text` is what the worker wrote about it."""
    opened = begun(case)
    by = recorder_told(place, worker, recorder, worker_id=worker_id)
    _goes_on(case)
    if case.stage is Stage.CLOSURE:
        raise CaseIsClosed
    if case.not_before is not None and occurred_on < case.not_before:
        raise StageDayTooEarly(day=occurred_on, earliest=case.not_before)
    ended = CaseEndedEarly(
        case_id=opened.case_id,
        project_id=opened.project_id,
        community=opened.community,
        domain=opened.domain,
        reason=reason,
        worker_id=worker_id,
        recorder=by,
        ended_on=occurred_on,
        note=Sealed(person=opened.problem.person, clear=text),
    )
    return (ended,)


def _goes_on(case: Case) -> None:
    if case.annulled:
        raise Annulled
    if case.ended_early is not None:
        ended = case.ended_early
        raise CaseHasEnded(ended_on=ended.ended_on, reason=CASE_END_NAMES[ended.reason])


def begun(case: Case) -> CaseOpened:
    """How a case began, which never changes.  NotFound where none did."""
    if case.opened is None:
        raise NotFound
    return case.opened


def _completed(
    opened: CaseOpened, to: Stage, worker_id: WorkerId, recorder: str | None, done_on: date, text: Sealed[str]
) -> CaseEvent:
    match to:
        case Stage.PRE_ASSESSMENT:
            return CasePreAssessed(worker_id, recorder, done_on, text)
        case Stage.PLANNING:
            return CasePlanMade(worker_id, recorder, done_on, text)
        case Stage.INTERVENTION:
            return InterventionRecorded(worker_id, recorder, done_on, text)
        case Stage.EVALUATION:
            return CaseEvaluated(worker_id, recorder, done_on, text)
        case Stage.CLOSURE:
            facts = (opened.case_id, opened.project_id, opened.community, opened.domain)
            return CaseClosed(*facts, worker_id, recorder, done_on, text)
        case Stage.INTAKE:
            raise AssertionError("a case is taken on by open_case")
        case _:
            assert_never(to)


def _reached(case: Case) -> str:
    return STAGE_NAMES[case.stage] if case.stage else "未接案"


def _step(case: Case, **reached: Any) -> Case:
    return replace(case, **reached, back=(*case.back[1 - BACK :], case.reached))


def evolve(case: Case, event: CaseEvent) -> Case:
    match event:
        case CaseOpened(opened_on=day):
            return Case(opened=event, stage=Stage.INTAKE, not_before=day)
        case CasePreAssessed(done_on=day):
            return _step(case, stage=Stage.PRE_ASSESSMENT, not_before=day)
        case CasePlanMade(done_on=day):
            return _step(case, stage=Stage.PLANNING, planned_on=day, not_before=day)
        case InterventionRecorded(done_on=day):
            return _step(case, stage=Stage.INTERVENTION, not_before=max(day, case.not_before or day))
        case CaseEvaluated(done_on=day):
            return _step(case, stage=Stage.EVALUATION, not_before=day)
        case CaseClosed():
            return _step(case, stage=Stage.CLOSURE)
        case CaseEndedEarly():
            return _step(case, ended_early=event)
        case CaseCorrected(now=domain):
            return replace(case, opened=case.opened and replace(case.opened, domain=domain))
        case CaseNoteCorrected():
            return case
        case CaseNoteAnnulled(standing=CaseStanding.ANNULLED):
            return replace(case, annulled=True)
        case CaseNoteAnnulled():
            *before, last = case.back
            return replace(case, **vars(last), back=tuple(before))
        case _:
            assert_never(event)
