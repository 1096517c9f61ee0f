"""Calls into a running installation: tokens of its development issuer, and its services over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx

from contracts.values import Role
from liandong import state
from liandong.failure import Failure
from liandong.pasting import command
from liandong.state import State

PATIENCE = 60.0
"""Seconds that a retryable answer, or a service that is being started again, is waited for."""
PAUSE = 0.1
"""Seconds between two tries of the same request."""
TIMEOUT = 30.0
AT_ONCE = 16
"""Requests in flight: more would only wait inside the services."""

Json = dict[str, Any]


class Denied(Failure):
    """A service said no.  `problem` is its RFC 9457 document."""

    def __init__(self, asked: str, problem: Json) -> None:
        self.problem = problem
        self.status: int = problem.get("status", 0)
        self.code: str = problem.get("code", "")
        self.rule: str | None = problem.get("rule")
        self.clause: str | None = problem.get("clause")
        fields = "".join(f"; {e['field']}: {e['problem']}" for e in problem.get("errors") or ())
        super().__init__(f"{asked}: {self.status} {self.code}{self.ground} {problem.get('detail', '')}{fields}")

    @property
    def ground(self) -> str:
        """The plan's paragraph and the rule that it rests on, as they are printed; nothing where there is none."""
        named = " ".join(filter(None, (self.clause, self.rule)))
        return f"（{named}）" if named else ""


@dataclass(frozen=True)
class SignIn:
    """Whom a token speaks for.  `unit`: a street, community, organisation or third party; `person` tells two apart."""

    role: Role
    tenant: str
    unit: str | None = None
    person: str | None = None

    @property
    def claims(self) -> Json:
        """What the development issuer is asked for; the subject is opaque and no person's name."""
        subject = "-".join(part for part in ("demo", self.role.value, self.tenant, self.unit, self.person) if part)
        return {
            "sub": subject[:128],
            "role": self.role,
            "tenant": self.tenant,
            **({"unit": self.unit} if self.unit else {}),
        }


class Running:
    """An installation that is up; `calls` makes one."""

    def __init__(self, found: State, http: httpx.AsyncClient) -> None:
        self.state = found
        self._http = http
        self._tokens: dict[SignIn, asyncio.Task[str]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    @classmethod
    @asynccontextmanager
    async def calls(cls, data: Path) -> AsyncIterator[Self]:
        """Raises NotUp if nothing runs in `data`, and Failure where a service gives no answer."""
        found = state.found(data)
        limits = httpx.Limits(max_connections=AT_ONCE + 4, max_keepalive_connections=AT_ONCE + 4, keepalive_expiry=10)
        async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT, limits=limits) as http:
            try:
                yield cls(found, http)
            except httpx.HTTPError as error:
                see = command("status", data=data)
                raise Failure(f"服务没有应答（{error or type(error).__name__}），请查看：{see}") from error

    async def get(self, service: str, path: str, who: SignIn, **asked: str | int) -> Json:
        """The document; raises Denied."""
        url = f"{self.state.services[service].url}{path}"
        answer = await self._answer("GET", url, who, params=asked)
        return _document(f"GET {service} {path}", answer)

    async def post(self, service: str, path: str, who: SignIn, body: Json, key: UUID) -> Json:
        """The answer to a command; raises Denied.  The same key again gets the first answer again."""
        url = f"{self.state.services[service].url}{path}"
        answer = await self._answer("POST", url, who, json=body, key=key)
        return _document(f"POST {service} {path}", answer)

    async def pages(self, service: str, path: str, who: SignIn, **asked: str | int) -> AsyncIterator[Json]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = await self.get(service, path, who, limit=200, **asked, **({"cursor": cursor} if cursor else {}))
            for item in page["items"]:
                yield item
            cursor = page["cursor"]
            if cursor is None:
                return

    async def _answer(
        self,
        method: str,
        url: str,
        who: SignIn,
        *,
        params: Json | None = None,
        json: Json | None = None,
        key: UUID | None = None,
    ) -> httpx.Response:
        """Asks again while the answer may change in a moment: not-known-yet, busy, or a service not up again yet."""
        headers = {"authorization": f"Bearer {await self._token(who)}"}
        if key is not None:
            headers["idempotency-key"] = str(key)
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            late = asyncio.get_running_loop().time() > deadline
            try:
                async with self._room:
                    answer = await self._http.request(method, url, params=params, json=json, headers=headers)
            except httpx.TransportError:
                if late:
                    raise
            else:
                if late or not _changes(answer):
                    return answer
            await asyncio.sleep(PAUSE)

    async def _token(self, who: SignIn) -> str:
        """One token for each sign-in, asked for once."""
        if who not in self._tokens:
            self._tokens[who] = asyncio.create_task(self._signed(who))
        return await self._tokens[who]

    async def _signed(self, who: SignIn) -> str:
        answer = await self._http.post(f"{self.state.issuer_url}/token", json=who.claims)
        if not answer.is_success:
            problem = {"status": answer.status_code, "code": "no-token", "detail": _complaint(answer)}
            raise Denied(f"sign-in as {who.role} of {who.tenant}", problem)
        token: str = answer.json()["access_token"]
        return token


def _complaint(answer: httpx.Response) -> str:
    """Which of the claims the issuer does not take, and why."""
    try:
        wrong = answer.json()["detail"]
        return "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in wrong)
    except (ValueError, KeyError, TypeError, IndexError):
        return answer.text[:200]


def _changes(answer: httpx.Response) -> bool:
    if answer.is_success:
        return False
    try:
        return bool(answer.json().get("retryable"))
    except ValueError:
        return False


def _document(asked: str, answer: httpx.Response) -> Json:
    try:
        document: Json = answer.json()
    except ValueError:
        document = {"status": answer.status_code, "code": "no-json", "detail": answer.text[:200]}
    if answer.is_success:
        return document
    raise Denied(asked, document)
