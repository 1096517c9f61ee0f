"""Routes of lists and of their single records, each made of the list's declaration."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, create_model

from kit.auth import Caller
from kit.clock import PRESENT
from kit.service.access import Tenant, tenants_of
from kit.service.http import Asks, Events, shown
from kit.service.lists import Asked, Item, Listing, bare, countable
from kit.service.moments import Day
from kit.service.paging import Cursor, Limit
from kit.service.possible import Actionable
from kit.service.problems import InvalidRequest
from kit.service.runtime import runtime
from kit.service.shapes import item_of, page_of
from kit.service.sight import Sight
from kit.store import Store, Tx
from kit.store.tables import plain, title

MAX_TEXT = 200
"""Characters of a text that is looked for."""
Actions = Callable[[Request, Caller, Store, Any], Awaitable[list[dict[str, Any]]]]
LATEST = "select max(version) from event where tenant_id = $1 and stream = $2"


def listed(router: APIRouter, path: str, summary: str, listing: Listing, description: str = "") -> None:
    """Serves a list."""

    async def endpoint(request: Request, caller: Caller, store: Store, asked: Asked) -> Response:
        cause = caller.reads(listing.action)
        tenants = tenants_of(cause, asked.tenant_id, caller.tree)
        async with store.reading(cause) as tx:
            return shown(await listing.page(tx, store, caller, sights_of(request), tenants, asked))

    endpoint.__name__ = f"list_{path.rpartition('/')[2].replace('-', '_')}"
    endpoint.listing = listing  # type: ignore[attr-defined]  # by which `kit.service.awaited` finds what waits
    _signed(endpoint, Request, Asks, Events, Annotated[Asked, Depends(_asking(listing))])
    _serve(router, path, listing, page_of(listing), endpoint, summary, description)


def record(
    router: APIRouter,
    path: str,
    summary: str,
    listing: Listing,
    description: str = "",
    key: Any = None,
    stream: str | None = None,
    actions: Actions | None = None,
) -> None:
    """Serves one of a list, under the last part of its key, with the version of its stream as ETag.

    `stream` is the category whose streams are named by what stands in the path, where its blank is called otherwise.
    `key` is the kind of what stands in the path, where that is narrower than the row's: of a text it must be.
    `actions` finds what may be done with it now; of a moment that is gone, nothing.
    """
    own = listing.keys[-1]
    kind, name = listing.types[own], path.rpartition("{")[2].rstrip("}")
    if key is None and plain(bare(kind)) is str:
        raise TypeError(f"{path}: any text would be taken")

    async def endpoint(request: Request, caller: Caller, store: Store, key: Any) -> Response:
        async with store.reading(caller.reads(listing.action)) as tx:
            found = await listing.one(tx, store, caller, sights_of(request), key)
            version = await version_of(tx, caller, found)
        if actions is not None:  # it has a connection of its own
            found["actions"] = await actions(request, caller, store, key) if caller.at == PRESENT else []
        return shown(found, version)

    endpoint.__name__ = f"show_{name.removesuffix('_id')}"
    item = item_of(listing)
    model = create_model(f"{listing.name}Record", __base__=(Actionable, item)) if actions else item
    about = Path(alias=name, title=title(kind, own))
    _signed(endpoint, Request, Asks, Events, Annotated[key or bare(kind), about])
    _serve(router, path, listing, model, endpoint, summary, description, stream)


def sights_of(request: Request) -> Sequence[Sight]:
    """What roles within a unit see of the service that answers."""
    return runtime(request).definition.sights


async def version_of(tx: Tx, caller: Caller, found: Item) -> int | None:
    """The version of a record's stream: what a command may say that it has seen.  None of a moment that is gone."""
    if caller.at != PRESENT or "stream" not in found:
        return None
    version: int | None = await tx.fetchval(LATEST, found["tenant_id"], found["stream"])
    return version


def _serve(
    router: APIRouter,
    path: str,
    listing: Listing,
    model: type[BaseModel],
    endpoint: Callable[..., Any],
    summary: str,
    description: str,
    stream: str | None = None,
) -> None:
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        summary=summary,
        description=description,
        response_model=model,
        openapi_extra={"x-action": listing.action, **({"x-stream": stream} if stream else {})},
    )


def _signed(endpoint: Any, *kinds: Any) -> None:
    """Tells the framework the kinds of an endpoint's parameters, which are known only here."""
    own = inspect.signature(endpoint).parameters.values()
    endpoint.__signature__ = inspect.Signature(
        [one.replace(annotation=kind) for one, kind in zip(own, kinds, strict=True)]
    )


def _asking(listing: Listing) -> Callable[..., Any]:
    """The dependency that takes what may be asked of a list."""

    async def asked(**given: Any) -> Asked:
        known = {name: given.pop(name, None) for name in ("tenant_id", "cursor", "sort")}
        known |= {name: given.pop(name, None) for name in ("waits_for", "due_by")}
        if known["due_by"] and not known["waits_for"]:
            raise InvalidRequest([{"field": "query.due_by", "problem": "须与 waits_for 同用：写明是哪一事项"}])
        limit, flags = given.pop("limit"), given.pop("flag", None) or ()
        values = {name: value for name, value in given.items() if value is not None}
        return Asked(limit, **known, flags=tuple(sorted({*flags})), values=values)

    asked.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for name, kind, default in _parameters(listing)
        ]
    )
    return asked


def _parameters(listing: Listing) -> Iterator[tuple[str, Any, Any]]:
    """Of the query: name, kind, and what it is when it is not given."""
    yield from (("tenant_id", Tenant, None), ("limit", Limit, 50), ("cursor", Cursor, None))
    if listing.sorts:
        ways = _one_of(f"{way}{name.lstrip('-')}" for name in listing.sorts for way in ("", "-"))
        said = f"字段名为升序，前加 - 为降序；省略时为 {listing.sorts[0]}"
        yield "sort", Annotated[ways | None, Query(title="排序", description=said)], None
    if listing.flags:
        names: Any = _one_of(one.name for one in listing.flags)
        said = "可重复，须同时满足：" + "、".join(f"{one.name}（{one.title}）" for one in listing.flags)
        about = Query(title="提示", description=said, max_length=len(listing.flags))
        yield "flag", Annotated[list[names] | None, about], None
    if listing.waits:
        actions = _one_of(one.action for one in listing.waits)
        said = "只列等着您本人的岗位和单位办理这一事项的"
        yield "waits_for", Annotated[actions | None, Query(title="等待办理的事项", description=said)], None
        said = "与 waits_for 同用：应完成日期不晚于这一天的"
        yield "due_by", Annotated[Day | None, Query(title="最迟应完成日期", description=said)], None
    for name in listing.filters:
        kind = bare(listing.types[name])
        kind = countable(bare(get_args(kind)[0]) if get_origin(kind) is tuple else kind)
        longest = MAX_TEXT if plain(bare(kind)) is str else None
        yield name, Annotated[kind | None, Query(title=title(listing.types[name], name), max_length=longest)], None
    for name in listing.spans:
        for end, word in (("from", "起"), ("to", "止")):
            day = Query(title=f"{title(listing.types[name], name)}（{word}）")
            yield f"{name}_{end}", Annotated[Day | None, day], None


def _one_of(names: Any) -> Any:
    return Literal[tuple(names)]
