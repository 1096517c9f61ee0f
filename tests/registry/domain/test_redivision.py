"""Units are renamed, merged, split and abolished from a day on; what is no more says what it became."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.values import DocumentId, UnitCode
from kit.errors import Refused, TooEarly
from kit.testing import Outcome, Spec
from registry.domain.division import (
    Declared,
    Divisions,
    UnitChange,
    UnitEnded,
    UnitKind,
    UnitOutsideParent,
    UnitTold,
    UnitUnknown,
    declare_units,
    evolve,
    placed,
)
from registry.domain.redivision import (
    CodeTaken,
    IntoItself,
    KindsDiffer,
    NewUnit,
    Order,
    SplitIntoOne,
    UnitsBelow,
    abolish,
    merge,
    rename,
    split,
)

divisions = Spec(Divisions(), evolve)
DISTRICT = "620102"
STREET, NEXT_STREET = UnitCode("620102001"), UnitCode("620102002")
A, B, C, NEW, NEWER = (UnitCode(f"620102001{n:03d}") for n in (1, 2, 3, 98, 99))
DECLARED, DAY, LATER = date(2022, 1, 1), date(2023, 1, 1), date(2023, 6, 1)
PAPER = DocumentId(UUID(int=1))
ORDER, LATER_ORDER = Order(PAPER, "社区规模调整", DAY), Order(PAPER, "社区规模调整", LATER)
EARLY = Order(PAPER, "社区规模调整", date(2021, 12, 31))


def unit(code: UnitCode, name: str, kind: UnitKind = UnitKind.VILLAGE, parent: str = STREET) -> UnitTold:
    return UnitTold(code, kind, name, UnitCode(parent), True, UnitChange.DECLARED, DECLARED)


street = unit(STREET, "酒泉路街道", UnitKind.TOWNSHIP, DISTRICT)
next_street = unit(NEXT_STREET, "张掖路街道", UnitKind.TOWNSHIP, DISTRICT)
a, b, c = unit(A, "甲社区"), unit(B, "乙社区"), unit(C, "丙社区")
ALL = (street, next_street, a, b, c)


def after(*decided: Outcome) -> tuple[UnitTold, ...]:
    """The district's history with what was decided."""
    return (*ALL, *(event for outcome in decided for event in outcome.events))


def told(known: UnitTold, change: UnitChange, order: Order = ORDER, **facts: Any) -> UnitTold:
    version = facts.pop("version", 2)
    state = {**vars(known), "successors": (), **facts}
    ordered = {"document": order.document, "reason": order.reason, "changed_on": order.day}
    return UnitTold(**{**state, **ordered, "change": change, "version": version})


def founded(code: UnitCode, name: str) -> UnitTold:
    return told(unit(code, name), UnitChange.FOUNDED, since=DAY, version=1)


def merging(*units: UnitCode, into: UnitCode | NewUnit, order: Order = ORDER, of: Any = ALL) -> Outcome:
    return divisions.given(*of).when(merge, district=DISTRICT, units=units, into=into, order=order)


def test_a_unit_has_another_name_from_the_day_on() -> None:
    renamed = divisions.given(*ALL).when(rename, unit=A, name="新甲社区", order=ORDER)
    renamed.then(told(a, UnitChange.RENAMED, name="新甲社区", former_names=("甲社区",)))
    again = divisions.given(*after(renamed)).when(rename, unit=A, name="新甲社区", order=LATER_ORDER)
    again.then_nothing()


def test_several_units_go_on_in_one_that_stands() -> None:
    merging(A, B, into=C).then(*(told(one, UnitChange.MERGED, until=DAY, successors=(C,)) for one in (a, b)))
    assert len(merging(A, A, into=C).events) == 1


def test_several_units_go_on_in_a_new_one_of_their_street() -> None:
    merging(A, B, into=NewUnit(NEW, "合并社区")).then(
        founded(NEW, "合并社区"),
        *(told(one, UnitChange.MERGED, until=DAY, successors=(NEW,)) for one in (a, b)),
    )


