"""A service in this process on real engines, and who calls it: people over HTTP, other services by their messages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy, deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import nats
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from tests.answers import checked
from tests.conftest import Templates
from tests.units import unit_of

from contracts.messages import Message
from contracts.values import Role, TenantId
from kit import clock, telemetry
from kit.auth import Tree
from kit.bus import Envelope, Handlers, declare
from kit.privacy import new_kek_file
from kit.service import Definition, ServiceSettings
from kit.service.app import create_app
from kit.service.runtime import Runtime
from kit.store import Purpose, meta_of, open_pool
from kit.store.tenants import ADD

PROVINCE, CITY, DISTRICT, OTHER_DISTRICT = (TenantId(code) for code in ("620000", "620100", "620102", "620103"))
PARENTS = {PROVINCE: None, CITY: PROVINCE, DISTRICT: CITY, OTHER_DISTRICT: CITY}
DAY = date(2022, 10, 10)
KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
ISSUER = "http://issuer.test"


@dataclass
class Running:
    """The service with its lifespan entered."""

    app: FastAPI
    http: httpx.AsyncClient
    urls: dict[str, str]

    @property
    def held(self) -> Runtime:
        held: Runtime = self.app.state.runtime
        return held

    async def post(
        self,
        path: str,
        body: dict[str, Any],
        role: Role,
        *,
        tenant: TenantId = DISTRICT,
        unit: str | None = None,
        on: date = DAY,
        key: UUID | None = None,
        worker: UUID | None = None,
    ) -> httpx.Response:
        """One command of a day, under its own or a given idempotency key; `worker` is whom the token names."""
        sent = {"occurred_on": on.isoformat(), **body}
        return await self.http.post(path, json=sent, headers=headers(role, tenant, unit, key, worker))

    async def made(self, path: str, body: dict[str, Any], role: Role, **how: Any) -> UUID:
        """The id of what a command made."""
        answer = await self.post(path, body, role, **how)
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["stream"].partition("/")[2])

    async def get(
        self, path: str, role: Role, tenant: TenantId = DISTRICT, of: Any = None, **params: Any
    ) -> dict[str, Any]:
        """`of` is the unit of whoever asks, where the role has one."""
        answer = await self.http.get(path, params=params, headers=headers(role, tenant, of, None))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def hear(self, message: Message, tenant: TenantId = DISTRICT, on: date = DAY) -> None:
        """What a subscriber does with a message of another service."""
        handlers = self.held.definition.handlers
        handler = handlers.of(type(message))
        assert handler is not None, f"nobody hears {message.TYPE}"
        envelope = Envelope(
            event_id=uuid4(),
            type=message.TYPE,
            version=message.VERSION,
            region=self.held.settings.region,
            tenant=tenant,
            stream=f"{message.AGGREGATE}/{getattr(message, 'project_id', uuid4())}",
            stream_version=1,
            sequence=1,
            occurred_on=on,
            recorded_at=clock.now(),
            correlation=uuid4(),
            consumer=handlers.consumer,
            policy=self.held.policy,
            tree=Tree(PARENTS),
        )
        await handler(self.held.store, message, envelope)

    async def told(self) -> list[Message]:
        """What the service publishes of its history so far, oldest first."""
        rows = await self.history("raw")
        told = [self.held.definition.publish(*meta_of(self.held.store.mapper, raw)) for raw in rows]
        return [message for message in told if message is not None]

    async def history(self, column: str) -> list[Any]:
        async with self.open_rebuild() as pool:
            return [row[0] for row in await pool.fetch(f"select {column} from event order by era, tx, pos")]

    @asynccontextmanager
    async def open_rebuild(self) -> AsyncIterator[Any]:
        pool = await open_pool(self.urls["rebuild"], Purpose.REBUILDING, size=2)
        try:
            yield pool
        finally:
            await pool.close()


@asynccontextmanager
async def running(
    definition: Definition,
    settings: type[ServiceSettings],
    urls: dict[str, str],
    folder: Path,
    *,
    nats_url: str,
    region: str,
    hears: bool = False,
) -> AsyncIterator[Running]:
    """The service on its migrated databases, knowing the four bureaus; it has no relay of its own."""
    async with entered(definition, settings, urls, folder, nats_url, region, hears) as (app, http):
        one = Running(app, http, urls)
        pool = one.held.store.pool
        for tenant, parent in PARENTS.items():
            await pool.execute(ADD + " on conflict do nothing", tenant, "演示", "any", parent)
        one.held.store.tenants.ring()
        yield one


@asynccontextmanager
async def entered(
    definition: Definition,
    settings: type[ServiceSettings],
    urls: dict[str, str],
    folder: Path,
    nats_url: str,
    region: str,
    hears: bool = False,
    **more: str,
) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The application of a migrated service with its lifespan entered, and a client of it; `more` are settings.

    Unless it `hears`, nothing comes over the bus: connections for each publisher take longer than most tests.
    """
    telemetry.start(definition.name, region)
    jwks, kek = folder / "jwks.json", folder / "kek"
    jwks.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    if not kek.exists():
        new_kek_file(kek)
    values: dict[str, Any] = {
        "database_url": urls["app"],
        "keys_database_url": urls["keys"],
        "owner_database_url": urls["owner"],
        "keys_owner_database_url": urls["keys_owner"],
        "kek_file": kek,
        "nats_url": nats_url,
        "region": region,
        "issuer": ISSUER,
        "provinces": [PROVINCE],
        "jwks_url": jwks.as_uri(),
        **more,
    }
    handlers = definition.handlers
    if hears:
        client = await nats.connect(nats_url)
        await declare(client.jetstream(), region, handlers.consumer, handlers.subjects(region))
        await client.close()
    app = application(definition if hears else deaf(definition), settings(**values))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://service", event_hooks=checked(definition)
        ) as http,
    ):
        yield app, http


