"""The databases that tests are given: each service's own, and gone afterwards."""

from __future__ import annotations

from typing import Protocol

import asyncpg
import pytest


class HasUrls(Protocol):
    postgres_url: str


made: set[str] = set()
roles: set[str] = set()


async def test_a_service_is_given_databases_and_roles_of_its_own(engines: HasUrls, provision: object) -> None:
    assert callable(provision)
    urls = await provision("funding")
    assert set(urls) == {"owner", "app", "relay", "rebuild", "keys_owner", "keys"}
    for role, url in urls.items():
        connection = await asyncpg.connect(url)
        made.add(await connection.fetchval("select current_database()"))
        name = await connection.fetchval("select current_user")
        assert role in name
        roles.add(name)
        await connection.close()
    assert len(made) == 2
    other = await provision("registry")
    stranger = other["app"].rsplit("/", 1)[0] + "/" + urls["app"].rsplit("/", 1)[1]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(stranger)


async def test_what_the_test_before_was_given_is_gone(engines: HasUrls) -> None:
    assert made
    assert roles
    connection = await asyncpg.connect(engines.postgres_url)
    left = {row[0] for row in await connection.fetch("select datname from pg_database")}
    left |= {row[0] for row in await connection.fetch("select rolname from pg_roles")}
    await connection.close()
    assert not (made | roles) & left
