"""Messages in a service's own stream that are none of its events.

A database restored to an earlier day than it has told does not know its last messages: the others hold facts that it
lost, and it will give their versions to other facts.  So does whoever tells in the service's name.  Nothing is stopped
for it: what contradicts is parked at its hearers.  But somebody must know, before it has grown.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping

import asyncpg
import structlog
from nats.aio.client import Client

from contracts import envelope as wire

log = structlog.get_logger("kit.relay")
LOOKED_AT = 500
"""The last messages of the stream that are looked at."""


async def strange(client: Client, stream: str, pool: asyncpg.Pool) -> int | None:
    """How many of the last messages are no events of this database, word for word; None if nobody can say now.

    Whatever stands there: to look at what was told must never keep anything from being told.
    """
    try:
        state = (await client.jetstream(timeout=5).stream_info(stream)).state
        first = max(1, state.first_seq, state.last_seq - LOOKED_AT + 1)
        told = [_place(await _headers(client, stream, n)) for n in range(first, state.last_seq + 1)]
        known: int = (
            await pool.fetchval(
                "select count(*) from unnest($1::text[], $2::text[], $3::int[], $4::uuid[]) as told"
                " (tenant_id, stream, version, event_id) join event using (tenant_id, stream, version, event_id)",
                *zip(*(place for place in told if place), strict=True),
            )
            if any(told)
            else 0
        )
    except Exception as error:
        log.warning("relay.not-compared", name=stream, error=error)
        return None
    return len(told) - known


async def _headers(client: Client, stream: str, sequence: int) -> Mapping[str, str]:
    """As a hearer would read them; none where they cannot be read."""
    answer = await client.request(f"$JS.API.STREAM.MSG.GET.{stream}", json.dumps({"seq": sequence}).encode(), timeout=5)
    kept = json.loads(answer.data)["message"].get("hdrs")
    found: Mapping[str, str] | None = await client._process_headers(b64decode(kept)) if kept else None
    return found or {}


def _place(headers: Mapping[str, str]) -> tuple[str, str, int, object] | None:
    """Where the message says that its event is; None where it says nothing that anybody would act on."""
    try:
        envelope = wire.decode(headers)
    except wire.MalformedEnvelope:
        return None
    return envelope.tenant, envelope.stream, envelope.stream_version, envelope.event_id
