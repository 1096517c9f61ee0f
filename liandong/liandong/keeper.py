"""Whoever looks after one child: when it ended by itself or is ill, it is started again, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from liandong.child import ChildError
from liandong.patience import Say

FIRST, LONGEST = 1.0, 30.0
"""Seconds before it is started again: at first, and at most; twice as long each time."""
SETTLED = 60.0
"""Seconds for which it must have been well to be started soon again, should it end once more."""


class Keeper:
    """Looks after the child `name`.  `ill` says what is wrong with it, or None; `start` cures it or raises."""

    def __init__(self, name: str, *, ill: Callable[[], str | None], start: Callable[[], None], log: Path) -> None:
        self.name = name
        self.trouble: str | None = None
        """What is wrong with it since the last look, in words for an operator."""
        self._ill, self._start, self._log = ill, start, log
        self._pause, self._due, self._started = FIRST, 0.0, monotonic()
        self._refused: str | None = None

    def tend(self, say: Say) -> bool:
        """Looks, and starts it again when its time has come; whether anything is otherwise than at the last look."""
        ill, now, before = self._ill(), monotonic(), self.trouble
        self.trouble = ill and (self._refused or ill)
        if ill is None:
            self._due, self._refused = 0.0, None
            if now - self._started > SETTLED:
                self._pause = FIRST
        elif not self._due:
            self._due = now + self._pause
            say(f"{self.name}: {self.trouble}; starting it again in {self._pause:.0f} s (log: {self._log})")
        elif now >= self._due:
            self._again(say)
        return self.trouble != before

    def _again(self, say: Say) -> None:
        self._due, self._pause = 0.0, min(self._pause * 2, LONGEST)
        try:
            self._start()
        except (ChildError, OSError) as error:
            self.trouble = self._refused = f"cannot be started: {error}"
            say(f"{self.name} {self.trouble}")
            self._due = monotonic() + self._pause
            return
        self._started, self.trouble, self._refused = monotonic(), None, None
        say(f"{self.name} was started again")
