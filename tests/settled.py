"""Waiting for the horizon: readers in settled order see an event once every older transaction of the cluster ended."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg

HELD = (
    "select exists (select from event where era = (select current from era)"
    " and tx >= pg_snapshot_xmin(pg_current_snapshot()))"
)
REFUSALS_HELD = (
    "select exists (select from refusal where era = (select current from era)"
    " and tx >= pg_snapshot_xmin(pg_current_snapshot()))"
)


async def settled(events: Any, seconds: float = 30) -> None:
    """Returns when all that is written is settled; `events` is a pool, or the URL, of the relay's or rebuild role.

    Another test's database is dropped, or autovacuum works: their transactions hold the horizon for a moment.
    """
    if isinstance(events, str):
        connection = await asyncpg.connect(events)
        try:
            await settled(connection, seconds)
        finally:
            await connection.close()
        return
    await _passed(events, HELD, seconds)


async def settled_refusals(rebuild_url: str, seconds: float = 30) -> None:
    """The same for the rows of refusals, which the rebuild role may see."""
    connection = await asyncpg.connect(rebuild_url)
    try:
        await _passed(connection, REFUSALS_HELD, seconds)
    finally:
        await connection.close()


async def _passed(where: Any, held: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while await where.fetchval(held):
        assert time.monotonic() < end, "some transaction of this cluster stays open"
        await asyncio.sleep(0.01)
