"""`Store.change`: read, decide and append, with its effects, in one transaction; or nothing.

Failure: a lost race re-reads and decides again; a repeated command id is answered as the first time, also when the
first time ended in a connection lost around its commit; a refusal rolls back and leaves a row without payload.
A decision is serialised with every stream that it looks at: what it saw still holds when its events are written.

What is appended was read back from its bytes, and told once, before: what nobody could read or tell is never written.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, Unpack, overload

import asyncpg
import structlog
from opentelemetry import trace
from pydantic import ValidationError

from contracts.messages import MAX_BODY, Message
from contracts.values import Event, Role
from kit import ids
from kit.auth import Cause
from kit.errors import (
    Busy,
    EarlierThanLast,
    EraBehind,
    EventTooLarge,
    KeyReused,
    NotFound,
    Refused,
    StaleVersion,
)
from kit.privacy import Vault, box_of
from kit.store.answers import answer_of, earlier, keep_refusal
from kit.store.due import complete
from kit.store.keys import DATA_KEYS
from kit.store.mapper import LIMIT, Envelope, EventTooLong, RawMapper, know, meta_of
from kit.store.moments import look_at
from kit.store.names import People, know_names
from kit.store.reading import Looked, Read, Reader, Sight, Target
from kit.store.rows import View, by_category
from kit.store.sealing import Commitments, Pending, keys_for, sealer
from kit.store.streams import Answer, Category, Claim, Effect, Meta, Reads, Release, Stream, Write
from kit.store.tenants import TENANT_TABLE, TENANTS
from kit.store.turns import PATIENT, GoneOn, NoTurn, Overtaken, Place, Turns, held
from kit.store.wake import Wake
from kit.store.writing import Writing
from kit.tenancy import Tx, scope, scoped
from kit.tenancy.pools import glance

S = TypeVar("S")
S2 = TypeVar("S2")
S3 = TypeVar("S3")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
E = TypeVar("E")
Ts = TypeVarTuple("Ts")
log = structlog.get_logger("kit.store")
ATTEMPTS = 10
LAST = ATTEMPTS - 1
BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,
)
"""What a dying or restarting PostgreSQL looks like from here; the command id makes trying again safe.

