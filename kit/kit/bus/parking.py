"""The inbox and the parked messages: what was taken in, and what waits there.

`inbox` has the id of every event that was handled or parked; `parked` the messages that could not be handled, and all
later ones of their stream, until they are redriven in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from contracts.messages import MAX_BODY
from kit.bus.letter import AFTER_UPGRADE, MAX_DETAIL, Failure, Letter, Source, read

FORGET = "30 days"
"""The inbox forgets after so long: it only saves work, for command ids make handling safe to repeat for ever."""

COLUMNS = (
    "id, tenant_id, service, stream, event_id, subject, headers, body, code, detail, retryable, attempts,"
    " parked_at, tried_at"
)
WAITING = "consumer = $1 and redriven_at is null"


@dataclass(frozen=True)
class Parked:
    """A message that waits; `id` is its place in line."""

    id: int
    source: Source
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

    def letter(self) -> Letter:
        """The letter as it came; its source and id are those it was parked under."""
        letter = read(self.subject, self.headers, self.body, "")
        unfit = letter.unfit or (Failure(self.code, self.detail) if self.code == "body-too-long" else None)
        envelope = None if unfit else letter.envelope
        return Letter(self.source, self.event_id, self.subject, self.headers, self.body, envelope, unfit)


async def known(connection: asyncpg.Connection, consumer: str, events: Sequence[UUID]) -> set[UUID]:
    """Those of `events` that were taken in before."""
    rows = await connection.fetch(
        "select event_id from inbox where consumer = $1 and event_id = any ($2::uuid[])", consumer, events
    )
    return {row["event_id"] for row in rows}


async def blocked(connection: asyncpg.Connection, consumer: str, sources: Iterable[Source]) -> set[Source]:
    """Those of `sources` with a parked message, which later ones must not overtake."""
    asked = sorted(set(sources))
    rows = await connection.fetch(
        "select distinct p.tenant_id, p.service, p.stream from parked p"
        " join unnest($2::text[], $3::text[], $4::text[]) as s (tenant_id, service, stream)"
        " using (tenant_id, service, stream) where p.consumer = $1 and p.redriven_at is null",
        consumer,
        [s.tenant for s in asked],
        [s.service for s in asked],
        [s.stream for s in asked],
    )
    return {Source(row["tenant_id"], row["service"], row["stream"]) for row in rows}


async def keep(
    connection: asyncpg.Connection, consumer: str, taken: Sequence[UUID], failed: Sequence[tuple[Letter, Failure]]
) -> None:
    """Records a batch in one transaction: what was taken in, and what of it is parked, in order."""
    async with connection.transaction():
        for letter, failure in failed:
            await _park(connection, consumer, letter, failure)
        await connection.execute(
            "insert into inbox (consumer, event_id) select $1, unnest($2::uuid[]) on conflict do nothing",
            consumer,
            taken,
        )


async def _park(connection: asyncpg.Connection, consumer: str, letter: Letter, failure: Failure) -> None:
    fits = len(letter.body) <= MAX_BODY
    await connection.execute(
        "insert into parked (consumer, tenant_id, service, stream, event_id, subject, headers, body, code, detail,"
        " retryable) values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11) on conflict do nothing",
        consumer,
        *letter.source,
        letter.event_id,
        letter.subject[:1024],
        json.dumps(dict(letter.headers)),
        letter.body if fits else b"",
        failure.code if fits else "body-too-long",
        _storable(failure.detail),
        failure.retryable,
    )


async def heads(
    connection: asyncpg.Connection, consumer: str, *, starting: bool = False, limit: int = 50
) -> list[Source]:
    """Streams whose first parked message is to be tried again by itself, longest untried first."""
    rows = await connection.fetch(
        "select tenant_id, service, stream from ("  # noqa: S608 - our own constant
        " select distinct on (tenant_id, service, stream) tenant_id, service, stream, retryable, code, tried_at"
        f" from parked where {WAITING} order by tenant_id, service, stream, id) as first"
        " where retryable or ($2 and code = any ($3::text[])) order by tried_at limit $4",
        consumer,
        starting,
        list(AFTER_UPGRADE),
        limit,
    )
    return [Source(*row) for row in rows]


async def sources(connection: asyncpg.Connection, consumer: str, stream: str | None) -> list[Source]:
    """The streams with parked messages; `stream` (`<aggregate>/<id>`) narrows them."""
    rows = await connection.fetch(
        f"select distinct tenant_id, service, stream from parked where {WAITING}"  # noqa: S608 - our own constant
        " and ($2::text is null or stream = $2) order by 1, 2, 3",
        consumer,
        stream,
    )
    return [Source(*row) for row in rows]


async def first(connection: asyncpg.Connection, consumer: str, source: Source) -> Parked | None:
    """The parked message of this stream that is next in line."""
    row = await connection.fetchrow(
        f"select {COLUMNS} from parked where {WAITING} and tenant_id = $2 and service = $3 and stream = $4"  # noqa: S608
        " order by id limit 1",
        consumer,
        *source,
    )
    return None if row is None else _parked(row)


async def done(connection: asyncpg.Connection, id: int) -> None:
    await connection.execute(
        "update parked set redriven_at = clock_timestamp(), tried_at = clock_timestamp(), attempts = attempts + 1"
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


async def list_parked(
    connection: asyncpg.Connection, consumer: str, *, after: int = 0, limit: int = 200
) -> list[Parked]:
    """The parked messages after that id, in the order in which they came."""
    rows = await connection.fetch(
        f"select {COLUMNS} from parked where {WAITING} and id > $2 order by id limit $3",  # noqa: S608
        consumer,
        after,
        limit,
    )
    return [_parked(row) for row in rows]


async def show_parked(connection: asyncpg.Connection, consumer: str, id: int) -> Parked | None:
    """One parked message with its headers and body, redriven or not."""
    row = await connection.fetchrow(
        f"select {COLUMNS} from parked where consumer = $1 and id = $2",  # noqa: S608
        consumer,
        id,
    )
    return None if row is None else _parked(row)


async def measure(connection: asyncpg.Connection, consumer: str) -> tuple[int, float]:
    """How many messages are parked, and the age of the oldest in seconds."""
    row = await connection.fetchrow(
        "select count(*) as waiting, coalesce(extract(epoch from clock_timestamp() - min(parked_at)), 0) as oldest"  # noqa: S608
        f" from parked where {WAITING}",
        consumer,
    )
    return (row["waiting"], float(row["oldest"])) if row else (0, 0.0)


async def forget(connection: asyncpg.Connection, consumer: str, limit: int = 5_000) -> int:
    """Drops old rows of the inbox and of what was redriven long ago; answers how many ids it dropped."""
    await connection.execute(
        f"delete from parked where consumer = $1 and redriven_at < clock_timestamp() - interval '{FORGET}'",  # noqa: S608
        consumer,
    )
    dropped = await connection.execute(
        "delete from inbox where (consumer, event_id) in (select consumer, event_id from inbox where consumer = $1"  # noqa: S608
        f" and at < clock_timestamp() - interval '{FORGET}' limit $2)",
        consumer,
        limit,
    )
    return int(dropped.rpartition(" ")[2])


def _storable(detail: str) -> str:
    """Text that PostgreSQL takes: without NUL and lone surrogates, bounded."""
    return detail.replace("\x00", "").encode("utf-8", "replace").decode()[:MAX_DETAIL]


def _parked(row: asyncpg.Record) -> Parked:
    fields: dict[str, Any] = dict(row)
    source = Source(fields.pop("tenant_id"), fields.pop("service"), fields.pop("stream"))
    return Parked(source=source, **{**fields, "headers": json.loads(fields["headers"])})
