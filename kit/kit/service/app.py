"""The application of a service: its routes in the frame, and a lifespan that holds what they need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI
from starlette.types import Lifespan

from contracts.messages import Message
from kit import telemetry
from kit.auth import Verifier
from kit.bus import Subscriber, decisions
from kit.errors import EraBehind
from kit.privacy import Vault, box_of
from kit.relay import Relay, run_relay
from kit.service import awaited, health, held, history, indicators, me, operations, pages, parked, words
from kit.service.access import KIT_POLICY
from kit.service.definition import Definition
from kit.service.frame import framed
from kit.service.http import admitted
from kit.service.listening import listening
from kit.service.problems import Problem
from kit.service.runtime import Runtime, Trees
from kit.service.settings import ServiceSettings
from kit.service.tasks import Tasks
from kit.service.told import told
from kit.service.traces import Traces
from kit.store import Horizon, Meta, Pools, Publish, Purpose, RawMapper, Store, Wake, era_behind, open_pool
from kit.tenancy.pools import close_pool

log = structlog.get_logger("kit.service")
PROBLEMS = {"4XX": {"model": Problem, "description": "RFC 9457"}, "5XX": {"model": Problem, "description": "RFC 9457"}}


class NotStarted(Exception):
    """The service could not start; why is in the log, without texts that might quote a secret."""


def create_app(definition: Definition, settings: ServiceSettings) -> FastAPI:
    """The whole service as an ASGI application.  Telemetry must have been started."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                held = await opened(stack, definition, settings)
                app.state.runtime, app.state.readiness = held, health.Readiness(held)
                await _start(stack, held)
                if settings.probe_port is not None:
                    await stack.enter_async_context(listening(probes(app), settings.host, settings.probe_port))
            except Exception as error:
                log.error("service.not-started", error=error, reason=told(error), frames=telemetry.frames(error))
                raise NotStarted from None
            log.info("service.started", host=settings.host, port=settings.port, region=settings.region)
            yield
            await held.tasks.stop()
        log.info("service.stopped")

    return routed(definition, lifespan)


def routed(definition: Definition, lifespan: Lifespan[Any] | None = None) -> FastAPI:
    """Every route that the service serves, its own and those that all have: what its OpenAPI document describes."""
    app = framed(definition.title, lifespan=lifespan, admit=admitted)
    for part in (health, pages, definition, me, awaited, words, history, indicators, operations, parked, held):
        app.include_router(part.router, responses=PROBLEMS)  # type: ignore[arg-type]  # dict is invariant in its keys
    return app


def probes(app: FastAPI) -> FastAPI:
    """The routes of `kit.service.health` alone, on what `app` holds."""
    alone = framed(app.title)
    alone.include_router(health.router)
    alone.state = app.state
    return alone


async def opened(stack: AsyncExitStack, definition: Definition, settings: ServiceSettings) -> Runtime:
    """Pools, vault and store, closed again by `stack`.  Starts nothing.  Raises what connecting raises."""
    pools = await stack.enter_async_context(
        Pools.open(
            settings.database_proxy_url or settings.database_url,
            writes=settings.pool_writes,
            reads=settings.pool_reads,
            proxied=settings.database_proxy_url is not None,
        )
    )
    vault = await Vault.open(settings.keys_database_url, settings.kek_file, size=settings.pool_keys)
    stack.push_async_callback(vault.close)
    store = Store(
        pools.writes,
        reads=pools.reads,
        region=settings.region,
        categories=(*definition.categories, *decisions.CATEGORIES),
        effects=(decisions.DECIDED,),
        views=definition.views,
        vault=vault,
        people=definition.people,
        publish=published(definition),
    )
    policy, trees, tasks = (
        {**KIT_POLICY, **definition.policy},
        Trees(pools.reads, store.tenants, settings.provinces),
        Tasks(),
    )
    stack.push_async_callback(tasks.stop)
    verifier = Verifier(issuer=settings.issuer, audience=settings.audience, jwks_url=settings.jwks_url)
    subscriber = Subscriber(
        handlers=definition.handlers,
        store=store,
        policy=policy,
        tree=trees.now,
        database_url=settings.database_url,
        nats_url=settings.nats_url,
        nats_seed_file=settings.nats_seed_file,
        region=settings.region,
    )
    return Runtime(
        definition=definition,
        settings=settings,
        policy=policy,
        verifier=verifier,
        store=store,
        pools=pools,
        vault=vault,
        trees=trees,
        tasks=tasks,
        subscriber=subscriber,
        traces=Traces(pools.writes),
    )


async def _start(stack: AsyncExitStack, held: Runtime) -> None:
    settings = held.settings
    if await era_behind(held.pools.reads):
        raise EraBehind
    for hearing in held.subscriber.hearings:
        held.tasks.start(f"hear-{hearing.service}", hearing.run)
    relaying: asyncpg.Pool | None = None
    if settings.relay_database_url is not None:
        relay = held.relay = await relay_of(stack, held.definition, settings, held.store.wake)
        relaying = relay.tail.pool
        held.tasks.start("relay", partial(run_relay, relay))
        held.watches["broker"] = relay.well
        held.watches["own-messages"] = relay.own
    horizon = Horizon(held.pools.reads, relaying)
    held.tasks.start("horizon", horizon.run)
    held.watches["horizon"] = horizon.well


async def relay_of(stack: AsyncExitStack, definition: Definition, settings: ServiceSettings, wake: Wake) -> Relay:
    """The service's relay, on a pool that `stack` closes.  ValueError without the relay's URL."""
    if settings.relay_database_url is None:
        raise ValueError("no URL of the relay's role")
    pool = await open_pool(settings.relay_database_url, Purpose.TAILS, size=settings.pool_tails)
    stack.push_async_callback(close_pool, pool)
    return Relay(
        service=definition.name,
        region=settings.region,
        pool=pool,
        database_url=settings.relay_database_url,
        nats_url=settings.nats_url,
        nats_seed_file=settings.nats_seed_file,
        mapper=RawMapper(box_of),
        publish=published(definition),
        wake=wake,
    )


def published(definition: Definition) -> Publish:
    """What the service tells of its events: to the relay, and before they are written."""
    own = {category.name for category in definition.categories}

    def publish(event: Any, meta: Meta) -> Message | None:
        """The kit's own events (tenants noted, keys committed) are nobody else's business."""
        message: Message | None = definition.publish(event, meta) if meta.category in own else None
        return message

    return publish
