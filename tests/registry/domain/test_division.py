"""Streets and communities are declared from the divisions table, parents first."""

from __future__ import annotations

from datetime import date

from contracts.values import UnitCode
from kit.testing import Spec
from registry.domain.division import (
    Declared,
    Divisions,
    UnitChange,
    UnitDeclaredOtherwise,
    UnitKind,
    UnitOutsideParent,
    UnitParentUnknown,
    UnitTold,
    UnitUnknown,
    declare_units,
    evolve,
    placed,
)

DAY = date(2022, 6, 1)
divisions = Spec(Divisions(), evolve)
STREET, ZONE, COMMUNITY = UnitCode("620102001"), UnitCode("620102400"), UnitCode("620102001001")
street = UnitTold(STREET, UnitKind.TOWNSHIP, "酒泉路街道", UnitCode("620102"), True, UnitChange.DECLARED, DAY)
community = UnitTold(COMMUNITY, UnitKind.VILLAGE, "演示社区", STREET, True, UnitChange.DECLARED, DAY)


def declared(event: UnitTold) -> Declared:
    return Declared(event.unit, event.kind, event.name, event.parent)


def test_a_street_and_its_community_in_one_list() -> None:
    divisions.given().when(
        declare_units, district="620102", occurred_on=DAY, units=[declared(street), declared(community)]
    ).then(street, community)


def test_a_statistical_area_is_declared_but_not_counted() -> None:
    zone = Declared(ZONE, UnitKind.TOWNSHIP, "高新区", UnitCode("620102"))
    divisions.given().when(declare_units, district="620102", occurred_on=DAY, units=[zone]).then(
        UnitTold(ZONE, UnitKind.TOWNSHIP, "高新区", UnitCode("620102"), False, UnitChange.DECLARED, DAY)
    )


def test_the_ends_of_the_statistical_range_count_on_their_own_side() -> None:
    for ending, counts in (("399", True), ("400", False), ("599", False), ("600", True)):
        unit = Declared(UnitCode(f"620102{ending}"), UnitKind.TOWNSHIP, "演示", UnitCode("620102"))
        outcome = divisions.given().when(declare_units, district="620102", occurred_on=DAY, units=[unit])
        assert outcome.events[0].counted is counts, ending


def test_a_community_without_its_street_is_refused() -> None:
    divisions.given().when(declare_units, district="620102", occurred_on=DAY, units=[declared(community)]).then_refused(
        UnitParentUnknown
    )


def test_a_street_of_another_district_is_refused() -> None:
    divisions.given().when(declare_units, district="620103", occurred_on=DAY, units=[declared(street)]).then_refused(
        UnitParentUnknown
    )


def test_handing_the_list_in_again_adds_only_what_is_new() -> None:
    divisions.given(street).when(
        declare_units, district="620102", occurred_on=DAY, units=[declared(street), declared(community)]
    ).then(community)


def test_another_name_for_a_known_code_is_refused() -> None:
    other = Declared(STREET, UnitKind.TOWNSHIP, "别名街道", UnitCode("620102"))
    divisions.given(street).when(declare_units, district="620102", occurred_on=DAY, units=[other]).then_refused(
        UnitDeclaredOtherwise
    )


def test_a_community_knows_its_street() -> None:
    assert divisions.state(street, community).street_of(COMMUNITY) == STREET
    assert divisions.state(street, community).street_of(STREET) is None


def test_a_communitys_code_begins_with_its_streets() -> None:
    """Whose it is, other services tell by the code."""
    elsewhere = Declared(UnitCode("620102018002"), UnitKind.VILLAGE, "演示社区", STREET)
    divisions.given(street).when(declare_units, district="620102", occurred_on=DAY, units=[elsewhere]).then_refused(
        UnitOutsideParent
    )
    group = Declared(UnitCode("620102001099"), UnitKind.VILLAGE_GROUP, "演示社", COMMUNITY)
    divisions.given(street, community).when(declare_units, district="620102", occurred_on=DAY, units=[group]).then(
        UnitTold(group.unit, UnitKind.VILLAGE_GROUP, "演示社", COMMUNITY, False, UnitChange.DECLARED, DAY)
    )


def test_nothing_is_placed_where_no_unit_was_declared() -> None:
    divisions.given(street).when(placed, unit=COMMUNITY, occurred_on=DAY).then_refused(UnitUnknown)
    assert placed(divisions.state(street), STREET, DAY) == street
