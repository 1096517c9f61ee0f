"""Databases and roles of a service: what an administrator makes once.

The administrator needs CREATEROLE and CREATEDB, and is no superuser.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from asyncpg.utils import _quote_ident as quoted

from kit.tenancy.pools import Purpose


class Role(NamedTuple):
    """A role of every service: which of its two databases, for what, and how many connections at most."""

    keys: bool
    purpose: Purpose
    connections: int


ROLES = {
    "owner": Role(False, Purpose.MIGRATING, 4),
    "app": Role(False, Purpose.WRITES, 60),
    "relay": Role(False, Purpose.TAILS, 20),
    "rebuild": Role(False, Purpose.REBUILDING, 20),
    "keys_owner": Role(True, Purpose.MIGRATING, 4),
    "keys": Role(True, Purpose.KEYS, 20),
}
RUNNING = ("app", "relay", "rebuild")
"""The roles that migrations of the event database grant to."""
OF_ONE_DATABASE = """
select d.datname
from pg_db_role_setting s join pg_roles r on r.oid = s.setrole join pg_database d on d.oid = s.setdatabase
where r.rolname = $1 order by 1
"""
PATIENCE = "5s"
"""How long to wait for a role that is just being altered: by itself, in a transaction that it leaves open."""
FILLING = """
select 'revoke execute on function ' || string_agg(oid::regprocedure::text, ', ') || ' from public' from pg_proc
where pronamespace = 'pg_catalog'::regnamespace
  and proname = any ('{lo_creat,lo_create,lo_from_bytea,pg_logical_emit_message}')
"""
"""What fills the disk outside all tables.  Only a superuser may take it from everybody."""
STRONG = ("rolsuper", "rolbypassrls", "rolcreatedb", "rolcreaterole", "rolreplication")


class TooStrong(Exception):
    """A role of the service's name is there already and has an attribute that passes by grants or policies."""


async def provision(admin_url: str, service: str, suffix: str = "", *, rotate: bool = False) -> dict[str, str]:
    """Makes what is missing of a service's databases and roles, and answers the URLs of the roles by name.

    Called again it takes nothing from a running service: a role that is there keeps its password, and its URL carries
    none.  `rotate` gives all of them new passwords: connections that are open stay, new ones need the new URL.
    What a role has set for itself is taken back, everywhere or in one database.  `suffix` keeps tests apart.  TooStrong
    for a role that could pass by its grants; LockNotAvailableError when one is just being altered.
    """
    databases = {False: f"liandong_{service}{suffix}", True: f"liandong_{service}_keys{suffix}"}
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f"set lock_timeout = '{PATIENCE}'")
        urls: dict[str, str] = {}
        for short, role in ROLES.items():
            name = f"{service}_{short}{suffix}"
            password = await _role(admin, name, role, rotate)
            urls[short] = _url(admin_url, name, password, databases[role.keys])
        for keys, database in databases.items():
            await _database(admin, database, service, suffix, keys)
            if await admin.fetchval("select rolsuper from pg_roles where rolname = current_user"):
                await _narrow(urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}")))
    finally:
        await admin.close()
    return urls


async def _role(admin: asyncpg.Connection[asyncpg.Record], name: str, role: Role, rotate: bool) -> str | None:
    """Makes or mends the role; its password, if it is new."""
    found = await admin.fetchrow("select * from pg_roles where rolname = $1", name)
    if found is None:
        await admin.execute(f"create role {quoted(name)} login")
    elif strong := [attribute for attribute in STRONG if found[attribute]]:
        raise TooStrong(f"{name} has {', '.join(strong)}: take it away, or drop the role")
    settings = f"alter role {quoted(name)} reset all; alter role {quoted(name)} connection limit {role.connections};"
    for row in await admin.fetch(
        OF_ONE_DATABASE, name
    ):  # these would stand above the role's own, and `reset all` spares them
        settings += f"alter role {quoted(name)} in database {quoted(row['datname'])} reset all;"
    known = {row["name"] for row in await admin.fetch("select name from pg_settings")}
    for setting, value in role.purpose.settings.items():
        if value and setting in known:  # an empty list would be taken for a list of one nameless thing
            settings += f"alter role {quoted(name)} set {setting} to {_value(setting, value)};"
    await admin.execute(settings)
    if found is not None and not rotate:
        return None
    password = secrets.token_urlsafe(24)
    await admin.execute(f"alter role {quoted(name)} password '{password}'")
    return password


async def _database(
    admin: asyncpg.Connection[asyncpg.Record], database: str, service: str, suffix: str, keys: bool
) -> None:
    """One database of the service, to which none but its own roles may connect."""
    owner = quoted(f"{service}_{'keys_owner' if keys else 'owner'}{suffix}")
    await admin.execute(f"grant {owner} to current_user")  # making a database for an owner takes being one
    try:
        if not await admin.fetchval("select 1 from pg_database where datname = $1", database):
            await admin.execute(f"create database {quoted(database)} owner {owner} template template0")
        await admin.execute(f"revoke all on database {quoted(database)} from public")
        for short, role in ROLES.items():
            if role.keys == keys:
                name = quoted(f"{service}_{short}{suffix}")
                await admin.execute(f"revoke temporary on database {quoted(database)} from {name}")
                await admin.execute(f"grant connect on database {quoted(database)} to {name}")
    finally:
        await admin.execute(f"revoke {owner} from current_user")


async def _narrow(admin_url: str) -> None:
    """Takes from everybody in one database what no service needs and any role could fill the disk with."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f"set lock_timeout = '{PATIENCE}'")
        await admin.execute(await admin.fetchval(FILLING))
    finally:
        await admin.close()


def role_of(url: str) -> str:
    """The role that a database URL names."""
    return urlsplit(url).username or ""


def _value(setting: str, value: str) -> str:
    return value if setting == "search_path" else "'" + value + "'"


def _url(admin_url: str, user: str, password: str | None, database: str) -> str:
    parts = urlsplit(admin_url)
    host = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    who = quote(user) if password is None else f"{quote(user)}:{quote(password)}"
    return urlunsplit((parts.scheme, f"{who}@{host}", f"/{database}", parts.query, ""))
