"""A project ends on another day: postings and locks run to it (R-LZ-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.registry.domain.staff import (
    DECLARED,
    FROM,
    OTHER_PROJECT,
    PROJECT,
    TEAM,
    TO,
    A,
    B,
    C,
    locked,
    posting,
    verified,
)

from contracts.values import WorkerId
from kit.testing import Spec
from registry.domain import worker as workers
from registry.domain.posting import Departure, Ending, LockedMinimum, PostingEnded, PostingTermChanged, leave
from registry.domain.staffing import change_term, end_posting
from registry.domain.worker import Worker, WorkerAssigned, WorkerLocked, WorkerReleased

LATER = date(2023, 12, 26)
changed = PostingTermChanged(PROJECT, FROM, LATER)
RUNS = (verified, locked)


def team(*of_a: Any) -> Mapping[WorkerId, Worker]:
    """The three, assigned; the first with something of his own."""
    mine = {w: (WorkerAssigned(w, PROJECT, FROM, TO), *(of_a if w == A else ())) for w in (A, B, C)}
    return {w: Spec(TEAM[w], workers.evolve).state(*mine[w]) for w in mine}


def test_R_LZ_12_a_lock_runs_to_the_new_end() -> None:
    events, per_worker = change_term(posting.state(*RUNS), team(), from_day=FROM, to_day=LATER)
    assert events == (changed,)
    assert per_worker == {w: (WorkerLocked(w, PROJECT, FROM, LATER),) for w in (A, B, C)}
    longer = posting.state(*RUNS, changed)
    assert longer.lock is not None
    assert (longer.lock.from_day, longer.lock.to_day) == (FROM, LATER)


def test_R_LZ_12_a_lock_that_has_begun_goes_on_from_its_own_day() -> None:
    """A version with another first day does not begin again what has begun."""
    other = FROM + timedelta(days=7)
    events, _ = change_term(posting.state(*RUNS), team(), from_day=other, to_day=LATER)
    assert events == (changed,)
    ahead, assigned = change_term(posting.state(verified), team(), from_day=other, to_day=LATER)
    assert ahead == (PostingTermChanged(PROJECT, other, LATER),)
    assert assigned == {w: (WorkerAssigned(w, PROJECT, other, LATER),) for w in (A, B, C)}
    rule = posting.state(verified, *ahead).declaration
    assert rule == replace(DECLARED, rule=replace(DECLARED.rule, lock_from=other, lock_to=LATER))


def test_R_LZ_12_between_the_old_end_and_the_new_a_starter_is_bound() -> None:
    ask: dict[str, Any] = {"worker_id": A, "departure": Departure.REQUEST, "occurred_on": TO + timedelta(days=1)}
    gone = leave(posting.state(*RUNS), worker_id=C, departure=Departure.REQUEST, occurred_on=TO)
    assert leave(posting.state(*RUNS, *gone), **ask)
    with pytest.raises(LockedMinimum) as refused:
        leave(posting.state(*RUNS, changed, *gone), **ask)
    assert str(LATER) in refused.value.detail
    assert leave(posting.state(*RUNS, changed, *gone), **{**ask, "occurred_on": LATER + timedelta(days=1)})


def test_R_LZ_12_a_closed_project_frees_nobody_before_the_new_end() -> None:
    _, freed = end_posting(
        posting.state(*RUNS, changed), team(), cause=Ending.PROJECT_CLOSED, occurred_on=TO + timedelta(days=1)
    )
    assert freed[B] == (WorkerReleased(B, PROJECT, LATER + timedelta(days=1)),)


def test_who_is_promised_elsewhere_from_a_day_after_the_old_end_keeps_the_old_end() -> None:
    there = WorkerAssigned(A, OTHER_PROJECT, TO + timedelta(days=1), LATER)
    _, per_worker = change_term(posting.state(*RUNS), team(there), from_day=FROM, to_day=LATER)
    assert set(per_worker) == {B, C}
    beyond = WorkerAssigned(A, OTHER_PROJECT, LATER + timedelta(days=1), LATER + timedelta(days=9))
    _, all_of_them = change_term(posting.state(*RUNS), team(beyond), from_day=FROM, to_day=LATER)
    assert set(all_of_them) == {A, B, C}


@pytest.mark.parametrize(
    "history", [(), (*RUNS, PostingEnded(PROJECT, Ending.ASSIGNMENT_ENDED)), (*RUNS, changed)], ids=str
)
def test_where_nobody_is_posted_or_the_day_is_the_same_nothing_changes(history: Any) -> None:
    assert change_term(posting.state(*history), team(), from_day=FROM, to_day=LATER) == ((), {})
