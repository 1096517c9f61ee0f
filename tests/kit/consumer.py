"""A small consumer of the tail, under the relay's role: it tells the lines of notes, and may stumble over one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
from tests.kit.conftest import Toy
from tests.kit.notes import NoteWritten
from tests.settled import settled

from kit.store import LostCursor, Meta, Tail, meta_of
from kit.store.held import why

Told = list[tuple[str, int]]
"""Stream and version of each line, as they were told."""


def nothing(event: Any, meta: Meta) -> None:
    """Everything can be told."""


def stumbling(poison: UUID, line: str = "第2行") -> Callable[[Any, Meta], None]:
    """A release that cannot tell one line of a note."""

    def check(event: Any, meta: Meta) -> None:
        if meta.stream_id == poison and isinstance(event, NoteWritten) and event.text == line:
            raise ZeroDivisionError(event.text)

    return check


class Consumer:
    """Tells what the tail hands out into `told`, which others may share; `check` raises for what it cannot tell."""

    def __init__(self, toy: Toy, told: Told, check: Callable[[Any, Meta], None] = nothing) -> None:
        self.toy, self.told, self.check = toy, told, check
        self.tail = Tail(toy.relay, "relay")

    async def step(self, limit: int = 500) -> int:
        """Tells the next events and moves the cursor; answers how many, 0 when another has moved it meanwhile."""
        rows = await self.tail.next(limit)
        for row in rows:
            if not self.tail.held.holds(row):
                try:
                    self._tell(row)
                except Exception as error:
                    await self.tail.hold(row, error)
        if rows:
            try:
                await self.tail.move(rows[-1])
            except LostCursor:
                return 0
        return len(rows)

    async def all(self) -> None:
        """Tells whatever is written by now."""
        await settled(self.toy.relay)
        while await self.step():
            pass

    async def retry(self, *, starting: bool = False) -> None:
        """Tells what waits of held streams: all when `starting`, else those that are due."""

        async def tell(row: asyncpg.Record) -> None:
            try:
                self._tell(row)
            except Exception as error:
                raise why(error) from None

        await self.tail.retry(tell, starting=starting)

    def _tell(self, row: asyncpg.Record) -> None:
        event, meta = meta_of(self.toy.store.mapper, row["raw"])
        self.check(event, meta)
        self.told.append((meta.stream, meta.version))


async def open_rows(toy: Toy) -> list[asyncpg.Record]:
    """The streams that are held now."""
    return await toy.relay.fetch("select * from held where released_at is null order by id")
