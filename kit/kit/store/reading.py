"""The states of streams as they are now, for one attempt at a change.

What is known from before is kept: the state of a stream up to an event whose id is remembered.  The database is always
asked for that event and for what came after it, so a kept state is never taken for a newer one, and a database that was
restored under a running process is noticed by the id.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from contracts.values import Event, Role, TenantId
from kit.auth import Basis, Scope
from kit.errors import Ambiguous, NotFound, Refused, SameTwice
from kit.store.due import complete
from kit.store.mapper import RawMapper, meta_in
from kit.store.rows import Change, Days, View
from kit.store.sealing import Pending
from kit.store.streams import Each, Follows, Look, Meta, One, Part, Reads, Stream, Write
from kit.store.turns import Place
from kit.tenancy import Tx, lists, scoped

Target: TypeAlias = Write[Any, Any] | Callable[..., Write[Any, Any]]
Looked: TypeAlias = Reads[*tuple[Any, ...]] | Callable[..., Reads[*tuple[Any, ...]]] | None
Ask: TypeAlias = Callable[..., Awaitable[Sequence[asyncpg.Record]]]
KEPT = 1000
"""Streams whose states are kept in memory, those used last."""

READ = "select * from read_streams($1, $2, $3, $4, $5, $6, $7, $8)"
WENT_ON = """
select exists (
  select from unnest($1::text[], $2::text[], $3::int[]) as seen (tenant_id, stream, version)
    join event as e on (e.tenant_id, e.stream, e.version) = (seen.tenant_id, seen.stream, seen.version + 1))
"""


@dataclass(frozen=True)
class Read:
    """A stream as it was found: whose it is, up to which version and event, what it says, and its last day.

    The day is that of the last event that is not LATE, and that this service did not note of another's.  `days` are
    the rows that it comes to, by the views of its category.
    """

    tenant: TenantId
    name: str
    version: int
    event_id: UUID | None
    state: Any
    day: date | None
    days: tuple[Days[Any], ...] = ()


Views = Mapping[str, Sequence[View[Any, Any]]]
"""The views of each category."""


class Kept:
    """The states of the streams that were used last."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._reads: OrderedDict[tuple[str, str], Read] = OrderedDict()
        self._owners: dict[str, set[str]] = {}

    def of(self, names: Iterable[str], tenants: Sequence[str]) -> list[Read]:
        """What is known of streams of these names and tenants."""
        return [
            self._reads[tenant, name]
            for name in names
            for tenant in sorted(self._owners.get(name, ()))
            if tenant in tenants
        ]

    def keep(self, read: Read) -> None:
        """This is how a stream is, as far as what was committed goes."""
        key = (read.tenant, read.name)
        known = self._reads.get(key)
        if known is not None and known.version > read.version:
            return
        self._reads[key] = read
        self._reads.move_to_end(key)
        self._owners.setdefault(read.name, set()).add(read.tenant)
        if len(self._reads) > self._most:
            self.forget(next(iter(self._reads.values())))

    def forget(self, read: Read) -> None:
        """Reads it anew the next time."""
        if self._reads.pop((read.tenant, read.name), None) is not None:
            owners = self._owners[read.name]
            owners.discard(read.tenant)
            if not owners:
                del self._owners[read.name]


