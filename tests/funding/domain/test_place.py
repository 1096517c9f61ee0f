"""A project goes on in what its community became; after a split, or where nothing is left, a bureau says where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from contracts.values import ProjectId, Role, UnitCode
from funding.domain.budget import BudgetAccount
from funding.domain.project import events as e
from funding.domain.project.application import StreetNotOfCommunity, submit
from funding.domain.project.authority import WrongPayer
from funding.domain.project.heirs import PlaceStands
from funding.domain.project.needs import AlreadyApplied
from funding.domain.project.place import NotAnHeir, assign, follow
from funding.domain.project.review import confirm_report
from funding.domain.project.state import Project, evolve
from funding.domain.unit import Unit, UnitEnded, note
from kit.errors import NotKnownYet, NotYourUnit, TooEarly
from kit.testing import Outcome, Spec

from . import histories as h
from .test_application import FORM

project = Spec(Project(), evolve)
HEIR, OTHER = UnitCode("620102001098"), UnitCode("620102001099")
ELSEWHERE, NEXT_STREET = UnitCode("620102002001"), UnitCode("620102002")
DAY, LATER = date(2023, 1, 1), date(2023, 3, 1)
here, heir, other = (
    h.unit(h.COMMUNITY, h.STREET),
    h.unit(HEIR, h.STREET, "合并社区"),
    h.unit(OTHER, h.STREET, "另一社区"),
)
street = h.unit(h.STREET, h.DISTRICT, "演示街道")
merged = h.unit(h.COMMUNITY, h.STREET, version=2, until=DAY, successors=(HEIR,))
split = h.unit(h.COMMUNITY, h.STREET, version=2, until=DAY, successors=(HEIR, OTHER))
abolished = h.unit(h.COMMUNITY, h.STREET, version=2, until=DAY)
moved = e.ProjectPlaceMoved(h.PROJECT, h.STREET, "演示街道", HEIR, "合并社区", DAY)
divided = e.ProjectPlaceDivided(h.PROJECT, (HEIR, OTHER), ended=True, divided_on=DAY)
lost = e.ProjectPlaceDivided(h.PROJECT, (), ended=True, divided_on=DAY)


def told(state: Project, unit: Any, into: Any = None, above: Any = street, day: date = DAY) -> Outcome:
    return Spec(state, evolve).given().when(follow, told=unit, heir=into or unit, street=above, day=day)


def applies(unit: Unit, others: tuple[ProjectId, ...] = (), **form: Any) -> Outcome:
    return project.given().when(submit, h.SCHEME, BudgetAccount(), unit, others, **{**FORM, **form})


def test_D7_the_street_that_an_application_names_is_the_parent_by_the_told_tree() -> None:
    applies(h.HERE).then(h.submitted)
    lent = Unit(h.unit(h.COMMUNITY, NEXT_STREET))
    applies(lent).then_refused(StreetNotOfCommunity, "R-LZ-02", community=h.COMMUNITY, own=NEXT_STREET, street=h.STREET)


def test_an_application_waits_until_the_registry_has_told_of_the_community() -> None:
    refused = applies(Unit())
    refused.then_refused(NotKnownYet)
    assert refused.refused is not None
    assert refused.refused.retryable


def test_nobody_applies_for_a_community_from_the_day_on_which_it_is_no_more_nor_before_it_was_founded() -> None:
    applies(Unit(merged), occurred_on=DAY).then_refused(
        UnitEnded, name="演示社区", unit=h.COMMUNITY, until=DAY, successors=HEIR
    )
    gone = applies(Unit(abolished), occurred_on=DAY)
    assert h.said(gone) == (
        "演示社区（620102001001）已于 2023-01-01 撤并，自当日起不能再以其名义办理。承接单元：无。请由承接单元办理。"
    )
    applies(Unit(merged)).then(h.submitted)
    applies(Unit(replace(here, since=DAY))).then_refused(TooEarly)
    applies(Unit(replace(here, since=h.SPRING))).then(h.submitted)


def test_a_project_that_came_with_a_merger_holds_the_place() -> None:
    applies(h.HERE, (ProjectId(h.PAPER),)).then_refused(AlreadyApplied)
    applies(h.HERE, (h.PROJECT,)).then(h.submitted)


def test_of_what_the_registry_tells_the_newest_is_true_whenever_it_comes() -> None:
    for order in ((here, merged), (merged, here), (merged, here, merged)):
        unit = Unit()
        for one in order:
            for event in note(unit, one):
                unit = Unit(event)
        assert unit.told == merged
        assert unit.merged_into == HEIR


@pytest.mark.parametrize("history", [h.APPLIED, h.APPROVED, h.RUNNING, h.RATED])
def test_a_project_is_where_its_community_was_merged_into_and_once(history: Any) -> None:
    told(project.state(*history), merged, heir).then(moved)
    told(project.state(*history, moved), merged, heir).then_nothing()


def test_the_committee_of_the_successor_acts_and_that_of_the_old_community_does_not() -> None:
    history = (*h.RUNNING, h.report("midterm")[0])
    how: dict[str, Any] = {"phase": "midterm", "remark": "同意。", "occurred_on": h.MIDTERM}
    successor = h.who(Role.COMMUNITY_COMMITTEE, HEIR)
    project.given(*history).when(confirm_report, h.SCHEME, actor=successor, **how).then_refused(NotYourUnit)
    assert project.given(*history).when(confirm_report, h.SCHEME, actor=h.COMMITTEE, **how).refused is None
    project.given(*history, moved).when(confirm_report, h.SCHEME, actor=h.COMMITTEE, **how).then_refused(NotYourUnit)
    assert project.given(*history, moved).when(confirm_report, h.SCHEME, actor=successor, **how).refused is None


def test_a_project_of_a_community_that_gets_a_code_below_another_street_is_that_streets() -> None:
    next_street = h.unit(NEXT_STREET, h.DISTRICT, "张掖路街道")
    there = h.unit(ELSEWHERE, NEXT_STREET, "演示社区")
    into = replace(merged, successors=(ELSEWHERE,))
    (event,) = told(project.state(*h.RUNNING), into, there, next_street).events
    assert (event.street, event.street_name, event.community) == (NEXT_STREET, "张掖路街道", ELSEWHERE)


def test_a_project_waits_for_what_was_told_of_another_street_and_not_for_its_own() -> None:
    there = h.unit(ELSEWHERE, NEXT_STREET, "演示社区")
    state = project.state(*h.RUNNING)
    without: dict[str, Any] = {"street": None, "day": DAY}
    into = replace(merged, successors=(ELSEWHERE,))
    Spec(state, evolve).given().when(follow, told=into, heir=there, **without).then_refused(NotKnownYet)
    Spec(state, evolve).given().when(follow, told=merged, heir=heir, **without).then(moved)


def test_a_project_is_called_as_its_community_and_its_street_are() -> None:
    renamed = h.unit(h.COMMUNITY, h.STREET, "新名社区", version=2)
    told(project.state(*h.RUNNING), renamed).then(replace(moved, community=h.COMMUNITY, community_name="新名社区"))
    told(project.state(*h.RUNNING), replace(here, name="别名")).then_nothing()
    of_street = h.unit(h.STREET, h.DISTRICT, "新名街道", version=2)
    told(project.state(*h.RUNNING), of_street, above=of_street).then(
        replace(moved, street_name="新名街道", community=h.COMMUNITY, community_name="演示社区")
    )


def test_what_was_told_of_a_community_that_the_project_left_says_nothing_of_it() -> None:
    told(project.state(*h.RUNNING, moved), abolished).then_nothing()
    told(project.state(*h.RUNNING, moved), split).then_nothing()


def test_after_a_split_somebody_must_say_where_and_is_asked_once() -> None:
    told(project.state(*h.RUNNING), split).then(divided)
    told(project.state(*h.RUNNING, divided), split).then_nothing()
    told(project.state(*h.RUNNING), abolished).then(lost)
    kept = h.unit(h.COMMUNITY, h.STREET, version=2, successors=(h.COMMUNITY, HEIR))
    asked = replace(divided, heirs=(h.COMMUNITY, HEIR), ended=False)
    told(project.state(*h.RUNNING), kept).then(asked)
    stays = e.ProjectPlaceMoved(
        h.PROJECT, h.STREET, "演示街道", h.COMMUNITY, "演示社区东", DAY, document=h.PAPER, reason="split"
    )
    assert project.state(*h.RUNNING, asked, stays).heirs is None
    again = replace(kept, name="演示社区东")
    told(project.state(*h.RUNNING, asked, stays), again).then_nothing()


def assigned(
    history: Any,
    unit: UnitCode,
    actor: Any = h.CITY,
    day: date = LATER,
    known: Mapping[UnitCode, Unit] = MappingProxyType({}),
) -> Outcome:
    there = {HEIR: Unit(heir), OTHER: Unit(other), ELSEWHERE: Unit(h.unit(ELSEWHERE, NEXT_STREET))}
    units = there | dict(known)
    heirs = {code: units[code] for code in project.state(*history).heirs or () if code != unit}
    return project.given(*history).when(
        assign, h.SCHEME, units[unit], Unit(street), heirs, unit=unit, document=h.PAPER, reason="split", actor=actor,
        occurred_on=day,
    )  # fmt: skip


DIVIDED = (*h.RUNNING, divided)
DECIDED = replace(moved, moved_on=LATER, document=h.PAPER, reason="split")


def test_the_payer_or_the_district_says_which_part_of_a_split_carries_it_on() -> None:
    for actor in (h.CITY, h.BUREAU):
        assigned(DIVIDED, HEIR, actor).then(DECIDED)
    assigned(DIVIDED, HEIR, h.who(Role.DISTRICT_BUREAU, tenant=h.CITY_CODE)).then_refused(WrongPayer)
    assigned((*DIVIDED, DECIDED), OTHER).then_refused(PlaceStands)
    assigned(h.RUNNING, HEIR).then_refused(PlaceStands)


def test_only_a_part_that_stands_carries_it_on_and_from_the_split_on() -> None:
    assigned(DIVIDED, ELSEWHERE).then_refused(NotAnHeir, community=ELSEWHERE, units=f"{HEIR}、{OTHER}")
    assigned(DIVIDED, HEIR, day=date(2022, 12, 31)).then_refused(TooEarly)
    gone = Unit(replace(heir, until=LATER, successors=(OTHER,), version=2))
    assigned(DIVIDED, HEIR, known={HEIR: gone}).then_refused(UnitEnded)
    both = {HEIR: gone, OTHER: Unit(replace(other, until=LATER, successors=(ELSEWHERE,), version=2))}
    assert assigned(DIVIDED, ELSEWHERE, known=both).refused is None


def test_where_nothing_is_left_any_community_of_the_district_may_carry_it_on() -> None:
    assert assigned((*h.RUNNING, lost), ELSEWHERE).refused is None
    assigned((*h.RUNNING, lost), HEIR, known={HEIR: Unit()}).then_refused(NotKnownYet)
