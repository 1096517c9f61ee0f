"""The parked messages: those that could not be handled, and all later ones of their stream, until they are redriven.

A row leaves by being handled, or by two persons' decision that it is not to be (`kit.bus.decisions`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID

import asyncpg

from contracts.messages import MAX_BODY
from kit import ids
from kit.bus.letter import AFTER_UPGRADE, MAX_DETAIL, TOO_LONG, Failure, Letter, Source, read
from kit.bus.places import Place
from kit.tenancy import Tx

REMOVED = "removed"
"""Messages between two sequences of a publisher's stream were gone before this consumer had read them."""

COLUMNS = (
    "id, service, tenant_id, stream, version, event_id, subject, headers, body, code, detail, retryable, attempts,"
    " parked_at, tried_at, decision, done_at"
)
WAITING = "consumer = $1 and done_at is null"
DUE = "tried_at + least(power(2, least(attempts, 7)) / 2, 60) * interval '1 second' <= clock_timestamp()"
"""A message waits about as long again as it has waited, and at most a minute (the power is bounded: it overflows)."""
OF_SOURCE = "service = $2 and tenant_id = $3 and stream = $4"


@dataclass(frozen=True)
class Sight:
    """Whose parked messages somebody may see: those of `tenants`, and with `unknown` those of tenants nobody knows."""

    tenants: Sequence[str]
    unknown: bool = False

    SQL = (
        "(tenant_id = any ($2::text[])"
        " or $3 and not exists (select from tenant t where t.tenant_id = parked.tenant_id))"
    )


@dataclass(frozen=True)
class Parked:
    """A message that waits: `version` is its place in line among those of its source."""

    id: int
    source: Source
    version: int
    event_id: UUID
    subject: str
    headers: dict[str, str]
    body: bytes
    code: str
    detail: str
    retryable: bool
    attempts: int
    parked_at: datetime
    tried_at: datetime
    decision: str | None
    done_at: datetime | None

    def letter(self) -> Letter:
        """The letter as it came, with the body that was decided on; its source and id are those it was parked under."""
        letter = read(self.subject, self.headers, self.body, "")
        lost = self.code == TOO_LONG and self.decision is None
        unfit = letter.unfit or (Failure(self.code, self.detail) if lost else None)
        envelope = None if unfit else letter.envelope
        return Letter(self.source, self.event_id, self.subject, self.headers, self.body, envelope, unfit)


async def park(connection: asyncpg.Connection, consumer: str, letter: Letter, failure: Failure) -> None:
    """Parks a letter; one that is parked already, waiting or not, stays as it is."""
    fits = len(letter.body) <= MAX_BODY
    envelope = letter.envelope
    await connection.execute(
        "insert into parked (consumer, service, tenant_id, stream, version, type, sequence, event_id, subject, headers,"
        " body, code, detail, retryable) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14)"
        " on conflict (consumer, service, tenant_id, stream, version, event_id) do nothing",
        consumer,
        *letter.source,
        letter.version,
        envelope.type if envelope else None,
        envelope.sequence if envelope else None,
        letter.event_id,
        letter.subject[:1024],
        json.dumps(dict(letter.headers)),
        letter.body if fits else b"",
        failure.code if fits else TOO_LONG,
        _storable(failure.detail),
        failure.retryable and fits,
    )


async def park_removed(connection: asyncpg.Connection, consumer: str, service: str, place: Place, last: int) -> None:
    """Says, as a parked message, that messages were removed from this publisher's stream before they were read."""
    first = place.sequence + 1
    name = f"{consumer}/{service}/{place.born.isoformat()}/{first}-{last}"
    source = Source(service, "", "removed")
    failure = Failure(REMOVED, f"{first}-{last}")
    letter = Letter(source, ids.derived(NAMESPACE_URL, name), "", {}, b"", None, failure)
    await park(connection, consumer, letter, failure)


async def heads(
    connection: asyncpg.Connection, consumer: str, service: str, *, starting: bool = False, limit: int = 50
) -> list[Source]:
    """Streams of a publisher whose first parked message is due to be tried again by itself, longest untried first.

    `starting`: all are due, and those that a newer release of ours may cure.
    """
    rows = await connection.fetch(
        "select service, tenant_id, stream from ("
        " select distinct on (tenant_id, stream) service, tenant_id, stream, retryable, code, tried_at, attempts"
        f" from parked where {WAITING} and service = $2 order by tenant_id, stream, version, id) as first"
        f" where case when $3 then retryable or code = any ($4::text[]) else retryable and {DUE} end"
        " order by tried_at limit $5",
        consumer,
        service,
        starting,
        list(AFTER_UPGRADE),
        limit,
    )
    return [Source(*row) for row in rows]