class Reader:
    """Reads streams by way of what is kept."""

    def __init__(self, mapper: RawMapper, views: Views) -> None:
        self.mapper = mapper
        self.views = views
        self.kept = Kept()

    async def read(self, connection: Tx, tenants: Scope, streams: Sequence[Stream[Any, Any]]) -> list[Read]:
        """The streams, each as it is now.

        NotFound for one that is nobody's in sight, or not where it was said to be; Ambiguous for one that is several's.
        """
        seen = sorted({*tenants.reads, *tenants.writes})
        names = sorted({name for stream in streams for name in _names(stream)})
        wanted = {s.name: s for s in streams}
        ask = partial(connection.fetch, READ, *lists(tenants), seen, names)
        found = await self._found(ask, names, self.kept.of(wanted, seen), wanted)
        return [_one(stream, found, seen) for stream in streams]

    async def went_on(self, connection: Tx, tenants: Scope, sight: Sight) -> bool:
        """Whether any stream has more events than were read."""
        reads = [read for slot in sight.slots for read in slot.reads]
        async with scoped(connection, tenants) as tx:
            found: bool = await tx.fetchval(
                WENT_ON, [r.tenant for r in reads], [r.name for r in reads], [r.version for r in reads]
            )
        return found

    async def _found(
        self,
        ask: Callable[..., Awaitable[Any]],
        names: list[str],
        kept: list[Read],
        streams: dict[str, Stream[Any, Any]],
    ) -> dict[str, dict[TenantId, Read]]:
        rows: dict[tuple[TenantId, str], list[asyncpg.Record]] = {}
        for row in await ask(
            [k.tenant for k in kept],
            [k.name for k in kept],
            [k.version for k in kept],
            [name for name in names if name not in streams],
        ):
            rows.setdefault((row["tenant_id"], row["stream"]), []).append(row)
        stale = [k for k in kept if not _begins(rows.get((k.tenant, k.name), ()), k)]
        if stale:  # another database than the one that it was read from
            for one in stale:
                self.kept.forget(one)
            return await self._found(ask, names, [k for k in kept if k not in stale], streams)
        known = {(k.tenant, k.name): k for k in kept}
        found: dict[str, dict[TenantId, Read]] = {}
        for (tenant, name), events in rows.items():
            stream = streams.get(name)
            if stream is None:  # asked for only to know whose it is
                read = Read(tenant, name, 0, None, None, None)
            else:
                read = self._folded(stream, tenant, events, known.get((tenant, name)))
                self.kept.keep(read)
            found.setdefault(name, {})[read.tenant] = read
        return found

    def _folded(
        self, stream: Stream[Any, Any], tenant: TenantId, rows: Sequence[asyncpg.Record], kept: Read | None
    ) -> Read:
        day = kept.day if kept else None
        views = self.views.get(stream.category.name, ())
        events: list[tuple[Event, dict[str, Any]]] = []
        for row in rows[1:] if kept else rows:
            body = orjson.loads(row["raw"])
            event = self.mapper.from_body(body, b'"$sealed"' in row["raw"])
            events.append((event, body))
            if not event.LATE and body["actor"]["role"] != Role.SYSTEM:
                day = row["occurred_on"] if day is None else max(day, row["occurred_on"])
        state = stream.category.fold(kept.state if kept else stream.category.initial, (event for event, _ in events))
        days = kept.days if kept else tuple(Days[Any]() for _ in views)
        if views:
            told = [(event, meta_in(body)) for event, body in events]
            days = tuple(one.told(view, told) for one, view in zip(days, views, strict=True))
        return Read(tenant, stream.name, rows[-1]["version"], rows[-1]["event_id"], state, day, days)


def _names(stream: Stream[Any, Any]) -> tuple[str, ...]:
    return (stream.name, *_names(stream.beside)) if stream.beside else (stream.name,)


def _begins(rows: Sequence[asyncpg.Record], kept: Read) -> bool:
    return bool(rows) and (rows[0]["version"], rows[0]["event_id"]) == (kept.version, kept.event_id)


def _owner(stream: Stream[Any, Any], found: dict[str, dict[TenantId, Read]]) -> TenantId | None:
    if stream.tenant is not None:
        return stream.tenant
    if stream.beside is not None:
        return _owner(stream.beside, found)
    owners = found.get(stream.name, {})
    if len(owners) > 1:
        raise Ambiguous(tenants="、".join(sorted(owners)))
    return next(iter(owners), None)


def _one(stream: Stream[Any, Any], found: dict[str, dict[TenantId, Read]], seen: Sequence[TenantId]) -> Read:
    tenant = _owner(stream, found)
    if tenant is None or tenant not in seen:
        raise NotFound
    read = found.get(stream.name, {}).get(tenant)
    return read or Read(tenant, stream.name, 0, None, stream.category.initial, None)


class Slot:
    """A place among the arguments of a decision: what stands there, once that is known, and its state."""

    def __init__(self, part: Part | Callable[..., One[Any]]) -> None:
        self.part = part
        self.one: One[Any] | None = part if isinstance(part, One) else None
        self.reads: list[Read] = []
        self.state: Any = None
        self.ready = False

    @property
    def streams(self) -> Sequence[Stream[Any, Any]]:
        return self.one.streams if isinstance(self.one, Write) else ()

    def events(self, part: Any) -> Sequence[tuple[Read, Sequence[Event]]]:
        """The events for each of the streams, as the decision gave them for this place; LookupError for another key."""
        match self.one:
            case Each(by_key):
                reads = dict(zip(by_key, self.reads, strict=True))
                return [(reads[key], events) for key, events in part.items()]
            case _:
                return [(self.reads[0], part)]

    def filled(self, reads: list[Read]) -> None:
        """The streams were read."""
        self.reads = reads
        match self.one:
            case Each(by_key):
                self.state = dict(zip(by_key, (read.state for read in reads), strict=True))
            case _:
                self.state = reads[0].state
        self.ready = True


