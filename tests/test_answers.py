"""Every answer has a shape, which its service says: each field with a Chinese title, and how its value is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.answers import Answers, decimal, document
from tests.test_described import operations, services

from kit.service import Definition
from kit.service.described import answered
from volunteer.app import VOLUNTEER

HAN = re.compile("[\u4e00-\u9fff]")


def schema_of(operation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return found


def fields(service: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of all that answers consist of."""
    about = document(service)
    for name in sorted(answered(about)):
        for field, said in about["components"]["schemas"][name].get("properties", {}).items():
            yield f"{name}.{field}", said


def shapeless(service: Definition) -> set[str]:
    return {
        label for label, operation in operations(service) if not {"$ref", "type", "anyOf"} & schema_of(operation).keys()
    }


@services
def test_every_operation_says_what_it_answers(service: Definition) -> None:
    assert shapeless(service) == set()


@services
def test_every_field_of_an_answer_has_a_chinese_title_and_is_described(service: Definition) -> None:
    found = dict(fields(service))
    assert found
    assert [name for name, said in found.items() if not HAN.search(said.get("title", ""))] == []
    assert [name for name, said in found.items() if not HAN.search(said.get("description", ""))] == []


@services
def test_a_field_that_may_be_null_says_when(service: Definition) -> None:
    """In its description, or each time in `unknown` beside it (kit.service.report)."""
    found = dict(fields(service))
    nullable = {name: said for name, said in found.items() if {"type": "null"} in said.get("anyOf", ())}
    assert nullable
    silent = [name for name, said in nullable.items() if "空" not in said["description"]]
    assert [name for name in silent if f"{name.partition('.')[0]}.unknown" not in found] == []


@services
def test_an_answer_has_no_fields_but_those_that_it_says(service: Definition) -> None:
    """But for the rows behind figures, which are of as many kinds as there are indicators."""
    about = document(service)
    loose = [
        name
        for name in answered(about)
        if (schema := about["components"]["schemas"][name]).get("type") == "object"
        and schema.get("additionalProperties") is not False
    ]
    assert loose == ["CountedRow"]


@services
def test_every_value_of_an_enum_has_a_name(service: Definition) -> None:
    about = document(service)
    enums = {name: one for name, one in about["components"]["schemas"].items() if "enum" in one}
    assert enums
    unnamed = {
        name: one["enum"] for name, one in enums.items() if [*one.get("x-names", {})] != [*map(str, one["enum"])]
    }
    assert unnamed == {}


ANSWER = {"stream": "activity/1", "version": 1, "event_id": None, "recorded_at": "2022-10-10T00:00:00.000000Z"}


@pytest.mark.parametrize(
    "wrong",
    [{"more": 1}, {"version": None}, {"version": "1"}, {"event_id": "1"}, {"recorded_at": "2022-10-10 00:00"}],
    ids=str,
)
def test_what_differs_from_its_description_is_seen(wrong: dict[str, Any]) -> None:
    """The comparison that every test over HTTP makes (tests/answers.py)."""
    answers = Answers(document(VOLUNTEER))
    sent = ("POST", "/v1/activities/1/hold", 200, "application/json; charset=utf-8")
    answers.check(*sent, json.dumps(ANSWER).encode())
    with pytest.raises(AssertionError, match="answers other than it says"):
        answers.check(*sent, json.dumps({**ANSWER, **wrong}).encode())
    with pytest.raises(AssertionError, match="is not described"):
        answers.check("POST", "/v1/activities/1/unheard-of", 200, "application/json", b"{}")


@pytest.mark.parametrize(("text", "so"), [("1.50", True), ("0", True), ("-3", True), ("1E+2", False), ("x", False)])
def test_a_decimal_is_digits(text: str, so: bool) -> None:
    assert decimal(text) is so