async def sources(connection: asyncpg.Connection, consumer: str, sight: Sight, stream: str | None) -> list[Source]:
    """The streams in sight with parked messages; `stream` (`<aggregate>/<id>`) narrows them."""
    rows = await connection.fetch(
        f"select distinct service, tenant_id, stream from parked where {WAITING} and {sight.SQL}"
        " and ($4::text is null or stream = $4) order by 1, 2, 3",
        consumer,
        sight.tenants,
        sight.unknown,
        stream,
    )
    return [Source(*row) for row in rows]


async def first(connection: asyncpg.Connection, consumer: str, source: Source) -> Parked | None:
    """The parked message of this stream that is next in line: by its version, whenever it came."""
    row = await connection.fetchrow(
        f"select {COLUMNS} from parked where {WAITING} and {OF_SOURCE} order by version, id limit 1",
        consumer,
        *source,
    )
    return None if row is None else _parked(row)


async def done(connection: asyncpg.Connection, id: int) -> None:
    await connection.execute(
        "update parked set done_at = clock_timestamp(), tried_at = clock_timestamp(), attempts = attempts + 1"
        " where id = $1",
        id,
    )


async def failed_again(connection: asyncpg.Connection, id: int, failure: Failure) -> None:
    await connection.execute(
        "update parked set code = $2, detail = $3, retryable = $4, attempts = attempts + 1,"
        " tried_at = clock_timestamp() where id = $1",
        id,
        failure.code,
        _storable(failure.detail),
        failure.retryable,
    )


async def list_parked(connection: Tx, consumer: str, sight: Sight, *, after: int = 0, limit: int = 200) -> list[Parked]:
    """The parked messages in sight after that id, in the order in which they came."""
    rows = await connection.fetch(
        f"select {COLUMNS} from parked where {WAITING} and {sight.SQL} and id > $4 order by id limit $5",
        consumer,
        sight.tenants,
        sight.unknown,
        after,
        limit,
    )
    return [_parked(row) for row in rows]


async def show_parked(connection: Tx, consumer: str, sight: Sight, id: int) -> Parked | None:
    """One parked message in sight with its headers and body, waiting or not."""
    row = await connection.fetchrow(
        f"select {COLUMNS} from parked where consumer = $1 and {sight.SQL} and id = $4",
        consumer,
        sight.tenants,
        sight.unknown,
        id,
    )
    return None if row is None else _parked(row)


async def count(connection: asyncpg.Connection, consumer: str, sight: Sight) -> int:
    """How many parked messages are in sight."""
    found: int = await connection.fetchval(
        f"select count(*) from parked where {WAITING} and {sight.SQL}",
        consumer,
        sight.tenants,
        sight.unknown,
    )
    return found


@dataclass(frozen=True)
class Waiting:
    """The messages of a publisher that are parked under one code: how many, and since when the oldest."""

    service: str
    code: str
    count: int
    oldest: datetime


async def by_code(connection: Tx, consumer: str) -> list[Waiting]:
    """What is parked, of all tenants, longest first."""
    rows = await connection.fetch(
        f"select service, code, count(*) as count, min(parked_at) as oldest from parked where {WAITING}"
        " group by service, code order by min(parked_at), service, code limit 500",
        consumer,
    )
    return [Waiting(**row) for row in rows]


async def measure(connection: asyncpg.Connection, consumer: str, service: str) -> tuple[int, float]:
    """How many messages of a publisher are parked, and the age of the oldest in seconds."""
    row = await connection.fetchrow(
        "select count(*) as waiting, coalesce(extract(epoch from clock_timestamp() - min(parked_at)), 0) as oldest"
        f" from parked where {WAITING} and service = $2",
        consumer,
        service,
    )
    return (row["waiting"], float(row["oldest"])) if row else (0, 0.0)


def _storable(detail: str) -> str:
    """Text that PostgreSQL takes: without NUL and lone surrogates, bounded."""
    return detail.replace("\x00", "").encode("utf-8", "replace").decode()[:MAX_DETAIL]


def _parked(row: asyncpg.Record) -> Parked:
    fields: dict[str, Any] = dict(row)
    source = Source(fields.pop("service"), fields.pop("tenant_id"), fields.pop("stream"))
    return Parked(source=source, **{**fields, "headers": json.loads(fields["headers"])})
