"""What an operator does about parked messages.  Looking is free; acting takes its turn with the subscriber."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby

import asyncpg

from kit.bus import parking
from kit.bus.intake import Intake
from kit.bus.parking import Sight
from kit.bus.sole import taking, turn_of
from kit.tenancy.pools import Purpose, connect


@asynccontextmanager
async def turn(consumer: str, service: str, database_url: str) -> AsyncIterator[None]:
    """While in it, this consumer takes nothing of that publisher."""
    async with _connected(database_url) as connection, turn_of(connection, taking(consumer, service)):
        yield


async def redrive(intake: Intake, database_url: str, sight: Sight, stream: str | None = None) -> tuple[int, int]:
    """Tries all parked messages in sight again (of one `stream`, `<aggregate>/<id>`), in order within each stream.

    Answers how many were handled and how many wait still.  Raises Down when a dependency is.
    """
    handled = 0
    async with _connected(database_url) as connection:
        found = await parking.sources(connection, intake.consumer, sight, stream)
        for service, sources in groupby(found, key=lambda source: source.service):
            async with turn_of(connection, taking(intake.consumer, service)):
                handled += await intake.redrive(connection, list(sources))
        return handled, await parking.count(connection, intake.consumer, sight)


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(database_url, Purpose.TAILS)
    try:
        yield connection
    finally:
        await connection.close()
