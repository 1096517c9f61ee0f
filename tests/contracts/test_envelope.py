"""Headers carry an envelope there and back, and a bad one is named without repeating it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from contracts.envelope import NAMES, Envelope, MalformedEnvelope, decode, encode
from contracts.values import TenantId

ENVELOPE = Envelope(
    event_id=UUID("01890000-0000-7000-8000-000000000001"),
    type="funding.project-approved",
    version=1,
    region="gansu-lanzhou",
    tenant=TenantId("620102"),
    stream="project/00000000-0000-0000-0000-000000000002",
    stream_version=4,
    sequence=2,
    occurred_on=date(2022, 8, 1),
    recorded_at=datetime(2022, 8, 1, 16, 30, 0, 1, UTC),
    correlation=UUID(int=7),
    trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "01890000-0000-7000-8000-000000000001",
    "ce-source": "/gansu-lanzhou/funding",
    "ce-type": "funding.project-approved.v1",
    "ce-time": "2022-08-01T16:30:00.000001Z",
    "ce-subject": "project/00000000-0000-0000-0000-000000000002",
    "ce-datacontenttype": "application/json",
    "ce-tenant": "620102",
    "ce-streamversion": "4",
    "ce-sequence": "2",
    "ce-occurredon": "2022-08-01",
    "ce-correlation": "00000000-0000-0000-0000-000000000007",
    "content-type": "application/json",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


def test_the_headers_are_these() -> None:
    assert encode(ENVELOPE) == HEADERS


def test_an_envelope_survives_the_wire() -> None:
    assert decode(encode(ENVELOPE)) == ENVELOPE


def test_header_names_may_come_in_any_case_and_others_are_passed_over() -> None:
    shouted = {name.upper(): value for name, value in HEADERS.items()}
    assert decode({**shouted, "Nats-Expected-Stream": "x", "nats-expected-stream": "y"}) == ENVELOPE


def test_a_header_that_comes_twice_is_unfit() -> None:
    """Whoever reads the first and whoever reads the second would see two messages."""
    with pytest.raises(MalformedEnvelope, match=r"^unfit header ce-tenant$"):
        decode({**HEADERS, "CE-Tenant": "620103"})


def test_nothing_names_an_id_that_the_broker_would_drop_by() -> None:
    assert "nats-msg-id" not in {name.lower() for name in encode(ENVELOPE)}
    assert set(encode(ENVELOPE)) == NAMES


def test_attribute_names_keep_to_the_specification() -> None:
    assert all(re.fullmatch(r"ce-[a-z0-9]{1,20}", name) for name in HEADERS if name.startswith("ce-"))


def test_instants_are_sent_in_utc() -> None:
    there = ENVELOPE.recorded_at.astimezone(timezone(timedelta(hours=8)))
    assert encode(replace(ENVELOPE, recorded_at=there)) == HEADERS


def test_an_unfit_trace_context_is_dropped() -> None:
    assert "traceparent" not in encode(replace(ENVELOPE, trace="abc"))
    assert decode({**HEADERS, "traceparent": "abc"}).trace is None


@pytest.mark.parametrize(
    "broken",
    [
        replace(ENVELOPE, recorded_at=datetime(2022, 8, 1)),  # noqa: DTZ001 - the very fault
        replace(ENVELOPE, tenant=TenantId("62")),
        replace(ENVELOPE, region="Gansu Lanzhou"),
        replace(ENVELOPE, stream="project/演示"),
        replace(ENVELOPE, version=0),
        replace(ENVELOPE, type=f"funding.project-{'x' * 256}"),
        replace(ENVELOPE, stream_version=0, sequence=0),
        replace(ENVELOPE, stream_version=2**31),
        replace(ENVELOPE, sequence=0),
        replace(ENVELOPE, sequence=5),
        replace(ENVELOPE, type="funding.project approved\r\nx: y"),
    ],
)
def test_what_could_not_be_read_back_is_not_sent(broken: Envelope) -> None:
    with pytest.raises(ValueError):
        encode(broken)


REQUIRED = set(HEADERS) - {"ce-datacontenttype", "content-type", "traceparent"}


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_required_header_must_be_there(name: str) -> None:
    with pytest.raises(MalformedEnvelope, match=f"^unfit header {name}$"):
        decode({k: v for k, v in HEADERS.items() if k != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce-specversion", "0.3"),
        ("ce-id", "secret"),
        ("ce-type", "funding.project-approved"),
        ("ce-type", f"funding.project-{'x' * 256}.v1"),
        ("ce-type", "funding.project-approved.v01"),
        ("ce-source", "/gansu-lanzhou/registry"),
        ("ce-time", "2022-08-01T16:30:00Z"),
        ("ce-time", "2022-13-01T16:30:00.000001Z"),
        ("ce-occurredon", "2022-02-30"),
        ("ce-occurredon", "20220801"),
        ("ce-subject", "project"),
        ("ce-id", "{01890000-0000-7000-8000-000000000001}"),
        ("ce-id", "01890000-0000-7000-8000-00000000000A"),
        ("ce-correlation", "urn:uuid:00000000-0000-0000-0000-000000000007"),
        ("ce-streamversion", "0"),
        ("ce-streamversion", "2147483648"),
        ("ce-sequence", "0"),
        ("ce-sequence", "02"),
        ("ce-sequence", "5"),
        ("ce-tenant", "６２０１０２"),
        ("ce-tenant", "620102\n"),
        ("content-type", "application/cloudevents+json"),
    ],
)
def test_an_unfit_header_is_named_and_its_value_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(MalformedEnvelope) as caught:
        decode({**HEADERS, name: value})
    assert str(caught.value) == f"unfit header {name}"
