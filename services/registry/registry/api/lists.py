"""Lists and details (REG-R1, R2, R3, R7, R8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response

from contracts.fields import Street, Tenant
from contracts.values import AgencyId, PilotId, SiteId, WorkerId
from kit.auth import Caller
from kit.errors import NotFound
from kit.service import Asks, Cursor, Events, Limit, after, paged, shown
from kit.service.access import tenants_of
from kit.store import Store, Tx
from registry.policy import may_name
from registry.projections import lists
from registry.projections.lists import Item, List

router = APIRouter(tags=["清单"])
Code = Annotated[str | None, Query(max_length=64)]


@router.get("/tenants", summary="租户清单", openapi_extra={"x-action": "read-registry"})
async def tenants(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.TENANTS, limit, cursor)


@router.get("/populations", summary="人口数", openapi_extra={"x-action": "read-registry"})
async def populations(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.POPULATIONS, limit, cursor)


@router.get("/units", summary="行政单元清单", openapi_extra={"x-action": "read-registry"})
async def units(
    caller: Asks, store: Events, parent: Code = None, kind: Code = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    return await _list(caller, store, lists.UNITS, limit, cursor, parent=parent, kind=kind)


@router.get("/agencies", summary="机构清单", openapi_extra={"x-action": "read-registry"})
async def agencies(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.AGENCIES, limit, cursor)


@router.get("/agencies/{agency_id}", summary="机构", openapi_extra={"x-action": "read-registry"})
async def agency(agency_id: AgencyId, caller: Asks, store: Events) -> Response:
    return await _one(caller, store, lists.AGENCIES, agency_id)


@router.get("/blacklist", summary="黑名单", openapi_extra={"x-action": "read-registry"})
async def blacklist(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.BLACKLIST, limit, cursor)


@router.get("/findings", summary="资格核查事项")
async def read_findings(
    caller: Asks, store: Events, state: Code = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """One licence number brought for two workers: both, their agencies, and who brought it."""
    return await _list(caller, store, lists.FINDINGS, limit, cursor, action="read-findings", state=state)


@router.get("/workers", summary="社工清单", openapi_extra={"x-action": "read-registry"})
async def workers(
    caller: Asks,
    store: Events,
    agency_id: AgencyId | None = None,
    pilot_id: PilotId | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Names only for the roles that work with them; others see that there is a person."""
    return await _list(caller, store, lists.WORKERS, limit, cursor, agency_id=agency_id, pilot_id=pilot_id)


@router.get("/workers/{worker_id}", summary="社工", openapi_extra={"x-action": "read-registry"})
async def worker(worker_id: WorkerId, caller: Asks, store: Events) -> Response:
    return await _one(caller, store, lists.WORKERS, worker_id)


