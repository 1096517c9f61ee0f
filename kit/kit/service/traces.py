"""Who was refused what they may not do or not see: rows for the auditors of the bureau in whose name they acted.

What a rule refuses within a change is kept by the store.  This is about what comes before it, and about reading: a
request that a 403 or 404 answers.  The row is written after the answer and apart from it, so that reading still writes
nothing, and a database that is away changes no answer.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from starlette.background import BackgroundTask
from starlette.types import Scope

from kit import clock, telemetry
from kit.auth import Actor, Cause, Post
from kit.auth import Scope as Tenants
from kit.errors import Refused
from kit.store.answers import keep_refusal
from kit.telemetry.metrics import TRACES_DROPPED

log = structlog.get_logger("kit.service")

EACH: Final = 20
"""Rows of one actor in a minute; a loop fills no table."""

ALL: Final = 600
"""Rows of this process in a minute, however many actors."""

TOLD: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{6}([0-9]{3}){0,2}", re.IGNORECASE)
"""Ids and division codes are told as they were asked for.  Anything else in a path may be whatever somebody typed."""


@dataclass(frozen=True)
class Sender:
    """Who sends a request, as far as its head says; `posts` are all that the bearer has, where the issuer told."""

    actor: Actor
    now: datetime
    command_id: UUID
    expected: int | None
    posts: tuple[Post, ...] = ()


class Traces:
    """The rows of one process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._minute = 0
        self._kept: Counter[tuple[str, str]] = Counter()

    async def keep(self, sender: Sender, refused: Refused, action: str, asked: str) -> None:
        """Leaves the row, if there is room in this minute.  Raises nothing: the answer has been given."""
        if not self._room(sender):
            TRACES_DROPPED.inc()
            return
        own = (sender.actor.tenant,)
        cause = Cause(
            command_id=sender.command_id,
            actor=sender.actor,
            action=action,
            occurred_on=clock.day(sender.now),
            now=sender.now,
            scope=Tenants(own, own),
            digest=b"",
            expected=None,
            correlation=sender.command_id,
            causation=None,
            trace=telemetry.current_traceparent(),
            basis=None,
        )
        try:
            await keep_refusal(self._pool, cause, refused, [asked])
        except Exception as error:
            TRACES_DROPPED.inc()
            log.warning("trace.not-kept", error=error, frames=telemetry.frames(error))

    def _room(self, sender: Sender) -> bool:
        minute = int(sender.now.timestamp()) // 60
        if minute != self._minute:
            self._minute, self._kept = minute, Counter()
        one = (sender.actor.tenant, sender.actor.id)
        if self._kept[one] >= EACH or self._kept.total() >= ALL:
            return False
        self._kept[one] += 1
        return True


def traced(scope: Scope, refused: Refused) -> BackgroundTask | None:
    """What leaves the row, to be run after the answer; None for a refusal that needs none, or of nobody known."""
    sender: Sender | None = scope.get("kit.sender")
    if sender is None or refused.status not in (403, 404):
        return None
    traces: Traces = scope["app"].state.runtime.traces
    route = scope.get("route")
    asked = (getattr(route, "openapi_extra", None) or {}).get("x-action")
    action = refused.facts.get("action") or asked or str(getattr(route, "name", "")).replace("_", "-")
    return BackgroundTask(traces.keep, sender, refused, str(action)[:100], asked_of(scope))


def asked_of(scope: Scope) -> str:
    """The method and the path, e.g. "GET /v1/projects/<id>"; what was typed into it stays out."""
    path = route_of(scope) or ""
    for name, value in scope.get("path_params", {}).items():
        if TOLD.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value).lower())
    return f"{scope['method']} {path}"[:500]


def route_of(scope: Scope) -> str | None:
    """The template of the route that took the request; None if none did."""
    template = getattr(scope.get("fastapi.telemetry"), "route", None) or getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else None
