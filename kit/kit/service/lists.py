"""Lists: what is shown of a read table, in which orders, and what may be asked of it; and single records by their key.

A list is declared once.  From its declaration come the statement, the query parameters (kit.service.listed) and the
shape of the answer (kit.service.shapes).  It is good for every moment: statements name bare tables (kit.store.moments).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from contracts.values import TenantId
from kit import clock
from kit.auth import Actor, Caller
from kit.errors import NotFound
from kit.service.paging import mark, refused, unwrapped, wrapped
from kit.service.sight import Bound, Sight, in_sight
from kit.service.wait import Wait, Waiting
from kit.service.wait import shown as waits_shown
from kit.store import Store, Tx, titled
from kit.store.tables import column, plain

MOST_COUNTED = 10_000
"""More rows than this are not counted: nobody reads them, and counting would cost more than the page."""
Item = dict[str, Any]
"""Fields by name."""
ENDS = {"from": ">=", "to": "<="}
NAMED = (
    "select e.event_id, e.raw from event e join unnest($1::text[], $2::uuid[]) as w (tenant_id, event_id)"
    " on (e.tenant_id, e.event_id) = (w.tenant_id, w.event_id)"
)


@dataclass(frozen=True)
class More:
    """A field that the query works out: `sql` is over the row `t`, `type` says its kind and title, as a row's does."""

    name: str
    type: Any
    sql: str


@dataclass(frozen=True)
class Flag:
    """Something that is so, or not, of a row: shown with it, and asked for by name.  `sql` is over the row `t`."""

    name: str
    title: str
    sql: str


WAITS_FOR = Annotated[tuple[Waiting, ...], titled("等待办理的事项")]


@dataclass(frozen=True)
class Opens:
    """A row's `name_event` says where a person's name is, which is shown as `name` to whom `may` lets see it.

    `may` gets the caller and the row with all its fields, those among them that are not shown.
    """

    may: Callable[[Actor, Item], bool]


