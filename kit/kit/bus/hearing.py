"""What a service hears of one publisher: one active instance, its batches in order, alive while it can really fetch.

FastStream fetches; what happens to a message is decided here.  Some of its and JetStream's habits are kept out:

* its loop dies, with the batch in hand, of a timeout that nats-py raises as the plain class, and collects until its
  time is up though messages are there: see `Steady`;
* an error in a handler would drop the message (`term`): acknowledgement is MANUAL, and failures are parked;
* a negatively acknowledged or lost delivery comes back after younger messages of its stream: instead, deliveries must
  be contiguous, and on a gap, a failure or a new start the consumer is rewound to what is not acknowledged;
* a consumer deleted under it leaves it fetching nothing for ever while the connection stays well: so the consumer is
  asked for, and bound again when it is declared again;
* what it remembers is the broker's: after a restore of either side it and the database are at different places, and
  whichever is behind counts (`kit.bus.places`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo, StreamInfo
from nats.js.errors import NotFoundError

from kit.bus import inbox, parking, places, room
from kit.bus.connect import Broker, connect
from kit.bus.declare import ACK_WAIT, consumer_config, publisher_of, rewind, stream_of
from kit.bus.fetching import Steady, letter_of, subscribed, working_on
from kit.bus.gauges import HELD, OLDEST, PARKED, SHUT_OUT, UNFIT, Holder
from kit.bus.intake import Down, Intake
from kit.bus.nkeys import SeedRefused
from kit.bus.places import Place
from kit.bus.seen import Seen, Shown
from kit.bus.sole import Hold, alone, pause, taking

log = structlog.get_logger("kit.bus")
LOOK = 1.0
SILENT = 15.0
LOST = 2.0
STALLED = 10.0
"""Seconds between looks at the consumer; without a good look until it counts as ill; idle with deliveries out until
they count as lost on the way; idle with work waiting until the subscription is made anew."""
FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
REDRIVE = 3.0
MEASURE = 5.0
AT_ONCE = 500
"""Parked messages of one source that are tried again in one turn."""
FORGET = 3600.0

REFUSE = -1
"""No delivery has this number: the next one is taken only after a rewind."""
REWINDS = (2, 14)
"""The first server that can rewind a consumer."""


class Hearing:
    """Takes what `service` tells in `region` with `intake`.  Run it with `run`; ask `ready`."""

    def __init__(
        self,
        service: str,
        *,
        intake: Intake,
        database_url: str,
        nats_url: str,
        region: str,
        nats_seed_file: Path | None = None,
    ) -> None:
        self.service, self.consumer, self.region = service, intake.consumer, region
        self.intake = intake
        self._names = {"consumer": self.consumer, "service": service}
        self._whose = {"consumer": self.consumer, "name": service}
        self._taking = taking(self.consumer, service)
        self._subjects = [s for s in intake.handlers.subjects(region) if publisher_of(s) == service]
        self._stream = stream_of(region, service)
        self._database_url = database_url
        self._bus: dict[str, Any] = {"url": nats_url, "user": self.consumer, "seed_file": nats_seed_file}
        self._stopping = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self._expected: int | None = None
        self._progress = monotonic()
        self._seen = Seen(self._names)
        self._bound = self._gone = False
        self._delay = FIRST_DELAY
        self._place: Place | None = None
        self._looked: Place | None = None
        self._measured = 0.0
        self._shut_out = False
        self._held: float | None = None
        self._holder = Holder(self._names)
        HELD.labels(**self._names).set_function(self._held_for)

    async def run(self, stopping: asyncio.Event) -> None:
        """Takes messages whenever this instance is the active one, until `stopping` is set."""
        self._stopping = stopping
        await alone(self._database_url, self._taking, self._active, stopping, waiting=self._stand_by)

    async def ready(self) -> bool:
        """Whether the consumer was there lately, its publisher is not shut out, and what is there is taken in.

        A standby is ready when it sees that another is active.
        """
        return self._seen.lately(SILENT) and not self._shut_out and self._held_for() < SILENT

    def _held_for(self) -> float:
        return monotonic() - self._held if self._held else 0.0

    @property
    def bound(self) -> bool:
        """Whether this instance is active and its consumer is there."""
        return self._bound

    def shown(self) -> Shown:
        """What this process does for it now, and what waits."""
        return self._seen.shown(self._bound, self._gone, self._shut_out, self._held_for())

    async def _stand_by(self, connection: asyncpg.Connection) -> None:
        """Another is active: it says what is pending; what is parked is in the database, for everyone to say."""
        self._seen.well()
        self._seen.not_counted()
        if monotonic() - self._measured > MEASURE:
            await self._measure(connection)

    async def _active(self, hold: Hold) -> None:
        with self._seen.active():
            client = await self._connect()
            if client is None:
                return
            try:
                while not self._stopping.is_set():
                    if await self._info(client):
                        await self._bind(hold, client)
                    else:
                        await pause(self._stopping, LOOK / 2)
            finally:
                self._bound, self._held = False, None
                self._holder.gone()
                with suppress(Exception):
                    await client.close()

    async def _connect(self) -> Client | None:
        while not self._stopping.is_set():
            try:
                return await connect(**self._bus, reconnected_cb=self._reconnected)
            except (SeedRefused, nats.errors.Error, OSError) as error:
                log.warning("bus.away", **self._whose, error=error)
                await pause(self._stopping, LOOK)
        return None

    async def _reconnected(self) -> None:
        self._expected = REFUSE  # what was on its way may be lost: the next look rewinds

    async def _info(self, client: Client) -> ConsumerInfo | None:
        """The consumer as the server sees it; None while it is not declared, or the server is away or too busy."""
        self._gone = False
        try:
            info: ConsumerInfo = await client.jetstream(timeout=2).consumer_info(self._stream, self.consumer)
        except NotFoundError:
            self._gone = True
            return None
        except (nats.errors.Error, OSError):
            return None
        self._seen.well()
        return info

    async def _told(self, client: Client) -> StreamInfo | None:
        """The publisher's stream as the server sees it; None while it is not declared, or the server is away."""
        try:
            return await client.jetstream(timeout=2).stream_info(self._stream)
        except (NotFoundError, nats.errors.Error, OSError):
            return None

    async def _bind(self, hold: Hold, client: Client) -> None:
        """Works on the consumer until it is gone, stalls, or this instance stops."""
        if not await self._find_place(hold, client):
            await pause(self._stopping, LOOK / 2)
            return
        await self._rewind(client)
        broker, subscription = self._broker(hold, client)
        try:
            await broker.start()
            subscription.subscription = Steady(subscription.subscription)
            self._bound, self._progress = True, monotonic()
            log.info("bus.bound", **self._whose, region=self.region)
            await self._watch(hold, client)
        except (nats.errors.Error, OSError) as error:
            log.warning("bus.away", **self._whose, error=error)
        finally:
            self._bound = False
            if not self._stopping.is_set() and self._working is not None:
                self._working.cancel()
            with suppress(Exception):
                await broker.stop()

    def _broker(self, hold: Hold, client: Client) -> tuple[Broker, Any]:
        broker = Broker(**self._bus, logger=None, apply_types=False, graceful_timeout=8)
        subscription = subscribed(broker, self._stream, consumer_config(self.consumer, self._subjects))

        async def take(messages: list[Msg]) -> None:
            self._working = asyncio.ensure_future(self._take(hold, client, messages))
            await asyncio.wait({self._working})

        subscription(take)
        return broker, subscription

    async def _watch(self, hold: Hold, client: Client) -> None:
        redriven = forgot = monotonic()
        starting, missed = True, 0
        while not self._stopping.is_set():
            info = await self._info(client)
            if info is None:
                self._seen.not_counted()
                # No answer is another thing: what is bound fetches on, though somebody floods the server's other API.
                missed = missed + 1 if self._gone else 0
                if missed > 1:
                    log.error("bus.consumer-gone", **self._whose, region=self.region)
                    return
            elif self._stalled(info):
                log.error("bus.stalled", **self._whose, pending=info.num_pending)
                return
            else:
                missed = 0
                self._seen.counted(info)
            if self._expected == REFUSE and client.is_connected:
                await self._rewind(client)
            if starting or monotonic() - redriven >= REDRIVE:
                await self._redrive(hold, starting)
                place = self._place
                if found := await self._told(client):
                    await self._look_for_removed(hold, found, place)
                    if info and info.delivered and (info.delivered.stream_seq or 0) > found.state.last_seq:
                        log.warning("bus.beyond-the-end", **self._whose, sequence=found.state.last_seq)
                        self._expected = REFUSE  # somebody has set it where nothing comes
                starting, redriven = False, monotonic()
            if monotonic() - forgot >= FORGET:
                async with hold.turn() as connection:
                    await inbox.forget(connection, self.consumer)
                forgot = monotonic()
            await pause(self._stopping, LOOK)

    def _stalled(self, info: ConsumerInfo) -> bool:
        """Whether nothing is fetched though there is something; and notices deliveries that never reached us."""
        nothing = not (info.num_pending or info.num_ack_pending)
        if nothing or (self._working and not self._working.done()):
            self._progress = monotonic()
            self._held = None if nothing else self._held
            return False
        self._held = self._held or monotonic()
        idle = monotonic() - self._progress
        if idle > LOST and info.num_ack_pending:
            self._expected = REFUSE
        return idle > STALLED

    async def _redrive(self, hold: Hold, starting: bool = False) -> None:
        async with hold.turn() as connection:
            sources = await parking.heads(connection, self.consumer, self.service, starting=starting)
            try:
                await self.intake.redrive(connection, sources, most=AT_ONCE)
            except Down as error:
                log.warning("bus.held", **self._whose, error=error)
            if await room.readmitted(connection, self.consumer, self.service):
                log.info("bus.readmitted", **self._whose)
            await self._measure(connection)

    async def _measure(self, connection: asyncpg.Connection) -> None:
        waiting, oldest = await parking.measure(connection, self.consumer, self.service)
        self._shut_out = self.service in {one.service for one in await room.shut_out(connection, self.consumer)}
        counted = sum(one.count for one in await room.unfit(connection, self.consumer) if one.service == self.service)
        PARKED.labels(**self._names).set(waiting)
        OLDEST.labels(**self._names).set(oldest)
        SHUT_OUT.labels(**self._names).set(self._shut_out)
        UNFIT.labels(**self._names).set(counted)
        self._measured = monotonic()

    async def _take(self, hold: Hold, client: Client, messages: Sequence[Msg]) -> None:
        """Handles a batch and acknowledges it; or holds it, waits, and has it delivered again, in order."""
        self._seen.hand = messages
        try:
            if not self._contiguous(messages):
                log.info("bus.gap", **self._whose, rows=len(messages))
                await self._rewind(client)
                return
            if self._shut_out:
                await self._until_there_is_room(client)
                return
            async with hold.turn() as connection:
                if self._expected == REFUSE or self._place is None:  # somebody wants it rewound, since it was looked at
                    await self._rewind(client)
                    return
                letters = [letter_of(message, self.service) for message in messages]
                taken = await self.intake.take(connection, letters, self._place, working_on(messages))
                if taken:
                    self._place = replace(self._place, sequence=letters[taken - 1].number)
                waits = await parking.heads(connection, self.consumer, self.service, limit=1)
            for message in messages[:taken]:
                await message.ack()
            if taken < len(messages):
                await self._until_there_is_room(client)
                return
            self._delay, self._held = FIRST_DELAY, None
            self._holder.gone()
        except Exception as error:
            # PostgreSQL or a dependency of a handler is down, or we have a bug: the messages are innocent.
            self._held = self._held or monotonic()
            by = self._holder.shown(error) if isinstance(error, Down) else {}
            log.warning("bus.held", **self._whose, error=error, delay_s=self._delay, rows=len(messages), **by)
            await pause(self._stopping, self._delay)
            self._delay = min(self._delay * 2, LONGEST_DELAY)
            if not self._stopping.is_set():
                await self._rewind(client)
            return
        finally:
            self._seen.hand, self._progress = (), monotonic()
        if waits:
            await self._redrive(hold)

    async def _until_there_is_room(self, client: Client) -> None:
        """Takes nothing while the publisher is shut out; `_redrive`, or somebody's decision, makes room."""
        self._shut_out = True
        self._held = self._held or monotonic()
        while self._shut_out and not self._stopping.is_set():
            await pause(self._stopping, LOOK)
        if not self._stopping.is_set():
            await self._rewind(client)

    def _contiguous(self, messages: Sequence[Msg]) -> bool:
        """Whether these are the very next deliveries: nothing was lost on the way, nothing overtakes."""
        for message in messages:
            number = message.metadata.sequence.consumer
            if self._expected is not None and number != self._expected:
                return False
            self._expected = number + 1
        return True

    async def _find_place(self, hold: Hold, client: Client) -> bool:
        """Reads how far the database is in the stream; False while the server does not say which stream that is."""
        found = await self._told(client)
        if found is None or found.created is None:
            return False
        async with hold.turn() as connection, connection.transaction():
            place = await places.read(connection, self.consumer, self.service)
            if place is None or place.born != found.created or place.sequence > found.state.last_seq:
                if place is not None:  # made anew, or an old copy: its numbers mean other messages now
                    log.warning("bus.another-stream", **self._whose, sequence=place.sequence)
                    await room.forget(connection, self.consumer, self.service)
                place = Place(found.created, 0)
                await places.write(connection, self.consumer, self.service, place)
            await self._measure(connection)
        self._place = self._looked = place
        await self._look_for_removed(hold, found, place)
        return True

    async def _look_for_removed(self, hold: Hold, found: StreamInfo, place: Place | None) -> None:
        """Says so when messages went from the stream that were not read yet when it was looked at before.

        `place` is where the consumer was before `found` was asked for.
        """
        if place is None or self._looked is None:
            return
        if found.state.first_seq > self._looked.sequence + 1 and found.created == self._looked.born:
            log.error("bus.removed", **self._whose, sequence=self._looked.sequence + 1)
            async with hold.turn() as connection:
                await parking.park_removed(
                    connection, self.consumer, self.service, self._looked, found.state.first_seq - 1
                )
        self._looked = place

    async def _rewind(self, client: Client) -> None:
        info, place = await self._info(client), self._place
        floor = (info.ack_floor.stream_seq if info and info.ack_floor else 0) or 0
        back = place.sequence + 1 if place is not None and floor > place.sequence else None
        if back is not None:
            log.info("bus.back-to-place", **self._whose, sequence=back)
        if await rewind(client.jetstream(timeout=2), self._stream, self.consumer, sequence=back):
            self._expected = 1
            return
        version = client.connected_server_version
        if (version.major, version.minor) >= REWINDS:
            self._expected = REFUSE  # it did not answer, or may not: nothing is taken until it does
            log.warning("bus.not-rewound", **self._whose)
            return
        self._expected = None
        if info is not None and info.num_ack_pending:
            # An older server: what is out comes back after its time, and then before anything younger.
            log.warning("bus.waits-for-redelivery", **self._whose, pending=info.num_ack_pending)
            await pause(self._stopping, ACK_WAIT + 1)
