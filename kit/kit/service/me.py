"""GET /v1/me: who asks, in whose name, and what they may do here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.values import ROLE_NAMES, TenantId
from kit.auth import Post
from kit.service.http import AsksNow, Events, sender, shown
from kit.service.runtime import runtime

router = APIRouter(prefix="/v1", tags=["words"])


@router.get("/me", summary="我是谁、能办什么")
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
