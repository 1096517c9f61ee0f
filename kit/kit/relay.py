"""The relay: settled events to JetStream, in order within each stream, none skipped.

The event table is the outbox.  A window of settled events is published in rounds: each round has at most one message
of a stream, and a stream's next message goes out only when the broker has stored the one before.  The cursor moves
when all of the window is stored.  Whatever fails is published again, for ever; the event id as message id makes a
second time within two minutes nothing, and the subscribers' inboxes make a later one harmless.

The steps of neighbouring windows overlap: while one is published, the next is read and the cursor moves over the one
before.  Publishing does not: no message goes out before all of the window before are stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import asyncpg
import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from opentelemetry import trace
from opentelemetry.trace import Span, SpanContext
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge

from contracts.envelope import TRACEPARENT, Envelope, encode
from contracts.messages import Message, subject
from kit.bus.sole import Hold, alone, is_gone, pause
from kit.bus.subscriber import CONNECTING
from kit.store import LostCursor, Meta, RawMapper, Tail, Wake, meta_of

log = structlog.get_logger("kit.relay")
tracer = trace.get_tracer("kit.relay")
TRACES = TraceContextTextMapPropagator()
LAG = Gauge("relay_lag_seconds", "Age of the oldest settled event that is not published", ["service"])
WAITING = Gauge("relay_waiting_events", "Settled events that are not published, counted up to 10,000", ["service"])
PUBLISHED = Counter("relay_published", "Messages that the broker has stored", ["service"])

WINDOW = 500
SOON, IDLE = 0.01, 0.2
"""Seconds until the next look after something came, and between looks in the end, when nobody rings."""
ACK = 5.0
"""Seconds the broker has to say that it stored a round; then what it did not confirm is published again."""
COUNTING = 5.0
"""Seconds between counts of what waits, while more waits than a window."""
BURST = 64
"""Messages after which the client may flush, so that the broker stores while the rest are on their way."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
LINKS = 32
"""Traces that a window's span links to, at most."""

Publish = Callable[[Any, Meta], Message | None]
"""Our event to the message that others see, or nothing (`to_contract` of a service's publish.py)."""


Stream = tuple[str, str]
"""A tenant and the name of its stream."""


