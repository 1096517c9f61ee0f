"""The exact bytes of an event, and back.

`raw` is one RFC 8785 JSON object: keys sorted, no blanks, text unescaped, integers below 2^53, no floats; decimals
are strings, instants UTC with six decimals and Z.  It is written once and never made again: proofs are over bytes.

The library supplies the conventions: `class_version` and `upcast_vN_vN+1` bring old data up.  Its registry of topics
is not used, for it imports what an unknown topic names.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import orjson
from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent
from pydantic import TypeAdapter

from contracts.values import Event, Role, Sealed, TenantId
from kit.auth import Actor, Basis
from kit.errors import NewerThanThisRelease
from kit.store.streams import Meta

SPEC = "liandong/event/1"
LIMIT = 65_536
SAFE = 2**53


class EventTooLong(ValueError):
    """The event takes 64 KiB or more."""


class CanonicalTranscoder(JSONTranscoder):
    """The library's JSON transcoder, writing RFC 8785 bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = json.JSONEncoder(
            default=self._encode_obj, separators=(",", ":"), ensure_ascii=False, sort_keys=True, allow_nan=False
        )

    def decode(self, data: bytes) -> Any:
        """Plain JSON takes the fast way; only tagged values need the library's hook."""
        return super().decode(data) if b'"_type_"' in data else orjson.loads(data)


@dataclasses.dataclass(frozen=True)
class Envelope:
    """Everything `raw` says besides `data` (docs/adr/0002-raw-bytes-and-plain-fields.md)."""

    id: UUID
    tenant: str
    region: str
    stream: str
    version: int
    occurred_on: date
    recorded_at: datetime
    actor: Actor
    command: UUID
    causation: UUID | None
    correlation: UUID
    trace: str | None
    basis: Basis | None


class Seal(Protocol):
    """Turns one sealed field into its stored object; bound to tenant, event, type and schema by the caller."""

    def __call__(self, sealed: Sealed[Any], path: str) -> dict[str, Any]: ...


class Unbox(Protocol):
    """Turns a stored object into a closed `Sealed`; the counterpart of `Seal`."""

    def __call__(
        self, stored: dict[str, Any], *, tenant: str, event: UUID, type: str, schema: int, path: str
    ) -> Any: ...


