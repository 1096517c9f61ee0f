"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from kit import telemetry
from kit.service.definition import Definition
from kit.service.runtime import Runtime, runtime
from kit.service.tasks import Health
from kit.store import kit_migrations, service_migrations

router = APIRouter(tags=["operations"])
SECONDS = 2.0
"""Each check may take so long; later is "no"."""


@router.get("/health/live", summary="进程是否存活")
async def live() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/health/ready", summary="能否提供服务")
async def ready(request: Request) -> Response:
    """200 when the database, the migrations, the bus and every background task are well; else 503 and which is not."""
    found = await checks(runtime(request))
    good = all(state in ("ok", Health.RUNNING) for state in found.values())
    return JSONResponse({"status": "ready" if good else "not-ready", "checks": found}, 200 if good else 503)


@router.get("/metrics", summary="Prometheus 指标", include_in_schema=False)
async def metrics() -> Response:
    body, content_type = telemetry.exposition()
    return Response(body, 200, None, content_type)


async def checks(held: Runtime) -> dict[str, str]:
    """Each part by name: ok, no, the state of a task; never why, for anybody may ask."""

    async def database() -> bool:
        return bool(await held.store.pool.fetchval("select true"))

    async def migrations() -> bool:
        return not await missing_migrations(held.store.pool, held.definition)

    found = {"database": await _check(database), "migrations": await _check(migrations)}
    if held.bus is not None:
        found["bus"] = await _check(held.bus.ready)
    return {**found, **{f"task.{name}": str(health) for name, health in held.tasks.health.items()}}


async def missing_migrations(pool: asyncpg.Pool, definition: Definition) -> list[str]:
    """Names of migrations that this code has and the database has not, or has with other text."""
    rows = await pool.fetch("select name, digest from migration")
    applied = {row["name"]: row["digest"] for row in rows}
    wanted = [*kit_migrations(), *service_migrations(definition.migrations)]
    return [migration.name for migration in wanted if applied.get(migration.name) != migration.digest]


async def _check(one: Callable[[], Awaitable[bool]]) -> str:
    try:
        async with asyncio.timeout(SECONDS):
            return "ok" if await one() else "no"
    except Exception:
        return "no"