class Sight:
    """What one attempt reads: `writes`, and `looks` behind them, in the order of the decision's arguments."""

    def __init__(self, writes: Sequence[Target], reads: Looked) -> None:
        if not isinstance(writes[0], Stream):
            raise TypeError("the first write is one stream, known beforehand: the answer names it")
        self.first: Stream[Any, Any] = writes[0]
        """It names the answer."""
        self._reads = reads
        self.rounds = 0
        """How many times it was read: what follows from a state is read at another instant."""
        self.writes = [Slot(write) for write in writes]
        self.looks: list[Slot] = [Slot(part) for part in reads.parts] if isinstance(reads, Reads) else []

    @property
    def slots(self) -> list[Slot]:
        return [*self.writes, *self.looks]

    @property
    def names(self) -> list[str]:
        """The streams that are known so far, for whoever is told of a refusal."""
        return [stream.name for slot in self.slots for stream in slot.streams]

    @property
    def places(self) -> list[Place]:
        """All that was read, and whether it may be written."""
        return [Place(read.tenant, read.name, slot in self.writes) for slot in self.slots for read in slot.reads]

    @property
    def written(self) -> list[str]:
        """Those that are written, as far as they are known."""
        return [stream.name for slot in self.writes for stream in slot.streams]

    def decided(self, decide: Callable[..., Any], day: date) -> list[tuple[Read, Sequence[Event]]]:
        """What `decide` wants appended to which streams.  A refusal of its names the paragraph that it rests on."""
        try:
            said = decide(*(slot.state for slot in self.slots))
        except Refused as refused:
            refused.clause = self._clause(refused.rule, day)
            raise
        parts = said if len(self.writes) > 1 else (said,)
        return [one for slot, part in zip(self.writes, parts, strict=True) for one in slot.events(part)]

    def basis(self, day: date) -> Basis | None:
        """The version of a document that was looked at, as of a day; that of the first where there are several."""
        for slot in self.looks:
            if isinstance(slot.one, Stream) and slot.one.category.basis is not None:
                return slot.one.category.basis(slot.state, day)
        return None

    def _clause(self, rule: str | None, day: date) -> str | None:
        """The paragraph by which the document that was looked at states the rule; None where none is in force."""
        try:
            basis = self.basis(day)
        except Refused:
            return None
        return basis.clause(rule) if basis else None

    def after(self, events: Sequence[tuple[Event, Meta]], views: Views) -> list[tuple[Read, list[Change]]]:
        """The written streams as they are once these events, in their order, are committed; and what of their rows
        that changes."""
        found = []
        for slot in self.writes:
            for read, stream in zip(slot.reads, slot.streams, strict=True):
                mine = [(e, meta) for e, meta in events if (meta.tenant, meta.stream) == (read.tenant, read.name)]
                if mine:
                    last = mine[-1][1]
                    state = stream.category.fold(read.state, (event for event, _ in mine))
                    days = [m.occurred_on for e, m in mine if not e.LATE and m.actor.role is not Role.SYSTEM]
                    day = max(filter(None, [read.day, *days]), default=None)
                    views_ = views.get(stream.category.name, ())
                    before = read.days or tuple(Days[Any]() for _ in views_)
                    told = [one.after(view, mine) for one, view in zip(before, views_, strict=True)]
                    rows = tuple(one for one, _ in told)
                    now = Read(read.tenant, read.name, last.version, last.event_id, state, day, rows)
                    found.append((now, [change for _, change in told]))
        return found

    def unchanged(self, pending: Sequence[Pending]) -> list[Read]:
        """The streams that were read, and to which nothing of `pending` is appended."""
        written = {(p.tenant, p.stream) for p in pending}
        return [read for slot in self.slots for read in slot.reads if (read.tenant, read.name) not in written]

    async def fill(self, reader: Reader, connection: Tx, tenants: Scope) -> None:
        """Reads everything; what follows from the state of something else after that, and queries last of their round.

        SameTwice where two places are one stream; RowsIncomplete where a query is over rows that are to be rebuilt.
        """
        while wanted := self._next():
            self.rounds += 1
            streams = [stream for slot in wanted for stream in slot.streams]
            reads = iter(await reader.read(connection, tenants, streams) if streams else ())
            for slot in wanted:
                if isinstance(slot.one, Look):
                    async with scoped(connection, tenants) as tx:
                        slot.state, slot.ready = await slot.one.query(await complete(tx, reader.views)), True
                else:
                    slot.filled([next(reads) for _ in slot.streams])
        places = [(read.tenant, read.name) for slot in self.slots for read in slot.reads]
        if len(set(places)) < len(places):
            raise SameTwice

    def _next(self) -> list[Slot]:
        """The places that can be read now, in the light of those that were."""
        for n, slot in enumerate(self.writes):
            if slot.one is None and all(before.ready for before in self.writes[:n]):
                slot.one = slot.part(*(before.state for before in self.writes[:n]))  # type: ignore[operator]
        if callable(self._reads) and not self.looks and all(slot.ready for slot in self.writes):
            self.looks = [Slot(part) for part in self._reads(*(slot.state for slot in self.writes)).parts]
        for slot in self.looks:
            part = slot.part
            if slot.one is None and isinstance(part, Follows) and all(s.ready for s in self.looks[: part.after]):
                slot.one = part.find(*(before.state for before in self.looks[: part.after]))
        return [slot for slot in self.slots if slot.one is not None and not slot.ready]
