"""Waiting for the horizon: readers in settled order see an event once every older transaction of the cluster ended."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

import psycopg

HELD: LiteralString = (
    "select exists (select from event where era = (select current from era)"
    " and tx >= pg_snapshot_xmin(pg_current_snapshot()))"
)
REFUSALS_HELD: LiteralString = (
    "select exists (select from refusal where era = (select current from era)"
    " and tx >= pg_snapshot_xmin(pg_current_snapshot()))"
)


async def settled(events: Any, seconds: float = 30) -> None:
    """Returns when all that is written is settled; `events` is a pool, or the URL, of the relay's or rebuild role.

    Another test's database is dropped, or autovacuum works: their transactions hold the horizon for a moment.
    """
    await _passed(_asking(events) if isinstance(events, str) else events.fetchval, HELD, seconds)


async def settled_refusals(rebuild_url: str, seconds: float = 30) -> None:
    """The same for the rows of refusals, which the rebuild role may see."""
    await _passed(_asking(rebuild_url), REFUSALS_HELD, seconds)


async def _passed(ask: Callable[[LiteralString], Awaitable[Any]], held: LiteralString, seconds: float) -> None:
    end = time.monotonic() + seconds
    while await ask(held):
        assert time.monotonic() < end, "some transaction of this cluster stays open"
        await asyncio.sleep(0.01)


def _asking(url: str) -> Callable[[LiteralString], Awaitable[Any]]:
    async def ask(question: LiteralString) -> Any:
        (answer,) = _connected(url).execute(question).fetchone() or (None,)
        return answer

    return ask


_last: dict[tuple[int, str], psycopg.Connection] = {}
"""The connection over which was asked last, by process and URL: some tests ask before each of hundreds of requests."""


def _connected(url: str) -> psycopg.Connection:
    key = (os.getpid(), url)
    if key not in _last:
        for (process, _), one in [*_last.items()]:
            if process == os.getpid():  # a parent's is not ours to close
                one.close()
        _last.clear()
        _last[key] = psycopg.connect(url, autocommit=True)
    return _last[key]
