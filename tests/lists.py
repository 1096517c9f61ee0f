"""What holds of every list: each question that may be asked of it is answered as Python answers it of the whole."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from importlib import import_module
from itertools import chain, repeat
from typing import Any, Protocol

import httpx
from tests.service import headers

from contracts.values import Role, TenantId
from kit.service import Listing
from kit.service.lists import bare
from kit.service.paging import wrapped
from kit.service.shapes import page_of
from kit.store.tables import plain

Row = dict[str, Any]
Rows = list[Row]
MOST = 200
"""Rows of a page."""
Says = Mapping[str, Callable[[Row], bool]]
"""When each flag of a list is so, by what else is shown of the row or of its neighbours."""


class Served(Protocol):
    """A running service: its HTTP, and its database as whoever rebuilds sees it."""

    @property
    def http(self) -> httpx.AsyncClient: ...

    def open_rebuild(self) -> AbstractAsyncContextManager[Any]: ...


def listings(package: str) -> dict[str, Listing]:
    """The lists that a service declares, by their names in its code."""
    found = vars(import_module(f"{package}.lists"))
    return {name: one for name, one in found.items() if isinstance(one, Listing)}


class Reader:
    """Somebody who reads one list of a service."""

    def __init__(
        self, service: Served, path: str, listing: Listing, role: Role, tenant: TenantId, unit: str | None = None
    ) -> None:
        self.service, self.path, self.listing = service, path, listing
        self._sent = headers(role, tenant, unit, None)

    async def ask(self, **asked: Any) -> httpx.Response:
        return await self.service.http.get(self.path, params=asked, headers=self._sent)

    async def page(self, **asked: Any) -> dict[str, Any]:
        """One page, which has the declared shape."""
        answer = await self.ask(**asked)
        assert answer.status_code == 200, answer.text
        page_of(self.listing).model_validate_json(answer.content)
        found: dict[str, Any] = answer.json()
        return found

    async def all(self, **asked: Any) -> Rows:
        """Every row, two a page, or `limit`."""
        asked = {"limit": 2, **asked}
        rows: Rows = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.page(**asked, **cursor)
            rows += page["items"]
            if page["cursor"] is None:
                assert (page["total"], page["total_exceeded"]) == (len(rows), False)
                return rows
            cursor = {"cursor": page["cursor"]}


async def answers_as_python_does(reader: Reader, **moment: str) -> Rows:
    """Asks everything that the list's declaration allows; the whole list, which must not be empty.

    The first question of each parameter is answered two rows a page, others in one: no value changes how it is paged.
    """
    listing, whole = reader.listing, await reader.all(**moment)
    assert whole, f"nothing in {reader.path}: what it may be asked cannot be seen"
    keys = ("tenant_id", *listing.keys)
    assert len({tuple(row[key] for key in keys) for row in whole}) == len(whole)
    for name in listing.filters:
        values = sorted({str(value) for row in whole for value in _values(row[name])})
        for value, limit in zip(values, _limits(), strict=False):
            found = await reader.all(**{name: value}, **moment, limit=limit)
            assert _same(found, [row for row in whole if value in map(str, _values(row[name]))]), (name, value)
    for flag in listing.flags:
        found = await reader.all(flag=flag.name, **moment)
        assert _same(found, [row for row in whole if row["flags"][flag.name]]), flag.name
    for action in {one.action for one in listing.waits}:
        for row in await reader.all(waits_for=action, **moment):
            assert action in [one["action"] for one in row["waits_for"]]
    for name in listing.spans:
        days = sorted({row[name] for row in whole if row[name] is not None})
        for value, limit in zip(days, _limits(), strict=False):
            found = await reader.all(**{f"{name}_from": value}, **moment, limit=limit)
            assert _same(found, [row for row in whole if (row[name] or "") >= value]), (name, value)
            found = await reader.all(**{f"{name}_to": value}, **moment, limit=limit)
            assert _same(found, [row for row in whole if row[name] is not None and row[name] <= value]), (name, value)
    for sort in listing.sorts:
        by = (sort.lstrip("-"), *keys)
        for way in ("", "-"):
            found = await reader.all(sort=f"{way}{by[0]}", **moment)
            assert found == sorted(whole, key=lambda row: [row[key] for key in by], reverse=way == "-"), sort
    assert await reader.all(**moment, tenant_id=whole[0]["tenant_id"]) == [
        row for row in whole if row["tenant_id"] == whole[0]["tenant_id"]
    ]
    return whole


def _limits() -> Iterator[int]:
    return chain([2], repeat(MOST))


async def flags_say_what_is_so(reader: Reader, days: Iterable[date], says: Callable[[str], Awaitable[Says]]) -> None:
    """On each day each flag is so of those rows of which `says`, of that day, says so; of one, and not of another."""
    seen: set[tuple[str, bool]] = set()
    for day in map(date.isoformat, days):
        when = await says(day)
        for row in (await reader.page(limit=200, as_of=day))["items"]:
            found = {name: so(row) for name, so in when.items()}
            assert row["flags"] == found, (day, row)
            seen |= found.items()
    every = {(flag.name, so) for flag in reader.listing.flags for so in (True, False)}
    assert not (missing := sorted(every - seen)), f"{reader.path}: no row of which on any of these days {missing}"


def around(*days: date) -> list[date]:
    """Each of the days, the one before and the one after, once."""
    return sorted({day + timedelta(days=n) for day in days for n in (-1, 0, 1)})


async def pages_while_others_write(
    reader: Reader, key: str, there: set[str], write: Callable[[int], Awaitable[object]]
) -> None:
    """Who pages, either way, while `write` makes and changes rows misses none of `there`, and sees none twice."""
    stop = asyncio.Event()

    async def others() -> None:
        for n in range(60):
            if stop.is_set():
                return
            await write(n)

    writing = asyncio.create_task(others())
    by = reader.listing.sorts[0].lstrip("-")
    for sort in (f"-{by}", by):
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await reader.page(limit=3, sort=sort, **cursor)
            seen += [row[key] for row in page["items"]]
            if page["cursor"] is None:
                break
            cursor = {"cursor": page["cursor"]}
        assert len(seen) == len({*seen})
        assert there <= {*seen}
    stop.set()
    await writing


async def refuses_what_it_cannot_answer(reader: Reader, other: Reader) -> None:
    """Each is a problem: what there is no parameter for, and a cursor that came of another question or caller."""
    listing = reader.listing
    unknown = [{"colour": "red"}, {"sort": "colour"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "abc"}]
    if listing.flags:
        unknown.append({"flag": "colour"})
    unknown += [{"waits_for": "colour"}, {"due_by": "2022-09-27"}] if listing.waits else []
    unknown += [{f"{name}_from": "2022-13-01"} for name in listing.spans]
    numbers = [name for name in listing.filters if plain(bare(listing.types[name])) is int]
    unknown += [{name: str(2**63)} for name in numbers]
    for asked in unknown:
        answer = await reader.ask(**asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request"), asked
        (field,) = asked
        assert any(error["field"].startswith(f"query.{field}") for error in answer.json()["errors"]), answer.text
    page = await reader.page(limit=1)
    if page["cursor"] is not None:
        today = date(2999, 1, 1).isoformat()
        for asker, more in ((other, {}), (reader, {"as_of": today}), *((reader, one) for one in _questions(listing))):
            answer = await asker.ask(limit=1, cursor=page["cursor"], **more)
            assert answer.status_code == 422, (more, answer.text)
            assert answer.json()["errors"][0]["field"] == "query.cursor"
        for forged in _forged(page["cursor"]):
            answer = await reader.ask(limit=1, cursor=forged)
            assert answer.status_code in (200, 422), (_opened(forged), answer.text)


def _forged(cursor: str) -> Iterator[str]:
    """A cursor whose mark is right, for nothing in it is secret, with places that only Python or nobody can read."""
    place = _opened(cursor)
    for at in range(2, len(place)):
        for odd in ("urn:uuid:de3d0000-0000-4000-8000-000000000001", str(2**63), "5.0", "1_0", "1700000000", "'", ""):
            yield wrapped([*place[:at], odd, *place[at + 1 :]])


def _opened(cursor: str) -> list[Any]:
    place: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return place


def _questions(listing: Listing) -> list[dict[str, str]]:
    asked = [{"sort": f"-{sort}" if not sort.startswith("-") else sort[1:]} for sort in listing.sorts]
    return asked + [{"flag": flag.name} for flag in listing.flags]


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _same(one: Rows, other: Rows) -> bool:
    return sorted(map(str, one)) == sorted(map(str, other))


async def sorts_never_change(service: Served, listing: Listing) -> None:
    """No version of a row, of any day or recording, has another value where the list may be sorted by it."""
    for sort in listing.sorts:
        key = ", ".join(("tenant_id", *listing.keys))
        name = sort.lstrip("-")
        async with service.open_rebuild() as pool:
            rows = await pool.fetch(
                f"select {key} from versions.{listing.item.TABLE} group by {key}"
                f" having count(distinct {name}) > 1 or bool_or({name} is null)"
            )
        assert rows == [], f"{listing.name}.{name} changes"
