"""A region as its bureaus see it: HTTP and tokens of the development issuer, nothing else.

Every command is handed in until it has a final answer, under an id that follows from its step, and kept: so a test can
later say all of them again and ask what happened how often.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import httpx
from tests.answers import answers_by_name

from contracts.values import Role
from liandong.region import Region

STEPS = UUID("6f0b7d0e-3c57-4f0c-9f0e-2f6f5c1d7a11")
PATIENCE = 90.0
"""Seconds until an answer must be final: kills and restarts lie in between."""
AT_ONCE = 8

Json = dict[str, Any]


@dataclass(frozen=True)
class SignIn:
    """Whom a token speaks for."""

    role: Role
    tenant: str
    unit: str | None = None

    @property
    def subject(self) -> str:
        return "-".join(part for part in ("test", self.role.value, self.tenant, self.unit) if part)


@dataclass(frozen=True)
class Said:
    """A command and its first answer, byte for byte."""

    step: str
    service: str
    path: str
    who: SignIn
    body: Json
    answer: bytes

    @property
    def key(self) -> UUID:
        return uuid5(STEPS, self.step)


class Denied(Exception):
    def __init__(self, step: str, answer: httpx.Response) -> None:
        super().__init__(f"{step}: {answer.status_code} {answer.text[:400]}")
        self.answer = answer


class Bureau:
    """Calls into one region.  `calls` makes one; `said` may be handed on to the next."""

    def __init__(self, region: Region, http: httpx.AsyncClient, said: dict[str, Said]) -> None:
        self.region, self.http, self.said = region, http, said
        self._tokens: dict[SignIn, str] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    @classmethod
    @asynccontextmanager
    async def calls(cls, region: Region, said: dict[str, Said] | None = None) -> AsyncIterator[Bureau]:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            yield cls(region, http, {} if said is None else said)

    async def token(self, who: SignIn) -> str:
        if who not in self._tokens:
            claims = {"sub": who.subject[:128], "role": who.role.value, "tenant": who.tenant}
            claims |= {"unit": who.unit} if who.unit else {}
            answer = await self.http.post(f"{self.region.programs['issuer'].url}/token", json=claims)
            self._tokens[who] = answer.raise_for_status().json()["access_token"]
        return self._tokens[who]

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        who: SignIn | None,
        *,
        headers: Mapping[str, str] | None = None,
        url: str | None = None,
        **sent: Any,
    ) -> httpx.Response:
        """One request, one answer, whatever it is."""
        sent_headers = dict(headers or {})
        target = f"{url or self.region.programs[service].url}{path}"
        async with self._room:
            if who is not None:
                sent_headers["authorization"] = f"Bearer {await self.token(who)}"
            answer = await self.http.request(method, target, headers=sent_headers, **sent)
        kind = answer.headers.get("content-type", "")
        answers_by_name(service).check(method, answer.request.url.path, answer.status_code, kind, answer.content)
        return answer

    async def do(
        self, step: str, service: str, path: str, who: SignIn, on: str, body: Json | None = None, url: str | None = None
    ) -> str:
        """Hands in a command; answers the id of the stream it changed.  Denied if it is refused for good."""
        sent = {"occurred_on": on, **(body or {})}
        said = Said(step, service, f"/v1{path}", who, sent, b"")
        answer = await self.final("POST", said, url)
        if not answer.is_success:
            raise Denied(step, answer)
        self.said[step] = Said(step, service, said.path, who, sent, answer.content)
        stream: str = answer.json()["stream"]
        return stream.partition("/")[2]

    async def final(self, method: str, said: Said, url: str | None = None) -> httpx.Response:
        """Again and again, with the same id, until the answer is one that will not change by waiting."""
        deadline = time.monotonic() + PATIENCE
        headers = {"idempotency-key": str(said.key)}
        while True:
            late = time.monotonic() > deadline
            try:
                answer = await self.ask(
                    method, said.service, said.path, said.who, headers=headers, json=said.body, url=url
                )
            except httpx.TransportError:
                if late:
                    raise
            else:
                if late or not _may_change(answer):
                    return answer
            await asyncio.sleep(0.1)

    async def get(self, service: str, path: str, who: SignIn, **params: Any) -> Json:
        """The document; asks again while the service is away."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self.ask("GET", service, f"/v1{path}", who, params=params)
                if answer.is_success:
                    document: Json = answer.json()
                    return document
                if time.monotonic() > deadline or not _may_change(answer):
                    raise Denied(f"GET {service} {path}", answer)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.1)

    async def happened(self, service: str, stream: str, kind: str, who: SignIn) -> None:
        """Until an event of this type is in the stream."""
        deadline = time.monotonic() + PATIENCE
        while True:
            items = (await self.get(service, "/history", who, stream=stream, limit=200))["items"]
            if any(item.get("type") == kind for item in items):
                return
            assert time.monotonic() < deadline, f"no {kind} in {stream} of {service}: {[i.get('type') for i in items]}"
            await asyncio.sleep(0.15)

    async def ready(self, url: str) -> None:
        """Until the service at that address is."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if (await self.http.get(f"{url}/health/ready")).is_success:
                    return
            except httpx.TransportError:
                assert time.monotonic() < deadline, f"nobody at {url}"
            await asyncio.sleep(0.1)

    async def sees(self, service: str, who: SignIn, tenants: set[str]) -> None:
        """Until the service has heard of all these bureaus."""
        deadline = time.monotonic() + PATIENCE
        while not tenants <= set((seen := await self.get(service, "/indicators", who))["tenants"]):
            assert time.monotonic() < deadline, f"{service} knows {seen['tenants']} only"
            await asyncio.sleep(0.15)


def _may_change(answer: httpx.Response) -> bool:
    if answer.status_code >= 500:
        return True
    return answer.status_code == 409 and bool(answer.json().get("retryable"))
