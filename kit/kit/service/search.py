"""GET /v1/search: finding by name, pinyin, initials or code what the asker may see; each service says what there is.

What is typed stays in the query string, which no log, span, metric or trace of ours has (`kit.telemetry`); of persons'
names it meets keyed HMACs alone, and nobody is looked for in the name of who may see nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias
from unicodedata import category

import asyncpg
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from kit.auth import Actor, Caller, Cause
from kit.service.http import Asks, Events, shown
from kit.service.listed import sights_of
from kit.service.lists import names_of
from kit.service.problems import InvalidRequest
from kit.service.shapes import Shape
from kit.service.sight import Bound, Sight, in_sight
from kit.spelling import LONGEST, Form, folded, lettered
from kit.store import Row, Store, people_known
from kit.store.names import token

EXACT: Final = 0
PERSONAL: Final = (Form.NAME, Form.INITIALS, Form.PINYIN)
"""The forms in which persons are looked for."""
RANKS: Final = {form: place for place, form in enumerate(Form, start=EXACT + 1)}
"""What is found best stands first: the very name or code, then by the form in which it was typed."""
WIDTH: Final = 500
"""Spellings of one form and tenant that are looked at, in their order: a letter finds more than anybody reads."""
CANDIDATES: Final = 200
"""Persons whose names are opened for one question, to put them in order."""
END: Final = chr(0x10FFFF)
"""Behind everything that goes on after a prefix."""


class Item(Shape):
    """Something that was found."""

    kind: Annotated[str, Field(title="类别")]
    id: Annotated[str, Field(title="编号")]
    name: Annotated[str, Field(title="名称")]
    tenant_id: Annotated[str, Field(title="所属租户")]
    code: Annotated[str | None, Field(title="代码")] = None
    where: Annotated[str, Field(title="所在")]
    path: Annotated[str, Field(title="记录的接口地址")]


class Found(Shape):
    """What was found, the best first."""

    items: Annotated[list[Item], Field(title="本页各项")]
    more: Annotated[bool, Field(title="是否还有更多")]


@dataclass(frozen=True)
class Hit:
    """An item and how well it fits; the least rank is the best."""

    rank: int
    item: Item

    @property
    def place(self) -> tuple[int, str, str, str, str]:
        return self.rank, self.item.name, self.item.tenant_id, self.item.kind, self.item.id


@dataclass(frozen=True)
class Asked:
    """What was typed, in each form that it can be."""

    text: str
    forms: tuple[tuple[Form, str], ...]


@dataclass(frozen=True)
class Asker:
    """Who asks, and what the service lets them see."""

    caller: Caller
    sights: Sequence[Sight]

    def sees(self, category: str, bound: Bound) -> str:
        """A condition on the row `p`, which is of a stream of the category."""
        return in_sight(self.sights, self.caller.actor, category, "(p.tenant_id, p.row_stream)", bound)


@dataclass(frozen=True)
class Named:
    """One kind of things whose names are in the open, for who may do `action` and sees streams of the `category`.

    They are rows of `table` by `key`, with their `spellings`.  `columns` say, of the row `p`: name, code, and place,
    where it is within its tenant.
    """

    kind: str
    title: str
    action: str
    category: str
    spellings: type[Row]
    table: str
    key: str
    columns: str
    path: str

    async def find(self, asker: Asker, store: Store, asked: Asked, most: int) -> list[Hit]:
        cause = asker.caller.reads(self.action)
        bound = Bound()
        query = self._query(asker, cause, asked, most, bound)
        async with store.reading(cause) as tx:
            rows = await tx.fetch(query, *bound.values)
        return [Hit(row["rank"], item_of(self.kind, self.path, row, row["name"])) for row in rows]

    def _query(self, asker: Asker, cause: Cause, asked: Asked, most: int, bound: Bound) -> str:
        """Each form and tenant is a range of the index of spellings, read in its order until there are enough.

        The live ones, whose index serves them: whether a thing was there at the moment its own row says.
        """
        tenants = bound(list(cause.scope.reads))
        forms = bound([form for form, _ in asked.forms])
        texts = bound([text for _, text in asked.forms])
        ranks = bound([RANKS[form] for form, _ in asked.forms])
        return f"""
