"""Messages in a service's own stream that are none of its events.

A database restored to an earlier day than it has told does not know its last messages: the others hold facts that it
lost, and it will give their versions to other facts.  So does whoever tells in the service's name.  Nothing is stopped
for it: what contradicts is parked at its hearers.  But somebody must know, before it has grown.
"""

from __future__ import annotations

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client

from contracts import envelope as wire

log = structlog.get_logger("kit.relay")
LOOKED_AT = 500
"""The last messages of the stream that are looked at."""


async def strange(client: Client, stream: str, pool: asyncpg.Pool) -> int | None:
    """How many of the last messages are no events of this database; None if the broker does not say."""
    js = client.jetstream(timeout=5)
    try:
        state = (await js.stream_info(stream)).state
        messages = [
            await js.get_msg(stream, seq=sequence)
            for sequence in range(max(state.first_seq, state.last_seq - LOOKED_AT + 1), state.last_seq + 1)
        ]
    except (nats.errors.Error, OSError) as error:
        log.warning("relay.not-compared", name=stream, error=error)
        return None
    told = []
    for message in messages:
        try:
            told.append(wire.decode(message.headers or {}))
        except wire.MalformedEnvelope:
            continue  # nobody acts on it
    count: int = await pool.fetchval(
        "select count(*) from unnest($1::text[], $2::uuid[]) as told (tenant_id, event_id)"
        " where not exists (select from event e where (e.tenant_id, e.event_id) = (told.tenant_id, told.event_id))",
        [one.tenant for one in told],
        [one.event_id for one in told],
    )
    return count
