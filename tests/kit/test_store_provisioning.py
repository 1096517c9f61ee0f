"""Databases and roles: made by an administrator who is no superuser, and again without taking a service down."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from tests.conftest import Engines

from kit.store import provision, provisioning, role_of
from kit.store.provisioning import ROLES, TooStrong

OF_ONE = "select count(*) from pg_db_role_setting where setdatabase <> 0 and setrole = $1::text::regrole"


@pytest.fixture
async def superuser(engines: Engines) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(engines.postgres_url)
    yield connection
    await connection.close()


@pytest.fixture
async def suffix(superuser: asyncpg.Connection) -> AsyncIterator[str]:
    """What is made under it is gone afterwards."""
    one = f"_{uuid4().hex[:10]}"
    yield one
    like = "%" + one.replace("_", r"\_") + "%"
    for row in await superuser.fetch("select datname from pg_database where datname like $1", like):
        await superuser.execute(f'drop database "{row[0]}" with (force)')
    for row in await superuser.fetch("select rolname from pg_roles where rolname like $1 order by 1", like):
        await superuser.execute(f'drop owned by "{row[0]}"; drop role "{row[0]}"')


@pytest.fixture
async def admin_url(engines: Engines, superuser: asyncpg.Connection, suffix: str) -> str:
    """An administrator who may make databases and roles, and no more."""
    await superuser.execute(f"create role \"admin{suffix}\" login createdb createrole password 'secret'")
    parts = urlsplit(engines.postgres_url)
    return urlunsplit(parts._replace(netloc=f"admin{suffix}:secret@{parts.hostname}:{parts.port}"))


async def test_an_administrator_need_not_be_a_superuser(admin_url: str, suffix: str) -> None:
    urls = await provision(admin_url, "toy", suffix)
    assert urls.keys() == ROLES.keys()
    for name, url in urls.items():
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select current_user") == f"toy_{name}{suffix}"
        await connection.close()


async def test_the_administrator_is_no_owner_afterwards(
    admin_url: str, suffix: str, superuser: asyncpg.Connection
) -> None:
    await provision(admin_url, "toy", suffix)
    inherits = await superuser.fetch(
        "select r.rolname from pg_roles r where r.rolname like '%' || $1 and not r.rolname = $2"
        " and pg_has_role($2, r.rolname, 'usage')",
        suffix,
        f"admin{suffix}",
    )
    assert inherits == []


async def test_provisioning_again_takes_nothing_from_a_running_service(admin_url: str, suffix: str) -> None:
    urls = await provision(admin_url, "toy", suffix)
    running = await asyncpg.create_pool(urls["app"], min_size=1, max_size=4)
    again = await provision(admin_url, "toy", suffix)
    assert {name: urlsplit(url).password for name, url in again.items()} == dict.fromkeys(ROLES)
    assert {name: role_of(url) for name, url in again.items()} == {name: role_of(url) for name, url in urls.items()}
    async with running.acquire(), running.acquire() as new:  # the second is a connection made now
        assert await new.fetchval("select true")
    await running.close()


async def test_a_password_changes_when_it_is_asked_to(admin_url: str, suffix: str) -> None:
    urls = await provision(admin_url, "toy", suffix)
    rotated = await provision(admin_url, "toy", suffix, rotate=True)
    for name, url in urls.items():
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url)
        await (await asyncpg.connect(rotated[name])).close()


async def test_provisioning_again_mends_what_a_role_did_to_itself(admin_url: str, suffix: str) -> None:
    urls = await provision(admin_url, "toy", suffix)
    connection = await asyncpg.connect(urls["app"])
    await connection.execute("alter role current_user set search_path to nowhere")
    await connection.execute("alter role current_user set work_mem to '64kB'")
    await connection.close()
    await provision(admin_url, "toy", suffix)
    connection = await asyncpg.connect(urls["app"])
    assert await connection.fetchval("show search_path") == "public, pg_temp"
    assert await connection.fetchval("show work_mem") != "64kB"
    await connection.close()


async def test_provisioning_again_mends_what_a_role_set_for_one_database(
    admin_url: str, suffix: str, superuser: asyncpg.Connection
) -> None:
    urls = await provision(admin_url, "toy", suffix)
    for name, url in urls.items():
        connection = await asyncpg.connect(url)
        for database in (urlsplit(url).path[1:], "postgres"):
            await connection.execute(f"alter role current_user in database \"{database}\" set work_mem to '64kB'")
        await connection.close()
        assert await superuser.fetchval(OF_ONE, role_of(url)) == 2, name
    await provision(admin_url, "toy", suffix)
    for url in urls.values():
        assert await superuser.fetchval(OF_ONE, role_of(url)) == 0


@pytest.mark.parametrize("name", [name for name in ROLES if not name.endswith("owner")])
async def test_where_the_administrator_is_a_superuser_no_role_fills_the_disk_past_all_tables(
    engines: Engines, suffix: str, name: str
) -> None:
    urls = await provision(engines.postgres_url, "toy", suffix)
    connection = await asyncpg.connect(urls[name])
    for call in (
        "lo_create(0)",
        "lo_creat(-1)",
        "lo_from_bytea(0, 'x')",
        "pg_logical_emit_message(false, 'a', 'b')",
        "pg_logical_emit_message(false, 'a', 'b'::bytea)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"select {call}")
    await connection.close()


async def test_provisioning_waits_for_no_role_that_is_being_altered(
    admin_url: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, in a transaction that it leaves open: an administrator would wait for as long as it likes."""
    urls = await provision(admin_url, "toy", suffix)
    monkeypatch.setattr(provisioning, "PATIENCE", "200ms")
    connection = await asyncpg.connect(urls["app"])
    await connection.execute("begin; alter role current_user set work_mem to '64kB'")
    async with asyncio.timeout(20):
        with pytest.raises(asyncpg.LockNotAvailableError):
            await provision(admin_url, "toy", suffix)
    await connection.close()


