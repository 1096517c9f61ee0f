"""Letters of one publisher that were fetched together, and what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from kit.bus import inbox, room
from kit.bus.inbox import KNOWN, Inbox, Judged
from kit.bus.letter import BEHIND, CONTRADICTION, Failure, Letter, Source
from kit.bus.room import Room

IN_A_ROW = 2
"""Messages that find a dependency away with none handled between them, until it is taken to be away for all."""


class Away(Exception):
    """A handler found a dependency away, once."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Batch:
    """Letters by their place among them.  Make it with `looked_up`."""

    def __init__(self, connection: asyncpg.Connection, consumer: str, letters: Sequence[Letter], known: Inbox) -> None:
        self.letters, self.known = letters, known
        self.service = letters[0].source.service
        self.outcome: dict[int, Judged | Failure | None] = {}
        """None for what was handled, a failure for what is to be parked; absent for what is not taken."""
        self.away: dict[int, Away] = {}
        """What found a dependency away beside others, and is to be tried once more."""
        self.full: set[int] = set()
        """What is to be parked, and there is no room for it."""
        self.left: Room | None = None
        self._connection, self._consumer = connection, consumer
        self._one = asyncio.Lock()
        self._in_a_row = 0

    def found_away(self, n: int, away: Away) -> None:
        self.away[n] = away
        self._in_a_row += 1

    @property
    def down(self) -> bool:
        """Whether a dependency is away for all, and not for some message alone."""
        return self._in_a_row >= IN_A_ROW

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be begun: a dependency is away, or there is no more room."""
        return self.down or bool(self.full)

    def sources(self) -> list[list[int]]:
        """The places of the letters of each source."""
        found: dict[Source, list[int]] = {}
        for n, letter in enumerate(self.letters):
            found.setdefault(letter.source, []).append(n)
        return list(found.values())

    def judge(self, n: int) -> Judged | Failure | None:
        """What is to become of a letter whose source is taken up to it; None: it is to be handled."""
        letter = self.letters[n]
        judged = self.known.judge(letter)
        if judged is KNOWN or judged is CONTRADICTION:
            return judged
        return BEHIND if letter.source in self.known.blocked and letter.version else judged

    async def settle(self, n: int, outcome: Judged | Failure | None) -> None:
        """Notes what became of a letter, so that what follows in its source is judged by it."""
        letter = self.letters[n]
        if isinstance(outcome, Failure) and not (await self._room()).has(letter):
            if letter.envelope is not None:
                self.full.add(n)
                return
            outcome = KNOWN  # it is counted, and that is all
        self.outcome[n] = outcome
        if outcome is KNOWN:
            return
        if outcome is None:
            assert letter.envelope is not None
            self.known.handled(letter.source, letter.envelope)
            self._in_a_row = 0
        self.known.took(letter, parked=outcome is not None)

    async def _room(self) -> Room:
        async with self._one:
            if self.left is None:
                self.left = await room.left(self._connection, self._consumer, self.service)
        return self.left

    @property
    def through(self) -> int:
        """How many are taken before the first that is not."""
        return next((n for n in range(len(self.letters)) if n not in self.outcome), len(self.letters))

    def handled(self) -> list[Letter]:
        return [letter for n, letter in enumerate(self.letters) if n in self.outcome and self.outcome[n] is None]

    def failed(self) -> list[tuple[Letter, Failure]]:
        """What is to be parked, in the order in which it came."""
        return [
            (letter, outcome)
            for n, letter in enumerate(self.letters)
            if isinstance(outcome := self.outcome.get(n), Failure)
        ]


async def looked_up(connection: asyncpg.Connection, consumer: str, letters: Sequence[Letter]) -> Batch:
    """The batch of these letters, with what is known of their sources.  It asks on this connection for room."""
    return Batch(connection, consumer, letters, await inbox.look(connection, consumer, letters))
