"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Annotated, Literal

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from kit import telemetry
from kit.service.definition import Definition
from kit.service.runtime import Runtime
from kit.service.shapes import Shape, said
from kit.service.tasks import Health
from kit.store import PEOPLE, due, era_behind, kit_migrations
from kit.tenancy import Tx

router = APIRouter(tags=["operations"])
NEEDED = {"database", "migrations", "era"}


class Status(StrEnum):
    """Ready: all is well; degraded: it serves, and something waits; not ready: it cannot serve."""

    READY = "ready"
    DEGRADED = "degraded"
    NOT_READY = "not-ready"


WELL = {"ok", Health.RUNNING}
SECONDS = 2.0
"""All the checks may take so long; what has not answered by then is "no"."""


class Alive(Shape):
    status: Annotated[Literal["alive"], said("状态", "进程存活")]


class Ready(Shape):
    status: Annotated[
        Status,
        said("状态", "ready 一切正常，degraded 能办理但消息或后台任务不正常，not-ready 不能办理（503）"),
    ]
    checks: Annotated[dict[str, str], said("各项检查", "ok 正常，no 不正常；后台任务为 running、restarting 或 stopped")]


@router.get("/health/live", summary="进程是否存活")
async def live() -> Alive:
    return Alive(status="alive")


@router.get(
    "/health/ready",
    summary="能否提供服务",
    description="一切正常时 200 ready；消息总线或后台任务不正常、但仍能办理时 200 degraded；不能办理时 503 not-ready。",
    response_model=Ready,
)
async def ready(request: Request) -> Response:
    """200 "ready" when all is well; 200 "degraded" when the bus or a background task is not; else 503 "not-ready".

    Without the bus a service still serves: what it records is relayed later.  Taking it out of service as well would
    turn a delay into an outage.
    """
    found = await request.app.state.readiness.now()
    status = verdict(found)
    return JSONResponse({"status": status, "checks": found}, 503 if status is Status.NOT_READY else 200)


def verdict(found: Mapping[str, str]) -> Status:
    """What the checks come to."""
    ill = {name for name, state in found.items() if state not in WELL}
    return Status.NOT_READY if ill & NEEDED else Status.DEGRADED if ill else Status.READY


@router.get("/metrics", summary="Prometheus 指标", include_in_schema=False)
async def metrics() -> Response:
    body, content_type = telemetry.exposition()
    return Response(body, 200, None, content_type)


class Readiness:
    """The checks, made once at a time however many ask: whoever comes while they run gets what they find."""

    def __init__(self, held: Runtime) -> None:
        self._held = held
        self._asking: asyncio.Task[dict[str, str]] | None = None

    async def now(self) -> dict[str, str]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(checks(self._held))
        return await asyncio.shield(self._asking)


async def checks(held: Runtime) -> dict[str, str]:
    """Each part by name: ok, no, the state of a task; never why, for anybody may ask.  Within SECONDS, all at once."""
    pool = held.pools.probes

    async def database() -> bool:
        return bool(await pool.fetchval("select true"))

    async def migrations() -> bool:
        return not await missing_migrations(pool, held.definition)

    async def era() -> bool:
        return not await era_behind(pool)

    async def told() -> bool:
        return not await pool.fetchval("select exists (select from held where released_at is null)")

    async def rows() -> bool:
        return not await rebuilds_due(pool, held.definition)

    parts = {
        "database": database,
        "migrations": migrations,
        "era": era,
        "bus": held.subscriber.ready,
        "held": told,
        "rows": rows,
        **held.watches,
    }
    said = await asyncio.gather(*map(_check, parts.values()))
    found = dict(zip(parts, said, strict=True))
    return {**found, **{f"task.{name}": str(health) for name, health in held.tasks.health.items()}}


async def missing_migrations(pool: asyncpg.Pool, definition: Definition) -> list[str]:
    """Names of migrations that this code has and the database has not, or has with other text."""
    rows = await pool.fetch("select name, digest from migration")
    applied = {row["name"]: row["digest"] for row in rows}
    wanted = [*kit_migrations(), *definition.to_apply()]
    return [migration.name for migration in wanted if applied.get(migration.name) != migration.digest]


async def rebuilds_due(asked: asyncpg.Pool | Tx, definition: Definition) -> list[str]:
    """Names of what was made after the first events and not rebuilt since: it says nothing of these events."""
    names = [*(view.name for view in definition.views), *([PEOPLE] if definition.people else ())]
    return await due(asked, names)


async def _check(one: Callable[[], Awaitable[bool]]) -> str:
    try:
        async with asyncio.timeout(SECONDS):
            return "ok" if await one() else "no"
    except Exception:
        return "no"
