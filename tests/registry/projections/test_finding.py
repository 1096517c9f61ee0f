"""A finding's row, as its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests.registry.domain.test_finding import DAY, ID, opened, settled
from tests.told import TENANT, meta, rows

from contracts.values import OrganisationId, Role, WorkerId
from registry.domain.finding import Outcome
from registry.projections.finding import FINDINGS, FindingRow, State, evolve

LATER = DAY + timedelta(days=9)
row = FindingRow(
    finding_id=ID,
    holder=WorkerId(UUID(int=2)),
    holder_organisation=OrganisationId(UUID(int=3)),
    qualification_id=UUID(int=4),
    claimant=WorkerId(UUID(int=5)),
    claimant_organisation=None,
    reported_role=Role.SYSTEM,
    reported_tenant=TENANT,
    reported_unit=None,
    opened_on=DAY,
)
closed = replace(row, state=State.SETTLED, outcome=Outcome.CLAIMANT_RIGHT, document="演示核查文书01", settled_on=LATER)


def test_a_finding_says_who_brought_it_and_how_it_was_settled() -> None:
    assert evolve(None, opened, meta(DAY)) == row
    assert evolve(row, settled, meta(LATER)) == closed


def test_opened_anew_it_is_open_and_of_the_holder_of_now() -> None:
    again = replace(opened, holder=WorkerId(UUID(int=7)))
    assert evolve(closed, again, meta(LATER)) == replace(row, holder=WorkerId(UUID(int=7)))


def test_what_was_never_opened_has_no_row() -> None:
    assert evolve(None, settled, meta(DAY)) is None


def test_it_is_open_until_the_day_of_its_settlement_and_a_late_one_is_open_from_its_own_day_on() -> None:
    before = DAY - timedelta(days=3)
    history = [(DAY, opened), (LATER, settled), (before, opened)]
    assert rows(FINDINGS, history, before - timedelta(days=1)) == []
    assert [rows(FINDINGS, history, on) for on in (before, DAY)] == [[row], [row]]
    assert rows(FINDINGS, history, LATER) == [row]
    assert rows(FINDINGS, history[:2], LATER) == [closed]
