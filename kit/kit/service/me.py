"""GET /v1/me: who asks, in whose name, and what they may do here."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts.values import ROLE_NAMES, Role, TenantId
from kit.auth import Post
from kit.service.http import AsksNow, Events, sender, shown
from kit.service.runtime import runtime
from kit.service.shapes import Shape, said
from kit.store import titled

router = APIRouter(prefix="/v1", tags=["words"])


class Bureau(Shape):
    tenant_id: Annotated[TenantId, titled("租户代码（行政区划代码）")]
    name: Annotated[str | None, said("名称", "本服务尚未获知该租户时为空")]
    level: Annotated[str | None, said("层级", "province 省级，city 市级，district 区（县）级；尚未获知该租户时为空")]


class Permitted(Shape):
    action: Annotated[str, said("事项", "各接口的 x-action")]
    name: Annotated[str, titled("事项名称")]
    writes: Annotated[bool, said("是否办理", "false 为只查看")]


class PostShown(Shape):
    tenant: Annotated[TenantId, titled("所在租户")]
    tenant_name: Annotated[str | None, said("租户名称", "本服务尚未获知该租户时为空")]
    role: Annotated[Role, titled("岗位")]
    role_name: Annotated[str, titled("岗位名称")]
    unit: Annotated[str | None, said("所在单位", "代表整个民政局的岗位没有单位，为空")]
    worker: Annotated[UUID | None, said("社工编号", "不是社工本人时为空")]


class Me(Shape):
    id: Annotated[str, said("办理人编号", "令牌的 sub")]
    role: Annotated[Role, titled("岗位")]
    role_name: Annotated[str, titled("岗位名称")]
    tenant: Annotated[TenantId, titled("所在租户")]
    unit: Annotated[str | None, said("所在单位", "街道、社区的代码或机构编号；代表整个民政局的岗位没有单位，为空")]
    line: Annotated[list[Bureau], said("各级民政局", "从最上级到所在租户")]
    posts: Annotated[list[PostShown], said("各岗位", "令牌列出的岗位；没有列出时为空列表")]
    actions: Annotated[list[Permitted], titled("可办事项")]


@router.get("/me", summary="我是谁、能办什么", response_model=Me)
async def read_me(request: Request, caller: AsksNow, held: Events) -> Response:
    """The line of bureaus from the topmost down to the caller's own, and each action that the caller's role may do.

    `posts` are those that the token lists, none where it lists none; `role`, `tenant` and `unit` say at which it acts.
    """
    cause, actor, posts = caller.reads("read-me"), caller.actor, (await sender(request.scope)).posts
    line = [*reversed(caller.tree.ancestors(actor.tenant)), actor.tenant]
    told = [*line, *(post.tenant for post in posts)]
    async with held.reading(cause) as tx:
        rows = await tx.fetch("select tenant_id, name, level from tenant where tenant_id = any ($1::text[])", told)
    known = {row["tenant_id"]: dict(row) for row in rows}
    return shown(
        {
            "id": actor.id,
            "role": actor.role,
            "role_name": ROLE_NAMES[actor.role],
            "tenant": actor.tenant,
            "unit": actor.unit,
            "line": [known.get(tenant) or _unknown(tenant) for tenant in line],
            "posts": [_post(post, known.get(post.tenant)) for post in posts],
            "actions": [
                {"action": action, "name": rule.name, "writes": rule.writes is not None}
                for action, rule in sorted(runtime(request).policy.items())
                if actor.role in rule.roles
            ],
        }
    )


def _post(post: Post, tenant: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "tenant": post.tenant,
        "tenant_name": tenant["name"] if tenant else None,
        "role": post.role,
        "role_name": ROLE_NAMES[post.role],
        "unit": post.unit,
        "worker": post.worker,
    }


def _unknown(tenant: TenantId) -> dict[str, Any]:
    """The registry's word of it has not come here yet."""
    return {"tenant_id": tenant, "name": None, "level": None}
