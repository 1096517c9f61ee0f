"""Ids: time-ordered for events, derived for everything a retry must name the same way twice."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID, uuid5


def event_id(now: datetime) -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of `now` in milliseconds, then 74 random bits."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (int(now.timestamp() * 1000) & (2**48 - 1)) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (2**62 - 1)
    return UUID(int=value)


def derived(source: UUID, name: str) -> UUID:
    """The uuid5 of `name` under `source`: the same command or event always names the same new thing.

    Subscribers use it for command ids: `derived(event_id, "<consumer>/<command>")`.
    """
    return uuid5(source, name)
