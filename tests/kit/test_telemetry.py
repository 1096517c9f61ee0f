"""Spans, metrics and logs show ids and never people (I12)."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest
import structlog
from fastapi import APIRouter
from opentelemetry import trace
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from tests.conftest import Engines

from contracts.values import PersonId, Sealed
from kit import telemetry
from kit.service.frame import framed
from kit.telemetry.logs import shown
from kit.telemetry.spans import Ring, Scrubbing, trace_statements

PERSON = "王某某"
NOTE = uuid4()
router = APIRouter(prefix="/v1")
inner = APIRouter()


@inner.get("/people/{person_id}")
async def person(person_id: UUID, q: str = "") -> str:
    if q == "boom":
        raise RuntimeError(PERSON)
    return telemetry.current_traceparent() or ""


router.include_router(inner)


@pytest.fixture
def ring() -> Ring:
    found = telemetry.start("toy", "test")
    assert found is not None, "a collector is configured"
    return found


@pytest.fixture
async def http(ring: Ring) -> AsyncIterator[httpx.AsyncClient]:
    app = framed("便条")
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:
        yield client


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    kept = root.handlers[:]
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    telemetry.start("toy", "test")
    yield written
    root.handlers[:] = kept


def lines(stderr: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stderr.getvalue().splitlines()]


def dumped(spans: list[ReadableSpan]) -> str:
    # As text again: the exporter's JSON escapes Chinese, and nothing would ever be found in it.
    return "".join(json.dumps(json.loads(span.to_json()), ensure_ascii=False) for span in spans)


async def test_a_request_is_one_span_with_its_template_and_no_query(http: httpx.AsyncClient, ring: Ring) -> None:
    answer = await http.get(f"/v1/people/{NOTE}", params={"q": PERSON}, headers={"user-agent": PERSON.encode().hex()})
    spans = ring.recent(answer.headers["x-trace-id"])
    assert [span.name for span in spans] == ["GET /v1/people/{person_id}"]
    assert dict(spans[0].attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v1/people/{person_id}",
        "http.response.status_code": 200,
        "network.protocol.version": "1.1",
    }
    assert PERSON not in dumped(spans)


async def test_a_failing_request_shows_the_exception_s_type_and_not_its_text(
    http: httpx.AsyncClient, ring: Ring, stderr: io.StringIO
) -> None:
    answer = await http.get(f"/v1/people/{NOTE}", params={"q": "boom"})
    text = dumped(ring.recent(answer.headers["x-trace-id"]))
    assert '"status_code": "ERROR"' in text
    (line,) = [one for one in lines(stderr) if one["event"] == "request.failed"]
    assert (line["error"], line["route"], line["trace"]) == (
        "RuntimeError", "/v1/people/{person_id}", answer.headers["x-trace-id"],
    )  # fmt: skip
    assert line["frames"][-1].endswith(" person")
    assert PERSON not in text + stderr.getvalue()


async def test_a_client_s_trace_is_continued_and_its_baggage_is_not(http: httpx.AsyncClient, ring: Ring) -> None:
    sent = f"00-{uuid4().hex}-{'1' * 16}-01"
    answer = await http.get(f"/v1/people/{NOTE}", headers={"traceparent": sent, "baggage": "name=someone"})
    assert answer.headers["x-trace-id"] == sent.split("-")[1]
    assert answer.json().split("-")[1] == sent.split("-")[1]
    assert "someone" not in dumped(ring.recent())


async def test_labels_are_templates_methods_and_classes(http: httpx.AsyncClient) -> None:
    await http.get(f"/v1/people/{NOTE}")
    await http.get(f"/v1/{PERSON}")
    await http.request("BREW", f"/v1/people/{NOTE}")
    text = telemetry.exposition()[0].decode()
    assert 'http_request_seconds_count{method="GET",route="/v1/people/{person_id}",status="2xx"}' in text
    assert 'http_request_seconds_count{method="GET",route="none",status="4xx"}' in text
    assert 'method="other"' in text
    assert PERSON not in text
    assert str(NOTE) not in text


@pytest.fixture
def statements() -> Iterator[None]:
    trace_statements(telemetry.provider())
    yield
    AsyncPGInstrumentor().uninstrument()  # type: ignore[no-untyped-call]


@pytest.mark.usefixtures("statements")
async def test_sql_spans_hold_the_statement_and_no_parameter(ring: Ring, engines: Engines) -> None:
    with trace.get_tracer("test").start_as_current_span("asking"):
        trace_id = telemetry.current_trace_id()
        connection = await asyncpg.connect(engines.postgres_url)
        assert await connection.fetchval("select $1::text", PERSON) == PERSON
        with pytest.raises(asyncpg.InvalidTextRepresentationError, match=PERSON):
            await connection.fetchval("select ($1 || '')::int", PERSON)
        await connection.close()
    text = dumped(ring.recent(trace_id))
    assert "select $1::text" in text
    assert PERSON not in text


class Kept:
    """An exporter that keeps what reaches it."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: list[ReadableSpan]) -> SpanExportResult:
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


