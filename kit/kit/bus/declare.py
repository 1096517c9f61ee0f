"""The stream of a region and the durable consumer of a service: declared by the platform, bound by services."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import nats.errors
import structlog
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

log = structlog.get_logger("kit.bus")

ACK_WAIT = 60.0
"""Seconds until a message that nobody acknowledged is delivered again."""
BATCH = 100
LEAST_DUPLICATES = 0.1
"""Seconds, the fewest that a server takes (none means two minutes).  De-duplication is the inbox's: what the broker
drops is decided by ids that another publisher can choose as well."""
GIVEN = ("subjects", "discard", "max_bytes", "deny_delete", "deny_purge", "duplicate_window", "num_replicas")
"""What a stream that is there already is brought to."""


def stream_of(region: str) -> str:
    return f"EVT_{region}"


def consumer_config(consumer: str, subjects: Iterable[str]) -> ConsumerConfig:
    return ConsumerConfig(
        name=consumer,
        durable_name=consumer,
        filter_subjects=sorted(subjects),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT,
        max_deliver=-1,
        max_ack_pending=4 * BATCH,
    )


async def declare(
    js: JetStreamContext,
    region: str,
    consumer: str,
    subjects: Iterable[str],
    *,
    replicas: int = 1,
    max_bytes: int | None = None,
) -> None:
    """Makes the region's stream and this consumer what they must be; safe to repeat and to run in parallel.

    A consumer found with other subjects gets these.  If they are more than it had, it reads the stream again from the
    start, so that the service hears what the new subjects said before; what it handled already is handled once.
    """
    await declare_stream(js, region, replicas=replicas, max_bytes=max_bytes)
    wanted = consumer_config(consumer, subjects)
    if not wanted.filter_subjects:
        return
    stream = stream_of(region)
    try:
        found = (await js.consumer_info(stream, consumer)).config
    except NotFoundError:
        await js.add_consumer(stream, wanted)
        return
    had = set(found.filter_subjects or ([found.filter_subject] if found.filter_subject else []))
    await js.add_consumer(stream, wanted)
    if set(wanted.filter_subjects) - had and not await rewind(js, region, consumer, sequence=1):
        log.error("bus.earlier-messages-not-read", consumer=consumer, region=region)


async def declare_stream(js: JetStreamContext, region: str, *, replicas: int = 1, max_bytes: int | None = None) -> None:
    """The region's stream: nothing in it is ever dropped, by age, by purge or one by one.

    When it holds `max_bytes` (None: no bound but the server's own), it takes nothing more: relays wait and say so.
    """
    wanted = StreamConfig(
        name=stream_of(region),
        subjects=[f"evt.{region}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=-1 if max_bytes is None else max_bytes,
        deny_delete=True,
        deny_purge=True,
        duplicate_window=LEAST_DUPLICATES,
        num_replicas=replicas,
    )
    try:
        found = (await js.stream_info(wanted.name or "")).config
    except NotFoundError:
        await js.add_stream(wanted)
        return
    if any(getattr(found, name) != getattr(wanted, name) for name in GIVEN):
        for name in GIVEN:
            setattr(found, name, getattr(wanted, name))
        await js.update_stream(found)


async def rewind(js: JetStreamContext, region: str, consumer: str, *, sequence: int | None = None) -> bool:
    """Delivers again, in order, all that is not acknowledged (or all from `sequence`), before anything new.

    Without it a negatively acknowledged or lost delivery comes back after younger messages of its stream.  False if
    the server does not know how (before 2.14) or does not answer.
    """
    request: dict[str, Any] = {} if sequence is None else {"seq": sequence}
    try:
        answer = await js._nc.request(
            f"$JS.API.CONSUMER.RESET.{stream_of(region)}.{consumer}",
            json.dumps(request).encode() if request else b"",
            timeout=2,
        )
    except (nats.errors.Error, TimeoutError):
        return False
    return "error" not in json.loads(answer.data)