@router.get("/workforce", summary="机构社工人数", openapi_extra={"x-action": "read-registry"})
async def workforce(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Counts by agency."""
    return await _list(caller, store, lists.WORKFORCE, limit, cursor)


@router.get("/staffing", summary="试点人员配置", openapi_extra={"x-action": "read-registry"})
async def staffing(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.STAFFING, limit, cursor)


@router.get("/staffing/{pilot_id}", summary="一个试点的人员配置", openapi_extra={"x-action": "read-registry"})
async def staffing_of(pilot_id: PilotId, caller: Asks, store: Events) -> Response:
    return await _one(caller, store, lists.STAFFING, pilot_id)


@router.get("/staffing/{pilot_id}/attempts", summary="人员核验记录", openapi_extra={"x-action": "read-registry"})
async def attempts(
    pilot_id: PilotId, caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Every attempt with all reasons, each under its clause."""
    return await _list(caller, store, lists.ATTEMPTS, limit, cursor, pilot_id=pilot_id)


@router.get("/sites", summary="站点清单", openapi_extra={"x-action": "read-registry"})
async def sites(
    caller: Asks,
    store: Events,
    level: Annotated[int | None, Query(ge=1, le=4)] = None,
    host: Code = None,
    status: Code = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    return await _list(caller, store, lists.SITES, limit, cursor, level=level, host=host, status=status)


@router.get("/sites/{site_id}", summary="站点", openapi_extra={"x-action": "read-registry"})
async def site(site_id: SiteId, caller: Asks, store: Events) -> Response:
    return await _one(caller, store, lists.SITES, site_id)


@router.get("/coverage", summary="站点覆盖", openapi_extra={"x-action": "read-registry"})
async def coverage(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Declared and covered units by kind."""
    return await _list(caller, store, lists.COVERAGE, limit, cursor)


@router.get("/linkage-standards", summary="联动机制规范", openapi_extra={"x-action": "read-registry"})
async def standards(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.STANDARDS, limit, cursor)


@router.get("/leading-groups", summary="领导小组", openapi_extra={"x-action": "read-registry"})
async def groups(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.GROUPS, limit, cursor)


@router.get("/conferences", summary="联席会议清单", openapi_extra={"x-action": "read-registry"})
async def conferences(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.CONFERENCES, limit, cursor)


@router.get("/tenants/{district}/conferences/{street}", summary="联席会议", openapi_extra={"x-action": "read-registry"})
async def conference(district: Tenant, street: Street, caller: Asks, store: Events) -> Response:
    """With its seats, officers and liaisons."""
    cause = caller.reads("read-registry")
    owner = tenants_of(cause, district, caller.tree)
    async with store.reading(cause) as tx:
        row = await lists.one(tx, lists.CONFERENCES, owner, street)
        if row is None:
            raise NotFound
        seats = await lists.seats_of(tx, owner, street)
        people = await _named(tx, caller, store, await lists.people_of(tx, owner, street))
    return shown({**row, "seats": seats, "people": people})


@router.get("/documents", summary="文件清单", openapi_extra={"x-action": "read-registry"})
async def documents(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.DOCUMENTS, limit, cursor)


@router.get("/targets", summary="政策目标清单", openapi_extra={"x-action": "read-registry"})
async def targets(caller: Asks, store: Events, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return await _list(caller, store, lists.TARGETS, limit, cursor)


async def _list(
    caller: Caller,
    store: Store,
    wanted: List,
    limit: int,
    cursor: str | None,
    *,
    action: str = "read-registry",
    **filters: Any,
) -> Response:
    cause = caller.reads(action)
    asked = {name: value for name, value in filters.items() if value is not None}
    async with store.reading(cause) as tx:
        rows = await lists.page(tx, wanted, cause.scope.reads, after(cursor, str, wanted.kind), limit + 1, asked)
        page = paged(rows, limit, "tenant_id", wanted.key)
        page["items"] = await _named(tx, caller, store, page["items"])
    return shown(page)


async def _one(caller: Caller, store: Store, wanted: List, key: UUID) -> Response:
    cause = caller.reads("read-registry")
    async with store.reading(cause) as tx:
        row = await lists.one(tx, wanted, cause.scope.reads, key)
        if row is None:
            raise NotFound
        (item,) = await _named(tx, caller, store, [row])
    return shown(item)


async def _named(tx: Tx, caller: Caller, store: Store, rows: Sequence[Item]) -> list[Item]:
    """Rows as they are shown: JSON columns parsed; a sealed name opened for who may read it, else absent."""
    items = [{k: orjson.loads(v) if k == "equipment" else v for k, v in row.items()} for row in rows]
    if not rows or "name_event" not in rows[0]:
        return items
    seen = [may_name(caller.actor, agency=i.pop("employer", None), place=i.get("unit")) for i in items]
    names = iter(await _names(tx, store, [row for row, may in zip(rows, seen, strict=True) if may]))
    for item, may in zip(items, seen, strict=True):
        del item["name_event"]
        item["name"] = next(names) if may else None
    return items


async def _names(tx: Tx, store: Store, rows: Sequence[Item]) -> list[str | None]:
    """None where the person's key is gone: the row stays, the person is forgotten."""
    if not rows or store.vault is None:
        return [None] * len(rows)
    raw = await lists.raw_of(tx, rows)
    events: list[Any] = [store.mapper.to_event(raw[row["name_event"]]) for row in rows]
    return await store.vault.unseal_many([event.name for event in events])
