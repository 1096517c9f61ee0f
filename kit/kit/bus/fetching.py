"""What FastStream fetches with, and what it hands over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

import nats.errors
from faststream import AckPolicy
from faststream.nats import JStream, PullSub
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from kit.bus.connect import Broker
from kit.bus.declare import ACK_WAIT, BATCH, PILED
from kit.bus.letter import Letter, read

WAIT = 1.0
"""Seconds that one request for messages waits at the server when there are none."""


def subscribed(broker: Broker, stream: str, consumer: ConsumerConfig) -> Any:
    """A subscription that binds the consumer, declares nothing, and acknowledges only what it is told to."""

    async def raw(message: Any) -> Any:
        return message.raw_message

    return broker.subscriber(
        ">",  # the consumer's subjects are what counts
        stream=JStream(stream, declare=False),
        durable=consumer.durable_name,
        config=consumer,
        pull_sub=PullSub(batch_size=BATCH, timeout=WAIT, batch=True),
        inbox_prefix=broker.inbox,
        ack_policy=AckPolicy.MANUAL,
        decoder=raw,
        no_reply=True,
    )


class Steady:
    """A pull subscription that hands over what is there, and whose timeouts are of the class that FastStream expects.

    FastStream asks again for the rest of a batch until its time is up.  That rest is refused here: a lone message is
    handled at once, and under load the batch fills at the server while the one before it is worked on.  A batch that
    was full is followed by one of twice its size, up to PILED: each begins and ends with lanes that have no work.

    nats-py raises the plain TimeoutError when the server's answer and the deadline meet.  FastStream's fetching task
    would die of it and drop the messages it holds.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._size = BATCH

    async def fetch(self, batch: int, timeout: float | None = None) -> list[Msg]:  # noqa: ASYNC109 - nats-py's own
        if batch < BATCH:
            raise nats.errors.TimeoutError  # the rest of a batch that has messages: FastStream takes those
        try:
            fetched: list[Msg] = await self._inner.fetch(batch=self._size, timeout=timeout)
        except TimeoutError as error:
            raise nats.errors.TimeoutError from error
        self._size = min(2 * self._size, PILED) if len(fetched) >= self._size else BATCH
        return fetched

    async def unsubscribe(self) -> None:
        await self._inner.unsubscribe()


def letter_of(message: Msg, service: str) -> Letter:
    """A message as it came, named by its place in the stream of `service`."""
    meta = message.metadata
    place = f"{meta.stream}/{meta.sequence.stream}/{meta.timestamp.isoformat()}"
    return read(message.subject, message.headers, message.data, place, meta.sequence.stream, service)


def working_on(messages: Sequence[Msg]) -> Callable[[], Awaitable[None]]:
    """Tells the server now and then that a slow batch is still being worked on."""
    last = monotonic()

    async def keep() -> None:
        nonlocal last
        if monotonic() - last > ACK_WAIT / 4:
            last = monotonic()
            for message in messages:
                await message.in_progress()

    return keep
