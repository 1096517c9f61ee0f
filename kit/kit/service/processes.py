"""What each command of a service does."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from typing import TypeVar

import structlog
import uvicorn

from kit import store, telemetry
from kit.bus import PLATFORM, connect, decisions, declare
from kit.errors import EraBehind
from kit.relay import run_relay
from kit.service.app import create_app, opened, relay_of
from kit.service.definition import Definition
from kit.service.health import checks
from kit.service.listening import API, Bounded, config
from kit.service.settings import ServiceSettings
from kit.service.tasks import Tasks
from kit.store.keys import DATA_KEYS
from kit.store.mapper import know

T = TypeVar("T")
log = structlog.get_logger("kit.service")
DRAIN_SECONDS = 20
"""How long requests that were accepted may still take after SIGTERM."""


def serve(definition: Definition, settings: ServiceSettings) -> int:
    """Serves until SIGTERM or SIGINT: no new connections then, open requests finish, tasks stop, spans are flushed."""
    app = create_app(definition, settings)
    how = config(
        app,
        settings.host,
        settings.port,
        http=Bounded,
        lifespan="on",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        backlog=API.total,
    )
    server = uvicorn.Server(how)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again once it has stopped in good order: that is then no reason to die of it.
        signal.signal(number, lambda *_: None)
    try:
        server.run()
    finally:
        telemetry.flush()
    return 0 if server.started else 1


async def migrate(definition: Definition, settings: ServiceSettings) -> list[str]:
    """Applies the migrations that are not applied yet and answers their names; declares what the bus keeps for us.

    A restored database gets its new era, which is answered too.
    """
    owner = _needed(settings.owner_database_url, "owner_database_url")
    keys_owner = _needed(settings.keys_owner_database_url, "keys_owner_database_url")
    migrations = [*store.kit_migrations(), *definition.to_apply()]
    done = await store.migrate(owner, roles(settings), migrations)
    done += await store.migrate(keys_owner, {"keys": store.role_of(settings.keys_database_url)}, store.key_migrations())
    if era := await store.raise_era(owner):
        done.append(f"era {era}")
    seed = settings.nats_declare_seed_file
    client = await connect(settings.nats_url, user=PLATFORM, seed_file=seed, patient=False)
    try:
        await declare(
            client.jetstream(),
            settings.region,
            definition.handlers.consumer,
            definition.handlers.subjects(settings.region),
            replicas=settings.nats_replicas,
            max_bytes=settings.nats_max_bytes,
        )
    finally:
        await client.close()
    return done


def roles(settings: ServiceSettings) -> dict[str, str]:
    """The names of the roles that migrations grant to; those without a URL are named after the application's."""
    app = store.role_of(settings.database_url)
    before, _, after = app.rpartition("_app")
    urls = {"relay": settings.relay_database_url, "rebuild": settings.rebuild_database_url}
    return {
        "app": app,
        **{name: store.role_of(url) if url else f"{before}_{name}{after}" for name, url in urls.items()},
    }


async def rebuild(definition: Definition, settings: ServiceSettings, name: str | None) -> dict[str, int]:
    """Rebuilds the rows of one view, the table of bureaus, persons' names, or all; answers how many events each took.

    Exits 2 for an unknown name.
    """
    url = _needed(settings.rebuild_database_url, "rebuild_database_url")
    views = {view.name: view for view in definition.views}
    names = (store.BUREAUS, *views, *([store.PEOPLE] if definition.people else ()))
    chosen = [one for one in names if name in (None, one)]
    if not chosen:
        _stop(f"no rows {name!r}; there are: {', '.join(names)}")
    counts = {}
    async with AsyncExitStack() as stack:
        held = await opened(stack, definition, settings)
        pool = await store.open_pool(url, store.Purpose.REBUILDING, size=2)
        stack.push_async_callback(pool.close)
        for one in chosen:
            if one == store.BUREAUS:
                counts[one] = await store.rebuild_tenants(pool, held.store.mapper)
            elif one == store.PEOPLE:
                counts[one] = await store.rebuild_names(pool, held.store.mapper, held.vault, definition.people)
            else:
                counts[one] = await store.rebuild(pool, held.store.mapper, views[one])
    return counts


async def check(definition: Definition, settings: ServiceSettings) -> dict[str, str]:
    """What serving needs, and whether it is there."""
    try:
        async with AsyncExitStack() as stack:
            found = await checks(await opened(stack, definition, settings))
        return {"connect": "ok", **found, "bus": await _bus(definition, settings)}
    except Exception as error:
        log.error("check.failed", error=error, frames=telemetry.frames(error))
        return {"connect": type(error).__name__}


async def _bus(definition: Definition, settings: ServiceSettings) -> str:
    """Whether the service is let in: nothing listens here that could tell more."""
    try:
        client = await connect(
            settings.nats_url, user=definition.name, seed_file=settings.nats_seed_file, patient=False
        )
    except Exception as error:
        log.error("check.failed", error=error)
        return type(error).__name__
    await client.close()
    return "ok"


async def relay(definition: Definition, settings: ServiceSettings) -> int:
    """Publishes until SIGTERM or SIGINT."""
    _needed(settings.relay_database_url, "relay_database_url")
    for category in (*definition.categories, store.TENANTS, DATA_KEYS, *decisions.CATEGORIES):
        for event in category.events:
            know(event)
    async with AsyncExitStack() as stack:
        one, tasks, stopping = await relay_of(stack, definition, settings, store.Wake()), Tasks(), _stopping()
        pool = one.tail.pool
        if await store.era_behind(pool):
            raise EraBehind
        tasks.start("horizon", store.Horizon(pool, pool).run)
        await run_relay(one, stopping)
        await tasks.stop()
    telemetry.flush()
    return 0


def _stopping() -> asyncio.Event:
    """Set at SIGTERM or SIGINT."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _needed(value: T | None, name: str) -> T:
    if value is None:
        _stop(f"{name.upper()} is not set: this command needs it")
    return value  # type: ignore[return-value]


def _stop(why: str) -> None:
    print(why, file=sys.stderr)
    raise SystemExit(2)
