"""Spans: to a collector over OTLP/HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` is set, else to a bounded ring in memory."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Span, Status
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

STATEMENTS = "LIANDONG_STATEMENT_SPANS"
"""Set to anything, each SQL statement has a span.  For looking into one slow thing: a span costs more than a row."""
RECENT = 2_000
"""Spans that the ring keeps; the oldest go first."""

SHOWN = frozenset(
    {
        "action", "batch", "code", "consumer", "event.type", "event_id", "rows", "stream", "tenant",
        "topic", "type", "version",
        "error.type", "http.request.method", "http.response.status_code", "http.route", "network.protocol.version",
        "db.name", "db.namespace", "db.operation.name", "db.query.text", "db.statement", "db.system", "db.system.name",
        "messaging.batch.message_count", "messaging.destination.name", "messaging.operation.name",
        "messaging.operation.type", "messaging.system",
    }
)  # fmt: skip
"""Attributes that may leave.  Not among them: paths, queries, addresses, user agents, parameters, exception texts."""


def scrubbed(span: ReadableSpan) -> ReadableSpan:
    """The span with listed attributes only, no status text, and of its events the names and exception types."""
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_listed(span.attributes),
        events=[
            Event(event.name, {"exception.type": kind} if kind else {}, event.timestamp)
            for event in span.events
            for kind in [(event.attributes or {}).get("exception.type")]
        ],
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _listed(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (attributes or {}).items() if key in SHOWN}


class Scrubbing(SpanExporter):
    """Passes every span on scrubbed."""

    def __init__(self, to: SpanExporter) -> None:
        self.to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.to.export([scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        self.to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.to.force_flush(timeout_millis)


class Ring(SpanExporter):
    """The last spans of this process; scrubbed when they are asked for."""

    def __init__(self, size: int = RECENT) -> None:
        self._spans: deque[ReadableSpan] = deque(maxlen=size)
        self._lock = threading.Lock()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._lock:
            self._spans.extend(spans)
        return SpanExportResult.SUCCESS

    def recent(self, trace_id: str | None = None) -> list[ReadableSpan]:
        """The kept spans, oldest first; of one trace if its 32 hex digits are given."""
        with self._lock:
            spans = list(self._spans)
        wanted = [s for s in spans if trace_id is None or _is_of(s, trace_id)]
        return [scrubbed(span) for span in wanted]


def _is_of(span: ReadableSpan, trace_id: str) -> bool:
    context = span.get_span_context()
    return context is not None and f"{context.trace_id:032x}" == trace_id


_lock = threading.Lock()
_configured: tuple[TracerProvider, Ring | None] | None = None


def configure_spans(service: str, region: str) -> Ring | None:
    """Sets this process's tracer provider, once.  Answers the ring, or None if a collector gets the spans."""
    global _configured  # noqa: PLW0603 - OpenTelemetry has one provider per process, so have we
    with _lock:
        if _configured is None:
            made = TracerProvider(resource=Resource.create({"service.name": service, "liandong.region": region}))
            ring = None
            if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

                made.add_span_processor(BatchSpanProcessor(Scrubbing(OTLPSpanExporter())))
            else:
                ring = Ring()
                made.add_span_processor(SimpleSpanProcessor(ring))
            trace.set_tracer_provider(made)
            # No baggage: what a client puts there would travel on with every message.
            propagate.set_global_textmap(TraceContextTextMapPropagator())
            if os.environ.get(STATEMENTS):
                trace_statements(made)
            _configured = made, ring
        return _configured[1]


def trace_statements(to: TracerProvider) -> None:
    """Has each SQL statement of this process leave a span, with its text and no parameter."""
    AsyncPGInstrumentor(capture_parameters=False).instrument(tracer_provider=to)  # type: ignore[no-untyped-call]


def provider() -> TracerProvider:
    """The configured provider; RuntimeError before `start`."""
    if _configured is None:
        raise RuntimeError("telemetry was not started")
    return _configured[0]


def current_traceparent() -> str | None:
    """The W3C traceparent of the current span, to be stored beside what it did; None outside any span."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current_trace_id() -> str | None:
    """32 hex digits; None outside any span."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


@contextmanager
def linked(name: str, traceparent: str | None, **attributes: str | int) -> Iterator[Span]:
    """A current span of a trace of its own, linked to the one that a stored traceparent names.

    For work that is done later than what caused it: the relay, a redrive.  A traceparent that is None or not
    well-formed gives no link.  Attributes pass the same allow-list as all.
    """
    carrier = {"traceparent": traceparent} if traceparent else {}
    context = trace.get_current_span(TraceContextTextMapPropagator().extract(carrier)).get_span_context()
    links = [Link(context)] if context.is_valid and traceparent else []
    with trace.get_tracer("kit").start_as_current_span(name, links=links, attributes=attributes) as span:
        yield span
