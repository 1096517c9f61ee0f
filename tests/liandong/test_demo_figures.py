"""How figures are written, and how they are held against what the plan prints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contracts.messages.registry import TenantLevel
from contracts.values import Qualifier, Unit
from liandong import figures
from liandong.demo import expectations
from liandong.demo.expectations import LAYOUTS, compare
from liandong.demo.story import Story
from liandong.figures import Measured, compact, printed
from liandong.names import Names

TWO = Measured(Decimal(2), Unit.PERSONS, Qualifier.AT_LEAST)
FEN = Measured(Decimal(30_000_000), Unit.FEN)


@pytest.mark.parametrize(
    ("one", "chinese", "short"),
    [
        (TWO, "不少于2人", "≥2"),
        (Measured(Decimal(90), Unit.PERSON_TIMES, Qualifier.MORE_THAN), "90余人次", "90+"),
        (FEN, "30万元", "30万元"),
        (Measured(Decimal(1_500_000), Unit.FEN), "1.5万元", "1.5万元"),
        (Measured(Decimal(123_456), Unit.FEN), "1,234.56元", "0.123456万元"),
        (Measured(Decimal(0), Unit.FEN), "0元", "0万元"),
        (Measured(Decimal(123_456_789_01), Unit.FEN), "123,456,789.01元", "12345.678901万元"),
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


def shown(unit: str, *values: tuple[str, Any, str, dict[str, str]], adds: bool = True) -> dict[str, Any]:
    figures = [{"tenant_id": t, "value": v, "qualifier": q, "dimensions": d} for t, v, q, d in values]
    return {
        "id": "x.y",
        "name": "某项",
        "unit": unit,
        "definition": "口径。",
        "version": 1,
        "adds": adds,
        "levels": ["city"],
        "figures": figures,
    }


A, B = "620102", "620103"
NAMES = Names({A: "城关区", B: "七里河区", "p1": "甲社区试点"}, {("line", "personnel"): "社工人力成本"})


@pytest.mark.parametrize(
    ("one", "totals"),
    [
        (shown("things", (A, 3, "exact", {"project_id": "p1"}), (B, 2, "exact", {"project_id": "p2"})), ["5个"]),
        (shown("persons", (A, 3, "at_least", {}), (B, 2, "exact", {})), ["不少于5人"]),
        (shown("persons", (A, 3, "exact", {}), (B, 3, "exact", {}), adds=False), ["3人"]),
        (shown("persons", (A, 3, "exact", {}), (B, 2, "exact", {}), adds=False), ["各处不同，2人至3人"]),
        (shown("fen", (A, 1, "exact", {"line": "a"}), (B, 2, "exact", {"line": "a"})), ["0.03元"]),
        (shown("persons", (A, 9, "exact", {"kind": "x"}), (A, 6, "exact", {"kind": "y"})), ["9人", "6人"]),
        (shown("years", (A, 2025, "exact", {}), (B, 2030, "exact", {})), ["各处不同，2025年至2030年"]),
        (shown("day", (A, "2022-08-30", "exact", {}), (B, "2022-08-30", "exact", {})), ["2022-08-30"]),
        (shown("things", (A, 1, "exact", {"scheme_id": "s"}), (B, 1, "exact", {"scheme_id": "s"})), ["2个"]),
        (
            shown("fen", (A, 100, "exact", {"scheme_id": "s"}), (B, 200, "exact", {"scheme_id": "t"})),
            ["1.00元", "2.00元"],
        ),
    ],
)
def test_places_add_and_categories_plans_standards_and_days_do_not(one: dict[str, Any], totals: list[str]) -> None:
    assert [total["display"] for total in figures.totals(one)] == totals


def test_a_catalogue_has_a_line_for_each_indicator_and_names_what_has_no_figures() -> None:
    one = shown("fen", (A, 100, "exact", {"line": "personnel"}), (B, 200, "exact", {"line": "personnel"}))
    written = [figures.written(each, NAMES, TenantLevel.CITY) for each in (one, shown("things"))]
    assert figures.text(written, NAMES).splitlines() == [
        f"{'x.y':<40}  某项  社工人力成本：3.00元",
        "尚无数值：某项（x.y）",
    ]


@pytest.mark.parametrize(
    ("level", "why"),
    [
        (TenantLevel.PROVINCE, "尚无数值"),
        (TenantLevel.CITY, "尚无数值"),
        (TenantLevel.DISTRICT, "不适用（只记在上级民政局）"),
    ],
)
def test_what_only_a_bureau_above_keeps_does_not_apply(level: TenantLevel, why: str) -> None:
    written = figures.written(shown("things"), NAMES, level)
    assert figures.text([written], NAMES) == f"{why}：某项（x.y）"
    assert figures.parts(written, NAMES).splitlines()[-1] == f"{why}。"


def test_the_parts_of_an_indicator_have_names_beside_codes() -> None:
    one = shown(
        "persons",
        (A, 3, "exact", {"scheme_id": "s", "project_id": "p1"}),
        (B, 2, "exact", {"scheme_id": "s", "project_id": "p2"}),
    )
    assert figures.parts(figures.written(one, NAMES, TenantLevel.CITY), NAMES).splitlines()[2:] == [
        "合计  5人",
        "方案  s",
        "  城关区（620102）  甲社区试点（p1）  3人",
        "  七里河区（620103）  试点 p2  2人",
    ]


def test_the_document_keeps_every_figure_and_adds_the_names() -> None:
    one = shown("persons", (A, 3, "exact", {"project_id": "p1"}), (B, 2, "exact", {"project_id": "p2"}))
    document = figures.written(one, NAMES, TenantLevel.CITY)
    assert [(each["tenant_id"], each["value"], each["names"]) for each in document["figures"]] == [
        (A, 3, {"project_id": "甲社区试点"}),
        (B, 2, {"project_id": None}),
    ]
    assert [(each["value"], each["qualifier"]) for each in document["totals"]] == [("5", "exact")]


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
    shown = [{"tenant_id": t, "value": v, "qualifier": "exact", "dimensions": d} for t, v, d in figures]
    return {"id": name, "unit": unit, "figures": shown}


def results(*indicators: dict[str, Any]) -> dict[str, expectations.Result]:
    return {result.id: result for result in compare({one["id"]: one for one in indicators})}


def test_a_figure_holds_only_if_every_feed_agrees() -> None:
    projects = indicator("funding.projects_approved", "things", ("620102", 3, {}), ("620103", 2, {}))
    quota = indicator(
        "funding.district_quota", "things", ("620100", 3, {"district": "620102"}), ("620100", 4, {"district": "620103"})
    )
    found = results(projects, quota)
    assert found["LZ-02a"].holds
    assert found["LZ-02b"].why == "funding.district_quota 为 4"
    assert found["LZ-02c"].why == "funding.projects_approved 没有数值"
    assert found["LZ-38"].why == "没有指标 registry.policy_target_year"


def test_a_wrong_value_and_projects_that_differ_are_told() -> None:
    two = indicator("funding.term_years", "years", ("620100", 2, {}))
    paid = indicator("funding.budget_allotted", "fen", ("620102", 30_000_000, {}), ("620103", 29_000_000, {}))
    found = results(two, paid)
    assert found["LZ-26"].why == "应为 1（1），得到 2（2）"
    assert found["LZ-03"].why == "funding.budget_allotted 各处不一致：29万元、30万元"


def test_the_bills_use_up_exactly_what_the_plan_allots() -> None:
    story = Story()
    spent: dict[str, int] = {}
    for bill in (*story.raw["bills"]["organisation"], *story.raw["bills"]["city"]):
        spent[bill["line"]] = spent.get(bill["line"], 0) + bill["amount_fen"]
    spent["personnel"] += sum(sum(wages["amounts_fen"]) for wages in story.raw["bills"]["wages"])
    caps = {line["code"]: line["cap_fen"] for line in story.terms["lines"]}
    paid = {line: sum(part.get(line, 0) for part in story.raw["instalments"]) for line in caps}
    assert spent == caps == paid


def test_the_ten_communities_are_real_and_fill_the_quotas() -> None:
    story = Story()
    by_district = [(quota["district"], quota["projects"]) for quota in story.terms["quotas"]]
    assert [(d, sum(p.district.code == d for p in story.places)) for d, _ in by_district] == by_district
    assert len({place.street.code for place in story.places}) == 10
    assert story.fourth.district.code == "620102"
    assert all(place.community.level == "village" and place.street.level == "township" for place in story.places)


def test_the_other_roads_are_lived_beside_the_ten_and_only_in_places_that_are_not_theirs() -> None:
    story = Story()
    ten = {place.community.code: place for place in story.places}
    aside = (story.fourth, story.withdrawn, story.terminated)
    assert len({place.community.code for place in aside} | ten.keys()) == 13
    assert not {place.street.code for place in aside} & {place.street.code for place in ten.values()}
    assert not set(story.raw["merged"].values()) & ({place.community.code for place in aside} | ten.keys())
    assert {story.raw["suspended"], story.raw["corrected"], story.raw["declined"]["community"]} <= ten.keys()
    assert len(set(story.letters)) == 12
