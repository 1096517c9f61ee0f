"""Versions of rows are what a fold of the events by the book says, of every day and as known after every command.

No database: a history of random commands, some of them of earlier days, is told to a view; its changes are kept as the
read tables keep them; and what they say of a day and of a command is compared with folding the events anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.steps import steps

from contracts.values import Role, TenantId
from kit.auth import Actor
from kit.store import Meta
from kit.store.rows import Change, Days, Row, View, by_command

FIRST = date(2022, 1, 1)


@dataclass(frozen=True)
class Opened:
    name: str


@dataclass(frozen=True)
class Renamed:
    name: str


@dataclass(frozen=True)
class Placed:
    item: int
    count: int


@dataclass(frozen=True)
class Taken:
    item: int


@dataclass(frozen=True)
class Seen:
    visit: int


Told = Opened | Renamed | Placed | Taken | Seen


@dataclass(frozen=True)
class ShopRow(Row, table="shop_list", key=()):
    name: str
    items: int = 0


@dataclass(frozen=True)
class ItemRow(Row, table="shop_item", key=("item",)):
    item: int
    count: int


@dataclass(frozen=True)
class VisitRow(Row, table="shop_visit", key=("visit",)):
    visit: int


@dataclass(frozen=True)
class Shop:
    shop: ShopRow
    items: MappingProxyType[int, ItemRow] = field(default_factory=lambda: MappingProxyType({}))

    def rows(self) -> list[Row]:
        return [self.shop, *self.items.values()]


def evolve(shop: Shop | None, event: Told, _meta: Meta) -> Shop | None:
    match event:
        case Opened(name):
            return Shop(ShopRow(name)) if shop is None else replace(shop, shop=replace(shop.shop, name=name))
        case Renamed(name) if shop is not None:
            return replace(shop, shop=replace(shop.shop, name=name))
        case Placed(item, count) if shop is not None:
            items = {**shop.items, item: ItemRow(item, count)}
            return Shop(replace(shop.shop, items=len(items)), MappingProxyType(items))
        case Taken(item) if shop is not None and item in shop.items:
            items = {one: row for one, row in shop.items.items() if one != item}
            return Shop(replace(shop.shop, items=len(items)), MappingProxyType(items))
        case _:
            return shop


def facts(event: Told, _meta: Meta) -> list[Row]:
    return [VisitRow(event.visit)] if isinstance(event, Seen) else []


SHOPS: View[Shop, Told] = View("shop", 1, "shop", (ShopRow, ItemRow, VisitRow), evolve, facts)


def meta(day: date, command: int = 0) -> Meta:
    actor = Actor(id="t", role=Role.SYSTEM, tenant=TenantId("620100"), unit=None)
    at, nobody, cause = datetime(2022, 1, 1, tzinfo=UTC), UUID(int=0), UUID(int=command)
    return Meta(TenantId("620100"), "shop/1", command + 1, nobody, "t", day, at, actor, cause, nobody, None)


class Table:
    """The versions, as the database keeps them: each with the commands from which on and until which it was known."""

    def __init__(self) -> None:
        self.versions: list[dict[str, Any]] = []

    def keep(self, change: Change, command: int) -> None:
        for span in change.ended:
            (one,) = [
                v
                for v in self.versions
                if (v["row"].key, v["from"]) == (span.row.key, span.day_from) and v["gone"] is None
            ]
            assert (one["row"], one["to"]) == (span.row, span.day_to)
            one["gone"] = command
        for span in change.made:
            self.versions.append(
                {"row": span.row, "from": span.day_from, "to": span.day_to, "known": command, "gone": None}
            )

    def at(self, day: date, command: int) -> list[Row]:
        return [
            v["row"]
            for v in self.versions
            if v["from"] <= day
            and (v["to"] is None or day < v["to"])
            and v["known"] <= command
            and (v["gone"] is None or command < v["gone"])
        ]


def by_the_book(commands: list[list[tuple[Told, Meta]]], day: date) -> list[Row]:
    shop: Shop | None = None
    seen: list[Row] = []
    for event, told in (one for command in commands for one in command):
        if told.occurred_on <= day:
            shop = evolve(shop, event, told)
            seen += facts(event, told)
    return [*(shop.rows() if shop else []), *seen]


days = st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))
words = st.sampled_from(["甲", "乙"])
events = st.one_of(
    st.builds(Renamed, words),
    st.builds(Placed, st.integers(0, 2), st.integers(1, 2)),
    st.builds(Taken, st.integers(0, 2)),
    st.builds(Opened, words),
)


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[Told, Meta]]]:
    commands = draw(st.lists(st.tuples(days, st.lists(events, min_size=1, max_size=3)), min_size=1, max_size=8))
    return [
        [(event, meta(day, number)) for event in (Seen(number), *some)] for number, (day, some) in enumerate(commands)
    ]


@given(histories())
def test_every_day_as_known_after_every_command_is_the_fold_by_the_book(
    history: list[list[tuple[Told, Meta]]],
) -> None:
    table, state = Table(), Days[Shop]()
    for command, some in enumerate(history):
        state, change = state.after(SHOPS, some)
        table.keep(change, command)
    for command in range(len(history)):
        for n in range(11):
            day = FIRST + timedelta(days=n)
            expected = by_the_book(history[: command + 1], day)
            assert sorted(table.at(day, command), key=repr) == sorted(expected, key=repr)


@given(histories())
def test_no_two_versions_of_a_row_that_adjoin_say_the_same(history: list[list[tuple[Told, Meta]]]) -> None:
    state = Days[Shop]()
    for some in history:
        state, _ = state.after(SHOPS, some)
        for spans in state.spans.values():
            for one, next_ in pairwise(spans):
                assert one.day_to is not None
                assert one.day_to < next_.day_from or one.row != next_.row


def test_an_event_that_changes_nothing_makes_no_version() -> None:
    state, _ = Days[Shop]().after(SHOPS, [(Opened("甲"), meta(FIRST))])
    state, change = state.after(SHOPS, [(Taken(7), meta(FIRST + timedelta(days=1)))])
    assert not change.ended
    assert not change.made


@given(histories())
def test_a_history_told_at_once_leaves_the_spans_that_it_leaves_command_by_command(
    history: list[list[tuple[Told, Meta]]],
) -> None:
    """A stream is read in one go, and written command by command."""
    state = Days[Shop]()
    for some in history:
        state, _ = state.after(SHOPS, some)
    whole = Days[Shop]().told(SHOPS, [event for some in history for event in some])
    assert dict(whole.spans) == dict(state.spans)


def test_a_version_says_which_event_made_it_say_so() -> None:
    state, _ = Days[Shop]().after(SHOPS, [(Opened("甲"), meta(FIRST))])
    state, _ = state.after(SHOPS, [(Renamed("乙"), meta(FIRST + timedelta(days=5), 1))])
    state, change = state.after(SHOPS, [(Placed(1, 1), meta(FIRST + timedelta(days=2), 2))])
    spans = state.spans[ShopRow,]
    assert [(span.row, span.version) for span in spans] == [
        (ShopRow("甲"), 1),
        (ShopRow("甲", 1), 3),
        (ShopRow("乙", 1), 3),
    ]
    assert (spans[0].day_to, len(change.ended)) == (FIRST + timedelta(days=2), 2)


def test_commands_of_two_tenants_are_two_though_their_ids_are_one() -> None:
    first, second = meta(FIRST), meta(FIRST)
    other = replace(second, actor=replace(second.actor, tenant=TenantId("620103")))
    assert len(list(by_command([(Opened("甲"), first), (Renamed("乙"), second), (Renamed("丙"), other)]))) == 2


def test_a_command_takes_steps_as_there_are_spans() -> None:
    few, many = (steps_of_a_command_after(count) for count in (30, 300))
    assert many < 15 * few


def steps_of_a_command_after(count: int) -> int:
    state = Days[Shop]()
    for n in range(count):
        state, _ = state.after(SHOPS, [(Opened(f"第{n}"), meta(FIRST + timedelta(days=n), n))])
    last: list[tuple[Told, Meta]] = [(Opened("新"), meta(FIRST + timedelta(days=count), count))]
    return steps(lambda: state.after(SHOPS, last))