with hit as materialized (
  select w.tenant_id, s.id,
    min(case when s.same and w.form = any ('{{name,code}}') then {EXACT} else w.rank end) as rank
  from (select t.tenant_id, f.* from unnest({tenants}::text[]) t (tenant_id),
    unnest({forms}::text[], {texts}::text[], {ranks}::integer[]) f (form, typed, rank)) w
  cross join lateral (
    select s.id, s.spelling = w.typed as same
    from public.{self.spellings.TABLE} s cross join lateral ({self._of("s")}) p
    where s.tenant_id = w.tenant_id and s.form = w.form and s.spelling >= w.typed
      and s.spelling < w.typed || {bound(END)}::text and {asker.sees(self.category, bound)}
    order by s.spelling limit {WIDTH}
  ) s group by 1, 2
)
select hit.rank, p.tenant_id, p.{self.key}::text as id, {self.columns},
  (select t.name from public.tenant t where t.tenant_id = p.tenant_id) as tenant_name
from hit cross join lateral ({self._of("hit")}) p
order by hit.rank, name, p.tenant_id, id limit {bound(most)}"""

    def _of(self, found: str) -> str:
        """The thing that was found, by its key: joined, what was known at an instant would be read whole for each."""
        return (
            f"select * from {self.table} p where p.tenant_id = {found}.tenant_id and p.{self.key} = {found}.id offset 0"
        )


@dataclass(frozen=True)
class Persons:
    """Persons, by their sealed names, for who works with them and for nobody else.

    They are rows of `table` by `key`, of streams of the `category`, with `person` and `name_event`.  `columns` say, of
    the row `p`: code, place, and whatever `may` asks, which has the last word on those that are shown; `near` is a
    condition on it for who has a unit (`{unit}`), so that nobody's own persons are lost behind others.  `sought` says
    in whose name anybody is looked for at all.
    """

    kind: str
    title: str
    action: str
    category: str
    table: str
    key: str
    columns: str
    path: str
    sought: Callable[[Actor], bool]
    may: Callable[[Actor, Mapping[str, Any]], bool]
    near: str = "true"

    async def find(self, asker: Asker, store: Store, asked: Asked, most: int) -> list[Hit]:
        cause, actor = asker.caller.reads(self.action), asker.caller.actor
        if store.vault is None or not self.sought(actor):
            return []
        forms = [one for one in asked.forms if one[0] in PERSONAL]
        people = await store.vault.people_named(cause.scope.reads, [token(*one) for one in forms])
        bound = Bound()
        query = self._query(asker, cause, [person for _, person in people], bound)
        async with store.reading(cause) as tx:
            await people_known(tx)
            rows = await tx.fetch(query, *bound.values)
            found = [(people.get((row["tenant_id"], row["person"])), dict(row)) for row in rows]
            ranked = sorted(
                ((RANKS[forms[place][0]], row) for place, row in found if place is not None and self.may(actor, row)),
                key=lambda one: (one[0], one[1]["id"]),
            )[:CANDIDATES]
            names = await names_of(tx, store, [row for _, row in ranked])
        hits = [
            Hit(EXACT if folded(name) == asked.text else rank, item_of(self.kind, self.path, row, name))
            for (rank, row), name in zip(ranked, names, strict=True)
            if name is not None
        ]
        return sorted(hits, key=lambda one: one.place)[:most]

    def _query(self, asker: Asker, cause: Cause, people: list[Any], bound: Bound) -> str:
        unit = asker.caller.actor.unit
        near = (
            "true" if unit is None else self.near.replace("{unit}", bound(unit)) if "{unit}" in self.near else self.near
        )
        return (
            f"select p.tenant_id, p.{self.key}::text as id, p.person, p.name_event, {self.columns},"
            " (select t.name from public.tenant t where t.tenant_id = p.tenant_id) as tenant_name"
            f" from {self.table} p where p.tenant_id = any ({bound(list(cause.scope.reads))}::text[])"
            f" and p.person = any ({bound(people)}::uuid[]) and {near} and {asker.sees(self.category, bound)}"
        )


Findable: TypeAlias = Named | Persons
"""One kind of what a service lets be found.  `title` is what it is called."""


def item_of(kind: str, path: str, row: Mapping[str, Any] | asyncpg.Record, name: str) -> Item:
    """The item that a row is, with its place in words: the bureau, and where it is there."""
    where = " ".join(part for part in (row["tenant_name"], row["place"]) if part)
    return Item(
        kind=kind,
        id=row["id"],
        name=name,
        tenant_id=row["tenant_id"],
        code=row["code"],
        where=where or row["tenant_id"],
        path=path.format(id=row["id"]),
    )


Typed = Annotated[
    str, Query(title="查找内容", examples=["tldc"], max_length=LONGEST, description="名称、全拼、首字母或代码的开头")
]
Kind = Annotated[str | None, Query(title="类别", max_length=40, description="只找这一类")]
Most = Annotated[int, Query(title="条数", ge=1, le=50, description="最多给出几条")]


def searching(*things: Findable) -> APIRouter:
    """The route, of a service in which these are found.  Who may read none of them is Forbidden."""
    router = APIRouter(tags=["search"])
    kinds = "、".join(f"{one.kind}（{one.title}）" for one in things)

    async def search(
        request: Request, caller: Asks, store: Events, q: Typed, kind: Kind = None, limit: Most = 20
    ) -> Response:
        wanted, asked = _wanted(caller, things, kind), _asked(q)
        asker = Asker(caller, sights_of(request))
        hits = [hit for one in wanted for hit in await one.find(asker, store, asked, limit + 1)]
        hits.sort(key=lambda one: one.place)
        found = Found(items=[hit.item for hit in hits[:limit]], more=len(hits) > limit)
        return shown(found.model_dump())

    router.add_api_route(
        "/search",
        search,
        methods=["GET"],
        summary="查找",
        description=f"按名称、全拼、首字母（多音字按任一读音）或代码的开头查找，最相符的在前。类别：{kinds}。",
        response_model=Found,
        openapi_extra={"x-action": things[0].action},
    )
    return router


def _wanted(caller: Caller, things: Sequence[Findable], kind: str | None) -> list[Findable]:
    """What is to be looked for in the caller's name: of the kind, and what the caller may read.

    Forbidden for who may read none of it, InvalidRequest for a kind that there is not.
    """
    rules = [(one, caller.policy.get(one.action)) for one in things]
    allowed = [one for one, rule in rules if rule is not None and caller.actor.role in rule.roles]
    if not allowed:
        caller.reads(things[0].action)
    if kind is not None and kind not in {one.kind for one in things}:
        known = "、".join(one.kind for one in things)
        raise InvalidRequest([{"field": "query.kind", "problem": f"没有这个类别；有：{known}"}])
    return [one for one in allowed if kind in (None, one.kind)]


def _asked(typed: str) -> Asked:
    """InvalidRequest for what can be no beginning of any name."""
    text = folded(typed)
    if any(category(character) == "Cc" for character in typed):
        problem = "含有控制字符（如换行、制表符）"
    elif not text:
        problem = "请输入要查找的名称、拼音、首字母或代码"
    elif not re.search(r"[^\W_]", text):
        problem = "只有标点或符号。请输入名称、拼音、首字母或代码"
    else:
        letters = lettered(text)
        read = ((Form.INITIALS, letters), (Form.PINYIN, letters)) if letters else ()
        return Asked(text, ((Form.NAME, text), (Form.PART, text), *read, (Form.CODE, text)))
    raise InvalidRequest([{"field": "query.q", "problem": problem}])
