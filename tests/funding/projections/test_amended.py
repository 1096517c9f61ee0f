"""A project that was moved or extended, as its rows show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.funding.domain import histories as h
from tests.funding.domain.test_extension import ENDS, RULES, planned
from tests.funding.projections.test_project import found, project, told
from tests.told import rows

from funding.domain.project import events as e
from funding.domain.terms import Stage
from funding.projections.project.rows import MilestoneRow
from funding.projections.review import PHASES, PhaseRow

NODES = planned()
NOTICE = e.NodeNoticeIssued(h.PROJECT, Stage.CONTRACTED, e.NodeStatus.PENDING)
LATER = tuple(replace(one, due=one.due + timedelta(days=1)) for one in NODES.milestones)
RUN = (*h.RUNNING, NODES, NOTICE)


def test_an_extension_shows_its_days_and_nodes_keep_their_notices() -> None:
    extended = replace(h.extended, ends=ENDS, milestones=LATER)
    history = told(*RUN, extended)
    n = len(RUN)
    before, after = project(history, n - 1), project(history, n)
    assert (before.extended_to, after.extended_to) == (None, ENDS.impl_to)
    assert (after.extended_accept_from, after.extended_accept_to) == (ENDS.accept_from, ENDS.accept_to)
    assert (after.scheme_version, after.stage) == (1, before.stage)
    nodes = {row.code: row for row in found(MilestoneRow, history, n)}
    assert {code: row.due for code, row in nodes.items()} == {one.code: one.due for one in LATER}
    assert nodes[Stage.CONTRACTED].notice is e.NodeStatus.PENDING
    assert len(nodes) == len(RULES)


def test_a_move_shows_the_version_and_what_is_left_of_an_extension() -> None:
    extended = replace(h.extended, ends=ENDS, milestones=LATER)
    for left in (None, ENDS):
        moved = replace(h.moved, extended=left, milestones=NODES.milestones[:1])
        row = project(history := told(*RUN, extended, moved), len(RUN) + 1)
        assert (row.scheme_version, row.extended_to) == (2, left and left.impl_to)
        assert [one.code for one in found(MilestoneRow, history, len(RUN) + 1)] == [NODES.milestones[0].code]


def test_a_report_that_passed_has_passed_and_one_under_way_begins_the_chain_anew() -> None:
    for upto, passed, steps in ((2, (), 0), (3, ("midterm",), 2)):
        history = told(*h.RUNNING, *h.report("midterm")[:upto], replace(h.moved, passed=passed))
        (row,) = (one for one in rows(PHASES, history, date(2023, 1, 1)) if isinstance(one, PhaseRow))
        assert (row.chain_passed, row.steps) == (bool(passed), steps)
