"""Rows that keep their versions: what a stream's events say of the rows of its read tables, on every day.

A view is a pure fold.  Its state on a day is the fold, in the order of the stream, of the events whose day is not
later; a fact of an earlier day therefore changes every later state, and none before.  What a row said, for which days,
and from when on that was known, follows from comparing the states before and after.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from pydantic import Field

from kit.store.streams import Meta

S = TypeVar("S", bound="Rows")
E = TypeVar("E")
Key = tuple[type["Row"], *tuple[Any, ...]]
"""The table of a row, and what tells it from the tenant's other rows there."""


class Rows(Protocol):
    """A view's state: the rows that it comes to."""

    def rows(self) -> Iterable[Row]:
        """All of them, each key once."""
        ...


def titled(words: str, about: str | None = None) -> Any:
    """What a bureau calls the field, the same wherever it stands: `Annotated[date, titled("登记日期")]`.

    `about` is what it is of in this row.
    """
    return Field(title=words, description=about)


class Row:
    """A row of a read table.  A subclass is a frozen dataclass, and each of its fields a column.

    `class SiteRow(Row, table="site_list", key=("site_id",))`: `key` tells rows of one tenant apart, `indexes` are by
    what else live rows are looked for: one that ends with the key is an order of pages.  Figures over all tenants that
    ask for no column but `counted` are read from an index.  The owner is no field: it is the stream's.
    """

    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]]
    COUNTED: ClassVar[tuple[str, ...]]
    _keyed: ClassVar[Callable[[Any], Any]]

    def __init_subclass__(
        cls,
        table: str,
        key: tuple[str, ...],
        indexes: tuple[tuple[str, ...], ...] = (),
        counted: tuple[str, ...] = (),
    ) -> None:
        cls.TABLE, cls.KEY, cls.INDEXES, cls.COUNTED = table, key, indexes, counted
        cls._keyed = attrgetter("__class__", *key)

    def rows(self) -> Iterable[Self]:
        """A single row is a state of its own."""
        return (self,)

    @property
    def key(self) -> Key:
        return type(self)._keyed(self) if self.KEY else (type(self),)


def no_facts(_event: Any, _meta: Meta) -> Iterable[Row]:
    """Of most streams every row may change."""
    return ()


def no_amends(_event: Any, _meta: Meta) -> Iterable[tuple[Row, Row | None]]:
    """Most facts are never put right."""
    return ()


@dataclass(frozen=True)
class View(Generic[S, E]):
    """The rows that the streams of one category come to.

    `evolve` changes the state, which is None until a row is made, and answers the very same object where an event
    changes nothing.  `facts` are rows that an event adds for good, such as a visit: they are part of no state, however
    many there are.  `amends` puts facts of the event's own day right: the fact as it was, known by its key, and what
    it is instead, or None where it never was.  None of them reads a clock, nor `meta.recorded_at`, which is not known
    yet.  `revision` goes up with any change of what is said of old events.
    """

    name: str
    revision: int
    category: str
    tables: tuple[type[Row], ...]
    evolve: Callable[[S | None, E, Meta], S | None]
    facts: Callable[[E, Meta], Iterable[Row]] = no_facts
    amends: Callable[[E, Meta], Iterable[tuple[Row, Row | None]]] = no_amends


def by_category(views: Iterable[View[Any, Any]]) -> dict[str, list[View[Any, Any]]]:
    """The views of each category, in their order."""
    found: dict[str, list[View[Any, Any]]] = {}
    for view in views:
        found.setdefault(view.category, []).append(view)
    return found


@dataclass(frozen=True)
class Span:
    """What a row says from a day on, until before another; for good where that is None.

    `version` is the stream's with the event that made it say so.
    """

    row: Row
    day_from: date
    day_to: date | None
    version: int

    def until(self, day: date | None) -> Span:
        """The same until before another day.  `replace` would take three times as long, in each of a million events."""
        return Span(self.row, self.day_from, day, self.version)


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Change:
    """What a command's events make of a stream's rows: spans that are true no longer, and those that are now."""

    ended: Sequence[Span]
    made: Sequence[Span]