@dataclass(frozen=True)
class Outgoing:
    """A message ready to go."""

    stream: Stream
    subject: str
    headers: dict[str, str]
    body: bytes


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
    ) -> None:
        """`pool` and `database_url` are the relay role's; `wake` rings when this process has committed events."""
        self.service, self.region = service, region
        self.tail = Tail(pool, name="relay", revision=1)
        self._database_url, self._nats_url = database_url, nats_url
        self._mapper, self._publish = mapper, publish
        self._wake, self._window = wake or Wake(), window
        self._stopping = asyncio.Event()
        self._count_again = 0.0
        self._reading: asyncio.Task[list[asyncpg.Record]] | None = None
        self._moving: asyncio.Task[None] | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Relays whenever this instance is the active one, until `stopping` is set.

        Raises OrderBroken if the history itself is out of order, and what `publish` raises: a bug, nothing is skipped.
        """
        self._stopping = stopping
        await alone(self._database_url, f"relay/{self.service}", self._active, stopping)

    async def _active(self, _: Hold) -> None:
        client = await self.connect()
        if client is None:
            return
        try:
            log.info("relay.active", name=self.service, region=self.region)
            js = client.jetstream(timeout=ACK)
            wait = SOON
            while not self._stopping.is_set():
                # Who rings has committed; but until whoever wrote beside him has too, there is nothing settled to see.
                busy = await self.step(client, js) or await self._rung(wait)
                wait = SOON if busy else min(wait * 2, IDLE)
            await self.moved()
        finally:
            await self._give_up()
            self._leave()
            with suppress(Exception):
                await client.close()

    async def connect(self) -> Client | None:
        """A connection that publishes as fast as it can; None when asked to stop before the broker is there."""
        while not self._stopping.is_set():
            try:
                # `subject` has checked what the client would check again, twice for each message.
                return await nats.connect(self._nats_url, error_cb=_quiet, skip_subject_validation=True, **CONNECTING)
            except (nats.errors.Error, OSError) as error:
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

    async def step(self, client: Client, js: JetStreamContext) -> int:
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
            stored = await self._send(client, js, rows, span)
        if await self.moved() and stored:
            self._moving = asyncio.create_task(self.tail.move(rows[-1]))
            return len(rows)
        await self._give_up()
        return 0

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

    def outgoing(self, raw: bytes) -> Outgoing | None:
        """The message that an event's stored bytes become, if it is told at all."""
        event, meta = meta_of(self._mapper, raw)
        message = self._publish(event, meta)
        if message is None:
            return None
        headers = encode(
            Envelope(
                event_id=meta.event_id,
                type=message.TYPE,
                version=message.VERSION,
                region=self.region,
                tenant=meta.tenant,
                stream=meta.stream,
                stream_version=meta.version,
                occurred_on=meta.occurred_on,
                recorded_at=meta.recorded_at,
                correlation=meta.correlation,
                trace=meta.trace,
            )
        )
        place = subject(self.region, meta.tenant, message)
        return Outgoing((meta.tenant, meta.stream), place, headers, message.body())

    def _making(self, rows: Sequence[asyncpg.Record], queues: Queues, span: Span) -> Iterator[Outgoing]:
        """Makes the messages into `queues`, and hands out the first of each stream when it is made."""
        traces: set[str] = set()
        for row in rows:
            message = self.outgoing(row["raw"])
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

    async def _send(self, client: Client, js: JetStreamContext, rows: Sequence[asyncpg.Record], span: Span) -> bool:
        """Makes and publishes a window until all is stored; False when asked to stop before that."""
        queues: Queues = {}
        ready: Iterable[Outgoing] = self._making(rows, queues, span)
        failed: dict[Stream, BaseException] = {}
        delay, failure = FIRST_DELAY, None
        while ready or queues:
            if ready and client.is_connected:  # while away the client would only queue each attempt
                late = await self._round(js, queues, ready)
                failed.update(late)
                failure = next(iter(late.values()), failure)
                delay = delay if late else FIRST_DELAY
                ready = [queue[0] for stream, queue in queues.items() if stream not in failed]
                continue
            self._tell_lag()
            log.warning("relay.retry", name=self.service, error=failure, delay_s=delay, streams=len(queues))
            await pause(self._stopping, delay)
            if self._stopping.is_set():
                return False
            delay = min(delay * 2, LONGEST_DELAY)
            failed.clear()
            ready = ready or [queue[0] for queue in queues.values()]
        return True

    async def _round(
        self, js: JetStreamContext, queues: Queues, ready: Iterable[Outgoing]
    ) -> dict[Stream, BaseException]:
        """Publishes these, each the first of its queue, and drops the stored ones; answers the others, and why."""
        sent: dict[Stream, asyncio.Future[Any]] = {}
        failed: dict[Stream, BaseException] = {}
        for n, message in enumerate(ready, start=1):
            if n % BURST == 0:
                await asyncio.sleep(0)
            try:
                sent[message.stream] = await js.publish_async(message.subject, message.body, headers=message.headers)
            except (nats.errors.Error, OSError) as error:
                failed[message.stream] = error
        if sent:
            # nats-py leaves the future of a message that the server refuses undone: that looks like no answer.
            await asyncio.wait(sent.values(), timeout=ACK)
        for stream, future in sent.items():
            if not future.done():
                future.cancel()
                failed[stream] = TimeoutError()
            elif (refused := future.exception()) is not None:
                failed[stream] = refused
            else:
                queues[stream].popleft()
                if not queues[stream]:
                    del queues[stream]
        PUBLISHED.labels(self.service).inc(len(sent.keys() - failed.keys()))
        return failed

    async def _measure(self, rows: Sequence[asyncpg.Record]) -> None:
        self._tell_lag()
        if len(rows) < self._window or self.tail.at is None:
            WAITING.labels(self.service).set(len(rows))
            return
        if monotonic() < self._count_again:  # counting reads as much as relaying
            return
        self._count_again = monotonic() + COUNTING
        count = await self.tail.pool.fetchval(
            "select count(*) from (select from event e"
            " where (e.era, e.tx, e.pos) > ($1::smallint, $2::xid8, $3::bigint) limit 10000) as waiting",
            *self.tail.at,
        )
        WAITING.labels(self.service).set(count)

    def _tell_lag(self) -> None:
        LAG.labels(self.service).set(self.tail.measure())

    def _leave(self) -> None:
        """Takes the gauges back: another instance may be the active one now, and ours would say what was."""
        self.tail.forget()
        LAG.remove(self.service)
        WAITING.remove(self.service)


async def run_relay(relay: Relay, stopping: asyncio.Event) -> None:
    """Runs a relay until told to stop; PostgreSQL being down is waited for."""
    while not stopping.is_set():
        try:
            await relay.run(stopping)
        except Exception as error:
            if not is_gone(error):
                raise
            log.warning("relay.away", name=relay.service, error=error)
            await pause(stopping, 1.0)


def _context(traceparent: str) -> SpanContext:
    return trace.get_current_span(TRACES.extract({TRACEPARENT: traceparent})).get_span_context()


async def _quiet(_: Exception) -> None:
    """The client reports each failed attempt to connect; we log the state, not the attempts."""
