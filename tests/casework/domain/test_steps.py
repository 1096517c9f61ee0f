"""What actions of a case allow the command accepts, and what they deny it refuses so: over histories, callers, days."""

from datetime import date, timedelta
from typing import Any

import pytest

from casework.domain import case as c
from casework.domain import catalogue as catalogues
from casework.domain import place as places
from casework.domain import referral as r
from casework.domain import worker as workers
from casework.domain.case import STEPS, Case, Situation
from casework.domain.case_events import CaseClosed, CaseEndedEarly
from casework.domain.catalogue import Catalogue
from casework.domain.correction import correct_case
from casework.domain.corrections import CaseNoteAnnulled
from casework.domain.place import Place, PlaceClosureNoted
from casework.domain.recording import Recorder
from casework.domain.referral import ReferralAnnulled
from casework.domain.stage import CaseEndReason, Stage
from casework.domain.worker import Worker, WorkerDepartureNoted
from casework.policy import POLICY
from contracts.values import CaseStanding, CorrectionReason
from kit.errors import Refused
from kit.steps import next_actions
from kit.testing import Spec

from .histories import (
    CASE,
    COMMUNITY,
    DAY,
    OWN,
    PROJECT,
    STRANGER,
    UNIT,
    WORKER,
    assessed,
    declared,
    evaluated,
    intervened,
    of,
    opened,
    placed,
    planned,
    sealed,
    started,
)
from .test_correction import REFERRAL, granted, referred

WHAT = (CASE, PROJECT, COMMUNITY, "elderly_care")
closed = CaseClosed(*WHAT, WORKER, None, DAY, sealed("记录"))
ended = CaseEndedEarly(*WHAT, CaseEndReason.DIED, WORKER, None, DAY, sealed("记录"))
SIX = (opened, assessed, planned, intervened, evaluated, closed)


def back(standing: CaseStanding) -> CaseNoteAnnulled:
    return CaseNoteAnnulled(CASE, *WHAT, standing, CorrectionReason.NOT_SO, WORKER, None)


HISTORIES: dict[str, tuple[Any, ...]] = {
    **{stage.value: SIX[:n] for n, stage in enumerate(Stage, start=1)},
    "ended early": (opened, assessed, ended),
    "not ended after all": (opened, assessed, ended, back(CaseStanding.OPEN)),
    "open again": (*SIX, back(CaseStanding.OPEN)),
    "annulled": (opened, back(CaseStanding.ANNULLED)),
}
WHO = {
    "the worker": OWN,
    "a colleague": Recorder("sub-2", of(UNIT), STRANGER),
    "the worker for another": Recorder("sub-1", of(str(STRANGER)), WORKER),
}
place, worker = Spec(Place(), places.evolve), Spec(Worker(), workers.evolve)
WHERE = {
    "there": (place.state(started), worker.state(placed)),
    "gone": (place.state(started), worker.state(placed, WorkerDepartureNoted(WORKER, PROJECT, DAY))),
    "over": (
        place.state(started, PlaceClosureNoted(DAY)),
        worker.state(placed, WorkerDepartureNoted(WORKER, PROJECT, DAY)),
    ),
}
LISTS = Spec(Catalogue(), catalogues.evolve).state(declared)
PAYLOADS = {"not-the-day-of-the-record"}
"""What a command may be refused for by its own day, where the step as such may be taken."""


def tried(s: Situation, act: str, of: str) -> None:
    by: dict[str, Any] = {"recorder": s.recorder, "occurred_on": s.day}
    on = by | {"worker_id": s.worker_id, "text": "记录"}
    match act:
        case "advance-case":
            c.advance(s.case, s.place, s.worker, to=Stage(of), **on)
        case "end-case":
            c.end_early(s.case, s.place, s.worker, reason=CaseEndReason.DIED, **on)
        case "correct-case":
            what = by | {"domain": "child_welfare", "reason": CorrectionReason.TYPING_ERROR}
            correct_case(s.case, s.place, s.author, LISTS, **what)
        case _:
            raise AssertionError(act)


