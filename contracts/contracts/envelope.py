"""What travels beside a message: CloudEvents 1.0 attributes in binary mode, as NATS headers.

Attributes are `ce-` headers in lower case; those of our own are extension attributes and so have letters and digits
only.  W3C trace context and the broker's de-duplication id keep their own names.  No header holds personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NoReturn
from uuid import UUID

from contracts.values import TenantId

TRACEPARENT = "traceparent"
CONTENT_TYPE = "content-type"

_TYPE = re.compile(r"(?P<type>[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*)\.v(?P<version>[1-9][0-9]{0,3})")
_SOURCE = re.compile(r"/(?P<region>[a-z0-9]+(?:-[a-z0-9]+)*)/(?P<service>[a-z]+)")
_TENANT = re.compile(r"[0-9]{6}")
_STREAM = re.compile(r"[a-z]+(?:-[a-z]+)*/[0-9A-Za-z-]{1,64}")
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
LONGEST = 256
"""Characters of a header's value, so that each is kept whole wherever it is kept."""
MOST = 2**31 - 1
"""The highest version of a stream, and so the highest sequence."""


NAMES = frozenset(
    {
        *(
            "ce-specversion",
            "ce-id",
            "ce-source",
            "ce-type",
            "ce-time",
            "ce-subject",
            "ce-datacontenttype",
            "ce-tenant",
        ),
        *("ce-streamversion", "ce-sequence", "ce-occurredon", "ce-correlation", CONTENT_TYPE, TRACEPARENT),
    }
)
"""Every header that has a meaning, in lower case."""


class MalformedEnvelope(ValueError):
    """A header is missing or is not what it must be.  Names the header, never its value."""


@dataclass(frozen=True)
class Envelope:
    """Where a message comes from: one event of one stream of one tenant.

    `type` and `version` find its class; `stream` is `<aggregate>/<id>` and `stream_version` its place there, which
    with tenant, service and stream names the event whatever its id says; `sequence` counts the messages of this type
    in the stream from 1, so that a hearer sees which it has missed; `occurred_on` is the fact's day in Asia/Shanghai,
    `recorded_at` an instant in UTC; `trace` a W3C traceparent.
    """

    event_id: UUID
    type: str
    version: int
    region: str
    tenant: TenantId
    stream: str
    stream_version: int
    sequence: int
    occurred_on: date
    recorded_at: datetime
    correlation: UUID
    trace: str | None = None

    @property
    def service(self) -> str:
        """The publishing service."""
        return self.type.partition(".")[0]


def encode(envelope: Envelope) -> dict[str, str]:
    """The headers of a message.  ValueError if they could not be read back, before anyone has to park them."""
    if envelope.recorded_at.tzinfo is None:
        raise ValueError("recorded_at is aware")
    source, type_ = _kind(envelope.region, envelope.service, envelope.type, envelope.version, envelope.tenant)
    place = (envelope.stream, envelope.stream_version, envelope.sequence)
    if (
        not _STREAM.fullmatch(envelope.stream)
        or len(envelope.stream) > LONGEST
        or not 1 <= envelope.sequence <= envelope.stream_version <= MOST
    ):
        raise ValueError(f"{place} could not be read back")
    headers = {
        "ce-specversion": "1.0",
        "ce-id": str(envelope.event_id),
        "ce-source": source,
        "ce-type": type_,
        "ce-time": envelope.recorded_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "ce-subject": envelope.stream,
        "ce-datacontenttype": "application/json",
        "ce-tenant": envelope.tenant,
        "ce-streamversion": str(envelope.stream_version),
        "ce-sequence": str(envelope.sequence),
        "ce-occurredon": envelope.occurred_on.isoformat(),
        "ce-correlation": str(envelope.correlation),
        CONTENT_TYPE: "application/json",
    }
    if envelope.trace and _TRACE.fullmatch(envelope.trace):
        headers[TRACEPARENT] = envelope.trace
    return headers


@lru_cache(maxsize=4096)
def _kind(region: str, service: str, type_: str, version: int, tenant: str) -> tuple[str, str]:
    """Source and type as headers, once for each kind of message of a tenant."""
    source, kind = f"/{region}/{service}", f"{type_}.v{version}"
    short = max(len(source), len(kind)) <= LONGEST
    if not (short and _SOURCE.fullmatch(source) and _TYPE.fullmatch(kind) and _TENANT.fullmatch(tenant)):
        raise ValueError(f"{kind} of {tenant} from {source} could not be read back")
    return source, kind


def decode(headers: Mapping[str, str]) -> Envelope:
    """The envelope in a message's headers, whose names may come in any case, but once.  Raises MalformedEnvelope.

    Unknown headers are passed over; a trace context that is unfit is dropped, as W3C Trace Context asks.
    """
    given: dict[str, str] = {}
    for sent, value in headers.items():
        name = sent.lower()
        if name in given and name in NAMES:
            _bad(name)
        given[name] = value
    if given.get("ce-specversion") != "1.0":
        _bad("ce-specversion")
    if given.get(CONTENT_TYPE, "application/json").partition(";")[0].strip().lower() != "application/json":
        _bad(CONTENT_TYPE)
    type_, source = _match(given, "ce-type", _TYPE), _match(given, "ce-source", _SOURCE)
    if source["service"] != type_["type"].partition(".")[0]:
        _bad("ce-source")
    version, sequence = _number(given, "ce-streamversion"), _number(given, "ce-sequence")
    if sequence > version:
        _bad("ce-sequence")
    trace = given.get(TRACEPARENT)
    return Envelope(
        event_id=_uuid(given, "ce-id"),
        type=type_["type"],
        version=int(type_["version"]),
        region=source["region"],
        tenant=TenantId(_match(given, "ce-tenant", _TENANT)[0]),
        stream=_match(given, "ce-subject", _STREAM)[0],
        stream_version=version,
        sequence=sequence,
        occurred_on=_day(given, "ce-occurredon"),
        recorded_at=_instant(given, "ce-time"),
        correlation=_uuid(given, "ce-correlation"),
        trace=trace if trace and _TRACE.fullmatch(trace) else None,
    )


def _match(given: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> re.Match[str]:
    value = given.get(name, "")
    found = pattern.fullmatch(value) if len(value) <= LONGEST else None
    return found if found else _bad(name)


def _uuid(given: Mapping[str, str], name: str) -> UUID:
    """An id in its one usual form: by another writing of the same id nobody gets past a look at the text."""
    return UUID(_match(given, name, _UUID)[0])


def _number(given: Mapping[str, str], name: str) -> int:
    number = int(_match(given, name, _NUMBER)[0])
    return number if number <= MOST else _bad(name)


def _day(given: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(_match(given, name, _DAY)[0])
    except ValueError:
        _bad(name)


def _instant(given: Mapping[str, str], name: str) -> datetime:
    try:
        return datetime.fromisoformat(_match(given, name, _INSTANT)[0])
    except ValueError:
        _bad(name)


def _bad(name: str) -> NoReturn:
    raise MalformedEnvelope(f"unfit header {name}") from None
