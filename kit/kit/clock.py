"""The clock is read here, at the edge, and passed in.  Instants are aware UTC; days are Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware UTC, whole microseconds."""
    return datetime.now(UTC)


def day(instant: datetime) -> date:
    """The day that an instant belongs to in Asia/Shanghai: 2026-03-31T16:30Z is 1 April."""
    return instant.astimezone(SHANGHAI).date()
