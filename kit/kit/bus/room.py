"""Room for what is parked: bounded for each publisher, so that none fills the table or holds up the others.

Nothing that was sent is lost: the publisher's stream keeps every message.  When its room is taken a publisher is *shut
out* of this consumer: its stream is not read on until half of the room is free again.  A message without a place in
any stream (unfit headers) can never be handled and holds up nothing: beyond the first few such are only counted.
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
class ShutOut:
    """A publisher whose stream is not read on, from the message at `sequence`."""

    service: str
    sequence: int
    since: datetime


@dataclass(frozen=True)
class Unfit:
    """How many messages of a publisher were only counted, between two sequences of its stream."""

    service: str
    count: int
    first: int
    last: int
    since: datetime


class Room:
    """The room that is left for one publisher during a batch.  Make it with `left`."""

    def __init__(self, service: str, rows: int, size: int, unfit: int, counted: int) -> None:
        self._service, self._rows, self._bytes, self._unfit = service, rows, size, unfit
        self._counted = counted
        self.beyond: list[int] = []
        """Sequences of unfit letters that are to be counted."""

    def has(self, letter: Letter) -> bool:
        """Whether this letter may be parked, and takes the room.

        An unfit letter that may not is counted, once; any other stays where it is: its publisher is to be shut out.
        """
        if letter.envelope is None:
            if self._unfit >= UNFIT:
                if letter.number > self._counted:
                    self.beyond.append(letter.number)
                return False
            self._unfit += 1
            return True
        if self._rows + 1 > ROWS or self._bytes + len(letter.body) > BYTES:
            return False
        self._rows, self._bytes = self._rows + 1, self._bytes + len(letter.body)
        return True

    def half_free(self) -> bool:
        return self._rows * 2 <= ROWS and self._bytes * 2 <= BYTES

    async def write(self, connection: asyncpg.Connection, consumer: str, last: int) -> None:
        """Records what was counted up to that sequence; what lies further on comes again."""
        self.beyond = [number for number in self.beyond if number <= last]
        if self.beyond:
            await connection.execute(
                "insert into unfit as u (consumer, service, count, first, last) values ($1, $2, $3, $4, $5)"
                " on conflict (consumer, service) do update set"
                " count = u.count + excluded.count, first = least(u.first, excluded.first),"
                " last = greatest(u.last, excluded.last)",
                consumer,
                self._service,
                len(self.beyond),
                min(self.beyond),
                max(self.beyond),
            )


async def left(connection: asyncpg.Connection, consumer: str, service: str) -> Room:
    """Counts what is parked of a publisher."""
    row = await connection.fetchrow(
        "select count(*) filter (where version > 0) as rows,"
        " coalesce(sum(octet_length(body)) filter (where version > 0), 0)::bigint as size,"
        " count(*) filter (where version = 0) as unfit,"
        " coalesce((select last from unfit where consumer = $1 and service = $2), 0) as counted"
        " from parked where consumer = $1 and service = $2 and done_at is null",
        consumer,
        service,
    )
    assert row is not None
    return Room(service, **row)


async def shut_out(connection: Tx, consumer: str) -> list[ShutOut]:
    """The publishers that this consumer does not read on, longest first."""
    rows = await connection.fetch(
        "select service, sequence, since from shut_out where consumer = $1 order by since", consumer
    )
    return [ShutOut(**row) for row in rows]


async def shut(connection: asyncpg.Connection, consumer: str, service: str, sequence: int) -> None:
    """Shuts this publisher out from that sequence of its stream on."""
    await connection.execute(
        "insert into shut_out (consumer, service, sequence) values ($1, $2, $3)"
        " on conflict (consumer, service) do update set sequence = excluded.sequence",
        consumer,
        service,
        sequence,
    )


async def readmitted(connection: asyncpg.Connection, consumer: str, service: str) -> bool:
    """Whether this publisher was shut out and is so no more.

    Half of the room must be free, so that nobody is let in and shut out by turns.
    """
    if not (await left(connection, consumer, service)).half_free():
        return False
    gone = await connection.fetchval(
        "delete from shut_out where consumer = $1 and service = $2 returning true", consumer, service
    )
    return gone is not None


async def unfit(connection: Tx, consumer: str) -> list[Unfit]:
    """What was only counted, of all publishers."""
    rows = await connection.fetch(
        "select service, count, first, last, since from unfit where consumer = $1 order by since", consumer
    )
    return [Unfit(**row) for row in rows]


async def forget(connection: asyncpg.Connection, consumer: str, service: str) -> None:
    """The publisher's stream is another one, and is read from its start."""
    await connection.execute("delete from shut_out where consumer = $1 and service = $2", consumer, service)
    await connection.execute("delete from unfit where consumer = $1 and service = $2", consumer, service)
