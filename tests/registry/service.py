"""The registry in this process on real engines, as people and messages meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI
from joserfc import jwt
from tests.service import CITY, DISTRICT, ISSUER, KEY, OTHER_DISTRICT, PROVINCE, entered
from tests.units import unit_of

from contracts.messages import Message
from contracts.values import Role, TenantId
from kit import clock
from kit.bus import Envelope
from kit.service.runtime import Runtime
from kit.store import Purpose, meta_of, open_pool
from registry.app import REGISTRY
from registry.settings import Settings
from registry.subscribers import HANDLERS

__all__ = ["CITY", "DISTRICT", "OTHER_DISTRICT", "PROVINCE", "Running", "running", "token"]


def token(role: Role, tenant: str, unit: str | None) -> str:
    """An access token as the issuer would sign it; the unit as `unit_of` has it."""
    unit = unit_of(role, unit)
    now = int(clock.now().timestamp())
    who = {"sub": f"{role}-{tenant}", "role": str(role), "tenant": tenant, **({"unit": unit} if unit else {})}
    claims = {"iss": ISSUER, "aud": "liandong", "iat": now, "exp": now + 600, **who}
    return jwt.encode({"alg": "Ed25519", "kid": KEY.kid}, claims, KEY, algorithms=["Ed25519"])


@dataclass
class Running:
    """The service within its lifespan.  It has no relay of its own: see `told`."""

    app: FastAPI
    http: httpx.AsyncClient
    rebuild: asyncpg.Pool
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
        on: date,
        tenant: TenantId = DISTRICT,
        unit: str | None = None,
        key: UUID | None = None,
    ) -> httpx.Response:
        """A command of the day `on`."""
        headers = {"authorization": f"Bearer {token(role, tenant, unit)}", "idempotency-key": str(key or uuid4())}
        return await self.http.post(path, json={"occurred_on": on.isoformat(), **body}, headers=headers)

    def bearing(self, role: Role, tenant: TenantId = DISTRICT, unit: str | None = None) -> dict[str, str]:
        """The header that says who asks."""
        return {"authorization": f"Bearer {token(role, tenant, unit)}"}

    async def get(
        self, path: str, role: Role, tenant: TenantId = DISTRICT, unit: str | None = None, **asked: Any
    ) -> dict[str, Any]:
        answer = await self.http.get(path, params=asked or None, headers=self.bearing(role, tenant, unit))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def hear(self, message: Message, *, on: date, tenant: TenantId = DISTRICT, event: UUID | None = None) -> None:
        """Handles another service's message as the bus does, a repeat of `event` included."""
        handler = HANDLERS.of(type(message))
        assert handler is not None, message.TYPE
        envelope = Envelope(
            event_id=event or uuid4(),
            type=message.TYPE,
            version=message.VERSION,
            region="test",
            tenant=tenant,
            stream=f"{message.AGGREGATE}/{uuid4()}",
            stream_version=1,
            sequence=1,
            occurred_on=on,
            recorded_at=clock.now(),
            correlation=uuid4(),
            consumer=HANDLERS.consumer,
            policy=self.held.policy,
            tree=await self.held.trees.now(),
        )
        await handler(self.held.store, message, envelope)

    @asynccontextmanager
    async def open_rebuild(self) -> AsyncIterator[asyncpg.Pool]:
        yield self.rebuild

    async def history(self) -> list[asyncpg.Record]:
        """Every event, in settled order."""
        return await self.rebuild.fetch("select * from event order by era, tx, pos")

    async def told(self) -> list[Message]:
        """What the relay would publish of the history so far; the kit's own events are nobody else's business."""
        ours = [r["raw"] for r in await self.history() if r["type"].startswith("registry.")]
        said = [REGISTRY.publish(*meta_of(self.held.store.mapper, raw)) for raw in ours]
        return [message for message in said if message is not None]


@asynccontextmanager
async def _rebuilding(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(url, Purpose.REBUILDING, size=2)
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def running(
    urls: dict[str, str], folder: Path, *, nats_url: str, region: str, alive: bool = False
) -> AsyncIterator[Running]:
    """Started on migrated databases.  `alive`: on the bus and with its own relay, as in production."""
    more = {"relay_database_url": urls["relay"]} if alive else {}
    async with (
        _rebuilding(urls["rebuild"]) as rebuild,
        entered(REGISTRY, Settings, urls, folder, nats_url, region, alive, **more) as (app, http),
    ):
        yield Running(app, http, rebuild, urls)
