"""Streams that a tail cannot pass on: held apart, so that all others go on, and told later from where they stopped.

The tail's cursor goes over a held stream's events; a row of `held` says from which version on they wait.  They are
tried again whenever the tail starts, and when somebody asks; passing one over takes two persons, and their decision
stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import orjson
import structlog
from pydantic import ValidationError

from kit import telemetry
from kit.errors import NewerThanThisRelease, NotFound, Refused
from kit.tenancy import Tx

log = structlog.get_logger("kit.store")
AT_ONCE = 100
"""Events of a held stream that are read at a time."""

OPEN = (
    "select id, tenant_id, stream, version, code, decided from held"
    " where tail = $1 and revision = $2 and released_at is null order by id"
)
HOLD = (
    "insert into held (tail, revision, tenant_id, stream, version, code, detail, decided)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"
)
BEHIND = """
select era, tx, pos, tenant_id, stream, version, nth, event_id, type, schema, occurred_on, recorded_at, raw from event
where tenant_id = $1 and stream = $2 and version >= $3 and (era, tx, pos) <= ($4::smallint, $5::xid8, $6::bigint)
order by version limit $7
"""
ONES_OWN = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that speak of the server or of other transactions, never of the event at hand."""


class Position(NamedTuple):
    """A place in the settled order."""

    era: int
    tx: int
    pos: int


def position(row: asyncpg.Record) -> Position:
    return Position(row["era"], row["tx"], row["pos"])


class OrderBroken(Exception):  # noqa: N818 - a broken invariant, named for what it is
    """A stream's version was not handed out after its predecessor: history was not written through `append`."""


class CannotTell(Exception):  # noqa: N818 - says what happened
    """An event cannot be passed on for its own sake: its stream is held."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail[:500]


class SecondPersonNeeded(Refused):
    code = "second-person-needed"
    text = "跳过一条记录需由另一人确认，不能由提出者本人确认。请换一位操作人员办理。"


def why(error: Exception) -> CannotTell:
    """A failure as a row of `held` may show it: what and where, nothing that could quote a person."""
    match error:
        case CannotTell():
            return error
        case NewerThanThisRelease():
            return CannotTell(error.code, "written by a newer release; tried again when a process starts")
        case OrderBroken():
            return CannotTell("order-broken", str(error))
        case ValidationError():
            return CannotTell("cannot-be-told", ", ".join(".".join(map(str, e["loc"])) for e in error.errors()))
        case _:
            return CannotTell("bug", f"{type(error).__name__} {' '.join(telemetry.frames(error)[-3:])}")


def is_its_own(error: Exception) -> bool:
    """Whether a failure is the event's own, and not the server's or another transaction's."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08")[:2] not in ONES_OWN
    return not isinstance(error, OSError | asyncpg.InterfaceError)


@dataclass(frozen=True)
class HeldStream:
    """An open row: the events of a stream wait from `version` on."""

    id: int
    tenant: str
    stream: str
    version: int
    code: str
    decided: dict[str, Any]

    @property
    def skips(self) -> bool:
        """Whether two persons have decided to pass over the event that it waits at."""
        return self.decided.get("decision") == "skip" and "confirmed_by" in self.decided

    @property
    def due(self) -> bool:
        """Whether there is something to be done now: by decision, or for a release that may have come meanwhile.

        Of two releases side by side the older may have held what the younger, started before that, can read.
        """
        newer = not self.decided and self.code == NewerThanThisRelease.code
        return newer or self.skips or self.decided.get("decision") == "retry"


