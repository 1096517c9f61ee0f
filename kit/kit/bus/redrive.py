"""What an operator does about parked messages.  Looking is free; acting takes its turn with the subscriber."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from kit.bus import parking
from kit.bus.intake import Intake
from kit.bus.parking import Sight
from kit.bus.sole import turn_of
from kit.tenancy.pools import Purpose, connect


@asynccontextmanager
async def turn(consumer: str, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection, while the subscriber of this consumer stands still."""
    connection = await connect(database_url, Purpose.TAILS)
    try:
        async with turn_of(connection, f"bus/{consumer}"):
            yield connection
    finally:
        await connection.close()


async def redrive(intake: Intake, database_url: str, sight: Sight, stream: str | None = None) -> tuple[int, int]:
    """Tries all parked messages in sight again (of one `stream`, `<aggregate>/<id>`), in order within each stream.

    Answers how many were handled and how many wait still.  Raises Down when a dependency is.
    """
    async with turn(intake.consumer, database_url) as connection:
        found = await parking.sources(connection, intake.consumer, sight, stream)
        handled = await intake.redrive(connection, found)
        return handled, await parking.count(connection, intake.consumer, sight)
