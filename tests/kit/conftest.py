"""The toy service that the kit is tried on: its databases, pools and store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.conftest import Installed, Provision
from tests.kit.notes import DAY, HERE, LIST, MIGRATIONS, NOTES, NoteStruck, cause

from contracts.values import Event
from kit import clock
from kit.privacy import Vault, new_kek_file
from kit.store import Migration, Store, key_migrations, kit_migrations, migrate, open_pool, role_of
from kit.store.mapper import Envelope


@dataclass
class Toy:
    """A migrated service with one pool per role."""

    urls: dict[str, str]
    app: asyncpg.Pool
    relay: asyncpg.Pool
    rebuild: asyncpg.Pool
    store: Store
    vault: Vault


async def smuggle(toy: Toy, note: UUID, version: int, event: Event = NoteStruck()) -> None:  # noqa: B008 - frozen
    """Writes an event as nobody can but the owner, with row security off: around `append` and what it checks."""
    owner = await asyncpg.connect(toy.urls["owner"])
    now, id = clock.now(), uuid4()
    envelope = Envelope(
        id=id, tenant=HERE, region="test", stream=f"note/{note}", version=version, occurred_on=DAY, recorded_at=now,
        actor=cause().actor, command=id, causation=None, correlation=id, trace=None, basis=None,
    )  # fmt: skip
    await owner.execute("alter table event no force row level security")
    await owner.execute(
        "insert into event (tenant_id, stream, version, era, event_id, command_id, type, nth, schema, occurred_on,"
        " recorded_at, raw) values ($1, $2, $3, (select current from era), $4, $4, $5, $3, $6, $7, $8, $9)",
        HERE,
        envelope.stream,
        version,
        id,
        event.TOPIC,
        event.class_version,
        DAY,
        now,
        toy.store.mapper.to_raw(envelope, event),
    )
    await owner.execute("alter table event force row level security")
    await owner.close()


async def migrated(urls: dict[str, str], *more: Migration) -> None:
    roles = {name: role_of(urls[name]) for name in ("app", "relay", "rebuild")}
    await migrate(urls["owner"], roles, [*kit_migrations(), *more])
    await migrated_keys(urls)


async def migrated_keys(urls: dict[str, str]) -> None:
    await migrate(urls["keys_owner"], {"keys": role_of(urls["keys"])}, key_migrations())


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path) -> AsyncIterator[Toy]:
    async with standing(await installed("toy", MIGRATIONS), tmp_path) as one:
        yield one


@pytest.fixture
async def own_toy(provision: Provision, tmp_path: Path) -> AsyncIterator[Toy]:
    """As `toy`, with roles of its own: for tests that alter them."""
    urls = await provision("toy")
    await migrated(urls, *MIGRATIONS)
    async with standing(urls, tmp_path) as one:
        yield one


@asynccontextmanager
async def standing(urls: dict[str, str], tmp_path: Path) -> AsyncIterator[Toy]:
    """The service on databases that are migrated."""
    kek = tmp_path / "kek"
    new_kek_file(kek)
    vault = await Vault.open(urls["keys"], kek)
    app, relay, rebuild = [await open_pool(urls[name], size=16) for name in ("app", "relay", "rebuild")]
    store = Store(app, region="test", categories=[NOTES], views=[LIST], vault=vault)
    yield Toy(urls, app, relay, rebuild, store, vault)
    for pool in (app, relay, rebuild):
        await pool.close()
    await vault.close()