def test_unlisted_attributes_and_exception_texts_do_not_leave(ring: Ring) -> None:
    with pytest.raises(ValueError), trace.get_tracer("test").start_as_current_span("work") as span:  # noqa: PT012
        span.set_attributes({"person.name": PERSON, "stream": f"note/{NOTE}", "url.query": PERSON})
        raise ValueError(PERSON)
    kept = Kept()
    Scrubbing(kept).export([span])  # type: ignore[arg-type, list-item]
    text = dumped(kept.spans)
    assert PERSON not in text
    assert "exception.type" in text
    assert dict(kept.spans[0].attributes or {}) == {"stream": f"note/{NOTE}"}


def test_the_ring_is_bounded() -> None:
    kept = Ring(size=3)
    spans = []
    for n in range(5):
        with trace.get_tracer("test").start_as_current_span(f"s{n}") as span:
            spans.append(span)
    kept.export(spans)  # type: ignore[arg-type]
    assert [span.name for span in kept.recent()] == ["s2", "s3", "s4"]


def test_later_work_is_linked_to_what_caused_it(ring: Ring) -> None:
    cause = f"00-{uuid4().hex}-{'2' * 16}-01"
    with telemetry.linked("relay.publish", cause, event_id=str(NOTE)):
        trace_id = telemetry.current_trace_id()
    (span,) = ring.recent(trace_id)
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [cause.split("-")[1]]
    assert trace_id != cause.split("-")[1]


@pytest.mark.parametrize("broken", [None, "", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_broken_traceparent_links_to_nothing(ring: Ring, broken: str | None) -> None:
    with trace.get_tracer("test").start_as_current_span("other"), telemetry.linked("relay.publish", broken):
        trace_id = telemetry.current_trace_id()
    assert [span.links for span in ring.recent(trace_id) if span.name == "relay.publish"] == [()]


@dataclass(frozen=True)
class Told:
    name: str


def test_a_log_line_keeps_listed_keys_only(stderr: io.StringIO) -> None:
    sealed: Sealed[str] = Sealed(person=PersonId(uuid4()), clear=PERSON)
    structlog.get_logger("kit.test").warning(
        "relay.stalled", oldest_s=3.5, stream=f"note/{NOTE}", person_name=PERSON, reason=sealed, rows=[sealed, 1],
        error=ValueError(PERSON), code=Told(PERSON), tenants={"code": "620102", "words": PERSON},
    )  # fmt: skip
    (line,) = lines(stderr)
    assert line.pop("at")
    assert line == {
        "event": "relay.stalled", "level": "warning", "service": "toy", "oldest_s": 3.5, "stream": f"note/{NOTE}",
        "reason": "***", "rows": ["***", 1], "error": "ValueError", "code": "***", "tenants": {"code": "620102"},
        "dropped": 1,
    }  # fmt: skip


def test_a_logged_exception_shows_where_and_not_what(stderr: io.StringIO) -> None:
    try:
        raise ValueError(PERSON)
    except ValueError:
        structlog.get_logger("kit.test").exception("task.died", task="relay")
    (line,) = lines(stderr)
    assert (line["error"], line["task"]) == ("ValueError", "relay")
    assert "test_telemetry.py" in line["frames"][-1]
    assert PERSON not in stderr.getvalue()


def test_what_libraries_log_loses_its_arguments(stderr: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("Invalid request from %s", PERSON)
    logging.getLogger("some.library").error(f"could not store {PERSON}")
    try:
        raise ValueError(PERSON)
    except ValueError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
    first, second, third = lines(stderr)
    assert (first["reason"], first["name"]) == ("Invalid request from %s", "uvicorn.error")
    assert "reason" not in second
    assert third["error"] == "ValueError"
    assert PERSON not in stderr.getvalue()


def test_long_values_are_cut() -> None:
    assert len(shown("长" * 1000)) == 201
    assert len(shown(list(range(1000)))) == 50
    assert shown(b"bytes") == "***"
