"""The point to look back to, as query parameters."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from kit.service.problems import InvalidRequest
from kit.store import Moment

AsOf = Annotated[date | None, Query(description="截至哪一天的事实（发生日期，亚洲/上海）")]
KnownAt = Annotated[AwareDatetime | None, Query(description="截至哪一时刻已记录的事实（ISO 8601，带时区）")]


def moment(as_of: date | None, known_at: AwareDatetime | None) -> Moment:
    """InvalidRequest for both at once: a figure answers one question."""
    if as_of is not None and known_at is not None:
        raise InvalidRequest([{"field": "query.known_at", "problem": "as_of 与 known_at 只能用一个"}])
    return Moment(as_of, known_at)