@dataclass(frozen=True)
class Days(Generic[S]):
    """A view's state of one stream by day: `states[n]` holds from `starts[n]` on, until the next.

    `spans` are those of each row that are held to be true now, in the order of their days.
    """

    starts: tuple[date, ...] = ()
    states: tuple[S | None, ...] = ()
    spans: Mapping[Key, Spans] = field(default_factory=dict)

    def told(self, view: View[S, E], events: Iterable[tuple[E, Meta]]) -> Days[S]:
        """These days after the events of any number of commands."""
        days = self
        for command in by_command(events):
            days, _ = days.after(view, command)
        return days

    def after(self, view: View[S, E], events: Sequence[tuple[E, Meta]]) -> tuple[Days[S], Change]:
        """These days once the events, of one command and in their order, are told; and what that changes."""
        starts, states = list(self.starts), list(self.states)
        facts: list[Span] = []
        amended: list[Span] = []
        first = len(starts)
        for event, meta in events:
            day = meta.occurred_on
            facts += (Span(row, day, None, meta.version) for row in view.facts(event, meta))
            for was, now in view.amends(event, meta):
                others = [span for span in facts if (span.row.key, span.day_from) != (was.key, day)]
                if len(others) == len(facts):
                    amended.append(Span(was, day, None, meta.version))
                facts = others if now is None else [*others, Span(now, day, None, meta.version)]
            at = bisect_right(starts, day)
            if at and starts[at - 1] == day:
                at -= 1
            else:
                before = states[at - 1] if at else None
                if at == len(starts) and view.evolve(before, event, meta) is before:
                    continue  # nothing changes from that day on
                starts.insert(at, day)
                states.insert(at, before)
            first = min(first, at)
            for n in range(at, len(states)):
                states[n] = view.evolve(states[n], event, meta)
        if first == len(starts):
            return self, Change(amended, facts)
        late = bool(self.starts) and starts[first] < self.starts[-1]
        version = events[-1][1].version
        told = self._late if late else self._latest
        spans = told(starts[first:], states[first:], version)
        change = _difference(self.spans, spans)
        return Days(tuple(starts), tuple(states), spans), Change([*change.ended, *amended], [*change.made, *facts])

    def _latest(self, starts: Sequence[date], states: Sequence[S | None], version: int) -> Mapping[Key, Spans]:
        """Where no day but the last is touched: only what is open may end, or begin."""
        return _over(dict(self.spans), starts, states, version)

    def _late(self, starts: Sequence[date], states: Sequence[S | None], version: int) -> Mapping[Key, Spans]:
        """Where days before the last are touched: all from the first of these on are gone through."""
        before = {key: kept for key, some in self.spans.items() if (kept := _until(some, starts[0]))}
        spans = _over(before, starts, states, version)
        return {key: now if (old := self.spans.get(key)) is None else _as_known(now, old) for key, now in spans.items()}


def _over(
    spans: dict[Key, Spans], starts: Sequence[date], states: Sequence[S | None], version: int
) -> dict[Key, Spans]:
    """The spans, as they are before the first of the days, with what the states say of each day.

    A row that is the very object of the day before needs no look: most states share nearly all of theirs.
    """
    before: dict[int, Row] | None = None
    for start, state in zip(starts, states, strict=True):
        now = {id(row): row for row in state.rows()} if state is not None else {}
        new = {row.key: row for at, row in now.items() if before is None or at not in before}
        if before is None:
            gone = [key for key, old in spans.items() if key not in new and old[-1].day_to is None]
        else:
            gone = [key for at, row in before.items() if at not in now and (key := row.key) not in new]
        for key, row in (*new.items(), *((key, None) for key in gone)):
            old = spans.get(key, ())
            if held := _from(old, start, row, version):
                spans[key] = held
            else:
                del spans[key]
        before = now
    return spans


def _until(spans: Spans, day: date) -> Spans:
    """The spans as they are before a day, from which on nothing is known yet."""
    kept = [span for span in spans if span.day_from < day]
    if kept and kept[-1].day_to is not None and kept[-1].day_to > day:
        kept[-1] = kept[-1].until(None)
    return tuple(kept)


def _as_known(spans: Spans, before: Spans) -> Spans:
    """The spans, each with the version in which it began to say so."""
    by_day = {span.day_from: span for span in before}
    return tuple(
        span
        if (old := by_day.get(span.day_from)) is None or old.version == span.version or old.row != span.row
        else Span(span.row, span.day_from, span.day_to, old.version)
        for span in spans
    )


def _from(spans: Spans, start: date, row: Row | None, version: int) -> Spans:
    """The spans of a row that is `row` from that day on, or is not there; no two that adjoin say the same."""
    *before, last = spans or (None,)
    if last is None:
        return () if row is None else (Span(row, start, None, version),)
    if last.day_to is None:
        if last.row is row or last.row == row:
            return spans
        ended = (last.until(start),) if last.day_from < start else ()
        return _from((*before, *ended), start, row, version)
    if row is None:
        return spans
    if last.day_to == start and last.row == row:
        return (*before, last.until(None))
    return (*spans, Span(row, start, None, version))


def _difference(before: Mapping[Key, Spans], after: Mapping[Key, Spans]) -> Change:
    ended: list[Span] = []
    made: list[Span] = []
    known = 0
    for key, now in after.items():
        old = before.get(key)
        if old is None:
            made += now
            continue
        known += 1
        if old is not now:
            same = 0  # most often what went before the last
            for one, other in zip(old, now, strict=False):
                if one is not other:
                    break
                same += 1
            was, became = old[same:], now[same:]
            ended += _without(was, became)
            made += _without(became, was)
    if known < len(before):
        for key, old in before.items():
            if key not in after:
                ended += old
    return Change(ended, made)


def _without(spans: Spans, others: Spans) -> Iterator[Span]:
    """Those that are not among the others, found by their days: no two spans of a row begin on the same."""
    by_day = {span.day_from: span for span in others}
    for span in spans:
        other = by_day.get(span.day_from)
        if other is not span and other != span:
            yield span


def by_command(events: Iterable[tuple[E, Meta]]) -> Iterator[list[tuple[E, Meta]]]:
    """The events of a stream, those of one command together.  An id is its tenant's: two may give out the same."""
    for _, some in groupby(events, key=lambda one: (one[1].actor.tenant, one[1].command_id)):
        yield list(some)