def test_one_unit_gets_another_code_below_another_street() -> None:
    (new, old) = merging(A, into=NewUnit(UnitCode("620102002001"), "甲社区", NEXT_STREET)).events
    assert (new.parent, new.since, old.successors) == (NEXT_STREET, DAY, ("620102002001",))
    merging(A, into=NewUnit(NEW, "甲社区", NEXT_STREET)).then_refused(UnitOutsideParent)


def test_a_unit_comes_to_be_two_new_ones() -> None:
    parts = (NewUnit(NEW, "甲一社区"), NewUnit(NEWER, "甲二社区"))
    divisions.given(*ALL).when(split, district=DISTRICT, unit=A, into=parts, order=ORDER).then(
        founded(NEW, "甲一社区"),
        founded(NEWER, "甲二社区"),
        told(a, UnitChange.SPLIT, until=DAY, successors=(NEW, NEWER)),
    )


def test_one_part_of_a_split_may_keep_the_code_and_stands_on() -> None:
    parts = (NewUnit(A, "甲一社区"), NewUnit(NEW, "甲二社区"))
    divided = divisions.given(*ALL).when(split, district=DISTRICT, unit=A, into=parts, order=ORDER)
    renamed = told(a, UnitChange.RENAMED, name="甲一社区", former_names=("甲社区",))
    divided.then(founded(NEW, "甲二社区"), renamed, told(renamed, UnitChange.SPLIT, successors=(A, NEW), version=3))
    same = (NewUnit(A, "甲社区"), parts[1])
    divisions.given(*ALL).when(split, district=DISTRICT, unit=A, into=same, order=ORDER).then(
        founded(NEW, "甲二社区"), told(a, UnitChange.SPLIT, successors=(A, NEW))
    )
    assert placed(divisions.state(*after(divided)), A, LATER).name == "甲一社区"


def test_a_split_gives_two_units_at_least() -> None:
    for parts in ([NewUnit(NEW, "甲一社区")], [NewUnit(A, "甲社区")], [NewUnit(NEW, "甲"), NewUnit(NEW, "乙")]):
        divisions.given(*ALL).when(split, district=DISTRICT, unit=A, into=parts, order=ORDER).then_refused(SplitIntoOne)


def test_a_unit_is_abolished_and_nothing_follows() -> None:
    gone = divisions.given(*ALL).when(abolish, unit=A, order=ORDER)
    gone.then(told(a, UnitChange.ABOLISHED, until=DAY))
    assert divisions.state(*after(gone)).now(A) == A


def test_from_its_day_on_a_merged_unit_is_used_for_nothing_new_and_before_it_is() -> None:
    known = divisions.state(*after(merging(A, into=C)))
    refused = Spec(known, evolve).given().when(placed, unit=A, occurred_on=DAY)
    refused.then_refused(UnitEnded)
    assert refused.refused is not None
    assert refused.refused.detail == (
        f"行政单元甲社区（{A}）已于 2023-01-01 并入丙社区（{C}），自当日起不能再办理该事项。"
        "请改用现存的行政单元，或核对发生日期。"
    )
    assert placed(known, A, date(2022, 12, 31)).unit == A
    assert known.now(A) == C


def test_a_unit_that_was_founded_is_used_from_its_founding_day_on() -> None:
    known = divisions.state(*after(merging(A, B, into=NewUnit(NEW, "合并社区"))))
    Spec(known, evolve).given().when(placed, unit=NEW, occurred_on=date(2022, 12, 31)).then_refused(TooEarly)
    assert placed(known, NEW, DAY).since == DAY


