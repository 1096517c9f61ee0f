"""A case (个案): six stages in a fixed order, or an early end.  What is written about the person is sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, assert_never
from uuid import UUID

from casework.domain.case_events import (
    CaseClosed,
    CaseEndedEarly,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
)
from casework.domain.catalogue import Catalogue, DomainNotDeclared
from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled, CaseNoteCorrected
from casework.domain.entry import Entry, taken_on_here
from casework.domain.entry_events import CaseTakenOn, EntryEvent
from casework.domain.organisation import Organisation, OrganisationFrozen
from casework.domain.place import Place, takes_on
from casework.domain.recording import (
    Recorder,
    recorder_correcting,
    recorder_going_on,
    recorder_taking_on,
    recorder_told,
)
from casework.domain.stage import CASE_END_NAMES, STAGE_NAMES, CaseEndReason, Stage, following
from casework.domain.worker import Worker
from contracts.values import CaseId, CaseStanding, EntryId, Sealed, WorkerId
from kit.errors import Annulled, NotFound, NotKnownYet, Refused
from kit.steps import Step, require

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


@dataclass(frozen=True)
class Situation:
    """All that the steps of a case ask about, on a day.

    `worker` is whom the record would be of, where that is known (`worker_id`), and `author` who took the case on.
    """

    case: Case
    place: Place
    recorder: Recorder
    day: date
    worker: Worker = field(default_factory=Worker)
    worker_id: WorkerId | None = None
    author: Worker = field(default_factory=Worker)


def _begun(s: Situation, _: str) -> None:
    begun(s.case)


def _going_on(s: Situation, _: str) -> None:
    if s.worker_id is not None:
        recorder_going_on(s.place, s.worker, s.recorder, worker_id=s.worker_id, occurred_on=s.day)


def _told(s: Situation, _: str) -> None:
    if s.worker_id is not None:
        recorder_told(s.place, s.worker, s.recorder, worker_id=s.worker_id)


def _lasting(s: Situation, _: str) -> None:
    _kept(s, _)
    if s.case.ended_early is not None:
        ended = s.case.ended_early
        raise CaseHasEnded(ended_on=ended.ended_on, reason=CASE_END_NAMES[ended.reason])


def _kept(s: Situation, _: str) -> None:
    if s.case.annulled:
        raise Annulled


def _in_order(s: Situation, to: str) -> None:
    if Stage(to) not in following(s.case.stage):
        raise CaseStageOutOfOrder(reached=_reached(s.case), wanted=STAGE_NAMES[Stage(to)])


def _since_last(s: Situation, to: str) -> None:
    # A visit written up later than the next one is late entry, not going back: it need only follow the plan.
    earliest = s.case.planned_on if to == Stage.INTERVENTION else s.case.not_before
    if earliest is not None and s.day < earliest:
        raise StageDayTooEarly(day=s.day, earliest=earliest)


def _not_closed(s: Situation, _: str) -> None:
    if s.case.stage is Stage.CLOSURE:
        raise CaseIsClosed


def _by_author(s: Situation, _: str) -> None:
    opened = begun(s.case)
    recorder_correcting(s.place, s.author, s.recorder, worker_id=opened.worker_id, recorded_on=opened.opened_on)


def _past(stage: Stage) -> Callable[[Situation, str], bool]:
    """Whether a case has left a stage behind; interventions go on until the evaluation."""
    order = list(Stage)

    def past(s: Situation, _: str) -> bool:
        reached = order.index(s.case.stage) if s.case.stage else -1
        return reached > order.index(stage) or (reached == order.index(stage) and stage is not Stage.INTERVENTION)

    return past


ADVANCE: Mapping[Stage, Step[Situation]] = {
    to: Step(
        "advance-case",
        STAGE_NAMES[to],
        (_begun, _going_on, _lasting, _in_order, _since_last),
        done=_past(to),
        of=lambda _, to=to: (to.value,),  # type: ignore[misc]
        door=door,
    )
    for to, door in zip(Stage, ("open-case", "pre-assess", "plan", "intervene", "evaluate", "close"), strict=True)
}
END = Step(
    "end-case",
    "提前终止个案",
    (_begun, _told, _lasting, _not_closed, _since_last),
    done=lambda s, _: s.case.ended_early is not None,
)
CORRECT = Step("correct-case", "更正个案服务领域", (_begun, _by_author, _kept))
STEPS = (*(step for to, step in ADVANCE.items() if to is not Stage.INTAKE), END, CORRECT)
"""What guards the commands, and tells people."""


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
    require(ADVANCE[to], Situation(case, place, recorder, occurred_on, worker, worker_id), to)
    opened = begun(case)
    by = recorder_going_on(place, worker, recorder, worker_id=worker_id, occurred_on=occurred_on)
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
    require(END, Situation(case, place, recorder, occurred_on, worker, worker_id))
    opened = begun(case)
    by = recorder_told(place, worker, recorder, worker_id=worker_id)
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