@pytest.mark.parametrize("attribute", ["superuser", "bypassrls", "createdb", "createrole", "replication"])
async def test_a_role_that_passes_by_its_grants_is_refused(
    attribute: str, superuser: asyncpg.Connection, engines: Engines, suffix: str
) -> None:
    await superuser.execute(f'create role "toy_app{suffix}" {attribute}')
    with pytest.raises(TooStrong, match=f"toy_app{suffix}"):
        await provision(engines.postgres_url, "toy", suffix)


async def test_a_role_takes_a_bounded_number_of_connections(
    admin_url: str, suffix: str, superuser: asyncpg.Connection
) -> None:
    await provision(admin_url, "toy", suffix)
    limits = await superuser.fetch("select rolname, rolconnlimit from pg_roles where rolname like 'toy%' || $1", suffix)
    assert dict(map(tuple, limits)) == {f"toy_{name}{suffix}": role.connections for name, role in ROLES.items()}


@pytest.mark.parametrize("name", [name for name in ROLES if not name.endswith("owner")])
async def test_no_running_role_makes_temporary_tables(admin_url: str, suffix: str, name: str) -> None:
    urls = await provision(admin_url, "toy", suffix)
    connection = await asyncpg.connect(urls[name])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("create temp table tenant ()")
    await connection.close()


async def test_a_role_connects_to_its_own_database_only(admin_url: str, suffix: str) -> None:
    urls = await provision(admin_url, "toy", suffix)
    other = await provision(admin_url, "peer", suffix)
    for name, url in urls.items():
        for stranger in (other["app"], other["keys"], urls["app" if name.startswith("keys") else "keys"]):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(urlunsplit(urlsplit(url)._replace(path=urlsplit(stranger).path)))


def test_it_is_a_command(admin_url: str, suffix: str) -> None:
    command = [sys.executable, "-m", "kit.store", "provision", f"toy{suffix}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIANDONG_")}
    done = subprocess.run(command[:3], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "required" in done.stderr
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "LIANDONG_POSTGRES_URL" in done.stderr) == (2, True)
    done = subprocess.run(
        command, env={**environment, "LIANDONG_POSTGRES_URL": admin_url}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout).keys() == ROLES.keys()


async def test_a_role_may_take_as_long_as_its_purpose_allows(
    admin_url: str, suffix: str, superuser: asyncpg.Connection
) -> None:
    await provision(admin_url, "toy", suffix)
    rows = await superuser.fetch("select rolname, rolconfig from pg_roles where rolname like 'toy%' || $1", suffix)
    named = {name: [one for one in config if one.startswith("application_name=")] for name, config in rows}
    purposes = {
        **{"owner": "migrating", "app": "writes", "relay": "tails", "rebuild": "rebuilding"},
        **{"keys_owner": "migrating", "keys": "keys"},
    }
    assert named == {f"toy_{name}{suffix}": [f"application_name=liandong {what}"] for name, what in purposes.items()}
