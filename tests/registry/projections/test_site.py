"""A site's row, and what it was given, as the events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests.registry.domain.test_site import COMMUNITY, PROJECT, SECOND, SITE, STATION, opened, planned, plaque, premises
from tests.registry.domain.test_site import provided as given
from tests.told import NOBODY, meta, rows

from contracts.values import OrganisationId, WorkerId
from registry.domain.site import (
    Device,
    OperatorAssigned,
    ProjectBasedAtStation,
    SiteClosed,
    SiteEvent,
    SiteLevel,
    SiteSuspended,
    StaffPosted,
    StaffWithdrawn,
    Status,
)
from registry.projections.site import SITES, EquipmentRow, PlaqueRow, Site, SiteRow, evolve

DAY = date(2022, 6, 1)
ORGANISATION, WORKER = OrganisationId(UUID(int=5)), WorkerId(UUID(int=6))
row = SiteRow(SITE, SiteLevel.ROOM, COMMUNITY, "演示社区社工室", STATION, PROJECT, (PROJECT,))
posted, withdrawn = StaffPosted(SITE, WORKER, ORGANISATION), StaffWithdrawn(SITE, WORKER)
suspended, closed = SiteSuspended(SITE, "repair"), SiteClosed(SITE, "moved")


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def test_a_planned_site_has_a_row() -> None:
    assert evolve(None, planned, meta(DAY)) == Site(row)


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (premises, replace(row, square_metres=Decimal(320), provider="酒泉路街道办事处")),
        (OperatorAssigned(SITE, ORGANISATION), replace(row, operator=ORGANISATION)),
        (ProjectBasedAtStation(SITE, SECOND, SITE), replace(row, projects=(PROJECT, SECOND))),
        (opened, replace(row, status=Status.OPEN, opened_on=day(3))),
        (suspended, replace(row, status=Status.SUSPENDED)),
        (closed, replace(row, status=Status.CLOSED, closed_on=day(3))),
    ],
)
def test_what_happens_to_it_is_in_its_row(event: SiteEvent, changed: SiteRow) -> None:
    assert evolve(Site(row), event, meta(day(3))) == Site(changed)


def test_opened_again_it_keeps_its_first_day() -> None:
    again = replace(row, status=Status.SUSPENDED, opened_on=DAY)
    assert evolve(Site(again), opened, meta(day(3))) == Site(replace(again, status=Status.OPEN))


def test_staff_are_counted_each_once() -> None:
    one = Site(replace(row, staff=1), frozenset({WORKER}))
    assert evolve(Site(row), posted, meta(DAY)) == one
    assert evolve(one, posted, meta(DAY)) is one
    assert evolve(one, withdrawn, meta(DAY)) == Site(row)


@pytest.mark.parametrize("event", [planned, plaque, given(Device.COMPUTER, 2), withdrawn])
def test_what_changes_nothing_leaves_the_very_state(event: SiteEvent) -> None:
    state = Site(row)
    assert evolve(state, event, meta(DAY)) is state


@pytest.mark.parametrize("event", [premises, opened, suspended, closed, posted, withdrawn])
def test_what_was_never_planned_has_no_row(event: SiteEvent) -> None:
    assert evolve(None, event, meta(DAY)) is None


def test_equipment_and_plaques_are_there_from_their_day_on() -> None:
    history = [(DAY, planned), (day(2), given(Device.COMPUTER, 2)), (day(1), plaque)]
    hung = PlaqueRow(SITE, str(PROJECT), "社工站")
    assert [rows(SITES, history, day(n)) for n in (0, 1, 2)] == [
        [row],
        [row, hung],
        [row, EquipmentRow(SITE, NOBODY, str(PROJECT), Device.COMPUTER, 2), hung],
    ]


def test_a_withdrawal_that_is_heard_late_takes_nobody_away_who_was_not_there() -> None:
    history = [(DAY, planned), (day(10), posted), (day(5), withdrawn)]
    found = [[r.staff for r in rows(SITES, history, day(n)) if isinstance(r, SiteRow)] for n in (4, 5, 9, 10)]
    assert found == [[0], [0], [0], [0]]
    history = [(DAY, planned), (day(2), posted), (day(10), closed), (day(5), withdrawn)]
    found = [[r.staff for r in rows(SITES, history, day(n)) if isinstance(r, SiteRow)] for n in (1, 2, 4, 5, 10)]
    assert found == [[0], [1], [1], [0], [0]]