def test_every_step_is_an_action_of_the_policy() -> None:
    assert {step.act for step in STEPS} <= set(POLICY)


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("history", HISTORIES)
def test_what_actions_allow_the_command_accepts_and_what_they_deny_it_refuses_so(
    history: str, who: str, where: str, days: int
) -> None:
    state = Spec(Case(), c.evolve).state(*HISTORIES[history])
    here, own = WHERE[where]
    day: date = DAY + timedelta(days=days)
    s = Situation(state, here, WHO[who], day, own, WHO[who].worker, worker.state(placed))
    for one in next_actions(STEPS, s, {step.act for step in STEPS}):
        try:
            tried(s, one.act, one.of)
            refused = None
        except Refused as error:
            refused = error
        if one.refusal is not None:
            assert refused is not None, f"{one.act} {one.of}: denied with {one.refusal}, and done"
            assert refused.code == one.refusal.code, f"{one.act} {one.of}"
        elif refused is not None:
            assert refused.code in PAYLOADS, f"{one.act} {one.of}: allowed, and refused with {refused.code}"


REFERRED = {
    "referred": (referred,),
    "decided": (referred, granted),
    "annulled": (referred, ReferralAnnulled(REFERRAL, CorrectionReason.NOT_SO, WORKER, None)),
}


def asked(s: r.Situation, act: str) -> None:
    by: dict[str, Any] = {"recorder": s.recorder, "occurred_on": s.day}
    why = by | {"reason": CorrectionReason.TYPING_ERROR}
    match act:
        case "record-assistance-outcome":
            on = by | {"worker_id": s.worker_id, "outcome": r.ReferralOutcome.GRANTED}
            r.record_outcome(s.referral, s.place, s.worker, **on)
        case "correct-referral":
            what = why | {"kind": None, "policy": None, "text": "更正"}
            r.correct(s.referral, [(CASE, DAY, referred)], s.place, s.author, LISTS, **what)
        case "annul-referral":
            r.annul(s.referral, s.place, s.author, **why)
        case _:
            raise AssertionError(act)


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("history", REFERRED)
def test_what_actions_of_a_referral_allow_the_command_accepts_and_what_they_deny_it_refuses_so(
    history: str, who: str, where: str, days: int
) -> None:
    state = Spec(r.Referral(), r.evolve).state(*REFERRED[history])
    here, own = WHERE[where]
    s = r.Situation(state, here, WHO[who], DAY + timedelta(days=days), own, WHO[who].worker, worker.state(placed))
    told = next_actions(r.STEPS, s, {step.act for step in r.STEPS})
    assert {one.act: one.name for one in told}.items() <= {act: rule.name for act, rule in POLICY.items()}.items()
    for one in told:
        try:
            asked(s, one.act)
            refused = None
        except Refused as error:
            refused = error
        if one.refusal is not None:
            assert refused is not None, f"{one.act}: denied with {one.refusal}, and done"
            assert refused.code == one.refusal.code, one.act
        elif refused is not None:
            assert refused.code in PAYLOADS, f"{one.act}: allowed, and refused with {refused.code}"


@pytest.mark.parametrize(
    ("history", "ahead"),
    [
        ("intake", ["pre_assessment", "planning", "intervention", "evaluation", "closure"]),
        ("intervention", ["intervention", "evaluation", "closure"]),
        ("evaluation", ["closure"]),
        ("closure", []),
    ],
)
def test_R_JX_03_the_stages_ahead_are_told_and_the_next_is_allowed(history: str, ahead: list[str]) -> None:
    here, own = WHERE["there"]
    s = Situation(Spec(Case(), c.evolve).state(*HISTORIES[history]), here, OWN, DAY, own, WORKER, own)
    told = next_actions(STEPS, s, {"advance-case"})
    assert [one.of for one in told] == ahead
    allowed = [one.of for one in told if one.refusal is None]
    assert allowed == (ahead[:2] if history == "intervention" else ahead[:1])
