"""What an operator does about parked messages.  Looking is free; redriving takes its turn with the subscriber."""

from __future__ import annotations

from kit.bus import parking
from kit.bus.intake import Intake
from kit.bus.sole import turn_of
from kit.tenancy.pools import Purpose, connect


async def redrive(intake: Intake, database_url: str, stream: str | None = None) -> tuple[int, int]:
    """Tries all parked messages again (of one `stream`, `<aggregate>/<id>`), in order within each stream.

    Answers how many were handled and how many wait still.  Raises Down when a dependency is.
    """
    connection = await connect(database_url, Purpose.TAILS)
    try:
        async with turn_of(connection, f"bus/{intake.consumer}"):
            found = await parking.sources(connection, intake.consumer, stream)
            handled = await intake.redrive(connection, found)
            waiting, _ = await parking.measure(connection, intake.consumer)
        return handled, waiting
    finally:
        await connection.close()
