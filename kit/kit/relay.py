"""The relay: settled events to JetStream, in order within each stream, none skipped.

The event table is the outbox.  A window of settled events is published in rounds: each round has at most one message
of a stream, and a stream's next message goes out only when the broker has stored the one before.  The cursor moves
when all of the window is stored.  Whatever fails is published again, for ever; the event id as message id makes a
second time within two minutes nothing, and the subscribers' inboxes make a later one harmless.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
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
from opentelemetry.trace import Link
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge

from contracts.envelope import Envelope, encode
from contracts.messages import Message, subject
from kit import clock
from kit.bus.sole import Hold, alone, is_gone, pause
from kit.bus.subscriber import CONNECTING
from kit.store import LostCursor, Meta, RawMapper, Tail, Wake, meta_of

log = structlog.get_logger("kit.relay")
tracer = trace.get_tracer("kit.relay")
LAG = Gauge("relay_lag_seconds", "Age of the oldest settled event that is not published", ["service"])
WAITING = Gauge("relay_waiting_events", "Settled events that are not published, counted up to 10,000", ["service"])
PUBLISHED = Counter("relay_published", "Messages that the broker has stored", ["service"])

WINDOW = 500
IDLE = 0.2
"""Seconds between looks when nobody rings."""
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


@dataclass(frozen=True)
class Outgoing:
    """A message ready to go."""

    stream: tuple[str, str]
    subject: str
    headers: dict[str, str]
    body: bytes


Queues = dict[tuple[str, str], deque[Outgoing]]
"""What is still to be stored, by (tenant, stream), each in its order."""


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

    async def run(self, stopping: asyncio.Event) -> None:
        """Relays whenever this instance is the active one, until `stopping` is set.

        Raises OrderBroken if the history itself is out of order, and what `publish` raises: a bug, nothing is skipped.
        """
        self._stopping = stopping
        await alone(self._database_url, f"relay/{self.service}", self._active, stopping)

    async def _active(self, _: Hold) -> None:
        client = await self._connect()
        if client is None:
            return
        try:
            self.tail.forget()
            log.info("relay.active", name=self.service, region=self.region)
            js = client.jetstream(timeout=ACK)
            while not self._stopping.is_set():
                if not await self.step(client, js):
                    await self._idle()
        finally:
            with suppress(Exception):
                await client.close()

    async def _connect(self) -> Client | None:
        while not self._stopping.is_set():
            try:
                return await nats.connect(self._nats_url, error_cb=_quiet, **CONNECTING)
            except (nats.errors.Error, OSError) as error:
                log.warning("relay.away", name=self.service, error=error)
                await pause(self._stopping, 1.0)
        return None

    async def _idle(self) -> None:
        """Until somebody rings, this stops, or it is time to look anyway."""
        ringing = asyncio.ensure_future(self._wake.wait(IDLE))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({ringing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()
            stopping.cancel()

    async def step(self, client: Client, js: JetStreamContext) -> int:
        """Publishes the next window and moves the cursor; answers how many events it had.

        When it is asked to stop with some not confirmed, the cursor stays: they are published again by whoever is next.
        """
        rows = await self.tail.next(self._window)
        await self._measure(rows)
        if not rows:
            return 0
        outgoing = [message for row in rows if (message := self._outgoing(row["raw"])) is not None]
        with tracer.start_as_current_span("relay.window", links=_links(outgoing), attributes={"rows": len(rows)}):
            if not await self._send(client, js, outgoing):
                self.tail.forget()
                return 0
            try:
                await self.tail.move(rows[-1])
            except LostCursor:
                log.warning("relay.cursor-lost", name=self.service)
                return 0
        PUBLISHED.labels(self.service).inc(len(outgoing))
        return len(rows)

    def _outgoing(self, raw: bytes) -> Outgoing | None:
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

    async def _send(self, client: Client, js: JetStreamContext, outgoing: Sequence[Outgoing]) -> bool:
        """Publishes until all are stored; False when asked to stop before that."""
        queues: Queues = {}
        for message in outgoing:
            queues.setdefault(message.stream, deque()).append(message)
        delay, aside, failure = FIRST_DELAY, set[tuple[str, str]](), None
        while queues:
            ready = [stream for stream in queues if stream not in aside]
            if ready and client.is_connected:  # while away the client would only queue each attempt
                stored, error = await self._round(js, queues, ready)
                failure = error or failure
                aside.update(set(ready) - stored)
                delay = FIRST_DELAY if stored else delay
                continue
            log.warning("relay.retry", name=self.service, error=failure, delay_s=delay, streams=len(queues))
            await pause(self._stopping, delay)
            if self._stopping.is_set():
                return False
            delay = min(delay * 2, LONGEST_DELAY)
            aside.clear()
        return True

    async def _round(
        self, js: JetStreamContext, queues: Queues, ready: Sequence[tuple[str, str]]
    ) -> tuple[set[tuple[str, str]], BaseException | None]:
        """Publishes the next message of each stream in `ready` and drops the stored ones.

        Answers the streams whose message was stored, and one failure of the others.
        """
        sent: dict[tuple[str, str], asyncio.Future[Any]] = {}
        stored: set[tuple[str, str]] = set()
        failure: BaseException | None = None
        for n, stream in enumerate(ready, start=1):
            message = queues[stream][0]
            if n % BURST == 0:
                await asyncio.sleep(0)
            try:
                sent[stream] = await js.publish_async(message.subject, message.body, headers=message.headers)
            except (nats.errors.Error, OSError) as error:
                failure = error
        if sent:
            # nats-py leaves the future of a message that the server refuses undone: that looks like no answer.
            await asyncio.wait(sent.values(), timeout=ACK)
        for stream, future in sent.items():
            if not future.done():
                future.cancel()
                failure = failure or TimeoutError()
            elif future.exception() is not None:
                failure = future.exception()
            else:
                stored.add(stream)
                queues[stream].popleft()
                if not queues[stream]:
                    del queues[stream]
        return stored, failure

    async def _measure(self, rows: Sequence[asyncpg.Record]) -> None:
        LAG.labels(self.service).set(max((clock.now() - rows[0]["recorded_at"]).total_seconds(), 0) if rows else 0)
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


def _links(outgoing: Sequence[Outgoing]) -> list[Link]:
    """Links to the traces in which the window's events were recorded."""
    parents = dict.fromkeys(m.headers["traceparent"] for m in outgoing if "traceparent" in m.headers)
    contexts = (
        trace.get_current_span(TraceContextTextMapPropagator().extract({"traceparent": p})).get_span_context()
        for p in list(parents)[:LINKS]
    )
    return [Link(context) for context in contexts if context.is_valid]


async def _quiet(_: Exception) -> None:
    """The client reports each failed attempt to connect; we log the state, not the attempts."""
