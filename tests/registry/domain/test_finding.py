"""One licence number brought for two workers (R-LZ-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from contracts.values import OrganisationId, WorkerId
from kit.errors import TooEarly
from kit.testing import Spec
from registry.domain.finding import (
    Finding,
    FindingUnknown,
    LicenceFindingOpened,
    LicenceFindingSettled,
    Outcome,
    SettledOtherwise,
    evolve,
    open_finding,
    settle,
)

finding = Spec(Finding(), evolve)
ID, DAY = UUID(int=1), date(2022, 6, 10)
opened = LicenceFindingOpened(
    ID, WorkerId(UUID(int=2)), OrganisationId(UUID(int=3)), UUID(int=4), WorkerId(UUID(int=5)), None, DAY
)
settled = LicenceFindingSettled(ID, Outcome.CLAIMANT_RIGHT, "演示核查文书01")
SETTLE = {"outcome": Outcome.CLAIMANT_RIGHT, "document": "演示核查文书01", "occurred_on": DAY}


def test_R_LZ_08_two_workers_have_one_open_finding() -> None:
    finding.given().when(open_finding, opened=opened).then(opened)
    finding.given(opened).when(open_finding, opened=opened).then_nothing()


def test_R_LZ_08_brought_again_after_it_was_settled_it_opens_anew() -> None:
    again = replace(opened, opened_on=date(2022, 7, 1))
    finding.given(opened, settled).when(open_finding, opened=again).then(again)
    finding.given(opened, settled, again).when(settle, **{**SETTLE, "occurred_on": date(2022, 7, 1)}).then(settled)


def test_R_LZ_08_with_the_licence_anothers_meanwhile_it_opens_anew() -> None:
    """Who had it first was rejected, and somebody else came before the claimant."""
    third = replace(opened, holder=WorkerId(UUID(int=6)), qualification_id=UUID(int=7))
    finding.given(opened).when(open_finding, opened=third).then(third)
    finding.given(opened, third).when(open_finding, opened=third).then_nothing()


def test_R_LZ_08_a_finding_is_settled_once() -> None:
    finding.given(opened).when(settle, **SETTLE).then(settled)
    finding.given(opened, settled).when(settle, **SETTLE).then_nothing()
    other = {**SETTLE, "outcome": Outcome.HOLDER_RIGHT}
    finding.given(opened, settled).when(settle, **other).then_refused(SettledOtherwise, "R-LZ-08")
    finding.given().when(settle, **SETTLE).then_refused(FindingUnknown)


def test_R_LZ_08_nothing_is_settled_before_it_was_found() -> None:
    early = {**SETTLE, "occurred_on": date(2022, 6, 9)}
    finding.given(opened).when(settle, **early).then_refused(TooEarly)
