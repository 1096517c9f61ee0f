"""Messages of a batch: handled, parked, or held until a dependency is back.

No message stops a consumer for its own sake.  It and all later ones of its stream are parked, the rest flows.

A batch is gone through twice.  First side by side, in lanes by source: what is simply handled is done by that.  What is
not, and what follows it in its source, is left, and taken in turn after all else: what an earlier message of another
source brings is there then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from typing import Any

import asyncpg
import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter as Metric

from contracts import envelope as wire
from contracts.messages import Message
from kit.auth import LastWord, Policy, Tree, always
from kit.bus import inbox, parking, places, room
from kit.bus.batch import IN_A_ROW, Away, Batch, looked_up
from kit.bus.handlers import Envelope, Handlers
from kit.bus.inbox import KNOWN, Inbox
from kit.bus.lanes import Lanes
from kit.bus.letter import CONTRADICTION, NO_HANDLER, Failure, Letter, Source, message_in
from kit.bus.parking import Parked
from kit.bus.places import Place
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
HANDLING = 40.0
"""Seconds that a handler may take: more than any statement of it, for which the database is away then."""


class Down(Exception):
    """A dependency is down: nothing is wrong with the message.  `letter` was tried so often, and holds what follows."""

    def __init__(self, what: str, letter: Letter, tries: int) -> None:
        super().__init__(what)
        self.letter, self.tries = letter, tries


class HandlerTooSlow(Exception):
    """A handler did not end in `HANDLING` seconds, and was ended."""


class HandlerGaveUp(Exception):
    """A handler raised CancelledError though nobody cancelled it: as bad as any other bug of it, and no worse."""


def never(_: Refused) -> bool:
    """The message is tried again, whatever was said of it."""
    return False


def for_good(refused: Refused) -> bool:
    """What may change in a moment is tried again."""
    return not refused.retryable


async def nobody() -> None:
    """Nothing to report in between."""


@dataclass
class Held:
    """How often a message was held, and how many others had been handled when it first found a dependency away."""

    handled: int
    times: int = 0


@dataclass
class Intake:
    """Handles messages with the handlers of one consumer."""

    handlers: Handlers
    store: Any
    policy: Policy
    tree: Callable[[], Awaitable[Tree]]
    lanes: Lanes = field(default_factory=Lanes)

    def __post_init__(self) -> None:
        self.consumer = self.handlers.consumer
        self._handled = 0
        self._held: dict[object, Held] = {}
        self._waited = 0.0

    async def take(
        self,
        connection: asyncpg.Connection,
        letters: Sequence[Letter],
        place: Place | None = None,
        between: Callable[[], Awaitable[None]] = nobody,
    ) -> int:
        """Handles or parks `letters`, all of one publisher, each source in order; answers how many of them it took.

        It takes fewer when the next one is to be parked and there is no room for it: the publisher is shut out then.
        What was taken is recorded, with the place reached in the stream that `place` is in.  Raises Down when a
        dependency is, once what was taken before that is recorded.  `between` is awaited before each message.

        The place is before the first that was not taken.  What was handled further on is recorded as well, and so
        not handled when it comes again; what is to be parked there is judged again.
        """
        if not letters:
            return 0
        batch = await looked_up(connection, self.consumer, letters)
        self._waited = 0.0
        down: Down | None = None
        try:
            sources = batch.sources()
            if len(sources) > 1 and not self.handlers.in_order:
                await self.lanes.each(partial(self._lane, batch, between), sources)
                if batch.down:
                    first = min(batch.away)
                    await batch.settle(first, self._hold(letters[first], batch.away[first]))
            await self._in_turn(batch, between)
        except Down as error:
            down = error
        await self._record(connection, batch, place)
        self._report(batch)
        if down:
            raise down
        return batch.through

    async def _lane(self, batch: Batch, between: Callable[[], Awaitable[None]], source: Sequence[int]) -> None:
        """Takes one source until a message is not simply handled: what it waits for may be in another lane."""
        for n in source:
            if batch.ended:
                return
            judged, letter = batch.judge(n), batch.letters[n]
            if judged is None:
                message = self._fit(letter)
                if isinstance(message, Failure):
                    judged = message
                else:
                    await between()
                    try:
                        await self._run(letter, message, last_word=never)
                    except Away as error:
                        self._found_away(letter)
                        batch.found_away(n, error)
                        return
                    except Exception:
                        return  # it is tried again in its turn, and that is what counts
            await batch.settle(n, judged)

    async def _in_turn(self, batch: Batch, between: Callable[[], Awaitable[None]]) -> None:
        """Takes what the lanes left, one after another, until there is no room for one.  Raises Down."""
        for n, letter in enumerate(batch.letters):
            if n in batch.outcome:
                continue
            if n not in batch.full:
                judged = batch.judge(n)
                if judged is None:
                    await between()
                    try:
                        judged = await self._patiently(letter)
                    except Away as error:
                        judged = self._hold(letter, error)
                await batch.settle(n, judged)
            if n in batch.full:
                return

    async def _record(self, connection: asyncpg.Connection, batch: Batch, place: Place | None) -> None:
        """Writes what became of a batch, in one transaction, and how far it is taken without a gap."""
        through = batch.through
        reached = batch.letters[through - 1].number if through else 0
        failed = batch.failed()
        taken = [*batch.handled(), *(letter for letter, _ in failed)]
        async with connection.transaction():
            for letter, failure in failed:
                await parking.park(connection, self.consumer, letter, failure)
            if taken:
                await inbox.record(connection, self.consumer, taken)
                await batch.known.write_heard(connection, self.consumer)
            if batch.left:
                await batch.left.write(connection, self.consumer, reached)
            if through in batch.full:
                await room.shut(connection, self.consumer, batch.service, batch.letters[through].number)
            if place and through:
                await places.write(connection, self.consumer, batch.service, replace(place, sequence=reached))

    async def redrive(
        self, connection: asyncpg.Connection, sources: Sequence[Source], *, most: int | None = None
    ) -> int:
        """Tries the parked messages of these streams again, in order; a stream stops at its first that fails.

        `most` of each stream, or all.  Answers how many were handled.  Raises Down when a dependency is, for none was
        handled since, and one has found it so in the last of the streams or two have; what was handled stays so.
        """
        count, down = 0, list[Down]()
        for source in sources:
            self._waited = PATIENCE_OF_BATCH
            before = count
            while (most is None or count - before < most) and (
                row := await parking.first(connection, self.consumer, source)
            ) is not None:
                letter = row.letter()
                known = await inbox.look(connection, self.consumer, [letter])
                try:
                    failure = _unfollowing(row, letter, known) or await self._patiently(letter, redriven=True)
                except Away as away:
                    failure = _unavailable(away)
                    down.append(Down(away.what, letter, row.attempts + 1))
                if failure is not None:
                    await parking.failed_again(connection, row.id, failure)
                    break
                assert letter.envelope is not None
                known.handled(source, letter.envelope)
                async with connection.transaction():
                    await parking.done(connection, row.id)
                    await known.write_heard(connection, self.consumer)
                count += 1
                down.clear()
            if len(down) >= IN_A_ROW:
                break
        HANDLED.labels(self.consumer, "redriven").inc(count)
        if down:
            raise down[0]
        return count

    async def _patiently(self, letter: Letter, *, redriven: bool = False) -> Failure | None:
        """As `_try`, and tries again in a moment when a fact is not known yet.  Raises Away."""
        for seconds in (*PATIENCE, inf):
            last = self._waited + seconds > PATIENCE_OF_BATCH
            failure = await self._try(letter, always if last else for_good, redriven=redriven)
            if failure is None or not failure.retryable or last:
                return failure
            self._waited += seconds
            await asyncio.sleep(seconds)
        raise AssertionError("the last try returns")

    def _hold(self, letter: Letter, away: Away) -> Failure:
        """Raises Down, unless others were handled meanwhile or it was held too often: then it is parked like any other.

        A dependency that others find there is not down, and nobody waits for the one message that finds it so.
        """
        held = self._found_away(letter)
        held.times += 1
        if held.times < HOLDS and held.handled == self._handled:
            raise Down(away.what, letter, held.times) from away.__cause__
        del self._held[_key(letter)]
        return _unavailable(away)

    def _found_away(self, letter: Letter) -> Held:
        return self._held.setdefault(_key(letter), Held(self._handled))

    async def _try(self, letter: Letter, last_word: LastWord, *, redriven: bool = False) -> Failure | None:
        """Has a letter handled once; None when it was.  Raises Away."""
        message = self._fit(letter)
        if isinstance(message, Failure):
            return message
        try:
            await self._run(letter, message, last_word=last_word, redriven=redriven)
        except Away:
            raise
        except Refused as refused:
            failure = Failure(refused.code, refused.detail, refused.retryable)
        except HandlerTooSlow:
            log.error("bus.handler-too-slow", **_named(self.consumer, letter), seconds=HANDLING)
            failure = Failure("handler-too-slow", f"处理超过 {HANDLING:g} 秒，已中止。")
        except Exception as error:
            failure = self._bug(letter, error)
        else:
            return None
        self._held.pop(_key(letter), None)
        return failure

    def _fit(self, letter: Letter) -> Message | Failure:
        """The message, if it is one that there is a handler of; else why it cannot be handled."""
        message = message_in(letter)
        if isinstance(message, Failure) or self.handlers.of(type(message)) is not None:
            return message
        return Failure(NO_HANDLER, f"{message.TYPE} v{message.VERSION}")

    async def _run(self, letter: Letter, message: Message, *, last_word: LastWord, redriven: bool = False) -> None:
        """Runs the handler, in a lane.

        Raises what it raises, HandlerTooSlow, and Away for all that says that a dependency is.
        """
        envelope, handler = letter.envelope, self.handlers.of(type(message))
        assert envelope is not None
        assert handler is not None
        bound: asyncio.Timeout | None = None
        try:
            async with self.lanes.one():
                with _span(envelope, self.consumer, redriven):
                    tree = await self.tree()
                    ours = Envelope(
                        **vars(envelope), consumer=self.consumer, policy=self.policy, tree=tree, last_word=last_word
                    )
                    async with asyncio.timeout(HANDLING) as bound:
                        await handler(self.store, message, ours)
        except AWAY as error:
            if bound is not None and bound.expired():
                raise HandlerTooSlow from error
            if is_away(error):
                raise Away(type(error).__name__) from error
            raise
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise HandlerGaveUp from error  # nobody cancelled us: it is the handler's own
        self._handled += 1
        self._held.pop(_key(letter), None)

    def _bug(self, letter: Letter, error: Exception) -> Failure:
        where = frames(error)
        log.error("bus.handler-failed", **_named(self.consumer, letter), error=error, frames=where)
        return Failure("bug", f"{type(error).__name__} at {where[-1] if where else '?'}")

    def _report(self, batch: Batch) -> None:
        failed, left, through = batch.failed(), batch.left, batch.through
        said = {"consumer": self.consumer, "name": batch.service}
        HANDLED.labels(self.consumer, "handled").inc(len(batch.handled()))
        HANDLED.labels(self.consumer, "parked").inc(len(failed))
        if left and left.beyond:
            log.error("bus.unfit", **said, rows=len(left.beyond), sequence=left.beyond[0])
        if through in batch.full:
            log.error("bus.shut-out", **said, sequence=batch.letters[through].number)
        for letter, failure in failed:
            log.warning("bus.parked", **_named(self.consumer, letter), code=failure.code)


def _named(consumer: str, letter: Letter) -> dict[str, Any]:
    """What a log line says of a letter."""
    return {"consumer": consumer, "event_id": letter.event_id, "subject": letter.subject}


def _key(letter: Letter) -> object:
    return (letter.source, letter.event_id)


def _unavailable(away: Away) -> Failure:
    return Failure("dependency-unavailable", away.what, retryable=True)


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
