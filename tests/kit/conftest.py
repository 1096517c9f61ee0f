"""The toy service that the kit is tried on: its databases, pools and store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from tests.conftest import Provision
from tests.kit.notes import LIST, NOTES, TABLES

from kit.privacy import Vault, new_kek_file
from kit.store import Migration, Store, key_migrations, kit_migrations, migrate, open_pool, role_of


@dataclass
class Toy:
    """A migrated service with one pool per role."""

    urls: dict[str, str]
    app: asyncpg.Pool
    relay: asyncpg.Pool
    rebuild: asyncpg.Pool
    store: Store
    vault: Vault


async def migrated(urls: dict[str, str], *more: Migration) -> None:
    roles = {name: role_of(urls[name]) for name in ("app", "relay", "rebuild")}
    await migrate(urls["owner"], roles, [*kit_migrations(), *more])
    await migrated_keys(urls)


async def migrated_keys(urls: dict[str, str]) -> None:
    await migrate(urls["keys_owner"], {"keys": role_of(urls["keys"])}, key_migrations())


@pytest.fixture
async def toy(provision: Provision, tmp_path: Path) -> AsyncIterator[Toy]:
    urls = await provision("toy")
    await migrated(urls, TABLES)
    kek = tmp_path / "kek"
    new_kek_file(kek)
    vault = await Vault.open(urls["keys"], kek)
    app, relay, rebuild = [await open_pool(urls[name], size=16) for name in ("app", "relay", "rebuild")]
    store = Store(app, region="test", categories=[NOTES], inline=[LIST], vault=vault)
    yield Toy(urls, app, relay, rebuild, store, vault)
    for pool in (app, relay, rebuild):
        await pool.close()
    await vault.close()
