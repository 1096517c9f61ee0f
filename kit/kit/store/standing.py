"""How a service's database stands: what whoever runs the platform asks, of all tenants and without a word of any.

Everything is read where it is kept, in the transaction that is given; nothing here takes a transaction id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.store.migrate import Migration
from kit.tenancy import Tx

COUNTED = 10_000
"""Events behind the relay's cursor are counted up to so many."""
OLDEST, CONNECTED = 10, 100
"""Open write transactions, and kinds of connections, that are named at most."""
NEEDS = {"kit/store/0005_operations.sql", "kit/store/0006_rebuild_due.sql"}
"""The migrations that make what `relay_lag` and `rebuilt` read, and what is due."""

OPEN = """
select pid, datname as database, usename as role, application_name as application from pg_stat_activity
where backend_xid is not null and pid <> pg_backend_pid() order by age(backend_xid) desc, pid limit $1
"""
"""Of other roles' sessions PostgreSQL shows no more to whoever is no monitor."""
CONNECTIONS = """
select usename as role, application_name as application, count(*) as count from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' group by 1, 2 order by 1, 2 limit $1
"""
HELD = """
select tail, code, count(*) as count, min(held_at) as oldest from held
where released_at is null group by tail, code order by min(held_at), tail, code limit 100
"""


@dataclass(frozen=True)
class Applied:
    """What the database has of the migrations that this release knows."""

    applied: int
    missing: Sequence[str]
    """Of this release, and not there, or there with other text."""
    newer: Sequence[str]
    """There, and not of this release."""
    revisions: dict[str, list[int]]
    """Of each view those that the database has had, the present one last."""
    complete: bool
    """Whether what this module reads is there."""


async def applied(tx: Tx, known: Sequence[Migration]) -> Applied:
    """Compares the migrations that were applied with `known`, which are this release's."""
    rows = {row["name"]: row["digest"] for row in await tx.fetch("select name, digest from migration order by name")}
    wanted = {one.name: one.digest for one in known}
    revisions: dict[str, list[int]] = {}
    for name in rows:
        kind, _, rest = name.partition("/")
        if kind == "views":
            view, _, revision = rest.rpartition("/")
            revisions.setdefault(view, []).append(int(revision))
    return Applied(
        applied=sum(rows.get(name) == digest for name, digest in wanted.items()),
        missing=[name for name, digest in wanted.items() if rows.get(name) != digest],
        newer=[name for name in rows if name not in wanted and not _older(name, wanted)],
        revisions={view: sorted(each) for view, each in revisions.items()},
        complete=rows.keys() >= NEEDS,
    )


def _older(name: str, wanted: dict[str, str]) -> bool:
    """Whether it is an earlier revision of a view that this release has."""
    view, _, revision = name.rpartition("/")
    return any(
        other.rpartition("/")[0] == view and int(revision) < int(other.rpartition("/")[2])
        for other in wanted
        if view.startswith("views/") and other.startswith("views/")
    )


@dataclass(frozen=True)
class Writer:
    """A session with an open write transaction, in whatever database of the cluster."""

    pid: int
    database: str | None
    role: str | None
    application: str


@dataclass(frozen=True)
class Connections:
    """How many sessions of a role are connected to this database under one name."""

    role: str | None
    application: str
    count: int


@dataclass(frozen=True)
class Settled:
    """Up to when history is settled, and what holds that up.  `prepared` transactions have outlived their session."""

    now: datetime
    instant: datetime | None
    writers: Sequence[Writer]
    prepared: int


async def horizon(tx: Tx) -> Settled:
    """The settled instant by the database's clock, and the write transactions that are open, oldest first."""
    row = await tx.fetchrow(
        "select clock_timestamp() as now, settled() as instant, (select count(*) from pg_prepared_xacts) as prepared"
    )
    assert row is not None
    return Settled(writers=[Writer(**one) for one in await tx.fetch(OPEN, OLDEST)], **row)


async def connections(tx: Tx) -> list[Connections]:
    """Who is connected to this database."""
    return [Connections(**row) for row in await tx.fetch(CONNECTIONS, CONNECTED)]


@dataclass(frozen=True)
class Lag:
    """The relay's: whether its cursor is `astray`, the events behind it, and the one that it stands on."""

    astray: bool
    waiting: int
    oldest: datetime | None
    passed: datetime | None


async def relay_lag(tx: Tx) -> Lag:
    """How far the relay has come: see `Horizon` for what a cursor astray means."""
    row = await tx.fetchrow("select astray, waiting, oldest, passed from relay_lag()")
    assert row is not None
    return Lag(**row)


@dataclass(frozen=True)
class HeldBack:
    """The streams that a tail holds back under one code: how many, and since when the oldest."""

    tail: str
    code: str
    count: int
    oldest: datetime


async def held_back(tx: Tx) -> list[HeldBack]:
    """What is held, of all tenants, longest first."""
    return [HeldBack(**row) for row in await tx.fetch(HELD)]


@dataclass(frozen=True)
class Rebuilt:
    """When the rows of a view were last filled again."""

    revision: int | None
    started: datetime
    finished: datetime
    events: int


async def rebuilt(tx: Tx) -> dict[str, Rebuilt]:
    """The last rebuild of each view, and of the table of bureaus."""
    rows = await tx.fetch("select name, revision, started_at, finished_at, events from rebuilt")
    return {row["name"]: Rebuilt(row["revision"], row["started_at"], row["finished_at"], row["events"]) for row in rows}