def test_what_was_merged_of_what_was_merged_is_where_it_ended() -> None:
    twice = after(merging(A, into=C), merging(C, into=B, order=LATER_ORDER, of=after(merging(A, into=C))))
    assert list(divisions.state(*twice).mergers(A)) == [(A, C, DAY), (C, B, LATER)]
    assert divisions.state(*twice).now(A) == B


MERGED = after(merging(A, into=C))


@pytest.mark.parametrize(
    ("units", "into", "order", "refusal"),
    [
        ((A, C), C, ORDER, IntoItself),
        ((A, B), NewUnit(A, "甲社区"), ORDER, CodeTaken),
        ((A,), NEXT_STREET, ORDER, KindsDiffer),
        ((A,), UnitCode("620103001001"), ORDER, UnitUnknown),
        ((UnitCode("620103001001"),), C, ORDER, UnitUnknown),
        ((A,), C, EARLY, TooEarly),
        ((STREET,), NEXT_STREET, ORDER, UnitsBelow),
    ],
)
def test_what_is_no_merger_is_refused(
    units: tuple[UnitCode, ...], into: UnitCode | NewUnit, order: Order, refusal: type[Refused]
) -> None:
    merging(*units, into=into, order=order).then_refused(refusal)


def test_what_is_no_more_is_not_merged_again_and_gets_nothing_so_that_no_circle_is() -> None:
    merging(A, into=B, order=LATER_ORDER, of=MERGED).then_refused(UnitEnded)
    merging(C, into=A, order=LATER_ORDER, of=MERGED).then_refused(UnitEnded)
    merging(C, into=A, order=Order(PAPER, "x", date(2022, 6, 1)), of=MERGED).then_refused(UnitEnded)
    divisions.given(*MERGED).when(rename, unit=A, name="别名", order=LATER_ORDER).then_refused(UnitEnded)
    divisions.given(*MERGED).when(abolish, unit=A, order=LATER_ORDER).then_refused(UnitEnded)
    parts = (NewUnit(NEW, "甲一社区"), NewUnit(NEWER, "甲二社区"))
    divisions.given(*MERGED).when(split, district=DISTRICT, unit=A, into=parts, order=LATER_ORDER).then_refused(
        UnitEnded
    )


def test_nothing_ends_before_the_last_that_became_part_of_it_or_was_below_it() -> None:
    merging(C, into=B, order=Order(PAPER, "x", date(2022, 12, 31)), of=MERGED).then_refused(TooEarly)
    assert merging(C, into=B, of=MERGED).refused is None
    empty = after(*(divisions.given(*ALL).when(abolish, unit=one, order=ORDER) for one in (A, B, C)))
    early = Order(PAPER, "x", date(2022, 12, 31))
    divisions.given(*empty).when(abolish, unit=STREET, order=early).then_refused(TooEarly)
    assert divisions.given(*empty).when(abolish, unit=STREET, order=ORDER).refused is None


def test_the_changes_of_a_unit_are_in_the_order_of_their_days() -> None:
    renamed = after(divisions.given(*ALL).when(rename, unit=A, name="新甲社区", order=LATER_ORDER))
    merging(A, into=C, of=renamed).then_refused(TooEarly)
    (ended,) = merging(A, into=C, order=LATER_ORDER, of=renamed).events
    assert (ended.name, ended.version) == ("新甲社区", 3)


def test_nothing_is_declared_below_what_is_no_more_nor_what_is_no_more_again() -> None:
    empty = after(*(divisions.given(*ALL).when(abolish, unit=one, order=ORDER) for one in (A, B, C)))
    gone = (*empty, *divisions.given(*empty).when(abolish, unit=STREET, order=ORDER).events)
    new = Declared(NEW, UnitKind.VILLAGE, "新社区", STREET)
    old = Declared(A, UnitKind.VILLAGE, "甲社区", STREET)
    for item in (new, old):
        divisions.given(*gone).when(declare_units, district=DISTRICT, units=[item], occurred_on=LATER).then_refused(
            UnitEnded
        )
