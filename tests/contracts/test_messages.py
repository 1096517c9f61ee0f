"""Messages survive the wire, refuse what is not theirs, keep their bytes for ever, and name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar

import jsonschema_rs
import orjson
import pytest
from pydantic import Field, ValidationError
from tests.contracts.examples import DISTRICT, EXAMPLES, PROJECT, count

from contracts import schema
from contracts.fields import Code, Place
from contracts.messages import (
    MAX_BODY,
    MESSAGES,
    Message,
    UnknownMessage,
    casework,
    funding,
    parse,
    registry,
    subject,
    volunteer,
)
from contracts.values import Quantity, TenantId, Unit

GOLDEN = Path(__file__).parent / "golden"
each = pytest.mark.parametrize("message", EXAMPLES, ids=lambda m: type(m).__name__)
COUNTS = next(m for m in EXAMPLES if isinstance(m, casework.ServiceCountsPublishedV1)).body()


def test_every_message_is_registered_and_has_an_example() -> None:
    declared = {
        thing
        for module in (registry, funding, casework, volunteer)
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Message) and thing is not Message
    }
    assert set(MESSAGES.values()) == declared == {type(m) for m in EXAMPLES}
    assert len(MESSAGES) == len(declared), "two classes share a type and version"


@each
def test_a_message_survives_the_wire(message: Message) -> None:
    assert parse(message.TYPE, message.VERSION, message.body()) == message


@pytest.mark.golden
@each
def test_bytes_never_change(message: Message) -> None:
    golden = GOLDEN / f"{message.TYPE}.v{message.VERSION}.json"
    assert golden.exists(), f"a new message: keep {message.body()!r} in {golden.name}"
    assert message.body() == golden.read_bytes()


@pytest.mark.golden
def test_no_kept_bytes_are_forgotten() -> None:
    kept = {path.name for path in GOLDEN.glob("*.json")}
    assert kept == {f"{m.TYPE}.v{m.VERSION}.json" for m in EXAMPLES}


@each
def test_kept_bytes_fit_the_published_schema(message: Message) -> None:
    document = schema.json_schema(type(message))
    body = orjson.loads((GOLDEN / f"{message.TYPE}.v{message.VERSION}.json").read_bytes())
    check = jsonschema_rs.validator_for(document, validate_formats=True)
    assert check.is_valid(body)
    assert not check.is_valid({**body, "more": 1})


@each
def test_names_say_service_and_version(message: Message) -> None:
    kind = type(message)
    assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)+", kind.TYPE)
    assert kind.__module__.rpartition(".")[2] == kind.SERVICE
    assert kind.__name__.endswith(f"V{kind.VERSION}")
    event = "".join(part.title() for part in kind.TYPE.partition(".")[2].split("-"))
    assert kind.__name__ == f"{event}V{kind.VERSION}"


def test_the_subject_of_a_message() -> None:
    assert (
        subject("gansu-lanzhou", DISTRICT, funding.ProjectApprovedV1)
        == "evt.gansu-lanzhou.620102.funding.project.project-approved.v1"
    )


@pytest.mark.parametrize(
    ("region", "tenant"), [("Gansu", "620102"), ("a.b", "620102"), ("*", "620102"), ("", "620102"), ("gansu", "62010>")]
)
def test_an_unfit_subject_is_refused(region: str, tenant: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        subject(region, TenantId(tenant), funding.ProjectApprovedV1)


@pytest.mark.parametrize(("type_", "version"), [("funding.project-approved", 2), ("funding.nothing", 1), ("", 0)])
def test_an_unknown_message_is_told_apart_from_a_bad_one(type_: str, version: int) -> None:
    with pytest.raises(UnknownMessage):
        parse(type_, version, b"{}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"' * 5000,
        COUNTS + b" " * MAX_BODY,
        COUNTS.replace(b'"day"', b'"date"'),
        COUNTS.replace(b'{"day"', b'{"extra":1,"day"'),
        COUNTS.replace(b"2023-03-31", b"2023-02-30"),
        COUNTS.replace(b"2023-03-31", b"2023-03-31T12:00:00Z"),
        COUNTS.replace(str(PROJECT).encode(), b"1"),
    ],
)
def test_a_bad_body_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse("casework.service-counts-published", 1, body)


@pytest.mark.parametrize(
    "value", [b"963", b"963.0", b'"963.5"', b'"9.63E2"', b'"-1"', b'"0963"', b'"NaN"', b'"1000000000"', b"null"]
)
def test_a_count_on_the_wire_is_digits(value: bytes) -> None:
    with pytest.raises(ValueError, match="ledger_persons"):
        parse("casework.service-counts-published", 1, COUNTS.replace(b'"963"', value))


def test_a_count_in_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="counted in persons"):
        parse("casework.service-counts-published", 1, COUNTS.replace(b'"unit":"persons"', b'"unit":"person_times"'))


def test_equal_counts_have_equal_bytes() -> None:
    totals = volunteer.VolunteerTotals(
        activities=Quantity(Decimal("2E1"), Unit.SESSIONS),
        party_member_times=Quantity(Decimal("8.00"), Unit.PERSON_TIMES),
        residents_served=count(0, Unit.PERSON_TIMES),
        volunteers=count(9, Unit.PERSONS),
    )
    body = volunteer.VolunteerCountsPublishedV1(project_id=PROJECT, day=date(2023, 1, 1), totals=totals).body()
    assert b'"activities":{"qualifier":"exact","unit":"sessions","value":"20"}' in body
    assert b'"party_member_times":{"qualifier":"exact","unit":"person_times","value":"8"}' in body


def test_error_texts_do_not_repeat_what_was_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        parse("casework.case-opened", 1, '{"case_id":"演示居民甲01","surprise":"演示居民甲02"}'.encode())
    assert "演示居民" not in str(caught.value)


FORBIDDEN = re.compile(
    r"(^|_)(person|beneficiary|resident|client|household)?_?(names?|surname|phone|mobile|tel|email|mail|address|licen[cs]e"
    r"|licen[cs]e_no|id_number|identity|id_card|passport|birth|birthday|birth_date|gender|sex|ethnicity|remark|remarks"
    r"|note|notes|comment|text|findings|description|bank|account|card|photo|face|age|wechat|contact)$"
)
ALLOWED_NAMES = {
    (registry.TenantRegisteredV1, "name"),
    (registry.OrganisationRegisteredV1, "name"),
    (registry.UnitToldV1, "name"),
}
"""Names of organisations."""

PROBES = ("演示居民甲01", "Yanshi Jia", "yanshi@example.org", "13800000000", "620102199001011234", "SW20221234567")


def _fields(node: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema below a document, with the name of the field that it belongs to."""
    if isinstance(node, list):
        for item in node:
            yield from _fields(item, name)
    if isinstance(node, dict):
        yield name, node
        for key, value in node.items():
            if key in ("properties", "$defs"):
                for field, inner in value.items():
                    yield from _fields(inner, field if key == "properties" else "")
            elif isinstance(value, dict | list):
                yield from _fields(value, name)