class RawMapper(Mapper[str]):
    """Events to raw bytes and back; `unbox` opens sealed fields.  Classes are found by their topic, see `know`."""

    def __init__(self, unbox: Unbox | None = None) -> None:
        super().__init__(CanonicalTranscoder())
        self.unbox = unbox

    def to_raw(self, envelope: Envelope, event: Event, seal: Seal | None = None) -> bytes:
        """The bytes to store.  ValueError when a value does not fit the profile; EventTooLong past 64 KiB - 1."""
        kind = type(event)
        body: dict[str, Any] = {
            "spec": SPEC,
            "id": str(envelope.id),
            "tenant": envelope.tenant,
            "region": envelope.region,
            "stream": envelope.stream,
            "version": envelope.version,
            "type": kind.TOPIC,
            "schema": kind.class_version,
            "occurred_on": envelope.occurred_on.isoformat(),
            "recorded_at": instant(envelope.recorded_at),
            "actor": {
                "id": envelope.actor.id,
                "role": str(envelope.actor.role),
                "unit": envelope.actor.unit,
                "tenant": envelope.actor.tenant,
            },
            "command": str(envelope.command),
            "causation": str(envelope.causation) if envelope.causation else None,
            "correlation": str(envelope.correlation),
            "trace": envelope.trace,
            "data": {name: plain(value, name, seal) for name, value in vars(event).items()},
        }
        if kind.RULE is not None or envelope.basis is not None:
            basis = envelope.basis or Basis(None, None)
            body["basis"] = {
                "scheme": str(basis.scheme) if basis.scheme else None,
                "version": basis.version,
                "rule": kind.RULE,
                "clause": basis.clause(kind.RULE),
            }
        raw = self.transcoder.encode(body)
        if len(raw) >= LIMIT:
            raise EventTooLong(f"{kind.TOPIC} takes {len(raw)} bytes; an event is below {LIMIT}")
        return raw

    def to_event(self, raw: bytes) -> Event:
        """The event in today's shape, whatever version it was written in."""
        body = orjson.loads(raw)
        return self.from_body(body, b'"$sealed"' in raw)

    def from_body(self, body: dict[str, Any], sealed: bool = True) -> Event:
        """The event of a parsed raw object.

        NewerThanThisRelease for a type or schema that this release does not know; MapperDeserialisationError names an
        event that cannot be read otherwise.
        """
        cls = _TYPES.get(body["type"])
        if cls is None or body["schema"] > cls.class_version:
            raise NewerThanThisRelease
        try:
            data: dict[str, Any] = body["data"]
            if sealed and self.unbox is not None:
                data = self._unboxed(data, body, "")
            for version in range(body["schema"], cls.class_version):
                getattr(cls, f"upcast_v{version}_v{version + 1}")(data)
            return reader(cls)(data)
        except Exception as e:
            raise MapperDeserialisationError(
                f"event {body.get('id')} ({body.get('type')} schema {body.get('schema')}) cannot be read: {e}"
            ) from e

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The library's entry: the state of ours is the raw object."""
        return self.to_event(stored_event.state)

    def _unboxed(self, value: Any, body: dict[str, Any], path: str) -> Any:
        if isinstance(value, dict):
            if "$sealed" in value and self.unbox is not None:
                return self.unbox(
                    value,
                    tenant=body["tenant"],
                    event=_id(body["id"]),
                    type=body["type"],
                    schema=body["schema"],
                    path=path,
                )
            return {
                k: self._unboxed(v, body, f"{path}.{k}" if path else k) if isinstance(v, (dict, list)) else v
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [self._unboxed(v, body, f"{path}.{i}") for i, v in enumerate(value)]
        return value


_id = lru_cache(1024)(UUID)
"""An id of its text.  An envelope has most of its ids twice, and those before it: each takes as long as a field."""

_TYPES: dict[str, type[Event]] = {}


def know(event: type[Event]) -> None:
    """Makes an event class findable by its topic; ValueError if another class has that topic."""
    if _TYPES.setdefault(event.TOPIC, event) is not event:
        raise ValueError(f"two event classes share the topic {event.TOPIC}")


_READERS: dict[type[Event], Callable[[Any], Event]] = {}


def reader(cls: type[Event]) -> Callable[[Any], Event]:
    """Builds an event of this class from its data; made once."""
    known = _READERS.get(cls)
    if known is None:
        known = _READERS[cls] = TypeAdapter(cls).validator.validate_python
    return known


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with six decimals and Z.  ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant is aware")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def meta_of(mapper: RawMapper, raw: bytes) -> tuple[Event, Meta]:
    """An event and what its envelope says, read from the stored bytes alone."""
    body: dict[str, Any] = orjson.loads(raw)
    return mapper.from_body(body, b'"$sealed"' in raw), meta_in(body)


def meta_in(body: dict[str, Any]) -> Meta:
    """What the envelope of a parsed raw object says."""
    actor = body["actor"]
    return Meta(
        tenant=TenantId(body["tenant"]),
        stream=body["stream"],
        version=body["version"],
        event_id=_id(body["id"]),
        type=body["type"],
        occurred_on=date.fromisoformat(body["occurred_on"]),
        recorded_at=datetime.fromisoformat(body["recorded_at"]),
        actor=Actor(id=actor["id"], role=Role(actor["role"]), tenant=actor["tenant"], unit=actor["unit"]),
        command_id=_id(body["command"]),
        correlation=_id(body["correlation"]),
        trace=body["trace"],
    )


def around(written: bytes, at: datetime) -> tuple[bytes, bytes]:
    """What stands before and after the `recorded_at` of an event's bytes, or of an answer's, written with `at`.

    The last one is meant: in an event, fields of `data` come before it and nothing after it can hold the mark.
    """
    before, mark, after = written.rpartition(b'"recorded_at":"' + instant(at).encode() + b'"')
    assert mark, "written with another instant"
    return before + b'"recorded_at":"', b'"' + after


def plain(value: Any, path: str, seal: Seal | None) -> Any:
    """A field as JSON of the profile.  ValueError for a float, a huge integer, or a sealed field without a seal."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Sealed):
        if seal is None:
            raise ValueError(f"{path} is personal data, and this store has no vault")
        return seal(value, path)
    if isinstance(value, list | tuple):
        return [plain(v, f"{path}.{i}", seal) for i, v in enumerate(value)]
    if isinstance(value, dict):
        return {k: plain(v, f"{path}.{k}", seal) for k, v in value.items()}
    if isinstance(value, UUID):  # the database driver has a subclass of its own
        return str(value)
    if isinstance(value, Enum):
        return plain(value.value, path, seal)
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name), f"{path}.{f.name}", seal) for f in dataclasses.fields(value)}
    raise ValueError(f"{path} is a {type(value).__name__}, which an event cannot hold")


def _integer(value: int) -> int:
    if -SAFE < value < SAFE:
        return value
    raise ValueError(f"{value} does not survive JSON; integers stay below 2^53")


_WRITERS: dict[type, Callable[[Any], Any]] = {
    str: lambda v: v,
    bool: lambda v: v,
    type(None): lambda v: v,
    int: _integer,
    UUID: str,
    Decimal: lambda v: f"{v:f}",
    date: date.isoformat,
    datetime: instant,
}
