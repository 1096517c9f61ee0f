"""The streams of a region, one of each publisher, and the durable consumers in them: declared by the platform.

A stream of its own bounds a publisher: whatever it sends, its stream alone is full, and its hearers alone are busy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import nats.errors
import structlog
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from contracts.messages import MAX_BODY

log = structlog.get_logger("kit.bus")

ACK_WAIT = 60.0
"""Seconds until a message that nobody acknowledged is delivered again."""
BATCH, PILED = 100, 400
"""Messages that are fetched at once, at first and while they are piled up."""
LEAST_DUPLICATES = 0.1
"""Seconds, the fewest that a server takes (none means two minutes).  De-duplication is the inbox's: what the broker
drops is decided by ids that another publisher can choose as well."""
LARGEST = MAX_BODY + 16 * 1024
"""Bytes that one message may have: a body of ours at its largest, and more headers than we write."""
LEAST = 512
"""Bytes that a message of ours has at least.  The server keeps each subject in memory, whatever is in the message: so a
bound on bytes alone is none on memory."""
GIVEN = (
    "subjects",
    "discard",
    "max_bytes",
    "max_msgs",
    "max_msg_size",
    "deny_delete",
    "deny_purge",
    "duplicate_window",
    "num_replicas",
)
"""What a stream that is there already is brought to."""


def stream_of(region: str, service: str) -> str:
    """The stream that all messages of this service are in."""
    return f"EVT_{region}_{service}"


def publisher_of(subject: str) -> str:
    """The service that tells under this subject, `evt.<region>.<tenant>.<service>.…`."""
    return subject.split(".")[3]


def consumer_config(consumer: str, subjects: Iterable[str]) -> ConsumerConfig:
    return ConsumerConfig(
        name=consumer,
        durable_name=consumer,
        filter_subjects=sorted(subjects),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT,
        max_deliver=-1,
        max_ack_pending=2 * PILED,
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
    """Makes the stream of `consumer`, which is a service, and of each service that `subjects` name, and its consumers
    in those; safe to repeat and to run in parallel.

    A consumer found with other subjects gets these.  If they are more than it had, it reads the stream again from the
    start, so that the service hears what the new subjects said before; what it handled already is handled once.
    """
    await declare_stream(js, region, consumer, replicas=replicas, max_bytes=max_bytes)
    told: dict[str, list[str]] = {}
    for subject in subjects:
        told.setdefault(publisher_of(subject), []).append(subject)
    for publisher, heard in told.items():
        await declare_stream(js, region, publisher, replicas=replicas, max_bytes=max_bytes)
        await _declare_consumer(js, region, publisher, consumer_config(consumer, heard))


async def _declare_consumer(js: JetStreamContext, region: str, publisher: str, wanted: ConsumerConfig) -> None:
    stream, consumer = stream_of(region, publisher), str(wanted.name)
    try:
        found = (await js.consumer_info(stream, consumer)).config
    except NotFoundError:
        await js.add_consumer(stream, wanted)
        return
    had = set(found.filter_subjects or ([found.filter_subject] if found.filter_subject else []))
    await js.add_consumer(stream, wanted)
    if set(wanted.filter_subjects or ()) - had and not await rewind(js, stream, consumer, sequence=1):
        log.error("bus.earlier-messages-not-read", consumer=consumer, name=stream, region=region)


async def declare_stream(
    js: JetStreamContext, region: str, service: str, *, replicas: int = 1, max_bytes: int | None = None
) -> None:
    """The service's stream: nothing in it is ever dropped, by age, by purge or one by one.

    When it holds `max_bytes` it takes nothing more: its relay waits and says so.  None leaves the bound that it has; a
    new one has none then but the server's own.
    """
    wanted = StreamConfig(
        name=stream_of(region, service),
        subjects=[f"evt.{region}.*.{service}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=-1 if max_bytes is None else max_bytes,
        max_msgs=-1 if max_bytes is None else max_bytes // LEAST,
        max_msg_size=LARGEST,
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
    if max_bytes is None:
        wanted.max_bytes, wanted.max_msgs = found.max_bytes, found.max_msgs
    if any(getattr(found, name) != getattr(wanted, name) for name in GIVEN):
        for name in GIVEN:
            setattr(found, name, getattr(wanted, name))
        await js.update_stream(found)


async def rewind(js: JetStreamContext, stream: str, consumer: str, *, sequence: int | None = None) -> bool:
    """Delivers again, in order, all that is not acknowledged (or all from `sequence`), before anything new.

    Without it a negatively acknowledged or lost delivery comes back after younger messages of its stream.  False if
    the server does not know how (before 2.14) or does not answer.
    """
    request: dict[str, Any] = {} if sequence is None else {"seq": sequence}
    try:
        answer = await js._nc.request(
            f"$JS.API.CONSUMER.RESET.{stream}.{consumer}",
            json.dumps(request).encode() if request else b"",
            timeout=2,
        )
    except (nats.errors.Error, TimeoutError):
        return False
    return "error" not in json.loads(answer.data)