def _leaks(kind: type[Message]) -> set[str]:
    """Names of the fields that speak of a person, or are text that could: no free text, no map, no Sealed."""
    found = set()
    for name, node in _fields(schema.json_schema(kind)):
        if FORBIDDEN.search(name) and node.get("type") != "boolean":
            found.add(name)
        if node.get("additionalProperties"):
            found.add(name)
        if node.get("type") == "string" and not {"enum", "const"} & node.keys():
            tight = node.get("format") in ("uuid", "date") or "pattern" in node
            if not tight or any(re.search(node.get("pattern", "^$"), probe) for probe in PROBES):
                found.add(name)
    return found


@pytest.mark.parametrize("kind", MESSAGES.values(), ids=lambda m: m.__name__)
def test_no_field_can_hold_personal_data(kind: type[Message]) -> None:
    organisations = {name for owner, name in ALLOWED_NAMES if owner is kind}
    assert _leaks(kind) == organisations


class Leaky(Message):
    TYPE: ClassVar[str] = "casework.leaked"
    NAME: ClassVar[str] = "泄露"
    AGGREGATE: ClassVar[str] = "case"

    worker_phone: Code
    reason: str
    serial: Annotated[str, Field(pattern="^[0-9]+$")]
    more: dict[str, str]
    fine: Place | None
    licensed: bool


def test_the_scan_sees_what_it_should() -> None:
    assert _leaks(Leaky) == {"worker_phone", "reason", "serial", "more"}
