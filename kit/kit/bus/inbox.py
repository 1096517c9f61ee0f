"""The inbox: what was taken in at which place of its source, and what may come next there.

A message is known by its place (service, tenant, stream, version), which only its publisher can write, and never by
its id alone, which anybody can copy or choose.  `heard` keeps the last message of each type that was handled of a
stream, so that the rows of single messages can be forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from contracts.envelope import Envelope
from kit.bus.letter import CONTRADICTION, GAP, Failure, Letter, Source

FORGET = "30 days"
"""The inbox forgets single messages after so long; `heard` never does."""


class Heard(NamedTuple):
    """The last message of a type that was handled of a stream: how many there were, and at which version it came."""

    sequence: int
    version: int


class Judged(Enum):
    """What needs no handling."""

    KNOWN = "known"
    """It was taken before."""


KNOWN: Final = Judged.KNOWN
NOTHING = Heard(0, 0)

LOOK = """
with asked as (
  select * from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::uuid[])
    as asked (service, tenant_id, stream, version, event_id)
), source as (select distinct service, tenant_id, stream from asked)
select 'taken' as kind, service, tenant_id, stream, version, i.event_id, null::text as type, null::int as sequence
  from inbox i join asked using (service, tenant_id, stream, version) where i.consumer = $1
union all
select 'parked', service, tenant_id, stream, version, event_id, null::text, null::int
  from parked p join asked using (service, tenant_id, stream, version, event_id) where p.consumer = $1
union all
select 'blocked', service, tenant_id, stream, null::int, null::uuid, null::text, null::int from source s
  where exists (select from parked p where p.done_at is null
    and (p.consumer, p.service, p.tenant_id, p.stream) = ($1, s.service, s.tenant_id, s.stream))
union all
select 'heard', service, tenant_id, stream, h.version, null::uuid, h.type, h.sequence
  from heard h join source using (service, tenant_id, stream) where h.consumer = $1
"""
"""All that is known of some letters, in one round trip."""


class Inbox:
    """What a consumer knows of the sources of some letters.  Make it with `look`; it notes what is taken."""

    def __init__(self) -> None:
        self.taken: dict[tuple[Source, int], UUID] = {}
        self.parked: set[tuple[Source, int, UUID]] = set()
        self.blocked: set[Source] = set()
        self.heard: dict[tuple[Source, str], Heard] = {}
        self._new: set[tuple[Source, str]] = set()

    def judge(self, letter: Letter) -> Judged | Failure | None:
        """Whether a letter is the next of its kind (None), was taken before, or cannot be next: and why."""
        envelope = letter.envelope
        if (letter.source, letter.version, letter.event_id) in self.parked:
            return KNOWN
        if envelope is None:
            return None
        taken = self.taken.get((letter.source, letter.version))
        if taken is not None:
            return KNOWN if taken == letter.event_id else CONTRADICTION
        return self.follows(letter.source, envelope)

    def follows(self, source: Source, envelope: Envelope) -> Judged | Failure | None:
        """As `judge`, by what was handled alone."""
        last = self.heard.get((source, envelope.type), NOTHING)
        newer = envelope.stream_version > last.version
        if envelope.sequence <= last.sequence:
            return CONTRADICTION if newer else KNOWN
        if not newer:
            return CONTRADICTION
        return None if envelope.sequence == last.sequence + 1 else GAP

    def handled(self, source: Source, envelope: Envelope) -> None:
        """This was handled: what follows it may come."""
        last = self.heard.get((source, envelope.type), NOTHING)
        newest = Heard(max(last.sequence, envelope.sequence), max(last.version, envelope.stream_version))
        self.heard[source, envelope.type] = newest
        self._new.add((source, envelope.type))

    def took(self, letter: Letter, *, parked: bool) -> None:
        """This was taken in; and blocks what follows it if it is parked."""
        if letter.version:
            self.taken.setdefault((letter.source, letter.version), letter.event_id)
        if parked:
            self.parked.add((letter.source, letter.version, letter.event_id))
            self.blocked.add(letter.source)

    async def write_heard(self, connection: asyncpg.Connection, consumer: str) -> None:
        """Records what was handled since this was made."""
        rows = [(*source, type_, *self.heard[source, type_]) for source, type_ in sorted(self._new)]
        await connection.execute(
            "insert into heard (consumer, service, tenant_id, stream, type, sequence, version) select $1, * from"
            " unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[])"
            " on conflict (consumer, service, tenant_id, stream, type)"
            " do update set sequence = excluded.sequence, version = excluded.version",
            consumer,
            *([row[n] for row in rows] for n in range(6)),
        )
        self._new.clear()


async def look(connection: asyncpg.Connection, consumer: str, letters: Sequence[Letter]) -> Inbox:
    """What is known of the sources and places of these letters."""
    inbox = Inbox()
    for kind, service, tenant, stream, version, event_id, type_, sequence in await connection.fetch(
        LOOK, consumer, *_places(letters)
    ):
        source = Source(service, tenant, stream)
        match kind:
            case "taken":
                inbox.taken[source, version] = event_id
            case "parked":
                inbox.parked.add((source, version, event_id))
            case "blocked":
                inbox.blocked.add(source)
            case _:
                inbox.heard[source, type_] = Heard(sequence, version)
    return inbox


async def record(connection: asyncpg.Connection, consumer: str, letters: Sequence[Letter]) -> None:
    """Writes the places of letters that were taken in, handled or parked; a place that is taken stays as it is."""
    await connection.execute(
        "insert into inbox (consumer, service, tenant_id, stream, version, event_id) select $1, l.* from"
        " unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::uuid[]) as l (a, b, c, version, id)"
        " where l.version > 0 on conflict do nothing",
        consumer,
        *_places(letters),
    )


async def forget(connection: asyncpg.Connection, consumer: str, limit: int = 5_000) -> int:
    """Drops old rows of the inbox and of what has left the parked long ago; answers how many places it dropped."""
    await connection.execute(
        f"delete from parked where consumer = $1 and done_at < clock_timestamp() - interval '{FORGET}'",
        consumer,
    )
    # What waits is known by its row in the inbox: it must not come a second time.
    dropped = await connection.execute(
        "delete from inbox where ctid = any (array(select i.ctid from inbox i where i.consumer = $1"
        f" and i.at < clock_timestamp() - interval '{FORGET}' and not exists (select from parked p"
        " where (p.consumer, p.service, p.tenant_id, p.stream, p.version)"
        " = (i.consumer, i.service, i.tenant_id, i.stream, i.version)) limit $2))",
        consumer,
        limit,
    )
    return int(dropped.rpartition(" ")[2])


def _places(letters: Sequence[Letter]) -> tuple[list[str], list[str], list[str], list[int], list[UUID]]:
    return (
        [letter.source.service for letter in letters],
        [letter.source.tenant for letter in letters],
        [letter.source.stream for letter in letters],
        [letter.version for letter in letters],
        [letter.event_id for letter in letters],
    )
