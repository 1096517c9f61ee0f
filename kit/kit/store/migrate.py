"""Migrations: numbered files that the owner of a database applies, each once; nothing runs as owner otherwise."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg
from asyncpg.utils import _quote_ident as quoted

from kit.tenancy.pools import Purpose, connect

MIGRATING = 0x4C444D47
"""The advisory lock under which one process migrates ("LDMG")."""
KIT = Path(__file__).parent.parent
_TOKEN = re.compile(r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)|'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|.""", re.DOTALL)


@dataclass(frozen=True)
class Migration:
    """A named piece of SQL that is applied once; `{app}`, `{relay}`, … stand for the service's roles."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        """Of the tokens alone: a comment that is reworded, or a line that is moved, stops nobody's release."""
        return _digest(self.sql)


@cache
def _digest(sql: str) -> str:
    tokens = [found[0] for found in _TOKEN.finditer(sql) if found["skip"] is None]
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()


class MigrationChanged(Exception):
    """A migration that was already applied says something else now.  Write a new one instead."""


def kit_migrations() -> list[Migration]:
    """What the kit itself needs in every event database: the store's numbered files, then the bus's."""
    return [*_owned("store"), *_owned("bus")]


def key_migrations() -> list[Migration]:
    """What every key database needs."""
    return _owned("privacy")


def _numbered(folder: Path) -> list[Migration]:
    """The migrations in a folder by number: 0001_….sql, 0002_….sql."""
    return [Migration(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("[0-9]*.sql"))]


def _owned(module: str) -> list[Migration]:
    found = _numbered(KIT / module / "migrations")
    return [Migration(f"kit/{module}/{migration.name}", migration.sql) for migration in found]


async def migrate(owner_url: str, roles: Mapping[str, str], migrations: Iterable[Migration]) -> list[str]:
    """Applies what is not yet applied, each in its own transaction, and answers the names; safe to run in parallel.

    `roles` maps the names in braces to names of roles.  MigrationChanged if an applied one says something else now.
    """
    connection = await connect(owner_url, Purpose.MIGRATING)
    done: list[str] = []
    try:
        await _alone(connection)
        await connection.execute(
            "create table if not exists migration"
            " (name text primary key, digest text not null, applied_at timestamptz not null default now())"
        )
        applied = {r["name"]: r["digest"] for r in await connection.fetch("select name, digest from migration")}
        for migration in migrations:
            if migration.name in applied:
                if applied[migration.name] != migration.digest:
                    raise MigrationChanged(migration.name)
                continue
            sql = migration.sql
            for role, name in roles.items():
                sql = sql.replace("{" + role + "}", quoted(name))
            async with connection.transaction():
                await connection.execute(sql)
                await connection.execute(
                    "insert into migration (name, digest) values ($1, $2)", migration.name, migration.digest
                )
            done.append(migration.name)
        for name in roles.values():
            await connection.execute(f"grant select on migration to {quoted(name)}")
    finally:
        await connection.close()
    return done


async def raise_era(owner_url: str) -> int | None:
    """Raises the era if the database came from another cluster, and answers the new one; None if there is no need.

    Transaction ids start again after a dump and restore: without a new era new events would sort before old ones.
    """
    connection = await connect(owner_url, Purpose.MIGRATING)
    try:
        await _alone(connection)
        era: int | None = await connection.fetchval("select raise_era()")
        return era
    finally:
        await connection.close()


async def _alone(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Waits without bound until no other process migrates here; the connection's end frees it."""
    await connection.execute("set lock_timeout = 0")
    await connection.execute("select pg_advisory_lock($1)", MIGRATING)
    await connection.execute("reset lock_timeout")
