"""Putting right what was recorded of persons and cases, and taking it away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from tests.told import rows

from casework.domain import catalogue as catalogues
from casework.domain import entry as entries
from casework.domain import place as places
from casework.domain import referral as referrals
from casework.domain import worker as workers
from casework.domain.case import Case, advance, evolve
from casework.domain.case_events import CaseClosed
from casework.domain.catalogue import Catalogue, CategoryNotDeclared, DomainNotDeclared, PolicyNotDeclared
from casework.domain.correction import (
    NotTheLastStep,
    annul_note,
    annul_visit,
    correct_case,
    correct_entry,
    correct_note,
    correct_visit,
)
from casework.domain.corrections import (
    CaseCorrected,
    CaseNoteAnnulled,
    CaseNoteCorrected,
    EntryCorrected,
    HomeVisitAnnulled,
    HomeVisitCorrected,
)
from casework.domain.entry import Entry, EntryHasEnded
from casework.domain.entry_events import EntryEnded, EntryEndReason, HomeVisitRecorded
from casework.domain.place import Place
from casework.domain.recording import NotYourRecord, Recorder, WorkerNotPlaced
from casework.domain.referral import (
    Applied,
    AssistanceOutcomeCorrected,
    AssistanceOutcomeRecorded,
    AssistanceReferred,
    PolicyMissing,
    Referral,
    ReferralAnnulled,
    ReferralCorrected,
    ReferralKind,
    ReferralOutcome,
)
from casework.domain.stage import Stage
from casework.domain.worker import Worker, WorkerDepartureNoted
from casework.projections.entry import LEDGER
from contracts.values import CaseStanding, CorrectionReason, ProjectId, ReferralId
from kit.errors import Annulled, NotFound, NotYourUnit, OtherDay
from kit.testing import Spec

from .histories import (
    CASE,
    CATALOGUE,
    COMMUNITY,
    CORE,
    DAY,
    ENTRY,
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
    of,
    opened,
    placed,
    planned,
    sealed,
    started,
    taken_on,
)

case = Spec(Case(), evolve)
entry = Spec(Entry(), entries.evolve)
referral = Spec(Referral(), referrals.evolve)
NEXT = DAY + timedelta(days=1)
HERE = Spec(Place(), places.evolve).state(started)
worker = Spec(Worker(), workers.evolve)
THERE = worker.state(placed)
COLLEAGUE = worker.state(replace(placed, worker_id=STRANGER))
LISTS = Spec(Catalogue(), catalogues.evolve).state(declared)
WHY = CorrectionReason.TYPING_ERROR
PUT: dict[str, Any] = {"recorder": OWN, "reason": WHY, "occurred_on": DAY}
SUPERVISOR = Recorder("sup-1", of(UNIT))
VISIT = UUID(int=50)
visit = HomeVisitRecorded(VISIT, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER, None, sealed("走访"))
closed = CaseClosed(CASE, PROJECT, COMMUNITY, "elderly_care", WORKER, None, DAY, sealed("记录"))
left = EntryEnded(ENTRY, EntryEndReason.DIED, WORKER, None, NEXT)


def said(*told: Any, on: date = DAY) -> list[tuple[UUID, date, Any]]:
    """Each event under the id of its place."""
    return [(UUID(int=n), *(one if isinstance(one, tuple) else (on, one))) for n, one in enumerate(told, start=1)]


def whoever_may_not(ask: Any, by: dict[str, Any]) -> None:
    """`ask(**by)` for a worker of another organisation, and a colleague who is not the worker of the record."""
    ask(**(by | {"recorder": Recorder("sub-1", of(str(STRANGER)), WORKER)})).then_refused(NotYourUnit)
    ask(**(by | {"recorder": Recorder("sub-1", of(UNIT), STRANGER)})).then_refused(NotYourRecord)


def test_R_KL_05_who_somebody_is_is_put_right_as_it_may_be_recorded() -> None:
    none = {"categories": None, "name": None, "id_number": None, "address": None}
    past = said(enrolled)

    def ask(history: Sequence[Any] = (enrolled,), told: Any = past, **by: Any) -> Any:
        return entry.given(*history).when(correct_entry, told, HERE, THERE, LISTS, **(PUT | none | by))

    what = (ENTRY, ("disabled",))
    right = EntryCorrected(*what, ("disabled",), sealed("演示对象甲02"), None, None, WHY, WORKER, None)
    ask(name="演示对象甲02").then(right)
    ask(told=said(enrolled, right), name="演示对象甲02").then_nothing()
    (event,) = ask(told=said(enrolled, right), name="演示对象甲01").events
    assert event.name.clear == "演示对象甲01", "what was put right is put right again"
    (event,) = ask(categories=("migrant_worker_family", "disabled", "disabled")).events
    assert (event.was, event.now) == (("disabled",), ("disabled", "migrant_worker_family"))
    ask(categories=("tourist",)).then_refused(CategoryNotDeclared)
    (event,) = ask(id_number="1", address="甲路", recorder=SUPERVISOR).events
    assert (event.id_number.clear, event.address.clear, event.recorder) == ("1", "甲路", "sup-1")
    ask((enrolled, left), id_number="1").then_refused(EntryHasEnded, "R-KL-06")
    ask((enrolled, left), name="演示对象甲02").then(right)
    ask(name="演示对象甲02", occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    ask().then_nothing()
    whoever_may_not(ask, {"name": "演示对象甲02"})


def test_R_KL_07_a_visit_is_put_right_as_it_may_be_recorded() -> None:
    past = said(enrolled, visit)
    none = {"visit_id": VISIT, "worker_id": None, "findings": None}

    def ask(told: Any = past, other: Worker = THERE, **by: Any) -> Any:
        return entry.given(enrolled, visit).when(correct_visit, told, HERE, THERE, other, **(PUT | none | by))

    what = (VISIT, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER)
    right = HomeVisitCorrected(*what, WORKER, sealed("走访更正"), WHY, None)
    ask(findings="走访更正").then(right)
    ask(told=said(enrolled, visit, right), findings="走访更正").then_nothing()
    ask(findings="走访").then_nothing()
    other = ask(other=COLLEAGUE, worker_id=STRANGER, recorder=SUPERVISOR)
    other.then(HomeVisitCorrected(*what, STRANGER, None, WHY, "sup-1"))
    ask(other=COLLEAGUE, worker_id=STRANGER).then_refused(NotYourRecord)
    gone = worker.state(replace(placed, worker_id=STRANGER), WorkerDepartureNoted(STRANGER, PROJECT, DAY))
    ask(other=gone, worker_id=STRANGER, recorder=SUPERVISOR).then_refused(WorkerNotPlaced)
    ask(visit_id=UUID(int=51), findings="走访更正").then_refused(NotFound)
    ask(findings="走访更正", occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    away = HomeVisitAnnulled(*what, None, None, elsewhere=False, reason=WHY, recorder=None)
    ask(told=said(enrolled, visit, away), findings="走访更正").then_refused(Annulled)
    whoever_may_not(ask, {"findings": "走访更正"})


def test_a_visit_is_taken_away_once() -> None:
    past = said(enrolled, visit)

    def ask(told: Any = past, **by: Any) -> Any:
        return entry.given(enrolled, visit).when(annul_visit, told, HERE, THERE, **(PUT | {"visit_id": VISIT} | by))

    what = (VISIT, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER)
    away = HomeVisitAnnulled(*what, None, None, elsewhere=False, reason=WHY, recorder=None)
    ask().then(away)
    ask(told=said(enrolled, visit, away)).then_nothing()
    ask(visit_id=UUID(int=51)).then_refused(NotFound)
    ask(occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    whoever_may_not(ask, {})


@pytest.mark.parametrize("days", list(product(range(3), repeat=3)))
@pytest.mark.parametrize("which", range(3))
def test_R_KL_07_without_a_visit_the_rows_of_every_day_are_as_if_it_had_never_been(days: Any, which: int) -> None:
    """Visits on any days in any order, at two places; one of them is taken away, and one is entered after that."""

    def paid(n: int, place: UUID = PROJECT) -> HomeVisitRecorded:
        return replace(visit, visit_id=UUID(int=60 + n), place_id=place)

    ledger: list[tuple[date, Any]] = [(DAY, enrolled)]
    ledger += [(DAY + timedelta(days=n), paid(at, UUID(int=70) if at == 2 else PROJECT)) for at, n in enumerate(days)]
    on, gone = ledger[which + 1]
    assert isinstance(gone, HomeVisitRecorded)
    ask = PUT | {"visit_id": gone.visit_id, "occurred_on": on, "recorder": SUPERVISOR}
    there = replace(HERE, place_id=gone.place_id, project_id=ProjectId(gone.place_id))
    who = worker.state(replace(placed, project_id=ProjectId(gone.place_id)))
    (away,) = entry.given(enrolled).when(annul_visit, said(*ledger), there, who, **ask).events
    late = (NEXT, paid(9))
    told, expected = [*ledger, (on, away), late], [one for one in [*ledger, late] if one[1] is not gone]
    for n in range(5):
        day = DAY + timedelta(days=n)
        found = [sorted(map(repr, rows(LEDGER, history, day))) for history in (told, expected)]
        assert found[0] == found[1], (n, days)


STEPS = (opened, assessed, planned, intervened, evaluated, closed)


def test_R_LZ_19_a_case_is_put_into_the_right_domain() -> None:
    def ask(history: Sequence[Any] = (opened,), **by: Any) -> Any:
        return case.given(*history).when(correct_case, HERE, THERE, LISTS, **(PUT | {"domain": "child_welfare"} | by))

    what = (CASE, PROJECT, COMMUNITY, "elderly_care", "child_welfare")
    right = CaseCorrected(*what, CaseStanding.OPEN, WHY, WORKER, None)
    ask().then(right)
    ask((opened, right)).then_nothing()
    (event,) = ask(STEPS).events
    assert event.standing is CaseStanding.CLOSED
    ask(domain="tourism").then_refused(DomainNotDeclared, "R-LZ-19")
    ask(occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    ask(()).then_refused(NotFound)
    whoever_may_not(ask, {})


def test_R_JX_03_what_was_written_at_a_stage_is_put_right() -> None:
    def ask(told: Any, **by: Any) -> Any:
        what = {"note": UUID(int=2), "text": "更正"}
        return case.given(opened, assessed).when(correct_note, told, HERE, THERE, **(PUT | what | by))

    past = said(opened, assessed)
    right = CaseNoteCorrected(UUID(int=2), sealed("更正"), WHY, WORKER, None)
    ask(past).then(right)
    ask(said(opened, assessed, right)).then_nothing()
    ask(past, text="记录").then_nothing()
    ask(past, note=UUID(int=9)).then_refused(NotFound)
    ask(past, occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    away = CaseNoteAnnulled(UUID(int=2), CASE, PROJECT, COMMUNITY, "x", CaseStanding.OPEN, WHY, WORKER, None)
    ask(said(opened, assessed, away)).then_refused(Annulled)
    whoever_may_not(ask, {"told": past})


def test_R_JX_03_the_last_step_is_taken_back_until_nothing_is_left_of_the_case() -> None:
    here = entry.state(enrolled, taken_on)
    history: list[Any] = list(STEPS)
    for n in range(len(STEPS), 0, -1):
        before = case.state(*history)
        ask = PUT | {"note": UUID(int=n)}
        if n > 1:
            earlier = PUT | {"note": UUID(int=n - 1)}
            case.given(*history).when(annul_note, here, said(*history), HERE, THERE, **earlier).then_refused(
                NotTheLastStep, "R-JX-03"
            )
        outcome = case.given(*history).when(annul_note, here, said(*history), HERE, THERE, **ask)
        assert outcome.refused is None
        (away,), again = outcome.events
        assert [type(one) for one in again] == ([type(taken_on)] if before.standing is CaseStanding.CLOSED else [])
        history.append(away)
        case.given(*history).when(annul_note, here, said(*history), HERE, THERE, **ask).then_nothing()
        assert replace(case.state(*history), annulled=False) == case.state(*STEPS[: max(n - 1, 1)])
    assert case.state(*history).standing is CaseStanding.ANNULLED
    going_on = {"worker_id": WORKER, "recorder": OWN, "text": "记录", "occurred_on": DAY, "to": Stage.PRE_ASSESSMENT}
    case.given(*history).when(advance, HERE, THERE, **going_on).then_refused(Annulled)
    domain = PUT | {"domain": "child_welfare"}
    case.given(*history).when(correct_case, HERE, THERE, LISTS, **domain).then_refused(Annulled)


def test_R_JX_03_no_case_is_open_again_behind_whoever_left() -> None:
    ask = PUT | {"note": UUID(int=6)}
    gone = entry.state(enrolled, left)
    case.given(*STEPS).when(annul_note, gone, said(*STEPS), HERE, THERE, **ask).then_refused(EntryHasEnded)
    assert (
        case.given(*STEPS[:2])
        .when(annul_note, gone, said(*STEPS[:2]), HERE, THERE, **(PUT | {"note": UUID(int=2)}))
        .events
    )
    whoever_may_not(
        lambda **by: case.given(*STEPS).when(annul_note, entry.state(enrolled), said(*STEPS), HERE, THERE, **by), ask
    )
    other = ask | {"occurred_on": NEXT}
    case.given(*STEPS).when(annul_note, entry.state(enrolled), said(*STEPS), HERE, THERE, **other).then_refused(
        OtherDay, recorded=DAY
    )


REFERRAL = ReferralId(UUID(int=30))
referred = AssistanceReferred(
    REFERRAL, ENTRY, PROJECT, PROJECT, COMMUNITY, CATALOGUE, ReferralKind.CIVIL_AFFAIRS, None, WORKER, None, DAY,
    sealed("记录"),
)  # fmt: skip
granted = AssistanceOutcomeRecorded(ReferralOutcome.GRANTED, WORKER, None)


def test_R_LZ_21_a_referral_is_put_right_as_it_may_be_made_and_taken_away() -> None:
    none = {"kind": None, "policy": None, "text": None}

    def ask(history: Sequence[Any] = (referred,), **by: Any) -> Any:
        given = referral.given(*history)
        return given.when(referrals.correct, said(*history), HERE, THERE, LISTS, **(PUT | none | by))

    other = {"kind": ReferralKind.OTHER_DEPARTMENT}
    was, now = Applied(ReferralKind.CIVIL_AFFAIRS, None), Applied(ReferralKind.OTHER_DEPARTMENT, CORE[0])
    right = ReferralCorrected(REFERRAL, was, now, sealed("更正"), WHY, WORKER, None)
    ask(**other, policy=CORE[0], text="更正").then(right)
    ask((referred, right), **other, policy=CORE[0], text="更正").then_nothing()
    ask(**other).then_refused(PolicyMissing, "R-LZ-21")
    ask(policy="no").then_refused(PolicyNotDeclared)
    ask(text="更正", occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    whoever_may_not(ask, {"text": "更正"})

    def annul(history: Sequence[Any] = (referred,), **by: Any) -> Any:
        return referral.given(*history).when(referrals.annul, HERE, THERE, **(PUT | by))

    away = ReferralAnnulled(REFERRAL, WHY, WORKER, None)
    annul().then(away)
    annul((referred, away)).then_nothing()
    annul(occurred_on=NEXT).then_refused(OtherDay, recorded=DAY)
    annul(()).then_refused(NotFound)
    ask((referred, away), text="更正").then_refused(Annulled)
    decided = {"outcome": ReferralOutcome.GRANTED, "worker_id": WORKER, "recorder": OWN, "occurred_on": DAY}
    referral.given(referred, away).when(referrals.record_outcome, HERE, THERE, **decided).then_refused(Annulled)
    whoever_may_not(annul, {})


def test_R_LZ_21_an_outcome_is_put_right_on_its_day() -> None:
    def ask(*history: Any, **by: Any) -> Any:
        given, what = referral.given(*(one[1] for one in history)), {"outcome": ReferralOutcome.NOT_GRANTED}
        return given.when(referrals.correct_outcome, said(*history), HERE, THERE, **(PUT | what | by))

    history = ((DAY, referred), (NEXT, granted))
    what = (ReferralOutcome.GRANTED, ReferralOutcome.NOT_GRANTED)
    right = AssistanceOutcomeCorrected(*what, WHY, WORKER, None)
    ask(*history, occurred_on=NEXT).then(right)
    ask(*history, (NEXT, right), occurred_on=NEXT).then_nothing()
    ask(*history).then_refused(OtherDay, recorded=NEXT)
    ask(history[0]).then_refused(NotFound)
    away = ReferralAnnulled(REFERRAL, WHY, WORKER, None)
    ask(*history, (DAY, away), occurred_on=NEXT).then_refused(Annulled)
    whoever_may_not(lambda **by: ask(*history, **by), {"occurred_on": NEXT})
