"""The days that a plan sets a step, and how far a day lies from them: of every step, one and the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NewType

DaysOff = NewType("DaysOff", int)
"""Days before the first of a window, below zero, or after the last, above; 0 on one of its days."""
IN_TIME = DaysOff(0)


@dataclass(frozen=True)
class Window:
    """From the first day to the last, both included."""

    first: date
    last: date

    def off(self, day: date) -> DaysOff:
        if day > self.last:
            return DaysOff((day - self.last).days)
        return DaysOff(min(0, (day - self.first).days))
