"""The relay: settled events to JetStream, in order within each stream, none skipped.

The event table is the outbox.  A window of settled events is published in rounds: each round has at most one message
of a stream, and a stream's next message goes out only when the broker has stored the one before.  The cursor moves
when all of the window is stored.  Whatever fails is published again, for ever; the hearers' inboxes, which know a
message by its place, make a second time nothing.

An event that cannot be told for its own sake holds its stream, and no other: the cursor goes over that stream's
events, and they are told later from where it stopped (`kit.store.held`).  It is tried again at each start, every
minute, and when somebody asks.

The steps of neighbouring windows overlap: while one is published, the next is read and the cursor moves over the one
before.  Publishing does not: no message goes out before all of the window before are stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client
from opentelemetry import trace
from opentelemetry.trace import Span, SpanContext
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge

from contracts.envelope import TRACEPARENT
from kit.bus.connect import connect
from kit.bus.declare import stream_of
from kit.bus.nkeys import SeedRefused
from kit.bus.seen import Doing
from kit.bus.sole import Hold, alone, pause
from kit.relay.storing import NotStored, Storing
from kit.relay.strange import strange
from kit.relay.telling import Outgoing, Stream, Telling
from kit.store import CannotTell, LostCursor, Publish, RawMapper, Tail, Wake
from kit.store.held import why
from kit.tenancy.pools import glance, is_away

log = structlog.get_logger("kit.relay")
tracer = trace.get_tracer("kit.relay")
TRACES = TraceContextTextMapPropagator()
WAITING = Gauge("relay_waiting_events", "Committed events that are not published, up to 10,000", ["service"])
REFUSED = Gauge("relay_refused_seconds", "Seconds since which the broker has stored nothing that was sent", ["service"])
STRANGE = Gauge("relay_strange_messages", "Of the last messages told in our name, those that we have not", ["service"])
PUBLISHED = Counter("relay_published", "Messages that the broker has stored", ["service"])

WINDOW = 500
SOON, IDLE = 0.01, 0.2
"""Seconds until the next look after something came, and between looks in the end, when nobody rings."""
ACK = 5.0
"""Seconds the broker has to say that it stored a round; then what it did not confirm is published again."""
COUNTING, LOOKING = 5.0, 0.2
"""Seconds between counts of what waits, while more waits than a window, and else."""
COUNT = (
    "select count(*) from (select from event e"
    " where (e.era, e.tx, e.pos) > ($1::smallint, $2::xid8, $3::bigint) limit 10000) as waiting"
)
BURST = 64
"""Messages after which the client may flush, so that the broker stores while the rest are on their way."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
LINKS = 32
"""Traces that a window's span links to, at most."""
ASKING, AGAIN = 2.0, 60.0
"""Seconds between looks for what was decided about held streams, and until all of them are tried again."""
PATIENCE = 10.0
"""Seconds for which the broker may store nothing before this counts as ill."""

Queues = dict[Stream, deque[Outgoing]]
"""What is made and still to be stored, each stream's in its order."""


