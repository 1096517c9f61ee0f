from datetime import timedelta

from casework.domain import catalogue as catalogues
from casework.domain import entry as entries
from casework.domain import place as places
from casework.domain import worker as workers
from casework.domain.catalogue import Catalogue, PolicyNotDeclared
from casework.domain.entry import Entry
from casework.domain.place import Place
from casework.domain.referral import (
    AlreadyReferred,
    AssistanceOutcomeRecorded,
    AssistanceReferred,
    OutcomeAlreadyRecorded,
    PolicyMissing,
    Referral,
    ReferralKind,
    ReferralOutcome,
    evolve,
    record_outcome,
    refer,
)
from casework.domain.worker import Worker
from contracts.values import ReferralId
from kit.errors import NotFound, TooEarly
from kit.testing import Spec

from .histories import (
    CATALOGUE,
    COMMUNITY,
    CORE,
    DAY,
    ENTRY,
    EXTRA,
    OWN,
    PROJECT,
    WORKER,
    declared,
    enrolled,
    placed,
    sealed,
    started,
)

referral = Spec(Referral(), evolve)
ENTRY_STATE = Spec(Entry(), entries.evolve).state(enrolled)
HERE = Spec(Place(), places.evolve).state(started)
THERE = Spec(Worker(), workers.evolve).state(placed)
LISTS = Spec(Catalogue(), catalogues.evolve).state(declared)
ID = ReferralId(CATALOGUE)
REFER = {
    "referral_id": ID,
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "catalogue_id": CATALOGUE,
    "worker_id": WORKER,
    "recorder": OWN,
    "occurred_on": DAY,
    "reason": "记录",
}


def referred(kind: ReferralKind, policy: str | None) -> AssistanceReferred:
    return AssistanceReferred(
        ID, ENTRY, PROJECT, PROJECT, COMMUNITY, CATALOGUE, kind, policy, WORKER, None, DAY, reason=sealed("记录")
    )


def test_R_LZ_21_a_referral_is_one_of_two_kinds() -> None:
    given = referral.given()
    own, other = ReferralKind
    given.when(refer, ENTRY_STATE, HERE, THERE, LISTS, kind=own, policy=None, **REFER).then(referred(own, None))
    for policy in (CORE[0], EXTRA[0]):
        given.when(refer, ENTRY_STATE, HERE, THERE, LISTS, kind=other, policy=policy, **REFER).then(
            referred(other, policy)
        )


def test_R_LZ_21_another_department_is_applied_to_under_eight_plus_one() -> None:
    kind = ReferralKind.OTHER_DEPARTMENT
    given = referral.given()
    given.when(refer, ENTRY_STATE, HERE, THERE, LISTS, kind=kind, policy=None, **REFER).then_refused(
        PolicyMissing, "R-LZ-21"
    )
    given.when(refer, ENTRY_STATE, HERE, THERE, LISTS, kind=kind, policy="core_9", **REFER).then_refused(
        PolicyNotDeclared, "R-LZ-21"
    )


def test_an_outcome_is_recorded_once_and_not_rewritten() -> None:
    done = AssistanceOutcomeRecorded(ReferralOutcome.GRANTED, WORKER, None)
    history = (referred(ReferralKind.CIVIL_AFFAIRS, None), done)
    arguments = {"worker_id": WORKER, "recorder": OWN, "occurred_on": DAY}
    referral.given(history[0]).when(record_outcome, HERE, THERE, outcome=ReferralOutcome.GRANTED, **arguments).then(
        done
    )
    given = referral.given(*history)
    given.when(record_outcome, HERE, THERE, outcome=ReferralOutcome.GRANTED, **arguments).then_nothing()
    given.when(record_outcome, HERE, THERE, outcome=ReferralOutcome.WITHDRAWN, **arguments).then_refused(
        OutcomeAlreadyRecorded
    )
    referral.given().when(record_outcome, HERE, THERE, outcome=ReferralOutcome.GRANTED, **arguments).then_refused(
        NotFound
    )


def test_a_referral_is_made_once() -> None:
    kind = ReferralKind.CIVIL_AFFAIRS
    referral.given(referred(kind, None)).when(
        refer, ENTRY_STATE, HERE, THERE, LISTS, kind=kind, policy=None, **REFER
    ).then_refused(AlreadyReferred)


def test_no_outcome_is_dated_before_the_referral() -> None:
    made = referral.given(referred(ReferralKind.CIVIL_AFFAIRS, None))
    how = {"outcome": ReferralOutcome.GRANTED, "worker_id": WORKER, "recorder": OWN}
    made.when(record_outcome, HERE, THERE, occurred_on=DAY, **how).then(
        AssistanceOutcomeRecorded(ReferralOutcome.GRANTED, WORKER, None)
    )
    made.when(record_outcome, HERE, THERE, occurred_on=DAY - timedelta(days=1), **how).then_refused(TooEarly)


def test_no_referral_is_dated_before_the_person_was_registered() -> None:
    before = REFER | {"occurred_on": DAY - timedelta(days=1)}
    kind = ReferralKind.CIVIL_AFFAIRS
    referral.given().when(refer, ENTRY_STATE, HERE, THERE, LISTS, kind=kind, policy=None, **before).then_refused(
        TooEarly
    )
