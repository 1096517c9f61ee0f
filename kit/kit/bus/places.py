"""How far a consumer is in a publisher's stream, in the service's own database.

The broker remembers what was acknowledged; the database what took effect.  They part when either is restored: so the
place is written with the effects' record, in one transaction, and the consumer is brought back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kit.tenancy import Tx


@dataclass(frozen=True)
class Place:
    """The last message taken: its sequence in the publisher's stream that was made at `born`; 0 before the first."""

    born: datetime
    sequence: int


async def read(connection: asyncpg.Connection, consumer: str, service: str) -> Place | None:
    """Where the consumer is in the stream of `service`, as this database has it; None before its first message."""
    row = await connection.fetchrow(
        "select born, sequence from place where consumer = $1 and service = $2", consumer, service
    )
    return None if row is None else Place(row["born"], row["sequence"])


async def of_each(connection: Tx, consumer: str) -> dict[str, Place]:
    """Where the consumer is in the stream of each publisher of which it has taken something in hand."""
    rows = await connection.fetch("select service, born, sequence from place where consumer = $1", consumer)
    return {row["service"]: Place(row["born"], row["sequence"]) for row in rows}


async def write(connection: asyncpg.Connection, consumer: str, service: str, place: Place) -> None:
    """The last taken, also when it lies before what was taken earlier: a consumer that was sent back is there."""
    await connection.execute(
        "insert into place (consumer, service, born, sequence) values ($1, $2, $3, $4)"
        " on conflict (consumer, service) do update set born = excluded.born, sequence = excluded.sequence",
        consumer,
        service,
        place.born,
        place.sequence,
    )
