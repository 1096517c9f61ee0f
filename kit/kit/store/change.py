"""`Store.change`: read, decide and append, with the inline projections, in one transaction; or nothing.

Failure: a lost race re-reads and decides again; a repeated command id is answered as the first time, also when the
first time ended in a connection lost around its commit; a refusal rolls back and leaves a row without payload.
A decision is serialised with the streams it *writes*.  To guard on another stream's state, write to that one too.

What is appended was read back from its bytes, and told once, before: what nobody could read or tell is never written.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

import asyncpg
import orjson
import structlog
from opentelemetry import trace
from pydantic import ValidationError

from contracts.messages import MAX_BODY, Message
from contracts.values import Event, Role, TenantId
from kit import ids
from kit.auth import Basis, Cause, Scope
from kit.errors import (
    Ambiguous,
    Busy,
    EarlierThanLast,
    EraBehind,
    EventTooLarge,
    KeyReused,
    NotFound,
    Refused,
    SameTwice,
    StaleVersion,
)
from kit.privacy import Vault, box_of
from kit.store.answers import answer_of, earlier, hold, keep_refusal, release
from kit.store.keys import DATA_KEYS
from kit.store.mapper import LIMIT, Envelope, EventTooLong, RawMapper, around, instant, know, meta_of
from kit.store.sealing import Commitments, Pending, keys_for, sealer
from kit.store.streams import Answer, Category, Claim, Meta, Projection, Release, Stream
from kit.store.tenants import TENANT_TABLE, TENANTS
from kit.tenancy import Tx, scope

S = TypeVar("S")
log = structlog.get_logger("kit.store")
ATTEMPTS = 10
BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,
)
"""What a dying or restarting PostgreSQL looks like from here; the command id makes trying again safe.

