"""Databases and roles of a service, and the migrations of its schema.

An administrator provisions once: one database and four roles per service, and a second database for its data keys.
The owner role migrates; nothing runs as owner otherwise.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from asyncpg.utils import _quote_ident as quoted

from kit.tenancy import keep_nothing

ROLES = ("owner", "app", "relay", "rebuild")
MIGRATING = 0x4C444D47
"""The advisory lock under which one process migrates ("LDMG")."""


@dataclass(frozen=True)
class Migration:
    """A named piece of SQL that is applied once; `{app}`, `{relay}` and `{rebuild}` stand for the service's roles."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class MigrationChanged(Exception):  # noqa: N818 - says what happened
    """A migration that was already applied has other text now.  Write a new one instead."""


def kit_migrations() -> list[Migration]:
    """The schemas that the kit itself needs in every service, oldest first."""
    kit = Path(__file__).parent.parent
    found = [kit / "store" / "schema.sql", kit / "bus" / "schema.sql"]
    return [Migration(f"kit/{path.parent.name}", path.read_text("utf-8")) for path in found if path.exists()]


def service_migrations(folder: Path) -> list[Migration]:
    """The migrations of a service by name: 0001_….sql, 0002_….sql."""
    return [Migration(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("[0-9]*.sql"))]


async def provision(admin_url: str, service: str, suffix: str = "") -> dict[str, str]:
    """Creates the databases and roles of a service and answers their URLs by role: owner app relay rebuild keys.

    New passwords each time it is called: an administrator's act, safe to repeat.  `suffix` keeps tests apart.
    """
    database, keys = f"liandong_{service}{suffix}", f"liandong_{service}_keys{suffix}"
    admin = await asyncpg.connect(admin_url)
    try:
        urls: dict[str, str] = {}
        for role in (*ROLES, "keys"):
            name, password = f"{service}_{role}{suffix}", secrets.token_urlsafe(24)
            exists = await admin.fetchval("select 1 from pg_roles where rolname = $1", name)
            verb = "alter" if exists else "create"
            await admin.execute(
                f"{verb} role {quoted(name)} login nosuperuser nobypassrls nocreatedb nocreaterole"
                f" password '{password}'"
            )
            urls[role] = _url(admin_url, name, password, keys if role == "keys" else database)
        for db, owner in ((database, f"{service}_owner{suffix}"), (keys, f"{service}_keys{suffix}")):
            if not await admin.fetchval("select 1 from pg_database where datname = $1", db):
                await admin.execute(f"create database {quoted(db)} owner {quoted(owner)} template template0")
            await admin.execute(f"revoke all on database {quoted(db)} from public")
        for role in ROLES[1:]:
            await admin.execute(
                f"grant connect, temporary on database {quoted(database)} to {quoted(f'{service}_{role}{suffix}')}"
            )
    finally:
        await admin.close()
    return urls


async def migrate(owner_url: str, roles: dict[str, str], migrations: Iterable[Migration]) -> list[str]:
    """Applies what is not yet applied, each in its own transaction, and answers the names; safe to run in parallel.

    `roles` maps app, relay and rebuild to role names.  MigrationChanged if an applied one has other text now.
    """
    connection = await asyncpg.connect(owner_url)
    done: list[str] = []
    try:
        await connection.execute("select pg_advisory_lock($1)", MIGRATING)
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
                await connection.execute("set local lock_timeout = '5s'")
                await connection.execute(sql)
                await connection.execute(
                    "insert into migration (name, digest) values ($1, $2)", migration.name, migration.digest
                )
            done.append(migration.name)
        await connection.execute(f"grant select on migration to {quoted(roles['app'])}")
        await connection.execute("select raise_era()")
    finally:
        await connection.close()
    return done


def role_of(url: str) -> str:
    """The role that a database URL names."""
    return urlsplit(url).username or ""


async def open_pool(url: str, *, size: int = 10) -> asyncpg.Pool:
    """A pool for one of the service's roles.  A statement that takes over 30 s is a fault, and ends."""
    return await asyncpg.create_pool(url, min_size=1, max_size=size, reset=keep_nothing, command_timeout=30)


def _url(admin_url: str, user: str, password: str, database: str) -> str:
    parts = urlsplit(admin_url)
    host = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    return urlunsplit((parts.scheme, f"{quote(user)}:{quote(password)}@{host}", f"/{database}", parts.query, ""))
