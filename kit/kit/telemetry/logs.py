"""Logs: one JSON object a line on stderr.  Event names are constants, values are listed fields, people are absent."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import structlog
from opentelemetry import trace

from contracts.values import Sealed

LISTED = frozenset(
    {
        "event", "level", "at", "logger", "service", "trace",
        "action", "attempt", "batch", "category", "causation", "clause", "code", "command", "command_id", "consumer",
        "correlation", "count", "cursor", "delay_s", "durable", "error", "event_id", "field", "frames", "handler",
        "host", "issuer", "kept", "kid", "lag_s", "last", "limit", "method", "migration", "name", "oldest_s", "parked",
        "path", "pending", "pid", "port", "pos", "position", "reason", "redelivered", "region",
        "revision", "role", "route", "rows", "rule", "schema", "seconds", "sequence", "signal", "sqlstate", "status",
        "stream", "streams", "subject", "subscriber", "tables", "tail", "task", "tenant", "tenants", "times", "topic",
        "tries", "tx", "type", "version", "versions", "waiting",
    }
)  # fmt: skip
"""Keys that a log line may have.  A person's name, number or words are in none of them."""

MAX_TEXT = 200
MASK = "***"


def frames(error: BaseException, most: int = 12) -> list[str]:
    """Where an exception came from: "file:line function", innermost last.  Never its text: that may quote a person."""
    found = traceback.extract_tb(error.__traceback__)[-most:]
    return [f"{'/'.join(f.filename.split('/')[-3:])}:{f.lineno} {f.name}" for f in found]


def shown(value: Any) -> Any:
    """A value as a log line may show it: sealed data masked, exceptions by class, long text cut."""
    if isinstance(value, Sealed):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, Enum):
        return shown(value.value)
    if isinstance(value, UUID | date | datetime):
        return str(value)
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
    if isinstance(value, Mapping):
        return {key: shown(inner) for key, inner in value.items() if key in LISTED}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return [shown(inner) for inner in list(value)[:50]]
    return MASK


def only_listed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: unlisted keys go, and the line says how many went; listed values pass `shown`."""
    if error := line.pop("exc_info", None):
        caught = error if isinstance(error, BaseException) else sys.exc_info()[1]
        if caught is not None:
            line.update(error=caught, frames=frames(caught))
    kept = {key: shown(value) for key, value in line.items() if key in LISTED}
    if dropped := len(line) - len(kept):
        kept["dropped"] = dropped
    return kept


def _where(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace"] = f"{context.trace_id:032x}"
    line["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return line


class FromLibraries(logging.Handler):
    """What libraries log: the unformatted template of the HTTP server, of others only who and how bad.

    Arguments and exception texts are not shown, for they may quote what a person sent.
    """

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"name": record.name}
        if record.name.startswith("uvicorn") and isinstance(record.msg, str) and "\n" not in record.msg.strip():
            fields["reason"] = record.msg.strip()
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = record.exc_info[1]
            fields["frames"] = frames(record.exc_info[1])
        log = structlog.get_logger("library")
        log.log(record.levelno if record.levelno >= logging.INFO else logging.INFO, "library.said", **fields)


def configure_logs(service: str) -> None:
    """Sends structlog and the standard library's logging through the allow-list to stderr.  INFO and above."""

    def named(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = service
        return line

    structlog.configure(
        processors=[structlog.processors.add_log_level, named, _where, only_listed, _json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [FromLibraries()]
    root.setLevel(logging.WARNING)


def _json(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    return orjson.dumps(line).decode()
