"""Ways out: a case that ends early, a person who leaves the ledger, and one who lives elsewhere from then on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from casework.domain import catalogue as catalogues
from casework.domain import entry as entries
from casework.domain import organisation as organisations
from casework.domain import place as places
from casework.domain import worker as workers
from casework.domain.case import (
    Case,
    CaseHasEnded,
    CaseIsClosed,
    StageDayTooEarly,
    advance,
    end_early,
    evolve,
    open_case,
)
from casework.domain.case_events import CaseClosed, CaseEndedEarly
from casework.domain.catalogue import Catalogue
from casework.domain.entry import (
    CasesStillOpen,
    Entry,
    EntryHasEnded,
    OtherCommunity,
    SameCommunity,
    end,
    move,
    record_visit,
)
from casework.domain.entry_events import EntryEnded, EntryEndReason, EntryMoved, HomeVisitRecorded
from casework.domain.organisation import Organisation
from casework.domain.place import Place, PlaceClosed, PlaceClosureNoted
from casework.domain.recording import NotYourRecord, Recorder, WorkerNotPlaced
from casework.domain.referral import Referral, ReferralKind, refer
from casework.domain.stage import CaseEndReason, Stage
from casework.domain.worker import Worker, WorkerDepartureNoted
from contracts.values import UnitCode
from kit.errors import NotFound, NotKnownYet, NotYourUnit, TooEarly
from kit.testing import Spec

from .histories import (
    CASE,
    CATALOGUE,
    COMMUNITY,
    DAY,
    ENTRY,
    OTHER_PROJECT,
    OWN,
    PROJECT,
    STRANGER,
    UNIT,
    WORKER,
    assessed,
    declared,
    enrolled,
    evaluated,
    intervened,
    noted,
    of,
    opened,
    placed,
    planned,
    sealed,
    started,
)

case = Spec(Case(), evolve)
entry = Spec(Entry(), entries.evolve)
place = Spec(Place(), places.evolve)
worker = Spec(Worker(), workers.evolve)
NEXT = DAY + timedelta(days=1)
LAST = DAY + timedelta(days=9)
BEFORE = DAY - timedelta(days=1)
ELSEWHERE = UnitCode("620102001002")
HERE = place.state(started)
OVER = place.state(started, PlaceClosureNoted(DAY))
THERE_TOO = place.state(replace(started, project_id=OTHER_PROJECT, community=ELSEWHERE))
THERE = worker.state(placed)
GONE = worker.state(placed, WorkerDepartureNoted(WORKER, PROJECT, DAY))
LISTS = Spec(Catalogue(), catalogues.evolve).state(declared)
KNOWN = Spec(Organisation(), organisations.evolve).state(noted)
closed = CaseClosed(CASE, PROJECT, COMMUNITY, "elderly_care", WORKER, None, DAY, sealed("记录"))
STAGES = (opened, assessed, planned, intervened, evaluated)


def ended_early(reason: CaseEndReason = CaseEndReason.DIED, on: date = DAY) -> CaseEndedEarly:
    return CaseEndedEarly(CASE, PROJECT, COMMUNITY, "elderly_care", reason, WORKER, None, on, sealed("记录"))


def left(reason: EntryEndReason = EntryEndReason.DIED, on: date = LAST) -> EntryEnded:
    return EntryEnded(ENTRY, reason, WORKER, None, on)


def moved(on: date = LAST) -> EntryMoved:
    return EntryMoved(ENTRY, OTHER_PROJECT, ELSEWHERE, WORKER, None, on)


END_CASE: dict[str, Any] = {
    "reason": CaseEndReason.DIED,
    "worker_id": WORKER,
    "recorder": OWN,
    "text": "记录",
    "occurred_on": DAY,
}
END: dict[str, Any] = {
    "entry_id": ENTRY,
    "reason": EntryEndReason.DIED,
    "worker_id": WORKER,
    "recorder": OWN,
    "occurred_on": LAST,
}
MOVE: dict[str, Any] = {
    "entry_id": ENTRY,
    "to_place_id": OTHER_PROJECT,
    "worker_id": WORKER,
    "recorder": OWN,
    "occurred_on": LAST,
}
DO: dict[str, Any] = {"worker_id": WORKER, "recorder": OWN, "text": "记录", "occurred_on": LAST}
VISIT: dict[str, Any] = {
    "visit_id": CATALOGUE,
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "worker_id": WORKER,
    "recorder": OWN,
    "findings": "走访情况",
}
OPEN: dict[str, Any] = {
    "case_id": CASE,
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "domain": "elderly_care",
    "worker_id": WORKER,
    "recorder": OWN,
    "problem": "记录",
}
REFER: dict[str, Any] = {
    "referral_id": UUID(int=30),
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "catalogue_id": CATALOGUE,
    "kind": ReferralKind.CIVIL_AFFAIRS,
    "policy": None,
    "worker_id": WORKER,
    "recorder": OWN,
    "reason": "记录",
}


@pytest.mark.parametrize("done", range(1, 6))
@pytest.mark.parametrize("reason", CaseEndReason)
def test_R_JX_03_a_case_ends_early_at_every_stage_and_claims_none(done: int, reason: CaseEndReason) -> None:
    history = STAGES[:done]
    case.given(*history).when(end_early, HERE, THERE, **(END_CASE | {"reason": reason})).then(ended_early(reason))
    assert case.state(*history, ended_early(reason)).stage is case.state(*history).stage


def test_R_JX_03_a_closed_case_does_not_end_early_and_one_that_ended_goes_no_further() -> None:
    case.given(*STAGES, closed).when(end_early, HERE, THERE, **END_CASE).then_refused(CaseIsClosed, "R-JX-03")
    facts = {"ended_on": DAY, "reason": "去世"}
    for done, to in enumerate(list(Stage)[1:], start=1):
        over = case.given(*STAGES[:done], ended_early())
        over.when(advance, HERE, THERE, to=to, **DO).then_refused(CaseHasEnded, "R-JX-03", **facts)
        over.when(end_early, HERE, THERE, **END_CASE).then_refused(CaseHasEnded, "R-JX-03", **facts)


def test_a_case_does_not_end_before_its_last_stage() -> None:
    last = replace(assessed, done_on=NEXT)
    on = {"occurred_on": NEXT}
    case.given(opened, last).when(end_early, HERE, THERE, **(END_CASE | on)).then(ended_early(on=NEXT))
    case.given(opened, last).when(end_early, HERE, THERE, **END_CASE).then_refused(
        StageDayTooEarly, day=DAY, earliest=NEXT
    )
    case.given(opened).when(end_early, HERE, THERE, **(END_CASE | {"occurred_on": BEFORE})).then_refused(
        StageDayTooEarly
    )


def test_nothing_of_nobody_ends_or_moves() -> None:
    case.given().when(end_early, HERE, THERE, **END_CASE).then_refused(NotFound)
    entry.given().when(end, HERE, THERE, 0, **END).then_refused(NotFound)
    entry.given().when(move, HERE, THERE_TOO, THERE, 0, **MOVE).then_refused(NotFound)


def test_what_befell_a_person_is_recorded_by_whoever_works_there_now_whatever_the_day() -> None:
    """It is learnt later, also by a worker who came after."""
    newcomer = worker.state(replace(placed, placed_on=LAST))
    case.given(opened).when(end_early, HERE, newcomer, **END_CASE).then(ended_early())
    entry.given(enrolled).when(end, HERE, newcomer, 0, **(END | {"occurred_on": DAY})).then(left(on=DAY))
    for decide, facts, history, more in (
        (end_early, END_CASE, (opened,), ()),
        (end, END, (enrolled,), (0,)),
    ):
        given = case.given(*history) if decide is end_early else entry.given(*history)
        given.when(decide, HERE, GONE, *more, **facts).then_refused(WorkerNotPlaced)
        given.when(decide, HERE, Worker(), *more, **(facts | {"worker_id": STRANGER})).then_refused(WorkerNotPlaced)
        given.when(decide, Place(), THERE, *more, **facts).then_refused(NotKnownYet)
        foreign = facts | {"recorder": Recorder("sub-1", of(str(STRANGER)), WORKER)}
        given.when(decide, HERE, THERE, *more, **foreign).then_refused(NotYourUnit)
        colleague = facts | {"recorder": Recorder("sub-1", of(UNIT), STRANGER)}
        given.when(decide, HERE, THERE, *more, **colleague).then_refused(NotYourRecord)
        (event,) = given.when(decide, HERE, THERE, *more, **(facts | {"recorder": Recorder("sub-7", of(UNIT))})).events
        assert (event.worker_id, event.recorder) == (WORKER, "sub-7")


def test_who_was_there_when_the_project_closed_records_the_end_afterwards() -> None:
    case.given(opened).when(end_early, OVER, GONE, **END_CASE).then(ended_early())
    entry.given(enrolled).when(end, OVER, GONE, 0, **END).then(left())
    before = worker.state(placed, WorkerDepartureNoted(WORKER, PROJECT, BEFORE))
    entry.given(enrolled).when(end, OVER, before, 0, **END).then_refused(WorkerNotPlaced)


@pytest.mark.parametrize("reason", EntryEndReason)
def test_R_KL_06_a_person_leaves_the_ledger_for_a_reason_and_once(reason: EntryEndReason) -> None:
    entry.given(enrolled).when(end, HERE, THERE, 0, **(END | {"reason": reason})).then(left(reason))
    names = dict(zip(EntryEndReason, ("去世", "迁出本区县", "不再属于服务对象类别", "误登"), strict=True))
    over = entry.given(enrolled, left(reason))
    over.when(end, HERE, THERE, 0, **END).then_refused(EntryHasEnded, "R-KL-06", ended_on=LAST, reason=names[reason])
    over.when(move, HERE, THERE_TOO, THERE, 0, **MOVE).then_refused(EntryHasEnded, "R-KL-06")


def test_nobody_leaves_before_they_were_registered() -> None:
    entry.given(enrolled).when(end, HERE, THERE, 0, **(END | {"occurred_on": DAY})).then(left(on=DAY))
    entry.given(enrolled).when(end, HERE, THERE, 0, **(END | {"occurred_on": BEFORE})).then_refused(
        TooEarly, day=BEFORE, what="建立台账", earliest=DAY
    )


def test_a_visit_after_the_end_is_refused_and_one_of_the_last_day_is_not() -> None:
    visit = HomeVisitRecorded(CATALOGUE, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER, None, findings=sealed("走访情况"))
    over = entry.given(enrolled, left())
    for day in (DAY, LAST):
        over.when(record_visit, HERE, THERE, **VISIT, occurred_on=day).then(visit)
    after = LAST + timedelta(days=1)
    over.when(record_visit, HERE, THERE, **VISIT, occurred_on=after).then_refused(
        EntryHasEnded, "R-KL-06", ended_on=LAST, reason="去世"
    )


def test_whoever_left_is_taken_on_for_nothing_new_on_any_day() -> None:
    over, now = entry.state(enrolled, left()), entry.state(enrolled)
    for day in (DAY, LAST, LAST + timedelta(days=1)):
        opening, referring = OPEN | {"occurred_on": day}, REFER | {"occurred_on": day}
        case.given().when(open_case, over, HERE, THERE, KNOWN, LISTS, **opening).then_refused(EntryHasEnded)
        assert case.given().when(open_case, now, HERE, THERE, KNOWN, LISTS, **opening).events
        Spec(Referral(), lambda state, _: state).given().when(
            refer, over, HERE, THERE, LISTS, **referring
        ).then_refused(EntryHasEnded)
        assert Spec(Referral(), lambda state, _: state).given().when(refer, now, HERE, THERE, LISTS, **referring).events


def test_no_case_stays_open_behind_whoever_leaves() -> None:
    entry.given(enrolled).when(end, HERE, THERE, 1, **END).then_refused(
        CasesStillOpen, "R-JX-03", count=1, what="终止台账"
    )
    entry.given(enrolled).when(move, HERE, THERE_TOO, THERE, 2, **MOVE).then_refused(
        CasesStillOpen, "R-JX-03", count=2, what="变更所属社区"
    )


def test_R_KL_06_a_person_moves_and_belongs_to_the_other_community_only() -> None:
    entry.given(enrolled).when(move, HERE, THERE_TOO, THERE, 0, **MOVE).then(moved())
    there = worker.state(replace(placed, project_id=OTHER_PROJECT))
    gone = entry.given(enrolled, moved())
    gone.when(end, HERE, THERE, 0, **END).then_refused(OtherCommunity, "R-KL-06")
    gone.when(end, THERE_TOO, there, 0, **END).then(left())
    opening = OPEN | {"occurred_on": LAST}
    state = entry.state(enrolled, moved())
    case.given().when(open_case, state, HERE, THERE, KNOWN, LISTS, **opening).then_refused(OtherCommunity)
    assert case.given().when(open_case, state, THERE_TOO, there, KNOWN, LISTS, **opening).events
    early = OPEN | {"occurred_on": LAST - timedelta(days=1)}
    case.given().when(open_case, state, THERE_TOO, there, KNOWN, LISTS, **early).then_refused(OtherCommunity)


def test_R_KL_06_a_visit_belongs_where_the_person_lived_on_its_day() -> None:
    """The day of the move belongs to both."""
    there = worker.state(replace(placed, project_id=OTHER_PROJECT))
    gone = entry.given(enrolled, moved())
    for days, before, after in ((-1, True, False), (0, True, True), (1, False, True)):
        visit = VISIT | {"occurred_on": LAST + timedelta(days=days)}
        for accepted, at, who in ((before, HERE, THERE), (after, THERE_TOO, there)):
            outcome = gone.when(record_visit, at, who, **visit)
            if accepted:
                assert outcome.events
            else:
                outcome.then_refused(OtherCommunity, "R-KL-06")


def test_a_move_is_to_another_community_that_takes_people_on() -> None:
    entry.given(enrolled).when(move, HERE, HERE, THERE, 0, **MOVE).then_refused(SameCommunity, "R-KL-06")
    shut = place.state(replace(started, project_id=OTHER_PROJECT, community=ELSEWHERE), PlaceClosureNoted(LAST))
    entry.given(enrolled).when(move, HERE, shut, THERE, 0, **MOVE).then_refused(PlaceClosed)
    entry.given(enrolled).when(move, HERE, Place(), THERE, 0, **MOVE).then_refused(NotKnownYet)
    entry.given(enrolled).when(move, HERE, THERE_TOO, GONE, 0, **MOVE).then_refused(WorkerNotPlaced)
    began_later = replace(THERE_TOO, began_on=LAST + timedelta(days=1))
    entry.given(enrolled).when(move, HERE, began_later, THERE, 0, **MOVE).then_refused(TooEarly)


def test_moves_go_forward() -> None:
    there = worker.state(replace(placed, project_id=OTHER_PROJECT))
    back = MOVE | {"to_place_id": PROJECT}
    once = entry.given(enrolled, moved())
    once.when(move, THERE_TOO, HERE, there, 0, **back).then(replace(moved(), place_id=PROJECT, community=COMMUNITY))
    early = {"occurred_on": LAST - timedelta(days=1)}
    once.when(move, THERE_TOO, HERE, there, 0, **(back | early)).then_refused(
        TooEarly, day=early["occurred_on"], what="上次变更社区", earliest=LAST
    )
    entry.given(enrolled).when(move, HERE, THERE_TOO, THERE, 0, **(MOVE | {"occurred_on": BEFORE})).then_refused(
        TooEarly, day=BEFORE, what="建立台账", earliest=DAY
    )
