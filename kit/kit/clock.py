"""The clock is read here, at the edge, and passed in.  Instants are aware UTC; days are Asia/Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware UTC, whole microseconds."""
    return datetime.now(UTC)


def day(instant: datetime) -> date:
    """The day that an instant belongs to in Asia/Shanghai: 2026-03-31T16:30Z is 1 April."""
    return instant.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Moment:
    """What a reading is of: `as_of` a day of the facts, `known_at` an instant of the recording, both, or neither (now).

    Both: what was held, at that instant, to be true of that day.
    """

    as_of: date | None = None
    known_at: datetime | None = None


PRESENT = Moment()