Fewer than `kit.tenancy.pools.AWAY`: who has waited for a lock, or in vain for room, is told so at once.
"""

HISTORY = (
    "select tenant_id, stream, version, occurred_on, raw from event"
    " where tenant_id = any ($1::text[]) and stream = any ($2::text[]) order by tenant_id, stream, version"
)
APPEND = "select append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
RACES = {"event_pkey", "event_nth"}
"""Whose violation says that another writer of the stream was first."""
BEHIND = "ES003"
tracer = trace.get_tracer("kit.store")

Publish = Callable[[Any, Meta], Message | None]
"""Our event to the message that others see, or nothing (`to_contract` of a service's publish.py)."""


class Untellable(Exception):  # noqa: N818 - says what happened
    """An event cannot be read back, or told: its fields are not what its class or its message declares.  A bug."""


@dataclass
class Read:
    """A stream as this attempt found it: who owns it, up to which version, what it says, and its last day.

    The day is that of the last event that is not LATE, and that this service did not note of another's.
    """

    tenant: TenantId
    version: int
    state: Any
    day: date | None


class Wake:
    """Tells the tails of this process that something was committed, so that they need not wait for their poll.

    `rung` counts the times, for whoever keeps a copy of something and must know whether it is older than a commit.
    """

    def __init__(self) -> None:
        self.rung = 0
        self.waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        self.rung += 1
        for event in self.waiting:
            event.set()

    async def wait(self, seconds: float) -> None:
        """Returns at the next ring, or after so many seconds."""
        event = asyncio.Event()
        self.waiting.add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self.waiting.discard(event)


class Store:
    """The event store of one service in one region, for its application role."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        region: str,
        categories: Sequence[Category[Any]],
        inline: Sequence[Projection] = (),
        vault: Vault | None = None,
        reads: asyncpg.Pool | None = None,
        publish: Publish = lambda _event, _meta: None,
    ) -> None:
        """`pool` is for changes, `reads` for looking: who waits to write keeps no reader out.

        `publish` is the relay's: each new event is told to it once before it is written.
        """
        self.pool = pool
        self.reads = reads or pool
        self.publish = publish
        self.region = region
        self.vault = vault
        self.wake = Wake()
        self.tenants = Wake()
        """Rung when this process has committed something that the tree of bureaus is read from."""
        self._committed = Commitments()
        self.mapper = RawMapper(box_of)
        self.inline = (TENANT_TABLE, *inline)
        for category in (*categories, TENANTS, DATA_KEYS):
            for event in category.events:
                know(event)

    async def change(
        self,
        cause: Cause,
        decide: Callable[..., Any],
        *streams: Stream[Any],
        look: Callable[[Tx], Awaitable[Any]] | None = None,
        basis: Callable[..., Basis | None] | None = None,
        claims: Sequence[Claim] = (),
        releases: Sequence[Release] = (),
    ) -> Answer:
        """Append what `decide` returns to `streams`; the first stream names the answer.

        `decide` gets one state per stream and returns one sequence of events, or a tuple of sequences, one per
        stream.  It must be pure: it is called again after a lost race.  `look` reads in the same transaction, after
        the streams; `decide` gets what it found behind the states.  `basis` says on which version of a scheme the
        states make the decision rest.  `claims` and `releases` are of the first stream's keys.

        Raises Refused (NotFound, Ambiguous, StaleVersion, EarlierThanLast, KeyReused, EventTooLarge, Busy among
        them), Untellable, and what the database raises when it stays away.
        """
        attempt_once = partial(self._attempt, cause, decide, streams, look, basis, claims, releases)
        with tracer.start_as_current_span("store.change", attributes={"action": cause.action}):
            for attempt in range(ATTEMPTS):
                try:
                    return await attempt_once()
                except asyncpg.DeadlockDetectedError:
                    if attempt == ATTEMPTS - 1:
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
                    first = await earlier(self.pool, cause)
                    if first is not None:
                        return first
                    await self._refused(cause, refused, streams)
                    raise
                except BROKEN as error:
                    # Who has waited for a connection in vain has waited long enough.
                    if attempt == ATTEMPTS - 1 or isinstance(error, TimeoutError):
                        raise
                    await asyncio.sleep(0.1 * 2 ** min(attempt, 4))
                except asyncpg.PostgresError as e:
                    if e.sqlstate != BEHIND:
                        raise
                    raise EraBehind from None
                await asyncio.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - only spreads writers
            busy = Busy()
            await self._refused(cause, busy, streams)
            raise busy

    async def fold(self, cause: Cause, stream: Stream[S]) -> S:
        """The present state of one stream.  NotFound if the caller may not see it or it is not there."""
        async with self.reading(cause) as tx:
            found = await self._read(tx, cause.scope, (stream,))
        return found[0].state  # type: ignore[no-any-return]

    @asynccontextmanager
    async def reading(self, cause: Cause) -> AsyncIterator[Tx]:
        """A transaction for queries, under the tenants that the cause may read."""
        async with scope(self.reads, cause.scope) as tx:
            yield tx

    async def _refused(self, cause: Cause, refused: Refused, streams: Sequence[Stream[Any]]) -> None:
        await keep_refusal(self.pool, cause, refused, [s.name for s in streams], streams[0].tenant)

    async def _attempt(
        self,
        cause: Cause,
        decide: Callable[..., Any],
        streams: Sequence[Stream[Any]],
        look: Callable[[Tx], Awaitable[Any]] | None,
        basis: Callable[..., Basis | None] | None,
        claims: Sequence[Claim],
        releases: Sequence[Release],
    ) -> Answer:
        async with scope(self.pool, cause.scope) as tx:
            found = await self._read(tx, cause.scope, streams)
            first = found[0]
            if cause.expected is not None and cause.expected != first.version:
                raise StaleVersion(actual=first.version, expected=cause.expected)
            states = [read.state for read in found]
            decided = decide(*states, await look(tx)) if look else decide(*states)
            if basis is not None:
                cause = replace(cause, basis=basis(*states))
            parts = decided if isinstance(decided, tuple) and len(streams) > 1 else (decided,)
            pending = [
                Pending(event, read.tenant, stream.name, read.version + n, ids.event_id(cause.now))
                for stream, read, events in zip(streams, found, parts, strict=True)
                for n, event in enumerate(_in_order(cause, read, events), start=1)
            ]
            # An owner that the caller named and may not write to: the database would refuse it as a bug of ours.
            if any(p.tenant not in cause.scope.writes for p in pending):
                raise NotFound
            mine = [p for p in pending if (p.tenant, p.stream) == (first.tenant, streams[0].name)]
            answer = answer_of(cause, streams[0].name, first.version, mine)
            keys = await keys_for(tx, self.vault, cause, pending, self._committed)
            # Two commands over the same streams must take their rows in one order, or they deadlock.
            pending.sort(key=lambda p: (p.tenant, p.stream))
            try:
                raws = [self.mapper.to_raw(self._envelope(cause, p), p.event, sealer(p, keys)) for p in pending]
            except EventTooLong:
                raise EventTooLarge(most=LIMIT // 1024) from None
            read_back = [self._told(raw, p) for raw, p in zip(raws, pending, strict=True)]
            stamp, answer = await self._append(tx, cause, answer, pending, raws)
            for event, meta in read_back:
                await self._project(tx, event, replace(meta, recorded_at=stamp))
            for ended in releases if mine else ():
                await release(tx, ended, first.tenant, streams[0].name)
            for claim in claims if mine else ():
                await hold(tx, claim, first.tenant, streams[0].name)
        self._committed.note(pending)
        if any(p.stream.partition("/")[0] in TENANT_TABLE.categories for p in pending):
            self.tenants.ring()
        self.wake.ring()
        return answer

    async def _read(self, tx: Tx, tenants: Scope, streams: Sequence[Stream[Any]]) -> list[Read]:
        seen = sorted({*tenants.reads, *tenants.writes})
        owners: dict[str, dict[TenantId, list[asyncpg.Record]]] = {}
        for row in await tx.fetch(HISTORY, seen, [s.name for s in streams]):
            owners.setdefault(row["stream"], {}).setdefault(row["tenant_id"], []).append(row)
        found = [self._found(stream, owners.get(stream.name, {}), seen) for stream in streams]
        if len({(read.tenant, stream.name) for read, stream in zip(found, streams, strict=True)}) < len(streams):
            raise SameTwice
        return found

    def _found(
        self, stream: Stream[Any], owners: dict[TenantId, list[asyncpg.Record]], seen: Sequence[TenantId]
    ) -> Read:
        tenant = stream.tenant
        if tenant is None:
            if len(owners) > 1:
                raise Ambiguous(tenants="、".join(sorted(owners)))
            tenant = next(iter(owners), None)
        if tenant is None or tenant not in seen:
            raise NotFound
        rows = owners.get(tenant, [])
        events: list[Event] = []
        last: date | None = None
        for row in rows:
            body = orjson.loads(row["raw"])
            event = self.mapper.from_body(body, b'"$sealed"' in row["raw"])
            events.append(event)
            if not event.LATE and body["actor"]["role"] != Role.SYSTEM:
                last = row["occurred_on"] if last is None else max(last, row["occurred_on"])
        state = stream.category.fold(stream.category.initial, events)
        return Read(tenant, rows[-1]["version"] if rows else 0, state, last)

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

    async def _append(
        self, tx: Tx, cause: Cause, answer: Answer, pending: Sequence[Pending], raws: Sequence[bytes]
    ) -> tuple[datetime, Answer]:
        """Appends, and answers the stamp that the database gave, and the answer that it keeps."""
        before, after = around(answer.body, cause.now)
        halves = [around(raw, cause.now) for raw in raws]
        stamp: datetime = await tx.fetchval(
            APPEND,
            cause.actor.tenant,
            cause.command_id,
            cause.digest,
            before,
            after,
            [p.tenant for p in pending],
            [p.stream for p in pending],
            [p.version for p in pending],
            [p.id for p in pending],
            [p.event.TOPIC for p in pending],
            [p.event.class_version for p in pending],
            [cause.occurred_on for _ in pending],
            [head for head, _ in halves],
            [tail for _, tail in halves],
        )
        return stamp, replace(answer, body=before + instant(stamp).encode() + after)

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

    async def _project(self, tx: Tx, event: Event, meta: Meta) -> None:
        for projection in self.inline:
            if meta.category in projection.categories:
                await projection.apply(tx, event, meta)


def _in_order(cause: Cause, read: Read, events: Sequence[Event]) -> Sequence[Event]:
    """The events, if their day may follow what the stream has.

    A fact of another service is not judged: that was done where it was told, and refusing it would only park it.
    """
    early = read.day is not None and cause.occurred_on < read.day and cause.actor.role is not Role.SYSTEM
    if early and not all(event.LATE for event in events):
        raise EarlierThanLast(occurred_on=cause.occurred_on, last=read.day)
    return events
