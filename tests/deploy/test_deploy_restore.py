"""What docs/operations.md says of backups, drilled: a dump restored into another cluster, with its traps."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from tests.conftest import Engines, Provision
from tests.kit.notes import HERE, LIST, NOTES, TABLES, Note, NoteSigned, cause, write

from contracts.values import PersonId, Sealed
from kit import store
from kit.privacy import Erased, Vault, box_of, new_kek_file
from kit.store import Store, Tail
from kit.store.mapper import RawMapper
from liandong.engines.postgres import Binaries, PostgresEngine

BURN = "do $$ begin for i in 1..20000 loop perform pg_current_xact_id(); commit; end loop; end $$"
"""The cluster has been in use: its transaction ids are far above those of a new one."""


@dataclass
class Toy:
    """One service on one cluster."""

    urls: dict[str, str]
    store: Store
    vault: Vault
    pools: list[asyncpg.Pool]

    @classmethod
    async def open(cls, urls: dict[str, str], kek: Path) -> Toy:
        vault = await Vault.open(urls["keys"], kek)
        pools = [await store.open_pool(urls[name], size=2) for name in ("app", "relay")]
        return cls(urls, Store(pools[0], region="test", categories=[NOTES], inline=[LIST], vault=vault), vault, pools)

    @property
    def tail(self) -> Tail:
        return Tail(self.pools[1], "relay")

    async def close(self) -> None:
        await self.vault.close()
        for pool in self.pools:
            await pool.close()


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    new_kek_file(tmp_path / "kek")
    return tmp_path / "kek"


@pytest.fixture
async def lived_in(engines: Engines, provision: Provision, kek: Path) -> AsyncIterator[Toy]:
    """A service that has recorded and relayed two notes, one signed."""
    urls = await provision("restored")
    await _migrate(urls)
    toy = await Toy.open(urls, kek)
    await _run(engines.postgres_url, BURN)
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    await toy.store.change(cause(), _sign, NOTES.stream(uuid4(), HERE))
    tail = toy.tail
    await tail.move((await tail.next())[-1])
    yield toy
    await toy.close()


@pytest.mark.parametrize("raised", [True, False], ids=["era raised", "era forgotten"])
async def test_new_events_of_a_restored_database_are_relayed_only_under_a_new_era(
    raised: bool, lived_in: Toy, engines: Engines, own_postgres: PostgresEngine, kek: Path
) -> None:
    toy = await _restored(lived_in, engines, own_postgres, kek)
    if raised:
        await _run(toy.urls["owner"], "update era set current = current + 1")
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    assert len(await toy.tail.next()) == (1 if raised else 0)
    await toy.close()


async def test_a_name_opens_after_both_databases_were_restored(
    lived_in: Toy, engines: Engines, own_postgres: PostgresEngine, kek: Path
) -> None:
    toy = await _restored(lived_in, engines, own_postgres, kek)
    assert await toy.vault.unseal(await _signer(toy)) == "演示社工甲01"
    assert await _lost(toy) == set()
    await toy.close()


async def test_a_lost_key_shows_when_keys_are_compared_with_commitments(lived_in: Toy) -> None:
    """As after restoring a key database from before the event."""
    assert await _lost(lived_in) == set()
    signer = await _signer(lived_in)
    await _run(lived_in.urls["keys"], "delete from data_key")
    assert signer.box is not None
    assert await _lost(lived_in) == {(HERE, str(signer.box.key))}


async def test_an_old_key_backup_undoes_an_erasure(
    lived_in: Toy, engines: Engines, own_postgres: PostgresEngine, kek: Path
) -> None:
    """Stated as a limit in docs/security.md: when this fails, both pages have better news to tell."""
    toy = await _restored(lived_in, engines, own_postgres, kek)
    signer = await _signer(lived_in)
    await lived_in.vault.destroy(HERE, signer.person)
    with pytest.raises(Erased):
        await lived_in.vault.unseal(signer)
    assert await toy.vault.unseal(signer) == "演示社工甲01"
    await toy.close()


def _sign(note: Note) -> list[NoteSigned]:
    return [NoteSigned(Sealed(person=PersonId(uuid4()), clear="演示社工甲01"))]


async def _migrate(urls: dict[str, str]) -> None:
    roles = {name: store.role_of(urls[name]) for name in ("app", "relay", "rebuild")}
    await store.migrate(urls["owner"], roles, [*store.kit_migrations(), TABLES])
    await store.migrate(urls["keys_owner"], {"keys": store.role_of(urls["keys"])}, store.key_migrations())


async def _restored(old: Toy, engines: Engines, target: PostgresEngine, kek: Path) -> Toy:
    """The service's databases dumped by an administrator and restored into another cluster, under the same roles."""
    suffix = store.role_of(old.urls["app"]).removeprefix("restored_app")
    urls = await store.provision(target.url, "restored", suffix)
    for name in ("owner", "keys"):  # events first, then keys
        database = urlsplit(urls[name]).path
        _copied(_in(engines.postgres_url, database), _in(target.url, database))
    return await Toy.open(urls, kek)


def _copied(source: str, target: str) -> None:
    dump = subprocess.run([_tool("pg_dump"), "-Fc", source], capture_output=True, check=True)
    subprocess.run([_tool("pg_restore"), "--exit-on-error", "-d", target], input=dump.stdout, check=True)


async def _signer(toy: Toy) -> Sealed[str]:
    connection = await asyncpg.connect(toy.urls["relay"])
    raw = await connection.fetchval("select raw from event where type = $1", NoteSigned.TOPIC)
    await connection.close()
    event = RawMapper(box_of).to_event(raw)
    assert isinstance(event, NoteSigned)
    return event.signer


async def _lost(toy: Toy) -> set[tuple[str, str]]:
    """The comparison of docs/operations.md."""
    events, keys = await asyncpg.connect(toy.urls["relay"]), await asyncpg.connect(toy.urls["keys"])
    committed = "select tenant_id, substr(stream, 10) from event where type = 'kit.data-key-committed'"
    kept = "select tenant_id, key_id::text from data_key"
    found = {tuple(r) for r in await events.fetch(committed)} - {tuple(r) for r in await keys.fetch(kept)}
    await events.close()
    await keys.close()
    return found


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


def _in(admin_url: str, database: str) -> str:
    return urlunsplit(urlsplit(admin_url)._replace(path=database))


def _tool(name: str) -> Path:
    found = Binaries.find().path / name
    if not found.exists():
        pytest.skip(f"{name} is not beside this machine's PostgreSQL")
    return found
