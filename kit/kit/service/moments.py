"""The point to look back to, as query parameters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from contracts.fields import iso_day

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


def _written(value: Any) -> Any:
    """A bare number is not an instant that anybody meant."""
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("应为时刻（ISO 8601，带时区）")
    return value


def _within(value: datetime) -> datetime:
    """In UTC, which the database knows of every offset, and far from where one time zone's instants do not exist in
    another's."""
    if not EARLIEST <= value < LATEST:
        raise ValueError("时刻应在 1900 年至 2999 年之间")
    return value.astimezone(UTC)


Day = Annotated[date, BeforeValidator(iso_day)]
"""A day as a query parameter: YYYY-MM-DD and nothing else."""
FromDay = Annotated[Day | None, Query(title="起始日期", description="含当日；省略时不限")]
ToDay = Annotated[Day | None, Query(title="截止日期", description="含当日；省略时不限")]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_within)]
AsOf = Annotated[Day | None, Query(title="截至日期", description="截至哪一天的事实（发生日期，亚洲/上海）")]
KnownAt = Annotated[
    Instant | None, Query(title="截至时刻", description="截至哪一时刻已记录的事实（ISO 8601，带时区）；可与 as_of 同用")
]