class Held:
    """The held streams of one tail, as last loaded."""

    def __init__(self, tail: str, revision: int) -> None:
        self.tail, self.revision = tail, revision
        self.streams: dict[tuple[str, str], HeldStream] = {}

    async def load(self, tx: Tx) -> None:
        """Reads the open rows; of those that are known already, what was decided."""
        rows = await tx.fetch(OPEN, self.tail, self.revision)
        self.streams = {
            (r["tenant_id"], r["stream"]): HeldStream(
                r["id"], r["tenant_id"], r["stream"], r["version"], r["code"], orjson.loads(r["decided"] or "{}")
            )
            for r in rows
        }

    def holds(self, row: asyncpg.Record) -> bool:
        """Whether the event belongs to a held stream: the tail goes over it."""
        return bool(self.streams) and (row["tenant_id"], row["stream"]) in self.streams

    async def hold(self, tx: Tx, tenant: str, stream: str, version: int, error: Exception) -> None:
        """Holds a stream from a version on; does nothing if it is held."""
        reason = why(error)
        log.error("tail.held", tail=self.tail, tenant=tenant, stream=stream, version=version, code=reason.code)
        await tx.execute(HOLD, self.tail, self.revision, tenant, stream, version, reason.code, reason.detail, None)
        await self.load(tx)

    async def retry(
        self, tx: Tx, at: Position, tell: Callable[[asyncpg.Record], Awaitable[None]], *, starting: bool = False
    ) -> None:
        """Tells what waits at or before `at`, the place to which everything was handed out, stream by stream.

        Every held stream when `starting`, else those that are due.  `tell` raises CannotTell for
        an event's own sake, and the stream stays held there; what else it raises is raised.
        """
        await self.load(tx)
        for one in [held for held in self.streams.values() if starting or held.due]:
            await self._again(tx, at, tell, one)

    async def _again(
        self, tx: Tx, at: Position, tell: Callable[[asyncpg.Record], Awaitable[None]], one: HeldStream
    ) -> None:
        if one.skips:
            one = await self._pass_over(tx, one)
        while rows := await tx.fetch(BEHIND, one.tenant, one.stream, one.version, *at, AT_ONCE):
            for row in rows:
                try:
                    if row["version"] != one.version:
                        raise why(OrderBroken(f"version {one.version} is missing before {row['version']}"))
                    await tell(row)
                except CannotTell as still:
                    await self._stays(tx, one, still)
                    return
                one = replace(one, version=row["version"] + 1)
                await tx.execute("update held set version = $2 where id = $1", one.id, one.version)
        await tx.execute("update held set released_at = clock_timestamp() where id = $1", one.id)
        del self.streams[one.tenant, one.stream]
        log.info("tail.released", tail=self.tail, tenant=one.tenant, stream=one.stream, version=one.version)

    async def _stays(self, tx: Tx, one: HeldStream, still: CannotTell) -> None:
        if (one.version, one.code, one.decided) == (self.streams[one.tenant, one.stream].version, still.code, {}):
            return
        await tx.execute(
            "update held set version = $2, code = $3, detail = $4, decided = null where id = $1",
            one.id,
            one.version,
            still.code,
            still.detail,
        )
        self.streams[one.tenant, one.stream] = replace(one, code=still.code, decided={})

    async def _pass_over(self, tx: Tx, one: HeldStream) -> HeldStream:
        """Ends the row with its decision, and holds on behind the event that was passed over."""
        row = await tx.fetchrow(
            "with ended as (update held set released_at = clock_timestamp() where id = $1 returning *)"
            " select tail from ended",
            one.id,
        )
        assert row is not None  # noqa: S101 - nothing deletes a row of `held`
        await tx.execute(
            HOLD, self.tail, self.revision, one.tenant, one.stream, one.version + 1, one.code, "behind one passed over",
            '{"decision": "retry"}',
        )  # fmt: skip
        log.warning("tail.passed-over", tail=self.tail, tenant=one.tenant, stream=one.stream, version=one.version)
        await self.load(tx)
        return self.streams[one.tenant, one.stream]


async def ask_retry(tx: Tx, id: int, *, by: str) -> None:
    """Has a held stream tried again soon.  NotFound when it is not held any more."""
    await _decide(tx, id, {"decision": "retry", "by": by})


async def ask_skip(tx: Tx, id: int, *, by: str, reason: str, now: datetime) -> None:
    """Proposes to pass over the one event that a stream waits at; done when another person has confirmed it."""
    await _decide(tx, id, {"decision": "skip", "by": by, "reason": reason, "at": now.isoformat()})


async def confirm_skip(tx: Tx, id: int, *, by: str, now: datetime) -> None:
    """Confirms a proposal.  NotFound when there is none, SecondPersonNeeded from who made it."""
    found = await tx.fetchval("select decided from held where id = $1 and released_at is null", id)
    decided = orjson.loads(found or "{}")
    if decided.get("decision") != "skip":
        raise NotFound
    if decided["by"] == by:
        raise SecondPersonNeeded
    await _decide(tx, id, {**decided, "confirmed_by": by, "confirmed_at": now.isoformat()})


async def _decide(tx: Tx, id: int, decided: dict[str, Any]) -> None:
    done = await tx.execute(
        "update held set decided = $2 where id = $1 and released_at is null", id, orjson.dumps(decided).decode()
    )
    if done != "UPDATE 1":
        raise NotFound