@dataclass(frozen=True)
class Asked:
    """A page as it is asked for: values by the names of query parameters, none that was not given."""

    limit: int
    tenant_id: TenantId | None = None
    cursor: str | None = None
    sort: str | None = None
    flags: tuple[str, ...] = ()
    waits_for: str | None = None
    due_by: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """A list of the things `name`, each an `item`: a row of a read table, or a dataclass that `source` has columns for.

    `{today}` in any SQL is the day of the moment that is looked at.  `filters` are fields that may be asked for one
    value of, a list for one among its own; `spans` are days that may be asked for from one to another.  By `sorts` the
    list may be sorted, up or down; it is by the first, down if `-` is before it, when nobody asks.  They are fields
    that are never absent, and that a row never changes: who pages while others write misses no row, and sees none
    twice.  `without` are fields that are read and not shown.  `waits` are what its rows may wait for: it is shown with
    them, and whoever asks finds those that wait for them.

    `category` is that of the rows' streams, whose sights bound what roles within a unit see; a list of none shows sums,
    to everybody whom its action lets see them.
    """

    name: str
    item: type[Any]
    action: str
    category: str | None
    source: str = ""
    key: tuple[str, ...] = ()
    more: tuple[More, ...] = ()
    flags: tuple[Flag, ...] = ()
    waits: tuple[Wait, ...] = ()
    filters: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    opens: Opens | None = None

    @cached_property
    def types(self) -> dict[str, Any]:
        """The kinds of the fields that the statement gives, by name, each with its title."""
        hints = get_type_hints(self.item, include_extras=True)
        own = {one.name: hints[one.name] for one in fields(self.item)}
        return {
            "tenant_id": Annotated[TenantId, titled("所属租户")],
            **own,
            **{one.name: one.type for one in self._more},
        }

    @cached_property
    def _more(self) -> tuple[More, ...]:
        """What the query works out, with what the row waits for."""
        if not self.waits:
            return self.more
        return (*self.more, More("waits_for", WAITS_FOR, waits_shown(self.waits)))

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells its rows apart within a tenant."""
        key: tuple[str, ...] = self.key or self.item.KEY
        return key

    async def page(
        self, tx: Tx, store: Store, caller: Caller, sights: Sequence[Sight], tenants: Sequence[TenantId], asked: Asked
    ) -> Item:
        """A page of what is in sight.  InvalidRequest for a cursor that another question was answered with."""
        bound = Bound()
        where = self._where(caller, sights, tenants, asked, bound)
        order, down = self._order(asked.sort)
        own = self._mark(caller, asked)
        place = self._place(asked.cursor, own, order)
        total = place[0] if place else await self._total(tx, caller, where, bound)
        if place:
            kinds = [column(one, self.types[one]).type for one in order]
            begin = [f"{bound(text)}::text::{kind}" for text, kind in zip(place[1], kinds, strict=True)]
            where += f" and ({', '.join(f't.{one}' for one in order)}) {'<' if down else '>'} ({', '.join(begin)})"
        by = ", ".join(f"t.{one}{' desc' if down else ''}" for one in order)
        rows = await self._rows(tx, caller, f"where {where} order by {by} limit {asked.limit + 1}", bound)
        last = rows[asked.limit - 1] if len(rows) > asked.limit else None
        return {
            "items": await self._finished(tx, store, caller, rows[: asked.limit]),
            "total": min(total, MOST_COUNTED),
            "total_exceeded": total > MOST_COUNTED,
            "cursor": wrapped([own, total, *(str(last[one]) for one in order)]) if last else None,
        }

    async def one(self, tx: Tx, store: Store, caller: Caller, sights: Sequence[Sight], key: Any) -> Item:
        """The row of that key in sight.  NotFound if there is none."""
        bound = Bound()
        where = self._where(caller, sights, caller.reads(self.action).scope.reads, Asked(1), bound)
        rows = await self._rows(tx, caller, f"where {where} and t.{self.keys[-1]} = {bound(key)} limit 1", bound)
        if not rows:
            raise NotFound
        (item,) = await self._finished(tx, store, caller, rows)
        return item

    async def waiting(
        self, tx: Tx, caller: Caller, sights: Sequence[Sight], tenants: Sequence[TenantId], due_by: date | None
    ) -> list[Item]:
        """What waits for the caller: by action how many rows, how many of them beyond their day, and the first day."""
        bound = Bound()
        where = self._where(caller, sights, tenants, Asked(1), bound)
        each = ", ".join(
            f"('{one.action}', {one.whose(caller, bound)}, case when {one.sql} then {one.due} end)"
            for one in self._theirs(caller)
        )
        if not each:
            return []
        until = f" and w.due <= {bound(due_by)}" if due_by else ""
        statement = (
            "select w.action, count(*) as waiting, count(*) filter (where w.due < {today}) as overdue_count,"
            " min(w.due) as first_due"
            f" from {self._from} cross join lateral (values {each}) w(action, so, due)"
            f" where {where} and w.so{until} group by w.action"
        )
        return [dict(row) for row in await tx.fetch(_of_day(statement, caller, bound), *bound.values)]

    def _theirs(self, caller: Caller) -> list[Wait]:
        return [one for one in self.waits if caller.actor.role in caller.policy[one.action].roles]

    @property
    def _from(self) -> str:
        return f"{self.source or self.item.TABLE} t"

    async def _rows(self, tx: Tx, caller: Caller, rest: str, bound: Bound) -> list[Item]:
        statement = _of_day(f"select {self._columns} from {self._from} {rest}", caller, bound)
        return [dict(row) for row in await tx.fetch(statement, *bound.values)]

    @cached_property
    def _columns(self) -> str:
        own = [f"t.{name}" for name in self.types if name not in {one.name for one in self._more}]
        more = [f"{one.sql} as {one.name}" for one in (*self._more, *self.flags)]  # type: ignore[attr-defined]  # both
        kept = ["t.row_stream as stream", "t.row_version as version"] if self.category else []
        return ", ".join((*own, *more, *kept))

    def _where(
        self, caller: Caller, sights: Sequence[Sight], tenants: Sequence[TenantId], asked: Asked, bound: Bound
    ) -> str:
        parts = [f"t.tenant_id = any ({bound(list(tenants))}::text[])"]
        if self.category:
            parts.append(in_sight(sights, caller.actor, self.category, "(t.tenant_id, t.row_stream)", bound))
        parts += [self._asks(name, value, bound) for name, value in asked.values.items()]
        parts += [f"({one.sql})" for one in self.flags if one.name in asked.flags]
        for one in self.waits:
            if one.action == asked.waits_for:
                parts.append(one.whose(caller, bound))
                parts += [f"{one.due} <= {bound(asked.due_by)}"] if asked.due_by else []
        return " and ".join(parts)

    def _asks(self, name: str, value: Any, bound: Bound) -> str:
        day, _, end = name.rpartition("_")
        if day in self.spans and end in ENDS:
            return f"{self._sql(day)} {ENDS[end]} {bound(value)}"
        if get_origin(bare(self.types[name])) is tuple:
            return f"{bound(value)} = any ({self._sql(name)})"
        return f"{self._sql(name)} = {bound(value)}"

    def _sql(self, name: str) -> str:
        return next((f"({one.sql})" for one in self.more if one.name == name), f"t.{name}")

    def _order(self, sort: str | None) -> tuple[tuple[str, ...], bool]:
        """By which fields, and whether downwards."""
        by = sort or next(iter(self.sorts), None)
        if by is None:
            return ("tenant_id", *self.keys), False
        return (by.lstrip("-"), "tenant_id", *self.keys), by.startswith("-")

    def _mark(self, caller: Caller, asked: Asked) -> str:
        """What tells the pages of one question from those of another."""
        values = {name: str(value) for name, value in asked.values.items()}
        return mark(
            caller, [self.name, asked.tenant_id, asked.sort, asked.flags, asked.waits_for, str(asked.due_by), values]
        )

    def _place(self, cursor: str | None, own: str, order: Sequence[str]) -> tuple[int, list[str]] | None:
        """How many there were at the first page, and the texts of what the last page ended with."""
        if cursor is None:
            return None
        told, total, *texts = unwrapped(cursor, (str, int, *(str for _ in order)))
        if told != own or not 0 <= total <= MOST_COUNTED + 1:
            raise refused()
        try:
            known = [
                TypeAdapter(countable(bare(self.types[name]))).validate_strings(text)
                for name, text in zip(order, texts, strict=True)
            ]
        except ValidationError:
            raise refused() from None
        if [str(one) for one in known] != texts:  # another way to write it, which the database may not read
            raise refused()
        return total, texts

    async def _total(self, tx: Tx, caller: Caller, where: str, bound: Bound) -> int:
        own = Bound(list(bound.values))
        statement = f"select count(*) from (select from {self._from} where {where} limit {MOST_COUNTED + 1}) c"
        total: int = await tx.fetchval(_of_day(statement, caller, own), *own.values)
        return total

    @cached_property
    def _json(self) -> frozenset[str]:
        """The fields that the database hands over as JSON text."""
        return frozenset(name for name, kind in self.types.items() if column(name, kind).type == "jsonb")

    async def _finished(self, tx: Tx, store: Store, caller: Caller, rows: Sequence[Item]) -> list[Item]:
        """Rows as they are shown: JSON parsed, names opened for who may read them, flags together."""
        items = [
            {k: orjson.loads(v) if k in self._json and isinstance(v, str) else v for k, v in row.items()}
            for row in rows
        ]
        if self.opens:
            may = [self.opens.may(caller.actor, item) for item in items]
            names = iter(await names_of(tx, store, [item for item, so in zip(items, may, strict=True) if so]))
            for item, so in zip(items, may, strict=True):
                del item["name_event"]
                item["name"] = next(names) if so else None
        for item in items:
            if self.flags:
                item["flags"] = {one.name: bool(item.pop(one.name)) for one in self.flags}
            for name in self.without:
                item.pop(name, None)
        return items


def day_of(caller: Caller) -> date:
    """The day, in Asia/Shanghai, that the moment which is looked at ends with: on it something is late or not."""
    return caller.at.as_of or clock.day(caller.at.known_at or caller.now)


def _of_day(statement: str, caller: Caller, bound: Bound) -> str:
    return statement.replace("{today}", f"{bound(day_of(caller))}::date") if "{today}" in statement else statement


async def names_of(tx: Tx, store: Store, rows: Sequence[Item]) -> list[str | None]:
    """The names in the events that the rows say; None where the person's key is gone."""
    if not rows or store.vault is None:
        return [None] * len(rows)
    found = await tx.fetch(NAMED, [row["tenant_id"] for row in rows], [row["name_event"] for row in rows])
    raw = {row["event_id"]: row["raw"] for row in found}
    events: list[Any] = [store.mapper.to_event(raw[row["name_event"]]) for row in rows]
    return await store.vault.unseal_many([event.name for event in events])


def countable(kind: Any) -> Any:
    """A kind as it can be asked for: of whole numbers those that a column holds, for others the database refuses."""
    return Annotated[kind, Field(ge=-(2**63), le=2**63 - 1)] if plain(kind) is int else kind


def bare(kind: Any) -> Any:
    """A kind without its title, and without that it may be absent."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        inner = [one for one in get_args(kind) if one is not NoneType]
        return bare(inner[0]) if len(inner) == 1 else kind
    return kind
