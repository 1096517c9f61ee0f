"""GET /v1/me: who asks, in whose name, and what they may do here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts.values import ROLE_NAMES, Role, TenantId
from kit.auth import Caller, Post
from kit.errors import NotFound
from kit.service.definition import Definition
from kit.service.described import described
from kit.service.http import AsksNow, Events, sender, shown
from kit.service.runtime import runtime
from kit.service.shapes import Shape, said
from kit.store import RowsIncomplete, Store, Tx, titled

router = APIRouter(prefix="/v1", tags=["words"])
TASKS = "/v1/tasks"


class Bureau(Shape):
    tenant_id: Annotated[TenantId, titled("租户代码（行政区划代码）")]
    name: Annotated[str | None, said("名称", "本服务尚未获知该租户时为空")]
    level: Annotated[str | None, said("层级", "province 省级，city 市级，district 区（县）级；尚未获知该租户时为空")]


class Permitted(Shape):
    action: Annotated[str, said("办理事项", "各接口的 x-action")]
    name: Annotated[str, titled("事项名称")]
    writes: Annotated[bool, said("是否办理", "false 为只查看")]


class Readable(Shape):
    href: Annotated[str, said("地址", "以 GET 读取；可用的参数见 /openapi.json")]
    name: Annotated[str, titled("名称")]


class PostShown(Shape):
    tenant: Annotated[TenantId, titled("所在租户")]
    tenant_name: Annotated[str | None, said("租户名称", "本服务尚未获知该租户时为空")]
    role: Annotated[Role, titled("岗位")]
    role_name: Annotated[str, titled("岗位名称")]
    unit: Annotated[str | None, said("所在单位", "代表整个民政局的岗位没有单位，为空")]
    unit_name: Annotated[str | None, said("所在单位名称", "没有单位、或本服务不知其名称时为空")]
    worker_id: Annotated[UUID | None, said("社工编号", "不是社工本人时为空")]


class Me(Shape):
    id: Annotated[str, said("办理人编号", "令牌的 sub")]
    worker_id: Annotated[UUID | None, said("社工编号", "不是社工本人时为空")]
    worker_name: Annotated[str | None, said("社工姓名", "不是社工本人、或本服务不知其姓名、或个人信息已删除时为空")]
    role: Annotated[Role, titled("岗位")]
    role_name: Annotated[str, titled("岗位名称")]
    tenant: Annotated[TenantId, titled("所在租户")]
    unit: Annotated[str | None, said("所在单位", "街道、社区的代码或机构编号；代表整个民政局的岗位没有单位，为空")]
    unit_name: Annotated[str | None, said("所在单位名称", "没有单位、或本服务不知其名称时为空")]
    bureaus: Annotated[list[Bureau], said("各级民政局", "从最上级到所在租户")]
    posts: Annotated[list[PostShown], said("各岗位", "令牌列出的岗位；没有列出时为空列表")]
    actions: Annotated[list[Permitted], titled("可办事项")]
    pages: Annotated[list[Readable], said("可看的页面", "本岗位可以读取的列表和汇总，从待办事项 /v1/tasks 起")]


@router.get("/me", summary="我是谁、能办什么", response_model=Me)
async def read_me(request: Request, caller: AsksNow, held: Events) -> Response:
    """我的编号、岗位、单位，社工本人的编号和姓名，各级民政局（从最上级起），令牌列出的各岗位，以及本岗位可办的事项和可看的页面。"""
    cause, actor, posts = caller.reads("read-me"), caller.actor, (await sender(request.scope)).posts
    own = runtime(request).definition
    line = [*reversed(caller.tree.ancestors(actor.tenant)), actor.tenant]
    told = [*line, *(post.tenant for post in posts)]
    async with held.reading(cause) as tx:
        rows = await tx.fetch("select tenant_id, name, level from tenant where tenant_id = any ($1::text[])", told)
        units = await _units(tx, own, {unit for unit in (actor.unit, *(post.unit for post in posts)) if unit})
        name = await _worker(tx, held, caller, own)
    known = {row["tenant_id"]: dict(row) for row in rows}
    return shown(
        {
            "id": actor.id,
            "worker_id": actor.worker,
            "worker_name": name,
            "role": actor.role,
            "role_name": ROLE_NAMES[actor.role],
            "tenant": actor.tenant,
            "unit": actor.unit,
            "unit_name": units.get(actor.unit or ""),
            "bureaus": [known.get(tenant) or _unknown(tenant) for tenant in line],
            "posts": [_post(post, known.get(post.tenant), units) for post in posts],
            "actions": [
                {"action": action, "name": rule.name, "writes": rule.writes is not None}
                for action, rule in sorted(runtime(request).policy.items())
                if actor.role in rule.roles
            ],
            "pages": _pages(described(request.app, own), actor.role),
        }
    )


def _post(post: Post, tenant: dict[str, Any] | None, units: Mapping[str, str]) -> dict[str, Any]:
    return {
        "tenant": post.tenant,
        "tenant_name": tenant["name"] if tenant else None,
        "role": post.role,
        "role_name": ROLE_NAMES[post.role],
        "unit": post.unit,
        "unit_name": units.get(post.unit or ""),
        "worker_id": post.worker,
    }


async def _units(tx: Tx, own: Definition, codes: set[str]) -> dict[str, str]:
    """What the units are called, as far as the service knows, and its rows are complete."""
    if own.units is None or not codes:
        return {}
    with suppress(RowsIncomplete):
        rows = await tx.fetch(f"select code, name from ({own.units}) u where code = any ($1::text[])", sorted(codes))
        return {row["code"]: row["name"] for row in rows}
    return {}


async def _worker(tx: Tx, held: Store, caller: Caller, own: Definition) -> str | None:
    """The caller's own name, where the service knows its workers and shows them to themselves."""
    if own.workers is None or caller.actor.worker is None:
        return None
    if caller.actor.role not in caller.policy[own.workers.action].roles:
        return None
    with suppress(NotFound, RowsIncomplete):
        found = await own.workers.one(tx, held, caller, own.sights, caller.actor.worker)
        name: str | None = found["name"]
        return name
    return None


def _pages(document: dict[str, Any], role: Role) -> list[dict[str, str]]:
    """What the role may read without knowing of anything before: paths that have no blanks, its tasks first."""
    found = [
        {"href": path, "name": operations["get"]["summary"]}
        for path, operations in document["paths"].items()
        if "{" not in path and role in operations.get("get", {}).get("x-roles", ())
    ]
    return sorted(found, key=lambda one: one["href"] != TASKS)


def _unknown(tenant: TenantId) -> dict[str, Any]:
    """The registry's word of it has not come here yet."""
    return {"tenant_id": tenant, "name": None, "level": None}