class _Told(Handlers):
    """The same handlers, for messages that a test hands over."""

    def __init__(self, whole: Handlers) -> None:
        super().__init__(whole.consumer, in_order=whole.in_order)
        self._by_class = whole._by_class

    def publishers(self) -> tuple[str, ...]:
        return ()


def deaf(definition: Definition) -> Definition:
    """The same service: `replace` would have it learn of tenants twice."""
    deaf = copy(definition)
    object.__setattr__(deaf, "handlers", _Told(definition.handlers))
    return deaf


_applications: dict[str, FastAPI] = {}


def application(definition: Definition, settings: ServiceSettings) -> FastAPI:
    """The service's, to be entered: on routes that are built once a run, which takes longer than most tests."""
    fresh = create_app(definition, settings)
    app = _applications.setdefault(definition.name, fresh)
    app.router.lifespan_context = fresh.router.lifespan_context
    return app


S = TypeVar("S")
T = TypeVar("T")
Start = Callable[[dict[str, str], Path], AbstractAsyncContextManager[S]]
"""Runs a service on databases, with its keys in a folder."""
Staged = Callable[[Definition, Start[S], Callable[[S], Awaitable[T]]], AbstractAsyncContextManager[T]]


@dataclass
class _Left:
    """How a play left the stage."""

    urls: dict[str, str]
    folder: Path
    service: Any
    made: Any


class Stages:
    """What was played to a service once a run; each test goes on from there, on a copy of the databases."""

    def __init__(self, templates: Templates, folder: Path) -> None:
        self._templates, self._folder = templates, folder
        self._left: dict[str, _Left] = {}

    @asynccontextmanager
    async def at(
        self, suffix: str, definition: Definition, start: Start[S], play: Callable[[S], Awaitable[T]]
    ) -> AsyncIterator[T]:
        """What `play` made of a service without any history, in a service that is this test's alone."""
        name = f"{play.__module__}.{play.__qualname__}"
        if name not in self._left:
            self._left[name] = await self._played(len(self._left), definition, start, play)
        left = self._left[name]
        async with start(self._templates.copy(left.urls, suffix), left.folder) as service:
            yield deepcopy(left.made, {id(left.service): service})

    async def _played(
        self, number: int, definition: Definition, start: Start[S], play: Callable[[S], Awaitable[T]]
    ) -> _Left:
        folder = self._folder / str(number)
        folder.mkdir()
        migrations = definition.to_apply()
        urls = await self._templates.copied(f"{self._templates.suffix}{number}", definition.name, migrations)
        async with start(urls, folder) as service:
            return _Left(urls, folder, service, await play(service))


def headers(
    role: Role, tenant: str, unit: str | None, key: UUID | None, worker: UUID | None = None, person: str = ""
) -> dict[str, str]:
    """Of one request; the unit as `unit_of` has it.  `person`: another than who bears the role as a rule."""
    carried = unit_of(role, unit)
    at = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": "liandong",
        "iat": at,
        "exp": at + 600,
        "sub": f"{role}-{tenant}{person}",
        "role": role,
        "tenant": tenant,
        **({"unit": carried} if carried else {}),
        **({"worker": str(worker)} if worker else {}),
    }
    signed = jwt.encode({"alg": "Ed25519", "kid": KEY.kid}, claims, KEY, algorithms=["Ed25519"])
    return {"authorization": f"Bearer {signed}", "idempotency-key": str(key or uuid4())}
