"""The message that an event's stored bytes become."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from contracts.envelope import Envelope, encode
from contracts.messages import subject
from kit.store import Publish, RawMapper, meta_of

Stream = tuple[str, str]
"""A tenant and the name of its stream."""


@dataclass(frozen=True)
class Outgoing:
    """A message ready to go, and the event's row that it tells."""

    stream: Stream
    subject: str
    headers: dict[str, str]
    body: bytes
    row: asyncpg.Record


@dataclass(frozen=True)
class Telling:
    """How a service tells its events in a region."""

    region: str
    mapper: RawMapper
    publish: Publish

    def outgoing(self, row: asyncpg.Record) -> Outgoing | None:
        """The message of a settled event, or None if it is not told.  Raises what makes it impossible to tell."""
        event, meta = meta_of(self.mapper, row["raw"])
        message = self.publish(event, meta)
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
                sequence=row["nth"],
                occurred_on=meta.occurred_on,
                recorded_at=meta.recorded_at,
                correlation=meta.correlation,
                trace=meta.trace,
            )
        )
        place = subject(self.region, meta.tenant, message)
        return Outgoing((meta.tenant, meta.stream), place, headers, message.body(), row)
