"""Each type of the published language: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from tests.contracts.leaves import KINDS, kind_of, leaves
from tests.golden.files import SERVICES
from tests.synthetic import credit_code, identity_number

from contracts import fields
from contracts.normal import identity_check
from kit.service import Command
from kit.service.wording import field_errors


def taken(name: str, value: Any) -> Any:
    return TypeAdapter(KINDS[name]).validate_python(value)


def refused(name: str, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        taken(name, value)
    (problem,) = field_errors(caught.value.errors())
    return problem["problem"]


GOOD: dict[str, tuple[Any, ...]] = {
    "Code": ("other", "credential-impersonation", "core_1", "linkage-2025", "a" * 64),
    "Region": ("gansu-lanzhou", "g1"),
    "RuleId": ("R-LZ-08",),
    "Tenant": ("620102",),
    "Street": ("620102001",),
    "Community": ("620102001001",),
    "Place": ("620102001", "620102001001"),
    "Division": ("620102", "620102001", "620102001001"),
    "Sha256": ("0" * 64, "13800138000" + "f" * 53),
    "ThirdParty": ("0d9f6a3e-6a0a-4a51-9d5b-6a3f0c6f8e01",),
    "Count": (0, 2**31 - 1),
    "Positive": (1, 2**31 - 1),
    "Pieces": (1, 1000),
    "Crowd": (0, 999_999),
    "Year": (1949, 2025, 2999),
    "PastYear": (2022,),
    "Tier": (1, 4),
    "PostGrade": (1, 13),
    "Percent": (0, 100),
    "DaysBefore": (-30, 0, 30),
    "Amount": (1, 10**13 - 1),
    "Money": (0, 10**13 - 1),
    "Area": ("0.01", "300.5", 300, "9999999.99"),
    "LeastArea": ("0", "300"),
    "Day": ("1900-01-01", "2999-12-31", date(2022, 9, 27)),
    "PastDay": ("2022-09-27",),
    "Printed": ("2022-05-31", "2022-05-31T22:28", "2022-05-31T22:28:30"),
    "Month": ("2022-09",),
    "Name": ("甘肃省", "𠮷林·买买提", "A", "ᠮᠣᠩᠭᠣᠯ", "演示 社工 机构（甲）", "👨\u200d👩\u200d👧之家"),
    "Title": ("2022年兰州市“三社联动”试点工作实施方案",),
    "Text": ("第一行\n第二行\r\n\t第三行", "x"),
    "Remark": ("", "同意"),
    "PersonName": ("欧阳娜娜", "买买提·吐尔逊", "13800138000"),
    "Address": ("演示路1号",),
    "SealedText": ("电话 13800138000\n第二行",),
    "IdentityNumber": (identity_number(7),),
    "MaybeIdentityNumber": (identity_number(7), None, "无", "000"),
    "LicenceNumber": ("DEMO-2020-77",),
    "CreditCode": (credit_code(7),),
}
BAD: dict[str, tuple[Any, ...]] = {
    "Code": (
        *(
            "",
            "A",
            "甲",
            "12345",
            "20220901",
            "2023-00012",
            "-a",
            "a-",
            "a--b",
            "a b",
            "a\n",
            "a.b",
            "a" * 65,
            "1380-0013-800",
        ),
        *(1, None, "６", "a" + identity_number(1)),
    ),
    "Region": ("", "Gansu", "a.b", "a_b", "-a", "x" * 61, identity_number(1)[:17] + "1", "13800138000"),
    "RuleId": ("", "R-LZ-8", "r-lz-08", "R-LZ-008", "R-LZ-08\n"),
    "Tenant": ("", "62", "abc", "6201020", "６２０１０２", "620102\n", 620102),
    "Street": ("62010200", "620102001001", "abc"),
    "Community": ("620102001", "6201020010011"),
    "Place": ("620102", "62010200100"),
    "Division": ("62010", "6201020010"),
    "Sha256": ("0" * 63, "F" * 64, "g" * 64),
    "ThirdParty": ("", "demo", "0D9F6A3E-6A0A-4A51-9D5B-6A3F0C6F8E01", "0d9f6a3e6a0a4a519d5b6a3f0c6f8e01"),
    "Count": (-1, 2**31, "1", True, 1.0, None),
    "Positive": (0,),
    "Pieces": (0, 1001),
    "Crowd": (-1, 10**6),
    "Year": (20222, 1948, 3000, "2022", 202),
    "PastYear": (20222,),
    "Tier": (0, 5),
    "PostGrade": (0, 14),
    "Percent": (-1, 101),
    "DaysBefore": (-3661, 3661),
    "Amount": (0, -1, 10**13, "1"),
    "Money": (-1, 10**13),
    "Area": ("0", "-1", "10000001", "1.001", "NaN", "Infinity", "1E+999999999", "abc"),
    "LeastArea": ("-1", "0.001"),
    "Day": (
        "1899-12-31",
        "3000-01-01",
        "2022-02-30",
        "2022-1-1",
        "20220101",
        0,
        "0",
        "2022-01-01T00:00:00",
        "２０２２-01-01",
    ),
    "PastDay": ("2022-02-30",),
    "Printed": ("2022-02-30", "2022-05-31T24:00", "2022-05-31 22:28", "2022", "2022-05-31T22:28:30Z"),
    "Month": ("2022-13", "2022-9", "months_from"),
    "Name": (
        *(
            "",
            " ",
            "\u3000",
            "\u200b",
            "\u00a0\u2003",
            "\u3164",
            "\u2800",
            "\ufe0f",
            "a\u202eb",
            "a\u2066b",
            "a\u200fb",
            "a\nb",
        ),
        *("a\tb", "a\rb", "a\u2028b", "a\u0085b", "a\x07b", "甘\u200b肃", "\ue000", "\U0010ffff", "\u0378", "长" * 101),
        *(identity_number(1), f"演示机构{identity_number(2)}", "演示机构 138-0013-8000"),
    ),
    "Title": ("\n", "标题" + identity_number(1), "长" * 301),
    "Text": ("", " \n ", "a\u202eb", "a\x00b", "a\x0bb", "\ue000a", f"负责人 {identity_number(1)}", "长" * 2001),
    "Remark": (" ", "请联系 13800138000", "a\u202db"),
    "PersonName": ("", "\u3000", "a\nb", "a\u202eb", "名" * 61),
    "Address": ("", "\u200b", "a\nb"),
    "SealedText": ("", "\n", "a\u202eb", "a\x00b", "长" * 2001),
    "IdentityNumber": ("abc", "无", "6.20102E+17", "620102195001010031", "", 620102195001010031),
    "MaybeIdentityNumber": ("abc", "6.20102E+17"),
    "LicenceNumber": ("无", "ABCD", "1", "2" * 41, "a\nb123"),
    "CreditCode": ("IIIIOOOO", "52620100DEMO0001XX", "无", "91350100M000100Y44"),
}


def test_every_type_is_tried() -> None:
    assert GOOD.keys() == BAD.keys() == KINDS.keys()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_type_takes_what_fits(name: str) -> None:
    for value in GOOD[name]:
        taken(name, value)


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_type_refuses_what_does_not_and_says_so_in_chinese(name: str) -> None:
    for value in BAD[name]:
        said = refused(name, value)
        assert re.search("[\u4e00-\u9fff]", said), (value, said)
        assert said not in ("格式不符", "内容不符合要求"), (value, said)
        if isinstance(value, str) and len(value) > 5:
            assert value not in said


def test_texts_are_kept_as_written_but_for_composition() -> None:
    assert taken("Name", "Ａ区 cafe\u0301  甲") == "Ａ区 caf\u00e9  甲"
    assert taken("Text", " 前后有空 \n") == " 前后有空 \n"
    assert taken("LicenceNumber", "ｄｅｍｏ-2020- 77") == "ｄｅｍｏ-2020- 77"


def test_official_numbers_are_kept_in_their_normal_form() -> None:
    assert taken("CreditCode", credit_code(7).lower().replace("d", "Ｄ")) == credit_code(7)
    assert taken("IdentityNumber", " ".join(identity_number(7)).lower()) == identity_number(7)
    assert taken("MaybeIdentityNumber", "620102500101003") == "62010219500101003X"


def test_placeholders_are_no_number() -> None:
    assert [taken("MaybeIdentityNumber", text) for text in ("无", "不详", "暂无", "—", "0000", "")] == [None] * 6


def test_a_refused_personal_number_says_where_it_belongs() -> None:
    assert refused("Text", f"本人 {identity_number(1)}").startswith(
        "此处会以明文长期保存，不得填写身份证号码：请改填在密封字段"
    )
    assert "手机号码" in refused("Code", "a13800138000")


class Recorded(Command):
    day: fields.PastDay
    year: fields.PastYear = 2000
    printed: fields.Printed = "2000-01-01"
    id_number: fields.MaybeIdentityNumber = None


def problems(**given: Any) -> list[dict[str, str]]:
    try:
        Recorded(**{"occurred_on": "2022-06-06", "day": "2022-06-06", **given})
    except ValidationError as error:
        return field_errors(error.errors())
    return []


def test_a_past_fact_is_not_after_the_day_it_is_recorded_for() -> None:
    assert problems(year=2022, printed="2022-06-06T23:59") == []
    late = "不得晚于发生日期（occurred_on）：请核对两个日期"
    assert problems(day="2022-06-07") == [{"field": "day", "problem": late}]
    assert problems(day="2999-12-31") == [{"field": "day", "problem": late}]
    assert problems(printed="2022-06-07T00:00") == [{"field": "printed", "problem": late}]
    assert [p["field"] for p in problems(year=2023)] == ["year"]


def test_nobody_is_enrolled_before_birth() -> None:
    first = "62010220220607001"
    number = first + identity_check(first)
    assert [p["field"] for p in problems(id_number=number)] == ["id_number"]
    assert problems(id_number=number, occurred_on="2022-06-07", day="2022-06-07") == []


def test_a_past_day_stands_directly_in_a_command() -> None:
    """Elsewhere there is no day to compare it with."""
    models: list[type[BaseModel]] = [
        c for s in SERVICES for c in Command.__subclasses__() if c.__module__.startswith(s.name)
    ]
    past = [path for m in models for path, leaf in leaves(m) if kind_of(leaf) in ("PastDay", "PastYear", "Printed")]
    assert len(past) >= 4
    assert [path for path in past if "." in path] == []


@pytest.mark.parametrize("name", KINDS)
def test_a_type_has_an_example_that_fits_it(name: str) -> None:
    """And that passes after what precedes it in a command: services compose bodies of them."""
    adapter = TypeAdapter[Any](KINDS[name])
    described = adapter.json_schema()
    (example,) = described.get("examples") or described["anyOf"][0]["examples"]
    adapter.validate_python(example)
    assert adapter.validate_json(json.dumps(example)) is not None
