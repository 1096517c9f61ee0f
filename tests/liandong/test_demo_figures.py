"""How figures are written, and how they are held against what the plan prints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contracts.values import Qualifier, Unit
from liandong.demo import expectations
from liandong.demo.expectations import LAYOUTS, compare
from liandong.demo.story import Story
from liandong.figures import Measured, compact, printed

TWO = Measured(Decimal(2), Unit.PERSONS, Qualifier.AT_LEAST)
FEN = Measured(Decimal(30_000_000), Unit.FEN)


@pytest.mark.parametrize(
    ("one", "chinese", "short"),
    [
        (TWO, "不少于2人", "≥2"),
        (Measured(Decimal(90), Unit.PERSON_TIMES, Qualifier.MORE_THAN), "90余人次", "90+"),
        (FEN, "30万元", "30万元"),
        (Measured(Decimal(1_500_000), Unit.FEN), "1.5万元", "1.5万元"),
        (Measured(Decimal(123_456), Unit.FEN), "1234.56元", "0.123456万元"),
        (Measured(Decimal("360.50"), Unit.SQUARE_METRES), "360.5平方米", "360.5"),
        (Measured(Decimal(300), Unit.THINGS), "300个", "300"),
        (Measured("2022-08-30", Unit.DAY), "2022-08-30", "2022-08-30"),
    ],
)
def test_a_figure_is_written_from_value_unit_and_qualifier(one: Measured, chinese: str, short: str) -> None:
    assert (printed(one), compact(one)) == (chinese, short)


def test_different_units_never_add_and_the_vaguer_qualifier_stays() -> None:
    assert TWO + Measured(Decimal(3), Unit.PERSONS) == Measured(Decimal(5), Unit.PERSONS, Qualifier.AT_LEAST)
    with pytest.raises(TypeError):
        TWO + FEN
    with pytest.raises(TypeError):
        Measured("2022-08-30", Unit.DAY) + Measured("2022-08-31", Unit.DAY)


@pytest.mark.parametrize(
    ("layout", "parts", "value", "display"),
    [
        ("one", [FEN], "300000", "30万元"),
        ("times", [Measured(Decimal(2), Unit.SESSIONS), Measured(Decimal(400_000), Unit.FEN)], "2×4000", "2×0.4万元"),
        ("wan", [FEN, Measured(Decimal(90_000_000), Unit.FEN)], "30/90", "30/90"),
        ("each", [FEN, FEN], "300000", "30万元 (each of two lines)"),
        ("list", [Measured(Decimal(30), Unit.PERSONS), TWO], "30 / ≥2", "30 / ≥2"),
    ],
)
def test_layouts(layout: str, parts: list[Measured], value: str, display: str) -> None:
    shown = LAYOUTS[layout](parts)
    assert (shown.value, shown.display) == (value, display)


def test_there_are_45_figures_each_fed_and_none_quotes_the_plan() -> None:
    found = expectations.expectations()
    assert len(found) == len({one["id"] for one in found}) == 45
    assert all(one["feeds"] and one["layout"] in LAYOUTS for one in found)
    assert all(set(one) <= {"id", "value", "unit", "qualifier", "display", "layout", "feeds", "also"} for one in found)


def indicator(name: str, unit: str, *figures: tuple[str, Any, dict[str, str]]) -> dict[str, Any]:
    shown = [{"tenant": t, "value": v, "qualifier": "exact", "dimensions": d} for t, v, d in figures]
    return {"id": name, "unit": unit, "figures": shown}


def results(*indicators: dict[str, Any]) -> dict[str, expectations.Result]:
    return {result.id: result for result in compare({one["id"]: one for one in indicators})}


def test_a_figure_holds_only_if_every_feed_agrees() -> None:
    pilots = indicator("funding.pilots_approved", "things", ("620102", 3, {}), ("620103", 2, {}))
    quota = indicator(
        "funding.district_quota", "things", ("620100", 3, {"district": "620102"}), ("620100", 4, {"district": "620103"})
    )
    found = results(pilots, quota)
    assert found["LZ-02a"].holds
    assert found["LZ-02b"].why == "funding.district_quota 为 4"
    assert found["LZ-02c"].why == "funding.pilots_approved 没有数值"
    assert found["LZ-38"].why == "没有指标 registry.policy_target_year"


def test_a_wrong_value_and_pilots_that_differ_are_told() -> None:
    two = indicator("funding.term_years", "years", ("620100", 2, {}))
    paid = indicator("funding.budget_allotted", "fen", ("620102", 30_000_000, {}), ("620103", 29_000_000, {}))
    found = results(two, paid)
    assert found["LZ-26"].why == "应为 1（1），得到 2（2）"
    assert found["LZ-03"].why == "funding.budget_allotted 各处不一致：29万元、30万元"


def test_the_bills_use_up_exactly_what_the_plan_allots() -> None:
    story = Story()
    spent: dict[str, int] = {}
    for bill in (*story.raw["bills"]["agency"], *story.raw["bills"]["city"]):
        spent[bill["line"]] = spent.get(bill["line"], 0) + bill["amount_fen"]
    spent["personnel"] += sum(sum(wages["amounts_fen"]) for wages in story.raw["bills"]["wages"])
    caps = {line["code"]: line["cap_fen"] for line in story.terms["lines"]}
    paid = {line: sum(part.get(line, 0) for part in story.raw["instalments"]) for line in caps}
    assert spent == caps == paid


def test_the_ten_communities_are_real_and_fill_the_quotas() -> None:
    story = Story()
    by_district = [(quota["district"], quota["pilots"]) for quota in story.terms["quotas"]]
    assert [(d, sum(p.district.code == d for p in story.places)) for d, _ in by_district] == by_district
    assert len({place.street.code for place in story.places}) == 10
    assert story.fourth.district.code == "620102"
    assert all(place.community.level == "village" and place.street.level == "township" for place in story.places)
