"""What a view's rows say of a day, once a history was told: no database is needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from contracts.values import Event, Role, TenantId
from kit.auth import Actor
from kit.store import Meta, Row, View
from kit.store.rows import Days

NOBODY = UUID(int=0)
TENANT = TenantId("620102")


def meta(day: date) -> Meta:
    """Of an event of that day; of the rest rows say nothing."""
    actor = Actor(id="t", role=Role.SYSTEM, tenant=TENANT, unit=None)
    at = datetime(2022, 1, 1, tzinfo=UTC)
    return Meta(TENANT, f"x/{NOBODY}", 1, NOBODY, "t", day, at, actor, NOBODY, NOBODY, None)


def rows(view: View[Any, Any], history: Sequence[tuple[date, Event]], on: date) -> list[Row]:
    """What there is of `on`: the history is told in its order, each event a command of its own."""
    days: Days[Any] = Days()
    facts: list[tuple[date, Row]] = []
    for day, event in history:
        days, _ = days.after(view, [(event, meta(day))])
        facts += [(day, row) for row in view.facts(event, meta(day))]
        for was, now in view.amends(event, meta(day)):
            kept = [one for one in facts if (one[0], one[1].key) != (day, was.key)]
            facts = kept if now is None else [*kept, (day, now)]
    spans = (span for of_row in days.spans.values() for span in of_row)
    return [s.row for s in spans if s.day_from <= on and (s.day_to is None or on < s.day_to)] + [
        row for day, row in facts if day <= on
    ]
