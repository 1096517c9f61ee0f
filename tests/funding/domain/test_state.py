"""Where each step of the plan leaves a project."""

from collections.abc import Sequence
from typing import Any

import pytest

from funding.domain.project import events as e
from funding.domain.project.absent import NoSuchProject
from funding.domain.project.stage import stage_of
from funding.domain.project.state import Project, evolve
from funding.domain.terms import Stage
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
MIDTERM = (*h.RUNNING, *h.evaluated("midterm"))
FINAL = (*MIDTERM, *h.evaluated("final"))
REACHED: dict[Stage, Sequence[Any]] = {
    Stage.NONE: (),
    Stage.REJECTED: (*h.RECOMMENDED, e.ProjectRejected(h.PROJECT, "quota_used")),
    Stage.APPLIED: h.APPLIED,
    Stage.STREET_ENDORSED: h.ENDORSED,
    Stage.RECOMMENDED: h.RECOMMENDED,
    Stage.APPROVED: h.APPROVED,
    Stage.PROCURING: h.PROCURING,
    Stage.ORGANISATION_SELECTED: h.SELECTED,
    Stage.CONTRACTED: h.CONTRACTED,
    Stage.STAFFED: h.STAFFED,
    Stage.FUNDED: h.FUNDED,
    Stage.RUNNING: h.RUNNING,
    Stage.MIDTERM_EVALUATED: MIDTERM,
    Stage.FINAL_EVALUATED: FINAL,
    Stage.SELF_ASSESSED: (*FINAL, *h.ASSESSED),
    Stage.DISTRICT_ACCEPTED: h.ACCEPTED,
    Stage.RATED: h.RATED,
}


@pytest.mark.parametrize("stage", REACHED)
def test_each_step_leaves_the_project_at_its_own_stage(stage: Stage) -> None:
    assert stage_of(project.state(*REACHED[stage])) is stage


def test_C_03_an_evaluation_that_ends_after_the_self_assessments_moves_nothing_back() -> None:
    ended = project.state(*MIDTERM, *h.ASSESSED, *h.evaluated("final"))
    assert (stage_of(ended), ended.assigned.last_phase_closed) == (Stage.SELF_ASSESSED, True)


def test_nothing_is_done_about_a_project_that_nobody_applied_for() -> None:
    for asked in ("id", "under"):
        with pytest.raises(NoSuchProject):
            getattr(Project(), asked)
