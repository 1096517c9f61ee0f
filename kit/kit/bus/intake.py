"""Messages one after another: handled, parked, or held until a dependency is back.

No message stops a consumer for its own sake.  It and all later ones of its stream are parked, the rest flows.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import asyncpg
import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter as Metric

from contracts import envelope as wire
from contracts.messages import Message
from kit.auth import Policy, Tree
from kit.bus import inbox, parking, places, room
from kit.bus.handlers import Envelope, Handlers
from kit.bus.inbox import KNOWN, Inbox
from kit.bus.letter import BEHIND, CONTRADICTION, NO_HANDLER, Failure, Letter, Source, message_in
from kit.bus.parking import Parked
from kit.bus.places import Place
from kit.bus.room import Room
from kit.errors import Refused
from kit.telemetry import frames, linked
from kit.tenancy.pools import AWAY, is_away

log = structlog.get_logger("kit.bus")
tracer = trace.get_tracer("kit.bus")
HANDLED = Metric("bus_messages", "Messages taken in", ["consumer", "outcome"])

PATIENCE = (0.02, 0.1, 0.3)
"""Seconds between tries of a message whose facts are not known yet, before it is parked to be redriven."""
PATIENCE_OF_BATCH = 1.0
"""Seconds that all messages of a batch may wait so."""
HOLDS = 8
"""So often a message may be held because a dependency seemed down; then it is parked like any other failure."""


class Down(Exception):  # noqa: N818 - it says what is the matter
    """A dependency is down: nothing is wrong with the message."""


async def nobody() -> None:
    """Nothing to report in between."""


@dataclass
class Intake:
    """Handles messages with the handlers of one consumer."""

    handlers: Handlers
    store: Any
    policy: Policy
    tree: Callable[[], Awaitable[Tree]]

    def __post_init__(self) -> None:
        self.consumer = self.handlers.consumer
        self._held: Counter[object] = Counter()
        self._waited = 0.0

    async def take(
        self,
        connection: asyncpg.Connection,
        letters: Sequence[Letter],
        place: Place | None = None,
        between: Callable[[], Awaitable[None]] = nobody,
    ) -> int:
        """Handles or parks `letters`, all of one publisher, in order; answers how many of them it took.

        It takes fewer when the next one is to be parked and there is no room for it: the publisher is shut out then.
        What was taken is recorded, with the place reached in the stream that `place` is in.  Raises Down, with nothing
        recorded, when a dependency is.  `between` is awaited before each message.
        """
        if not letters:
            return 0
        service = letters[0].source.service
        known = await inbox.look(connection, self.consumer, letters)
        left: Room | None = None
        taken: list[Letter] = []
        failed: list[tuple[Letter, Failure]] = []
        full: Letter | None = None
        self._waited = 0.0
        for letter in letters:
            judged = known.judge(letter)
            if judged is KNOWN:
                continue
            await between()
            if letter.source in known.blocked and letter.version and judged is not CONTRADICTION:
                judged = BEHIND
            failure = judged if isinstance(judged, Failure) else await self._try(letter)
            if failure is None:
                assert letter.envelope is not None  # noqa: S101 - what was handled has one
                known.handled(letter.source, letter.envelope)
            else:
                left = left or await room.left(connection, self.consumer, service)
                if not left.has(letter):
                    if letter.envelope is None:
                        continue
                    full = letter
                    break
                failed.append((letter, failure))
            known.took(letter, parked=failure is not None)
            taken.append(letter)
        through = next((n for n, letter in enumerate(letters) if letter is full), len(letters))
        async with connection.transaction():
            for letter, failure in failed:
                await parking.park(connection, self.consumer, letter, failure)
            if taken:
                await inbox.record(connection, self.consumer, taken)
                await known.write_heard(connection, self.consumer)
            if left:
                await left.write(connection, self.consumer)
            if full:
                await room.shut(connection, self.consumer, service, full.number)
            if place and through:
                reached = replace(place, sequence=letters[through - 1].number)
                await places.write(connection, self.consumer, service, reached)
        self._report(service, len(taken) - len(failed), failed, left, full)
        return through

    async def redrive(
        self, connection: asyncpg.Connection, sources: Sequence[Source], *, most: int | None = None
    ) -> int:
        """Tries the parked messages of these streams again, in order; a stream stops at its first that fails.

        `most` of each stream, or all.  Answers how many were handled.  Raises Down when a dependency is; what was
        handled before stays so.
        """
        count = 0
        for source in sources:
            self._waited = PATIENCE_OF_BATCH
            before = count
            while (most is None or count - before < most) and (
                row := await parking.first(connection, self.consumer, source)
            ) is not None:
                letter = row.letter()
                known = await inbox.look(connection, self.consumer, [letter])
                failure = _unfollowing(row, letter, known) or await self._try(letter, redriven=True)
                if failure is not None:
                    await parking.failed_again(connection, row.id, failure)
                    break
                assert letter.envelope is not None  # noqa: S101 - what was handled has one
                known.handled(source, letter.envelope)
                async with connection.transaction():
                    await parking.done(connection, row.id)
                    await known.write_heard(connection, self.consumer)
                count += 1
        HANDLED.labels(self.consumer, "redriven").inc(count)
        return count

    async def _try(self, letter: Letter, *, redriven: bool = False) -> Failure | None:
        message = message_in(letter)
        if isinstance(message, Failure):
            return message
        assert letter.envelope is not None  # noqa: S101 - a letter with a message has one
        if self.handlers.of(type(message)) is None:
            return Failure(NO_HANDLER, f"{letter.envelope.type} v{letter.envelope.version}")
        try:
            with _span(letter.envelope, self.consumer, redriven):
                failure = await self._handle(message, letter.envelope)
        except AWAY as error:
            if not is_away(error):
                return self._bug(letter, error)
            self._held[letter.source, letter.event_id] += 1
            if self._held[letter.source, letter.event_id] < HOLDS:
                raise Down(type(error).__name__) from error
            failure = Failure("dependency-unavailable", type(error).__name__, retryable=True)
        except Exception as error:
            failure = self._bug(letter, error)
        self._held.pop((letter.source, letter.event_id), None)
        return failure

    async def _handle(self, message: Message, envelope: wire.Envelope) -> Failure | None:
        handler = self.handlers.of(type(message))
        assert handler is not None  # noqa: S101 - asked before
        known = {f.name: getattr(envelope, f.name) for f in fields(wire.Envelope)}
        for seconds in (*PATIENCE, None):
            ours = Envelope(**known, consumer=self.consumer, policy=self.policy, tree=await self.tree())
            try:
                await handler(self.store, message, ours)
            except Refused as refused:
                if refused.retryable and seconds and self._waited + seconds <= PATIENCE_OF_BATCH:
                    self._waited += seconds
                    await asyncio.sleep(seconds)
                    continue
                return Failure(refused.code, refused.detail, refused.retryable)
            return None
        raise AssertionError("the last try returns")

    def _bug(self, letter: Letter, error: Exception) -> Failure:
        where = frames(error)
        log.error(
            "bus.handler-failed",
            consumer=self.consumer,
            event_id=letter.event_id,
            subject=letter.subject,
            error=error,
            frames=where,
        )
        return Failure("bug", f"{type(error).__name__} at {where[-1] if where else '?'}")

    def _report(
        self,
        service: str,
        handled: int,
        failed: Sequence[tuple[Letter, Failure]],
        left: Room | None,
        full: Letter | None,
    ) -> None:
        HANDLED.labels(self.consumer, "handled").inc(handled)
        HANDLED.labels(self.consumer, "parked").inc(len(failed))
        if left and left.beyond:
            log.error("bus.unfit", consumer=self.consumer, name=service, rows=len(left.beyond), sequence=left.beyond[0])
        if full:
            log.error("bus.shut-out", consumer=self.consumer, name=service, sequence=full.number)
        for letter, failure in failed:
            log.warning(
                "bus.parked",
                consumer=self.consumer,
                event_id=letter.event_id,
                subject=letter.subject,
                code=failure.code,
            )


def _unfollowing(row: Parked, letter: Letter, known: Inbox) -> Failure | None:
    """Why a parked message cannot be next; what two persons decided on is not asked."""
    if letter.envelope is None or row.decision is not None:
        return None
    if row.code == CONTRADICTION.code:
        return CONTRADICTION
    follows = known.follows(letter.source, letter.envelope)
    return CONTRADICTION if follows is KNOWN else follows if isinstance(follows, Failure) else None


@contextmanager
def _span(envelope: wire.Envelope, consumer: str, redriven: bool) -> Iterator[None]:
    """The handler's span: a child of the publisher's trace; of a redrive, its own trace with a link to that."""
    attributes = {"consumer": consumer, "type": envelope.type, "event_id": str(envelope.event_id)}
    if redriven:
        with linked("bus.redrive", envelope.trace, **attributes):
            yield
        return
    carrier = {"traceparent": envelope.trace} if envelope.trace else {}
    parent = TraceContextTextMapPropagator().extract(carrier)
    with tracer.start_as_current_span("bus.handle", context=parent, attributes=attributes):
        yield
