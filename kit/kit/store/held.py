"""Streams that a tail cannot pass on: held apart, so that all others go on, and told later from where they stopped.

The tail's cursor goes over a held stream's events; a row of `held` says from which version on they wait.  They are
tried again when the relay starts, each minute, and when somebody asks; passing one over takes two
persons, and their decision stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import asyncpg
import structlog
from pydantic import ValidationError

from kit import telemetry
from kit.errors import NewerThanThisRelease, NotFound
from kit.tenancy import Tx

log = structlog.get_logger("kit.store")
AT_ONCE = 100
"""Events of a held stream that are read at a time."""

OPEN = (
    "select id, tenant_id, stream, version, code, retry_by, skip_version, skip_confirmed_by from held"
    " where tail = $1 and revision = $2 and released_at is null order by id"
)
HOLD = (
    "insert into held (tail, revision, tenant_id, stream, version, code, detail, retry_by)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"
)
BEHIND = """
select era, tx, pos, tenant_id, stream, version, nth, event_id, type, schema, occurred_on, recorded_at, raw from event
where tenant_id = $1 and stream = $2 and version >= $3 and (era, tx, pos) <= ($4::smallint, $5::xid8, $6::bigint)
order by version limit $7
"""
NOT_HELD = "ES004"
ONES_OWN = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that speak of the server or of other transactions, never of the event at hand."""


class Position(NamedTuple):
    """A place in the settled order."""

    era: int
    tx: int
    pos: int


def position(row: asyncpg.Record) -> Position:
    return Position(row["era"], row["tx"], row["pos"])


class OrderBroken(Exception):
    """A stream's version was not handed out after its predecessor: history was not written through `append`."""


class CannotTell(Exception):
    """An event cannot be passed on for its own sake: its stream is held."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail[:500]


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
    retry_by: str | None
    skip_by: str | None
    """The second of the two persons who decided to pass over the event that it waits at, if they did."""

    @property
    def due(self) -> bool:
        """Whether there is something to be done now: by decision, or for a release that may have come meanwhile.

        Of two releases side by side the older may have held what the younger, started before that, can read.
        """
        return bool(self.skip_by or self.retry_by) or self.code == NewerThanThisRelease.code


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
                r["id"],
                r["tenant_id"],
                r["stream"],
                r["version"],
                r["code"],
                r["retry_by"],
                r["skip_confirmed_by"] if r["skip_version"] == r["version"] else None,
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

        Every held stream when `starting`, else those that are due.  `tell` raises CannotTell for an event's own sake,
        and the stream stays held there; what else it raises is raised.  A row about which the database refuses what
        was to be done is said and left, and the others are gone on with.
        """
        await self.load(tx)
        for one in [held for held in self.streams.values() if starting or held.due]:
            try:
                await self._again(tx, at, tell, one)  # in no transaction: it would be open while something is published
            except asyncpg.PostgresError as error:
                if not is_its_own(error):
                    raise
                log.error("tail.retry-failed", tail=self.tail, tenant=one.tenant, stream=one.stream, error=error)
                await self.load(tx)

    async def _again(
        self, tx: Tx, at: Position, tell: Callable[[asyncpg.Record], Awaitable[None]], one: HeldStream
    ) -> None:
        if one.skip_by:
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
        """Says where and why it waits now.  That it was tried answers who wanted that; a wish to skip stands."""
        known = self.streams[one.tenant, one.stream]
        if (one.version, still.code, one.retry_by) == (known.version, known.code, None):
            return
        await tx.execute(
            "update held set version = $2, code = $3, detail = $4, retry_by = null where id = $1",
            one.id,
            one.version,
            still.code,
            still.detail,
        )
        await self.load(tx)

    async def _pass_over(self, tx: Tx, one: HeldStream) -> HeldStream:
        """Ends the row with its decision, and holds on behind the event that was passed over: both, or neither."""
        async with tx.transaction():
            await tx.execute("update held set released_at = clock_timestamp() where id = $1", one.id)
            await tx.execute(
                HOLD, self.tail, self.revision, one.tenant, one.stream, one.version + 1, one.code,
                "behind one passed over", one.skip_by,
            )  # fmt: skip
        log.warning("tail.passed-over", tail=self.tail, tenant=one.tenant, stream=one.stream, version=one.version)
        await self.load(tx)
        return self.streams[one.tenant, one.stream]


async def retry(tx: Tx, id: int, *, by: str) -> None:
    """Has a held stream tried again soon.  NotFound when it is not held any more."""
    await _asked(tx, "select retry_held($1, $2)", id, by)


async def skip(tx: Tx, id: int, version: int, *, by: str, reason: str) -> None:
    """One of two persons wants the event passed over that a held stream waits at: the first asks, the second confirms.

    NotFound when it does not wait there any more; InsufficientPrivilegeError for the same person, or transaction,
    twice: whose wish is the second is decided before (`kit.bus.decisions`).
    """
    await _asked(tx, "select skip_held($1, $2, $3, $4)", id, version, by, reason)


async def _asked(tx: Tx, statement: str, *given: object) -> None:
    try:
        await tx.execute(statement, *given)
    except asyncpg.PostgresError as error:
        if error.sqlstate != NOT_HELD:
            raise
        raise NotFound from None
