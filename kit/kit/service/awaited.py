"""GET /v1/tasks: what waits for whoever asks, by action, each with the list that has exactly those rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.routing import iter_route_contexts

from kit.service.access import Tenant, tenants_of
from kit.service.described import described
from kit.service.http import AsksNow, Events, shown
from kit.service.lists import Listing
from kit.service.moments import Day
from kit.service.runtime import runtime
from kit.service.shapes import Shape, said
from kit.store import titled

router = APIRouter(prefix="/v1", tags=["words"])


class TaskShown(Shape):
    """One kind of what waits for whoever asks."""

    action: Annotated[str, said("办理事项", "各接口的 x-action")]
    name: Annotated[str, titled("事项名称")]
    waiting: Annotated[int, said("待办件数", "恰好是 rows 所列的件数")]
    overdue_count: Annotated[int, said("逾期件数", "其中应完成日期已过的")]
    first_due: Annotated[date | None, said("最早应完成日期", "方案没有规定日期的为空")]
    rows: Annotated[str, said("所统计的各行", "列出这些记录的地址；每一行的 waits_for 是该件的应完成日期")]
    record_path: Annotated[str | None, said("记录地址", "花括号中换成该行的值，即为记录的地址；没有单独记录的为空")]


class Tasks(Shape):
    tasks: Annotated[list[TaskShown], said("待办事项", "逾期的在前，其余按应完成日期")]
    waiting: Annotated[int, said("待办件数", "各事项之和")]
    overdue_count: Annotated[int, said("逾期件数", "各事项之和")]


@router.get(
    "/tasks",
    summary="待我办理的事项",
    description="按办理事项列出等着您本人的岗位和单位办理的件数、逾期件数和最早应完成日期，并给出列出这些记录的地址。",
    response_model=Tasks,
)
async def read_tasks(
    request: Request,
    caller: AsksNow,
    held: Events,
    tenant_id: Tenant = None,
    due_by: Annotated[Day | None, Query(title="最迟应完成日期", description="只计应完成日期不晚于这一天的")] = None,
) -> Response:
    """Counts per kind, those beyond their day first; `rows` lists exactly what was counted."""
    caller.reads("read-tasks")
    own, found = runtime(request), list[dict[str, Any]]()
    asked = {name: str(value) for name, value in (("tenant_id", tenant_id), ("due_by", due_by)) if value is not None}
    for path, listing in _lists(request.app):
        if not listing.waits or caller.actor.role not in caller.policy[listing.action].roles:
            continue
        cause = caller.reads(listing.action)
        async with held.reading(cause) as tx:
            told = await listing.waiting(
                tx, caller, own.definition.sights, tenants_of(cause, tenant_id, caller.tree), due_by
            )
        record = _record(described(request.app, own.definition), path, listing, caller.actor.role)
        found += [
            {
                **one,
                "name": own.named.actions[one["action"]],
                "rows": f"{path}?{urlencode({'waits_for': one['action'], **asked})}",
                "record_path": record,
            }
            for one in told
        ]
    found.sort(key=lambda one: (not one["overdue_count"], one["first_due"] or date.max, one["action"]))
    sums = {name: sum(one[name] for one in found) for name in ("waiting", "overdue_count")}
    return shown({"tasks": found, **sums})


@lru_cache(maxsize=8)
def _lists(app: FastAPI) -> tuple[tuple[str, Listing], ...]:
    """The lists that are served, each with its path."""

    def served() -> Iterator[tuple[str, Listing]]:
        for one in iter_route_contexts(app.routes):
            listing = getattr(getattr(one.original_route, "endpoint", None), "listing", None)
            if listing is not None:
                yield str(one.path), listing

    return tuple(served())


def _record(document: dict[str, Any], path: str, listing: Listing, role: str) -> str | None:
    """The path of the record, with the name of a field of the rows as its blank: of one of the list, or of what it is
    a part of, as a report is of its project.  None if there is none, or the role may not open it."""
    found = {
        own: name.removesuffix("}")
        for own, operations in document["paths"].items()
        if role in operations.get("get", {}).get("x-roles", ())
        for head, _, name in [own.rpartition("/{")]
        if name.endswith("}") and "{" not in head
    }
    whole = f"{str(listing.category).replace('-', '_')}_id"
    theirs = [own for own, name in found.items() if own.rpartition("/")[0] == path and name in listing.types]
    return next(iter((*theirs, *(own for own, name in found.items() if name == whole in listing.types))), None)
