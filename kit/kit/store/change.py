"""`Store.change`: read, decide and append, with the inline projections, in one transaction; or nothing.

Failure: a lost race re-reads and decides again; a repeated command id is answered as the first time, also when the
first time ended in a connection lost around its commit; a refusal rolls back and leaves a row without payload.
A decision is serialised with the streams it *writes*.  To guard on another stream's state, write to that one too.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from eventsourcing.utils import _topic_cache, register_topic
from opentelemetry import trace

from contracts.values import Event, TenantId
from kit import ids
from kit.auth import Cause, Scope
from kit.errors import Busy, EventTooLarge, KeyReused, NotFound, Refused, StaleVersion
from kit.privacy import Vault, box_of
from kit.store.answers import answer_of, earlier, hold, keep_refusal
from kit.store.keys import DATA_KEYS
from kit.store.mapper import LIMIT, Envelope, EventTooLong, RawMapper
from kit.store.sealing import Keys, Pending, keys_for, sealer
from kit.store.streams import Answer, Category, Claim, Meta, Projection, Stream
from kit.store.tenants import TENANT_TABLE, TENANTS
from kit.tenancy import Tx, scope

S = TypeVar("S")
ATTEMPTS = 10
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,
)
"""What a dying or restarting PostgreSQL looks like from here; the command id makes trying again safe."""

HISTORY = (
    "select tenant_id, stream, version, raw from event"
    " where tenant_id = any ($1::text[]) and stream = any ($2::text[]) order by tenant_id, stream, version"
)
APPEND = "select append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
tracer = trace.get_tracer("kit.store")


@dataclass
class Read:
    """A stream as this attempt found it: who owns it, up to which version, and what it says."""

    tenant: TenantId
    version: int
    state: Any


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
    ) -> None:
        self.pool = pool
        self.region = region
        self.vault = vault
        self.wake = Wake()
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
        claims: Sequence[Claim] = (),
    ) -> Answer:
        """Append what `decide` returns to `streams`; the first stream names the answer.

        `decide` gets one state per stream and returns one sequence of events, or a tuple of sequences, one per
        stream.  It must be pure: it is called again after a lost race.  Raises Refused (NotFound, StaleVersion,
        KeyReused, EventTooLarge, Busy among them), and what the database raises when it stays away.
        """
        with tracer.start_as_current_span("store.change", attributes={"action": cause.action}):
            for attempt in range(ATTEMPTS):
                try:
                    return await self._attempt(cause, decide, streams, claims)
                except asyncpg.DeadlockDetectedError:
                    if attempt == ATTEMPTS - 1:
                        raise
                except asyncpg.UniqueViolationError as e:
                    if e.constraint_name == "command_pkey":
                        first = await earlier(self.pool, cause)
                        if first is None:  # held in another tenant's name, out of this caller's sight
                            raise KeyReused from e
                        return first
                    if e.constraint_name != "event_pkey":
                        raise
                except Refused as refused:
                    first = await earlier(self.pool, cause)
                    if first is not None:
                        return first
                    await keep_refusal(self.pool, cause, refused, [s.name for s in streams])
                    raise
                except GONE:
                    if attempt == ATTEMPTS - 1:
                        raise
                    await asyncio.sleep(0.1 * 2 ** min(attempt, 4))
                await asyncio.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - only spreads writers
            busy = Busy()
            await keep_refusal(self.pool, cause, busy, [s.name for s in streams])
            raise busy

    async def fold(self, cause: Cause, stream: Stream[S]) -> S:
        """The present state of one stream.  NotFound if the caller may not see it or it is not there."""
        async with self.reading(cause) as tx:
            found = await self._read(tx, cause.scope, (stream,))
        return found[0].state  # type: ignore[no-any-return]

    @asynccontextmanager
    async def reading(self, cause: Cause) -> AsyncIterator[Tx]:
        """A transaction for queries, under the tenants that the cause may read."""
        async with scope(self.pool, cause.scope) as tx:
            yield tx

    async def _attempt(
        self, cause: Cause, decide: Callable[..., Any], streams: Sequence[Stream[Any]], claims: Sequence[Claim]
    ) -> Answer:
        async with scope(self.pool, cause.scope) as tx:
            found = await self._read(tx, cause.scope, streams)
            if cause.expected is not None and cause.expected != found[0].version:
                raise StaleVersion(actual=found[0].version, expected=cause.expected)
            decided = decide(*(read.state for read in found))
            parts = decided if isinstance(decided, tuple) and len(streams) > 1 else (decided,)
            pending = [
                Pending(event, read.tenant, stream.name, read.version + n, ids.event_id(cause.now))
                for stream, read, events in zip(streams, found, parts, strict=True)
                for n, event in enumerate(events, start=1)
            ]
            # An owner that the caller named and may not write to: the database would refuse it as a bug of ours.
            if any(p.tenant not in cause.scope.writes for p in pending):
                raise NotFound
            answer = answer_of(cause, streams[0].name, found[0].version, pending)
            keys = await keys_for(tx, self.vault, cause, pending)
            # Two commands over the same streams must take their rows in one order, or they deadlock.
            pending.sort(key=lambda p: (p.tenant, p.stream))
            await self._append(tx, cause, answer, pending, keys)
            for item in pending:
                await self._project(tx, cause, item)
            for claim in claims:
                await hold(tx, claim, found[0].tenant, streams[0].name)
        self.wake.ring()
        return answer

    async def _read(self, tx: Tx, tenants: Scope, streams: Sequence[Stream[Any]]) -> list[Read]:
        rows = await tx.fetch(HISTORY, sorted({*tenants.reads, *tenants.writes}), [s.name for s in streams])
        found: list[Read] = []
        for stream in streams:
            mine = [row for row in rows if row["stream"] == stream.name]
            if not mine and stream.tenant is None:
                raise NotFound
            tenant = TenantId(mine[0]["tenant_id"]) if mine else stream.tenant
            assert tenant is not None  # noqa: S101 - no rows and no tenant was refused above
            state = stream.category.fold(stream.category.initial, (self.mapper.to_event(row["raw"]) for row in mine))
            found.append(Read(tenant, mine[-1]["version"] if mine else 0, state))
        return found

    async def _append(self, tx: Tx, cause: Cause, answer: Answer, pending: list[Pending], keys: Keys) -> None:
        try:
            raws = [self.mapper.to_raw(self._envelope(cause, p), p.event, sealer(p, keys)) for p in pending]
        except EventTooLong:
            raise EventTooLarge(most=LIMIT // 1024) from None
        await tx.execute(
            APPEND,
            cause.actor.tenant,
            cause.command_id,
            cause.digest,
            answer.body,
            cause.now,
            [p.tenant for p in pending],
            [p.stream for p in pending],
            [p.version for p in pending],
            [p.id for p in pending],
            [p.event.TOPIC for p in pending],
            [p.event.class_version for p in pending],
            [cause.occurred_on for _ in pending],
            raws,
        )

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

    async def _project(self, tx: Tx, cause: Cause, item: Pending) -> None:
        category = item.stream.partition("/")[0]
        for projection in self.inline:
            if category in projection.categories:
                await projection.apply(tx, item.event, _meta(cause, item))


def know(event: type[Event]) -> None:
    """Makes an event class findable by its topic; ValueError if another class has that topic."""
    held = _topic_cache.get(event.TOPIC)
    if held is None:
        register_topic(event.TOPIC, event)
    elif held is not event:
        raise ValueError(f"two event classes share the topic {event.TOPIC}")


def _meta(cause: Cause, item: Pending) -> Meta:
    return Meta(
        tenant=item.tenant,
        stream=item.stream,
        version=item.version,
        event_id=item.id,
        type=item.event.TOPIC,
        occurred_on=cause.occurred_on,
        recorded_at=cause.now,
        actor=cause.actor,
        command_id=cause.command_id,
        correlation=cause.correlation,
        trace=cause.trace,
        clause=item.event.CLAUSE,
    )
