"""The walk of a project that its payer may extend, and move to a version with a phase more, in any state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from funding.domain.project import amend
from funding.domain.project.situation import Act, Actor, Situation

from . import histories as h
from . import test_walk as walk
from .test_steps import COMMANDS
from .test_walk import Graph, walked

LATE = date(2024, 1, 10)
WALKED = {Act.SUSPEND, Act.FAIL_ACCEPTANCE, Act.RECTIFY, Act.WITHDRAW_ACCEPTANCE, Act.FAIL_PURCHASE}
"""What the other walk walks, and no version changes."""


def to_the_second(s: Situation, actor: Actor, _: str) -> Any:
    return amend.move(
        s.project, walk.SCHEME, version=2, document=h.PAPER, reason="better_plan", actor=actor, occurred_on=s.day
    )


@pytest.fixture(scope="module")
def graph() -> Graph:
    """One assignment deep; the second day lies after the term that was extended."""
    with pytest.MonkeyPatch.context() as patch:
        later = replace(walk.TERMS, title="修订", phases=h.TERMS.phases, effective_from=LATE)
        patch.setattr(walk, "SCHEME", replace(h.SCHEME, versions=(walk.TERMS, later)))
        patch.setattr(walk, "DAYS", (h.MIDTERM, LATE))
        patch.setattr(walk, "MOST", 1)
        patch.setattr(walk, "ASIDE", (walk.ASIDE | WALKED) - {Act.MOVE, Act.EXTEND})
        patch.setitem(COMMANDS, Act.MOVE, to_the_second)
        return walked()


def test_moved_or_extended_it_is_got_out_of_and_closed_well(graph: Graph) -> None:
    kinds = {(s.project.version, s.project.extended is not None) for s in graph.states.values()}
    assert kinds == {(None, False), (1, False), (1, True), (2, False), (2, True)}
    assert graph.stuck() == []
    well = graph.reaching(lambda state: state.project.closed)
    lost = [s for key, s in graph.states.items() if key not in well and not s.project.over and not s.project.former]
    assert lost == []


def test_nothing_is_rated_within_its_own_term_or_with_a_phase_of_its_version_open(graph: Graph) -> None:
    rated = [s for s in graph.states.values() if s.project.assignment and s.project.assignment.rated]
    assert {s.project.version for s in rated} == {1, 2}
    for state in rated:
        owed = {"midterm", "final"} if state.project.version == 2 else {"final"}
        assert state.project.assigned.phases_closed >= owed
        assert state.day == 1