class Relay:
    """Publishes the events of one service.  One instance is active; others stand by."""

    def __init__(
        self,
        *,
        service: str,
        region: str,
        pool: asyncpg.Pool,
        database_url: str,
        nats_url: str,
        mapper: RawMapper,
        publish: Publish,
        wake: Wake | None = None,
        window: int = WINDOW,
        nats_seed_file: Path | None = None,
    ) -> None:
        """`pool` and `database_url` are the relay role's; `wake` rings when this process has committed events."""
        self.service, self.region = service, region
        self.tail = Tail(pool, name="relay", revision=1)
        self._database_url = database_url
        self._bus: dict[str, Any] = {"url": nats_url, "user": service, "seed_file": nats_seed_file}
        self.telling = Telling(region, mapper, publish)
        self._wake, self._window = wake or Wake(), window
        self._stopping = asyncio.Event()
        self._count_again = 0.0
        self._reading: asyncio.Task[list[asyncpg.Record]] | None = None
        self._moving: asyncio.Task[None] | None = None
        self._untold: list[tuple[asyncpg.Record, Exception]] = []
        self._asked = self._tried = self._compared = 0.0
        self._refused: float | None = None
        self._mine = self._let_in = False
        self._client: Client | None = None
        self._strange: int | None = 0
        REFUSED.labels(service).set_function(self.refused_for)

    async def run(self, stopping: asyncio.Event) -> None:
        """Relays whenever this instance is the active one, until `stopping` is set."""
        self._stopping = stopping
        name, let_in = f"relay/{self.service}", partial(setattr, self, "_let_in")
        await alone(self._database_url, name, self._active, stopping, let_in=let_in)

    async def well(self) -> bool:
        """Whether the broker stores what this instance sends; one that stands by or has nothing to send is well."""
        return self.refused_for() < PATIENCE

    async def own(self) -> bool:
        """Whether all that stood last in our stream when this instance became active is ours: see `strange`."""
        return self._strange == 0

    @property
    def doing(self) -> Doing:
        """What this process does of it now."""
        if not self._let_in:
            return Doing.AWAY
        if not self._mine:
            return Doing.STANDING_BY
        if self._client is None or not self._client.is_connected:
            return Doing.CONNECTING
        return Doing.REFUSED if self._refused else Doing.WORKING

    async def _active(self, _: Hold) -> None:
        self._mine = True
        try:
            client = self._client = await self.connect()
            if client is None:
                return
            log.info("relay.active", name=self.service, region=self.region)
            storing = Storing(client, stream_of(self.region, self.service))
            await storing.open()
            await self._compare(client)
            wait = SOON
            await self._retry(storing, starting=True)
            while not self._stopping.is_set():
                # Who rings has committed; but until whoever wrote beside him has too, there is nothing settled to see.
                rung = self._wake.rung
                sent = await self.step(storing)
                wait = SOON if sent else wait
                busy = sent == self._window or self._wake.rung != rung or await self._rung(wait)
                wait = SOON if busy else min(wait * 2, IDLE)
                if self._strange is None and monotonic() - self._compared > AGAIN / 10:
                    await self._compare(client)
                if self.tail.held.streams and monotonic() - self._asked > ASKING:
                    await self._retry(storing, starting=monotonic() - self._tried > AGAIN)
            await self.moved()
        finally:
            await self._give_up()
            client, self._client, self._mine, self._refused = self._client, None, False, None
            if client is not None:
                with suppress(Exception):
                    await client.close()

    async def _compare(self, client: Client) -> None:
        self._compared = monotonic()
        self._strange = await strange(client, stream_of(self.region, self.service), self.tail.pool)
        STRANGE.labels(self.service).set(float("nan") if self._strange is None else self._strange)
        if self._strange:
            log.error("relay.strange", name=self.service, rows=self._strange)

    async def connect(self) -> Client | None:
        """A connection that publishes as fast as it can; None when asked to stop before the broker is there."""
        while not self._stopping.is_set():
            try:
                # `subject` has checked what the client would check again, twice for each message.
                return await connect(**self._bus, skip_subject_validation=True)
            except (SeedRefused, nats.errors.Error, OSError) as error:
                log.warning("relay.away", name=self.service, error=error)
                await pause(self._stopping, 1.0)
        return None

    async def _rung(self, seconds: float) -> bool:
        """Waits until somebody rings (True), this stops, or it is time to look anyway."""
        until = monotonic() + seconds
        ringing = asyncio.ensure_future(self._wake.wait(seconds))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({ringing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()
            stopping.cancel()
        return monotonic() < until

    async def step(self, storing: Storing) -> int:
        """Publishes the next window and begins to move the cursor; answers how many events it had.

        When it is asked to stop with some not confirmed, the cursor stays: they are published again by whoever is next.
        """
        rows = await self._read()
        if not rows:
            await self.moved()
        await self._measure(rows)
        if not rows:
            return 0
        if len(rows) == self._window:
            self._reading = asyncio.create_task(self.tail.ahead(self._window))
        with tracer.start_as_current_span("relay.window", attributes={"rows": len(rows)}) as span:
            stored = await self._send(storing, rows, span)
        if await self.moved() and stored:
            self._moving = asyncio.create_task(self.tail.move(rows[-1]))
            return len(rows)
        await self._give_up()
        return 0

    async def _retry(self, storing: Storing, *, starting: bool) -> None:
        """Tells what waits of held streams: of all when `starting`, else of those about which something was decided.

        What was read ahead is read again after it: a stream that is not held any more goes on in its order.
        """
        self._asked = monotonic()
        self._tried = self._asked if starting else self._tried
        await self.moved()
        await self._give_up()

        async def tell(row: asyncpg.Record) -> None:
            try:
                message = self.telling.outgoing(row)
            except Exception as error:
                raise why(error) from None
            if message is None:
                return
            try:
                await storing.store(message, ACK)
            except NotStored as refused:
                raise (CannotTell("refused-by-broker", refused.reason) if refused.own else refused) from None

        try:
            await self.tail.retry(tell, starting=starting)
        except (NotStored, nats.errors.Error, OSError) as error:
            log.warning("relay.retry", name=self.service, error=error)

    async def _read(self) -> list[asyncpg.Record]:
        """What was read ahead, or what there is by now."""
        reading, self._reading = self._reading, None
        return (await reading if reading else []) or await self.tail.ahead(self._window)

    async def moved(self) -> bool:
        """Waits until the cursor is past what was stored; False if another holder has moved it."""
        moving, self._moving = self._moving, None
        try:
            if moving:
                await moving
        except LostCursor:
            log.warning("relay.cursor-lost", name=self.service)
            return False
        return True

    async def _give_up(self) -> None:
        """Drops what is under way and not published: the next step begins at the cursor."""
        under_way = [task for task in (self._reading, self._moving) if task]
        self._reading = self._moving = None
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        self.tail.forget()

    def _making(self, rows: Sequence[asyncpg.Record], queues: Queues, span: Span) -> Iterator[Outgoing]:
        """Makes the messages into `queues`, and hands out the first of each stream when it is made."""
        traces: set[str] = set()
        stopped: set[Stream] = set()
        for row in rows:
            stream = (row["tenant_id"], row["stream"])
            if stream in stopped or self.tail.held.holds(row):
                continue
            try:
                message = self.telling.outgoing(row)
            except Exception as error:
                self._untold.append((row, error))
                stopped.add(stream)
                continue
            if message is None:
                continue
            trace_parent = message.headers.get(TRACEPARENT)
            if trace_parent and len(traces) < LINKS and trace_parent not in traces and span.is_recording():
                traces.add(trace_parent)
                span.add_link(_context(trace_parent))
            queue = queues.setdefault(message.stream, deque())
            queue.append(message)
            if len(queue) == 1:
                yield message

    async def _send(self, storing: Storing, rows: Sequence[asyncpg.Record], span: Span) -> bool:
        """Makes and publishes a window until all is stored or held; False when asked to stop before that."""
        queues: Queues = {}
        ready: Iterable[Outgoing] = self._making(rows, queues, span)
        failed: dict[Stream, Exception] = {}
        delay, failure = FIRST_DELAY, None
        self._untold.clear()
        while ready or queues:
            if ready and storing.client.is_connected:  # while away the client would only queue each attempt
                late = await self._round(storing, queues, ready)
                failed.update(late)
                failure = next(iter(late.values()), failure)
                delay = delay if late else FIRST_DELAY
                ready = [queue[0] for stream, queue in queues.items() if stream not in failed]
                continue
            self._say_why(failure, delay, len(queues))
            await self._measure(rows)
            await pause(self._stopping, delay)
            if self._stopping.is_set():
                return False
            delay = min(delay * 2, LONGEST_DELAY)
            failed.clear()
            ready = ready or [queue[0] for queue in queues.values()]
        for row, error in self._untold:
            await self.tail.hold(row, error)
        return True

    async def _round(self, storing: Storing, queues: Queues, ready: Iterable[Outgoing]) -> dict[Stream, Exception]:
        """Publishes these, each the first of its queue, and drops the stored ones; answers the others, and why.

        One that the broker refuses for its own sake is as good as one that cannot be told: its stream will be held.
        """
        sent: dict[Stream, asyncio.Future[None]] = {}
        failed: dict[Stream, Exception] = {}
        for n, message in enumerate(ready, start=1):
            if n % BURST == 0:
                await asyncio.sleep(0)
            try:
                sent[message.stream] = await storing.put(message)
            except (nats.errors.Error, OSError) as error:
                failed[message.stream] = error
        if sent:
            await asyncio.wait(sent.values(), timeout=ACK)
        stored = 0
        for stream, future in sent.items():
            refused = future.exception() if future.done() else NotStored("no answer")
            future.cancel()
            if isinstance(refused, NotStored) and refused.own:
                self._untold.append((queues[stream][0].row, CannotTell("refused-by-broker", refused.reason)))
                del queues[stream]
            elif isinstance(refused, Exception):
                failed[stream] = refused
            else:
                stored += 1
                queues[stream].popleft()
                if not queues[stream]:
                    del queues[stream]
        PUBLISHED.labels(self.service).inc(stored)
        self._refused = None if stored or not failed else self._refused or monotonic()
        return failed

    def _say_why(self, failure: Exception | None, delay: float, streams: int) -> None:
        self._refused = self._refused or monotonic()
        if isinstance(failure, NotStored) and failure.full:
            log.error("relay.broker-full", name=self.service, reason=failure.reason, code=failure.code, delay_s=delay)
            return
        reason = failure.reason if isinstance(failure, NotStored) else None
        log.warning("relay.retry", name=self.service, error=failure, reason=reason, delay_s=delay, streams=streams)

    async def _measure(self, rows: Sequence[asyncpg.Record]) -> None:
        if monotonic() < self._count_again or self.tail.at is None:
            return
        # Counting reads as much as relaying.
        self._count_again = monotonic() + (COUNTING if len(rows) == self._window else LOOKING)
        async with glance(self.tail.pool) as connection:
            count = await connection.fetchval(COUNT, *self.tail.at)
        WAITING.labels(self.service).set(count)

    def refused_for(self) -> float:
        """Seconds for which the broker has stored nothing of what was sent."""
        return monotonic() - self._refused if self._refused else 0.0


async def run_relay(relay: Relay, stopping: asyncio.Event) -> None:
    """Runs a relay until told to stop; PostgreSQL being down is waited for."""
    while not stopping.is_set():
        try:
            await relay.run(stopping)
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("relay.away", name=relay.service, error=error)
            await pause(stopping, 1.0)


def _context(traceparent: str) -> SpanContext:
    return trace.get_current_span(TRACES.extract({TRACEPARENT: traceparent})).get_span_context()
