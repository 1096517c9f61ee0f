"""Every view of every service: its rows of any day, as known after any command, are a fold of the events by the book.

The events are of every class that the view hears, in any order and of any day; a history that no rule would let happen
is folded as well as another, for what is folded of a day is whatever was recorded of it and of the days before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.golden.files import SERVICES
from tests.golden.samples import sample

from contracts.values import Event, Role, TenantId
from kit.auth import Actor
from kit.store import Meta, Row, View
from kit.store.rows import Days, by_command

FIRST = date(2022, 1, 1)
VIEWS = [(service, view) for service in SERVICES for view in service.views]
History = list[tuple[Event, Meta]]


@cache
def heard(service: str, category: str) -> tuple[Event, ...]:
    """One event of each class of a service's category."""
    (found,) = (one.events for own in SERVICES if own.name == service for one in own.categories if one.name == category)
    return tuple(_of_one_line(sample(kind)) for kind in found)


def _of_one_line(event: Any) -> Event:
    """Money is moved between lines that were allotted: a sample knows one."""
    named = {name: "line" for name in ("from_line", "to_line") if hasattr(event, name)}
    found: Event = replace(event, **named)
    return found


def meta(day: date, command: int, version: int) -> Meta:
    actor = Actor(id="t", role=Role.SYSTEM, tenant=TenantId("620102"), unit=None)
    at = datetime(2022, 1, 1, tzinfo=UTC)
    id = UUID(int=version)
    return Meta(actor.tenant, f"x/{UUID(int=0)}", version, id, "t", day, at, actor, UUID(int=command), id, None)


days = st.integers(0, 6).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def histories(draw: st.DrawFn, service: str, category: str) -> History:
    """Up to ten commands of one or two events; most begin with what begins the stream."""
    kinds = heard(service, category)
    first = [kinds[0]] if draw(st.booleans()) or draw(st.booleans()) else []
    commands = draw(st.lists(st.tuples(days, st.lists(st.sampled_from(kinds), min_size=1, max_size=2)), max_size=10))
    told: History = []
    for number, (day, some) in enumerate([(FIRST, first), *commands]):
        told += [(event, meta(day, number, len(told) + n)) for n, event in enumerate(some, 1)]
    return told


def by_the_book(view: View[Any, Any], history: History, day: date) -> list[Row]:
    state: Any = None
    facts: list[tuple[date, Row]] = []
    for event, told in history:
        if told.occurred_on <= day:
            state = view.evolve(state, event, told)
            facts += [(told.occurred_on, row) for row in view.facts(event, told)]
            for was, now in view.amends(event, told):
                kept = [one for one in facts if (one[0], one[1].key) != (told.occurred_on, was.key)]
                facts = kept if now is None else [*kept, (told.occurred_on, now)]
    rows = state.rows() if state is not None else ()
    return [*{row.key: row for row in rows}.values(), *(row for _, row in facts)]


def seen(days: Days[Any], day: date) -> Iterator[Row]:
    for spans in days.spans.values():
        for span in spans:
            if span.day_from <= day and (span.day_to is None or day < span.day_to):
                yield span.row


@pytest.mark.parametrize(("service", "view"), VIEWS, ids=lambda one: one.name)
def test_rows_of_every_day_are_the_fold_by_the_book(service: Any, view: View[Any, Any]) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(service.name, view.category))
    def held(history: History) -> None:
        days: Days[Any] = Days()
        facts: list[tuple[date, Row]] = []
        told: History = []
        for command in by_command(history):
            days, change = days.after(view, command)
            told += command
            known = {(span.row.key, span.day_from) for some in days.spans.values() for span in some}
            over = {(span.day_from, span.row.key) for span in change.ended}
            facts = [(on, row) for on, row in facts if (on, row.key) not in over]
            facts += [(span.day_from, span.row) for span in change.made if (span.row.key, span.day_from) not in known]
            for n in range(8):
                day = FIRST + timedelta(days=n)
                rows = [*seen(days, day), *(row for on, row in facts if on <= day)]
                assert sorted(map(repr, rows)) == sorted(map(repr, by_the_book(view, told, day))), (service.name, day)
        for spans in days.spans.values():
            assert all(one.day_to is not None for one, _ in pairwise(spans))
        assert dict(Days[Any]().told(view, history).spans) == dict(days.spans)

    held()
