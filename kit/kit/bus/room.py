"""Room for what is parked: bounded for each publisher, so that none fills the table or holds up the others.

Nothing that was sent is lost: the region's stream keeps every message.  Beyond its room a publisher is *shut out* of
this consumer: its further messages stay in the stream, from a sequence that is remembered, and the consumer reads
again from there when what is parked of it has become half.  A message without a place in any stream (unfit headers)
can never be handled and holds up nothing: beyond the first few such are only counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kit.bus.letter import Letter
from kit.tenancy import Tx

ROWS = 10_000
BYTES = 2**21
"""Messages, and bytes of their bodies, that may be parked of one publisher."""
UNFIT = 20
"""Messages with unfit headers that are kept whole of one publisher."""


@dataclass(frozen=True)
class Overflow:
    """What a publisher sent beyond its room, between two sequences of the region's stream.

    `unfit`: only counted, never to be handled; else to be read again from `first`.
    """

    service: str
    unfit: bool
    count: int
    first: int
    last: int
    since: datetime


class Room:
    """The room that is left for each publisher during a batch.  Make it with `left`, and `measure` it before `has`."""

    def __init__(self) -> None:
        self.shut: set[str] = set()
        """Publishers whose messages stay in the region's stream for now."""
        self.measured = False
        self.beyond: dict[tuple[str, bool], tuple[int, int, int]] = {}
        """Publisher and whether unfit, to count, first and last sequence: to be added to what is recorded."""
        self._rows: dict[str, int] = {}
        self._bytes: dict[str, int] = {}
        self._unfit: dict[str, int] = {}
        self._counted: dict[str, int] = {}

    def has(self, letter: Letter) -> bool:
        """Whether this letter may be parked, and takes the room; else it is beyond, and its publisher may be shut out.

        An unfit letter shuts nobody out.
        """
        service, size = letter.source.service, len(letter.body)
        if letter.envelope is None:
            unfit = self._unfit.get(service, 0)
            if unfit >= UNFIT:
                if letter.number > self._counted.get(service, 0):  # else it was counted when it came the first time
                    self.leave(letter, unfit=True)
                return False
            self._unfit[service] = unfit + 1
            return True
        rows, held = self._rows.get(service, 0) + 1, self._bytes.get(service, 0) + size
        if rows > ROWS or held > BYTES:
            self.shut.add(service)
            self.leave(letter)
            return False
        self._rows[service], self._bytes[service] = rows, held
        return True

    def leave(self, letter: Letter, *, unfit: bool = False) -> None:
        """This letter stays in the region's stream."""
        key, number = (letter.source.service, unfit), letter.number
        count, first, last = self.beyond.get(key, (0, number, number))
        self.beyond[key] = (count + 1, min(first, number), max(last, number))

    async def write(self, connection: asyncpg.Connection, consumer: str) -> None:
        """Records what is beyond."""
        await connection.executemany(
            "insert into overflow as o (consumer, service, unfit, count, first, last)"
            " values ($1, $2, $3, $4, $5, $6) on conflict (consumer, service, unfit) do update set"
            " count = o.count + excluded.count, first = least(o.first, excluded.first),"
            " last = greatest(o.last, excluded.last)",
            [(consumer, *key, *beyond) for key, beyond in sorted(self.beyond.items())],
        )

    async def measure(self, connection: asyncpg.Connection, consumer: str) -> None:
        """Counts what is parked of each publisher; once, for a batch in which something is to be parked."""
        if self.measured:
            return
        rows = await connection.fetch(
            "select service, count(*) filter (where version > 0) as placed,"
            " count(*) filter (where version = 0) as unfit,"
            " coalesce(sum(octet_length(body)) filter (where version > 0), 0) as bytes"
            " from parked where consumer = $1 and done_at is null group by service",
            consumer,
        )
        self.measured = True
        self._rows = {row["service"]: row["placed"] for row in rows}
        self._bytes = {row["service"]: int(row["bytes"]) for row in rows}
        self._unfit = {row["service"]: row["unfit"] for row in rows}

    def half_free(self, service: str) -> bool:
        return self._rows.get(service, 0) * 2 <= ROWS and self._bytes.get(service, 0) * 2 <= BYTES


async def left(connection: asyncpg.Connection, consumer: str) -> Room:
    """Who is shut out, and what was counted."""
    room = Room()
    for one in await overflows(connection, consumer):
        if one.unfit:
            room._counted[one.service] = one.last
        else:
            room.shut.add(one.service)
    return room


async def overflows(connection: Tx, consumer: str) -> list[Overflow]:
    """What was sent beyond anybody's room."""
    rows = await connection.fetch(
        "select service, unfit, count, first, last, since from overflow where consumer = $1 order by since", consumer
    )
    return [Overflow(**row) for row in rows]


async def readmitted(connection: asyncpg.Connection, consumer: str) -> list[Overflow]:
    """Publishers who have room again: taken off the list, and to be read again from `first`.

    Half of the room must be free, so that nobody is let in and shut out by turns.
    """
    shut = [one for one in await overflows(connection, consumer) if not one.unfit]
    if not shut:
        return []
    room = Room()
    await room.measure(connection, consumer)
    free = [one for one in shut if room.half_free(one.service)]
    await connection.execute(
        "delete from overflow where consumer = $1 and not unfit and service = any ($2::text[])",
        consumer,
        [one.service for one in free],
    )
    return free


async def forget(connection: asyncpg.Connection, consumer: str) -> None:
    """Nothing is beyond: the region's stream is another one, and is read from its start."""
    await connection.execute("delete from overflow where consumer = $1", consumer)