Fewer than `kit.tenancy.pools.AWAY`: who has waited for a lock, or in vain for room, is told so at once.
"""

RACES = {"event_pkey", "event_nth"}
"""Whose violation says that another writer of the stream was first."""
BEHIND, GONE_ON = "ES003", "ES005"
tracer = trace.get_tracer("kit.store")

Publish = Callable[[Any, Meta], Message | None]
"""Our event to the message that others see, or nothing (`to_contract` of a service's publish.py)."""


class Rehearsed(Exception):
    """All was done as it would be, and is undone; it holds what would have been answered."""


class Untellable(Exception):
    """An event cannot be read back, or told: its fields are not what its class or its message declares.  A bug."""


class Store:
    """The event store of one service in one region, for its application role."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        region: str,
        categories: Sequence[Category[Any, Any]],
        effects: Sequence[Effect] = (),
        views: Sequence[View[Any, Any]] = (),
        vault: Vault | None = None,
        people: People | None = None,
        reads: asyncpg.Pool | None = None,
        publish: Publish = lambda _event, _meta: None,
    ) -> None:
        """`pool` is for changes, `reads` for looking: who waits to write keeps no reader out.

        `publish` is the relay's: each new event is told to it once before it is written.  `people` are found by name.
        """
        self.pool = pool
        self.reads = reads or pool
        self.publish = publish
        self.region = region
        self.vault = vault
        self.people = people or {}
        self.wake = Wake()
        self.tenants = Wake()
        """Rung when this process has committed something that the tree of bureaus is read from."""
        self._committed = Commitments()
        self.mapper = RawMapper(box_of)
        self._views = by_category(views)
        self._reader = Reader(self.mapper, self._views)
        self._turns = Turns()
        self.effects = (TENANT_TABLE, *effects)
        for category in (*categories, TENANTS, DATA_KEYS):
            for event in category.events:
                know(event)

    @overload
    async def change(
        self, cause: Cause, decide: Callable[[S], Sequence[E]], write: Stream[S, E], /,
        *, claims: Sequence[Claim] = ..., releases: Sequence[Release] = ...,
    ) -> Answer: ...  # fmt: skip
    @overload
    async def change(
        self, cause: Cause, decide: Callable[[S, Unpack[Ts]], Sequence[E]], write: Stream[S, E], /,
        *, reads: Reads[*Ts] | Callable[[S], Reads[*Ts]],
        claims: Sequence[Claim] = ..., releases: Sequence[Release] = ...,
    ) -> Answer: ...  # fmt: skip
    @overload
    async def change(
        self, cause: Cause, decide: Callable[[S, S2], tuple[Sequence[E], T2]],
        write: Stream[S, E], second: Write[S2, T2] | Callable[[S], Write[S2, T2]], /,
    ) -> Answer: ...  # fmt: skip
    @overload
    async def change(
        self, cause: Cause, decide: Callable[[S, S2, Unpack[Ts]], tuple[Sequence[E], T2]],
        write: Stream[S, E], second: Write[S2, T2] | Callable[[S], Write[S2, T2]], /,
        *, reads: Reads[*Ts] | Callable[[S, S2], Reads[*Ts]],
    ) -> Answer: ...  # fmt: skip
    @overload
    async def change(
        self, cause: Cause, decide: Callable[[S, S2, S3], tuple[Sequence[E], T2, T3]], write: Stream[S, E],
        second: Write[S2, T2] | Callable[[S], Write[S2, T2]],
        third: Write[S3, T3] | Callable[[S, S2], Write[S3, T3]], /,
    ) -> Answer: ...  # fmt: skip
    @overload
    async def change(
        self, cause: Cause, decide: Callable[[S, S2, S3, Unpack[Ts]], tuple[Sequence[E], T2, T3]], write: Stream[S, E],
        second: Write[S2, T2] | Callable[[S], Write[S2, T2]],
        third: Write[S3, T3] | Callable[[S, S2], Write[S3, T3]], /,
        *, reads: Reads[*Ts] | Callable[[S, S2, S3], Reads[*Ts]],
    ) -> Answer: ...  # fmt: skip

    async def change(
        self,
        cause: Cause,
        decide: Callable[..., Any],
        *writes: Target,
        reads: Looked = None,
        claims: Sequence[Claim] = (),
        releases: Sequence[Release] = (),
    ) -> Answer:
        """Append what `decide` returns for `writes`; the first of them names the answer.

        `decide` gets the states of `writes`, then of `reads`, and returns the events of the one write, or a tuple with
        those of each.  It must be pure: it is called again where any of them has gone on meanwhile.  A write but the
        first, and `reads` as a whole, may be a function of the states of the writes before.  The decision's basis is
        that of the first of `reads` that is such a document.  `claims` and `releases` are of the first stream's keys.

        Raises Refused (NotFound, Ambiguous, StaleVersion, EarlierThanLast, KeyReused, EventTooLarge, Busy among
        them), Untellable, and what the database raises when it stays away.
        """
        sight, places = Sight(writes, reads), list[Place]()
        turns = sight.written
        attempt = partial(self._attempt, cause, decide, claims, releases)
        with tracer.start_as_current_span("store.change", attributes={"action": cause.action}):
            while True:
                try:
                    async with self._turns.taken(f"{cause.actor.tenant}/{name}" for name in turns):
                        return await self._in_turn(cause, partial(attempt, places), writes, reads)
                except Overtaken as overtaken:
                    if places == overtaken.places:
                        return await self._busy(cause, sight)
                    places = overtaken.places
                    turns = [place.stream for place in places]
                except NoTurn:
                    return await self._busy(cause, sight)

    async def _in_turn(
        self, cause: Cause, attempted: Callable[[Sight], Awaitable[Answer]], writes: Sequence[Target], reads: Looked
    ) -> Answer:
        gone_on = 0
        for attempt in range(ATTEMPTS):
            sight = Sight(writes, reads)
            try:
                return await attempted(sight)
            except Rehearsed as rehearsed:
                return rehearsed.args[0]  # type: ignore[no-any-return]
            except asyncpg.DeadlockDetectedError:
                if attempt == LAST:
                    raise
            except asyncpg.UniqueViolationError as e:
                if e.constraint_name == "command_pkey":
                    first = await earlier(self.pool, cause)
                    if first is None:  # held in another tenant's name, out of this caller's sight
                        raise KeyReused from e
                    return first
                if e.constraint_name not in RACES:
                    raise
            except asyncpg.LockNotAvailableError:
                break
            except Refused as refused:
                if (first := await earlier(self.pool, cause)) is not None:
                    return first
                await self._refused(cause, refused, sight)
                raise
            except GoneOn:
                gone_on += 1
            except BROKEN as error:
                # Who has waited for a connection in vain has waited long enough.
                if attempt == LAST or isinstance(error, TimeoutError):
                    raise
                await asyncio.sleep(0.1 * 2 ** min(attempt, 4))
            except asyncpg.PostgresError as e:
                if e.sqlstate == BEHIND:
                    raise EraBehind from None
                if e.sqlstate != GONE_ON:
                    raise
                gone_on += 1
            if gone_on == PATIENT:
                raise Overtaken(sight.places)
            await asyncio.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - only spreads writers
        return await self._busy(cause, sight)

    async def _busy(self, cause: Cause, sight: Sight) -> Answer:
        """What it was answered before, else Busy, and its row."""
        if (first := await earlier(self.pool, cause)) is not None:
            return first
        await self._refused(cause, busy := Busy(), sight)
        raise busy

    async def fold(self, cause: Cause, stream: Stream[S, E]) -> S:
        """The present state of one stream.  NotFound if the caller may not see it or it is not there."""
        async with self.reading(cause) as tx:
            (read,) = await self._reader.read(tx, cause.scope, (stream,))
        return read.state  # type: ignore[no-any-return]

    async def look(
        self, cause: Cause, first: Stream[S, E], reads: Reads[*Ts] | Callable[[S], Reads[*Ts]]
    ) -> tuple[S, *Ts]:
        """The present states that a decision would see."""
        sight = Sight((first,), reads)
        async with self.reading(cause) as tx:
            await sight.fill(self._reader, tx, cause.scope)
        return tuple(slot.state for slot in sight.slots)

    @asynccontextmanager
    async def reading(self, cause: Cause) -> AsyncIterator[Tx]:
        """A transaction for queries of the cause's moment, under the tenants that it may read.

        RowsIncomplete is raised by what would be answered by rows that are to be rebuilt.
        """
        async with scope(self.reads, cause.scope) as tx:
            await look_at(tx, cause.at)
            yield await complete(tx, self._views)

    async def _refused(self, cause: Cause, refused: Refused, sight: Sight) -> None:
        if cause.last_word(refused):
            await keep_refusal(self.pool, cause, refused, sight.names, sight.first.tenant)

    async def _attempt(
        self,
        cause: Cause,
        decide: Callable[..., Any],
        claims: Sequence[Claim],
        releases: Sequence[Release],
        places: list[Place],
        sight: Sight,
    ) -> Answer:
        async with glance(self.pool) as connection, held(connection, cause.scope, places):
            await sight.fill(self._reader, connection, cause.scope)
            first = sight.writes[0].reads[0]
            try:
                decided = sight.decided(decide, cause.occurred_on)
            except Refused:
                if sight.rounds > 1 and await self._reader.went_on(connection, cause.scope, sight):
                    raise GoneOn from None  # what was read apart never was so together
                raise
            # After the decision, as RFC 9110, 13.2.1 has it: whoever may not do it learns nothing of the version.
            if cause.expected is not None and cause.expected != first.version:
                raise StaleVersion(actual=first.version, expected=cause.expected)
            cause = replace(cause, basis=sight.basis(cause.occurred_on) or cause.basis)
            pending = [
                Pending(event, read.tenant, read.name, read.version + n, ids.event_id(cause.now))
                for read, events in decided
                for n, event in enumerate(_in_order(cause, read, events), start=1)
            ]
            # An owner that the caller named and may not write to: the database would refuse it as a bug of ours.
            if any(p.tenant not in cause.scope.writes for p in pending):
                raise NotFound
            mine = [p for p in pending if (p.tenant, p.stream) == (first.tenant, first.name)]
            answer = answer_of(cause, first.name, first.version, mine)
            keys = await keys_for(connection, self.vault, cause, pending, self._committed)
            if not cause.rehearsed:
                await know_names(self.vault, self.people, keys, pending)
            # Two commands over the same streams must take their rows in one order, or they deadlock.
            pending.sort(key=lambda p: (p.tenant, p.stream))
            try:
                raws = [self.mapper.to_raw(self._envelope(cause, p), p.event, sealer(p, keys)) for p in pending]
            except EventTooLong:
                raise EventTooLarge(most=LIMIT // 1024) from None
            read_back = [self._told(raw, p) for raw, p in zip(raws, pending, strict=True)]
            written = sight.after(read_back, self._views)
            writing = Writing(
                cause, answer, pending, raws, sight.unchanged(pending), written, first.tenant,
                claims if mine else (), releases if mine else (),
            )  # fmt: skip
            answer = await self._write(connection, writing, read_back)
        self._committed.note(pending)
        for read, _ in written:
            self._reader.kept.keep(read)
        if any(p.stream.partition("/")[0] in TENANT_TABLE.categories for p in pending):
            self.tenants.ring()
        self.wake.ring()
        return answer

    def _told(self, raw: bytes, item: Pending) -> tuple[Event, Meta]:
        """The event as its bytes say it, once it was told for a trial.  Untellable when either cannot be done."""
        try:
            event, meta = meta_of(self.mapper, raw)
            message = self.publish(event, meta)
            if message is not None and len(message.body()) > MAX_BODY:
                raise ValueError("the message is too long")
        except Exception as error:
            wrong = error if isinstance(error, ValidationError) else error.__cause__
            places = [e["loc"] for e in wrong.errors()] if isinstance(wrong, ValidationError) else []
            fields = [".".join(map(str, place)) for place in places]
            log.error("store.untellable", type=item.event.TOPIC, field=fields, error=error)
            raise Untellable(f"{item.event.TOPIC}: {', '.join(fields) or type(error).__name__}") from None
        return event, meta

    async def _write(self, connection: Any, writing: Writing, told: Sequence[tuple[Event, Meta]]) -> Answer:
        """Writes it, in one statement unless an effect has more to do in its transaction."""
        acting = [(one, event, meta) for event, meta in told for one in self.effects if meta.category in one.categories]
        if not acting and not writing.cause.rehearsed:
            return (await writing.write(connection))[1]
        async with scoped(connection, writing.cause.scope) as tx:
            stamp, answer = await writing.write(tx)
            for one, event, meta in acting:
                await one.apply(tx, event, replace(meta, recorded_at=stamp))
            if writing.cause.rehearsed:
                raise Rehearsed(answer)  # which rolls it back
        return answer

    def _envelope(self, cause: Cause, item: Pending) -> Envelope:
        return Envelope(
            id=item.id,
            tenant=item.tenant,
            region=self.region,
            stream=item.stream,
            version=item.version,
            occurred_on=cause.occurred_on,
            recorded_at=cause.now,
            actor=cause.actor,
            command=cause.command_id,
            causation=cause.causation,
            correlation=cause.correlation,
            trace=cause.trace,
            basis=cause.basis,
        )


def _in_order(cause: Cause, read: Read, events: Sequence[Event]) -> Sequence[Event]:
    """The events, if their day may follow what the stream has.

    A fact of another service is not judged: that was done where it was told, and refusing it would only park it.
    """
    early = read.day is not None and cause.occurred_on < read.day and cause.actor.role is not Role.SYSTEM
    if early and not all(event.LATE for event in events):
        raise EarlierThanLast(occurred_on=cause.occurred_on, last=read.day)
    return events
