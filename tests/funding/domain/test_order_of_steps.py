"""A step of the plan is taken at its own stage: at every other one it is refused, whatever else is in order."""

from collections.abc import Callable
from typing import Any

import pytest

from funding.domain.budget import BudgetAccount
from funding.domain.organisation import Organisation
from funding.domain.organisation import evolve as organisation_after
from funding.domain.project import acceptance, application, delivery, procurement
from funding.domain.project.needs import StreetSignatureMissing
from funding.domain.project.situation import ProjectOver, StepDone, StepMissing
from funding.domain.project.state import Project
from funding.domain.quota import QuotaUse
from funding.domain.terms import Stage
from kit.errors import Refused

from . import histories as h
from .test_state import REACHED, project

GOOD = organisation_after(Organisation(), h.organisation_noted)
CITY: dict[str, Any] = {"actor": h.CITY, "occurred_on": h.SPRING}
LATER: dict[str, Any] = {"actor": h.CITY, "occurred_on": h.AFTER}
CHOSEN: dict[str, Any] = {"organisation_id": h.ORGANISATION, "occurred_on": h.SPRING}
STEPS: dict[str, tuple[Stage, Callable[[Project], Any]]] = {
    "recommend": (
        Stage.STREET_ENDORSED,
        lambda p: application.recommend(p, h.SCHEME, actor=h.BUREAU, occurred_on=h.SPRING),
    ),
    "approve": (Stage.RECOMMENDED, lambda p: application.approve(p, QuotaUse(), h.SCHEME, **CITY)),
    "reject": (Stage.RECOMMENDED, lambda p: application.reject(p, h.SCHEME, reason="quota_used", **CITY)),
    "publish": (
        Stage.APPROVED,
        lambda p: procurement.publish_purchase(p, h.SCHEME, scope=h.SCOPE, actor=h.BUREAU, occurred_on=h.SPRING),
    ),
    "review": (
        Stage.PROCURING,
        lambda p: procurement.review_plan(p, h.SCHEME, GOOD, passed=True, preferences=(), actor=h.BUREAU, **CHOSEN),
    ),
    "select": (Stage.PROCURING, lambda p: procurement.select_organisation(p, h.SCHEME, GOOD, actor=h.CITY, **CHOSEN)),
    "sign": (Stage.ORGANISATION_SELECTED, lambda p: procurement.sign_agreement(p, h.SCHEME, BudgetAccount(), **CITY)),
    "start": (
        Stage.FUNDED,
        lambda p: delivery.start(p, h.SCHEME, BudgetAccount(), actor=h.OURS, occurred_on=h.STARTED),
    ),
    "close": (Stage.RATED, lambda p: acceptance.close(p, GOOD, h.SCHEME, BudgetAccount(), **LATER)),
}
ORDER = (StepMissing, StepDone, ProjectOver)


@pytest.mark.parametrize("stage", [one for one in REACHED if one is not Stage.NONE])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_at_its_own_stage_alone(step: str, stage: Stage) -> None:
    needed, decide = STEPS[step]
    try:
        decide(project.state(*REACHED[stage]))
        refused = None
    except Refused as error:
        refused = type(error)
    if stage is needed:
        assert refused not in ORDER
    elif refused is StreetSignatureMissing:
        assert stage is Stage.APPLIED
    else:
        assert refused in ORDER or (step == "start" and stage.before(Stage.ORGANISATION_SELECTED))
