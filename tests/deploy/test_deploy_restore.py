"""What docs/operations.md says of backups, done as it says: its own scripts, into another cluster, with their traps."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from tests.conftest import Clusters
from tests.cradle import Process
from tests.golden.files import SERVICES
from tests.golden.rights import migrated
from tests.kit.notes import HERE, NOTES, NoteSigned, cause
from tests.settled import settled

from contracts.values import PersonId, Sealed, TenantId
from kit import store
from kit.errors import EraBehind
from kit.privacy import Erased, Vault, new_kek_file
from kit.service import Definition
from kit.store import TENANTS, Store, Tail, TenantNoted
from liandong.engines import PostgresEngine
from liandong.engines.postgres import Binaries

ROOT = Path(__file__).parents[2]
BURN = "do $$ begin for i in 1..20000 loop perform pg_current_xact_id(); commit; end loop; end $$"
"""The cluster has been in use: its transaction ids are far above those of a new one."""
FUNDING = next(definition for definition in SERVICES if definition.name == "funding")


@dataclass
class Site:
    """A PostgreSQL cluster and the services' databases on it."""

    engine: PostgresEngine
    folder: Path
    urls: dict[str, dict[str, str]]

    def environment(self, service: str, nats_url: str) -> dict[str, str]:
        """What a command of the service reads."""
        urls = self.urls[service]
        settings = {
            "DATABASE_URL": urls["app"],
            "KEYS_DATABASE_URL": urls["keys"],
            "OWNER_DATABASE_URL": urls["owner"],
            "KEYS_OWNER_DATABASE_URL": urls["keys_owner"],
            "KEK_FILE": str(self.folder / "kek"),
            "NATS_URL": nats_url,
            "REGION": "restored",
            "ISSUER": "http://issuer.test",
            "JWKS_URL": (self.folder / "jwks.json").as_uri(),
        }
        return {f"{service.upper()}_{name}": value for name, value in settings.items()}

    @asynccontextmanager
    async def opened(self, definition: Definition) -> AsyncIterator[Held]:
        urls = self.urls[definition.name]
        pools = [await store.open_pool(urls[name], size=2) for name in ("app", "relay")]
        vault = await Vault.open(urls["keys"], self.folder / "kek")
        one = Store(pools[0], region="restored", categories=[*definition.categories, NOTES], vault=vault)
        try:
            yield Held(one, vault, pools[1])
        finally:
            await vault.close()
            for pool in pools:
                await pool.close()


@dataclass
class Held:
    """One service of a site, open."""

    store: Store
    vault: Vault
    relay: asyncpg.Pool

    async def note(self, tenant: str = HERE) -> None:
        """Records that a bureau was announced: every service has that event."""
        noted = TenantNoted(TenantId(tenant), f"演示{uuid4().hex[:6]}", "district", None)
        await self.store.change(cause(), lambda _: (noted,), TENANTS.stream(tenant, HERE))

    async def sign(self) -> None:
        """Records a name that is sealed under its person's key."""
        signed = NoteSigned(Sealed(person=PersonId(uuid4()), clear="演示社工甲01"))
        await self.store.change(cause(), lambda _: (signed,), NOTES.stream(uuid4(), HERE))

    async def signer(self) -> Sealed[str]:
        """The name, closed."""
        raw = await self.relay.fetchval("select raw from event where type = $1", NoteSigned.TOPIC)
        event = self.store.mapper.to_event(raw)
        assert isinstance(event, NoteSigned)
        return event.signer

    async def raws(self) -> list[bytes]:
        return [row[0] for row in await self.relay.fetch("select raw from event order by era, tx, pos")]

    async def told(self) -> list[tuple[str, int]]:
        """What the tail hands out now, past its cursor; the cursor moves on."""
        await settled(self.relay)
        tail = Tail(self.relay, "relay")
        rows = await tail.next()
        if rows:
            await tail.move(rows[-1])
        return [(row["stream"], row["version"]) for row in rows]


def script(name: str) -> str:
    """The shell script of that name in docs/operations.md, as it stands there."""
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    (found,) = re.findall(rf"```sh\n# {name}\n(.*?)```", text, re.DOTALL)
    assert isinstance(found, str)
    return found


def run(text: str, site: Site, services: Sequence[Definition], dumps: Path) -> None:
    """A script of the page, as an administrator of the site runs it."""
    tools = Binaries.find().path
    if not (tools / "pg_dump").exists():
        pytest.skip("pg_dump is not beside this machine's PostgreSQL")
    url = urlsplit(site.engine.url)
    environment = {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LIANDONG_POSTGRES_URL": site.engine.url,
        "PGHOST": url.hostname or "",
        "PGPORT": str(url.port),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "SERVICES": " ".join(definition.name for definition in services),
    }
    done = subprocess.run(
        ["sh", "-eu"], input=text, env=environment, cwd=dumps, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def servers(clusters: Clusters) -> Iterator[list[PostgresEngine]]:
    """The one that is lost, and the one that is restored into."""
    with clusters.engine() as old, clusters.engine() as new:
        yield [old, new]
    for one in (old, new):
        shutil.rmtree(one.data_dir, ignore_errors=True)


@pytest.fixture
async def old(servers: list[PostgresEngine], tmp_path: Path) -> Site:
    new_kek_file(tmp_path / "kek")
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": []}))
    site = Site(servers[0], tmp_path, {})
    await install(site, FUNDING)
    await _run(site.engine.url, BURN)
    return site


async def install(site: Site, definition: Definition) -> None:
    site.urls[definition.name] = await store.provision(site.engine.url, definition.name)
    await migrated(definition, site.urls[definition.name])


async def restored(old: Site, servers: list[PostgresEngine], services: Sequence[Definition]) -> Site:
    """By the page: backup there, restore here."""
    dumps = old.folder / f"dumps-{uuid4().hex[:6]}"
    dumps.mkdir()
    new = Site(servers[1], old.folder, {})
    await asyncio.to_thread(run, script("backup"), old, services, dumps)
    await asyncio.to_thread(run, script("restore"), new, services, dumps)
    new.urls = {d.name: json.loads((dumps / f"{d.name}.urls.json").read_text()) for d in services}
    return new


async def command(site: Site, service: str, name: str, nats_url: str) -> tuple[int, str]:
    """`python -m <service> <name>` against the site: exit status, and what it said."""
    process = Process(service, name, env=site.environment(service, nats_url))
    status, out, err = await asyncio.to_thread(process.done, 60)
    return status, out + err


async def test_one_service_is_restored_and_goes_on(old: Site, servers: list[PostgresEngine], nats_url: str) -> None:
    async with old.opened(FUNDING) as service:
        for tenant in ("620102", "620103", "620102"):
            await service.note(tenant)
        assert len(await service.told()) == 3
        history = await service.raws()
    new = await restored(old, servers, [FUNDING])
    assert json.loads((await command(new, "funding", "migrate", nats_url))[1]) == {"migrated": ["era 2"]}
    async with new.opened(FUNDING) as service:
        assert await service.raws() == history
        await service.note("620102")
        assert await service.told() == [("tenant-note/620102", 3)]
    assert json.loads((await command(new, "funding", "migrate", nats_url))[1]) == {"migrated": []}


async def test_all_services_are_restored(old: Site, servers: list[PostgresEngine], nats_url: str) -> None:
    histories: dict[str, list[bytes]] = {}
    for definition in SERVICES:
        if definition is not FUNDING:
            await install(old, definition)
        async with old.opened(definition) as service:
            await service.note()
            histories[definition.name] = await service.raws()
    new = await restored(old, servers, SERVICES)
    for definition in SERVICES:
        status, said = await command(new, definition.name, "migrate", nats_url)
        assert (status, json.loads(said)) == (0, {"migrated": ["era 2"]})
        async with new.opened(definition) as service:
            await service.note()
            assert (await service.raws())[:-1] == histories[definition.name]
            assert len(await service.told()) == 2


async def test_with_the_era_forgotten_nothing_is_accepted_and_it_says_what_to_do(
    old: Site, servers: list[PostgresEngine], nats_url: str
) -> None:
    """Restored by the page as far as the databases, and served without `migrate`."""
    async with old.opened(FUNDING) as service:
        await service.note()
        await service.told()
    new = await restored(old, servers, [FUNDING])
    async with new.opened(FUNDING) as service:
        with pytest.raises(EraBehind) as refused:
            await service.note()
        assert (refused.value.status, "migrate" in refused.value.text) == (503, True)
        assert await service.relay.fetchval("select count(*) from event") == 1
    status, said = await command(new, "funding", "serve", nats_url)
    assert status != 0
    assert "EraBehind" in said
    assert "era 2" in (await command(new, "funding", "migrate", nats_url))[1]
    async with new.opened(FUNDING) as service:
        await service.note()
        assert await service.told() == [("tenant-note/620102", 2)]


async def test_a_name_opens_after_both_databases_were_restored(
    old: Site, servers: list[PostgresEngine], nats_url: str
) -> None:
    async with old.opened(FUNDING) as service:
        await service.sign()
    new = await restored(old, servers, [FUNDING])
    await command(new, "funding", "migrate", nats_url)
    async with new.opened(FUNDING) as service:
        assert await service.vault.unseal(await service.signer()) == "演示社工甲01"
        assert await lost(new) == set()


async def test_a_lost_key_shows_when_keys_are_compared_with_commitments(old: Site) -> None:
    """As after restoring a key database from before the event."""
    async with old.opened(FUNDING) as service:
        await service.sign()
        assert await lost(old) == set()
        signer = await service.signer()
    await _run(old.urls["funding"]["keys"], "delete from data_key")
    assert signer.box is not None
    assert await lost(old) == {(HERE, str(signer.box.key))}


async def test_an_old_key_backup_undoes_an_erasure(old: Site, servers: list[PostgresEngine]) -> None:
    """Stated as a limit in docs/security.md: when this fails, both pages have better news to tell."""
    async with old.opened(FUNDING) as service:
        await service.sign()
        new = await restored(old, servers, [FUNDING])
        signer = await service.signer()
        await service.vault.destroy(HERE, signer.person)
        with pytest.raises(Erased):
            await service.vault.unseal(signer)
    async with new.opened(FUNDING) as service:
        assert await service.vault.unseal(signer) == "演示社工甲01"


async def lost(site: Site) -> set[tuple[str, str]]:
    """The comparison of docs/operations.md, as it stands there."""
    committed, kept = re.findall(r"   (select tenant_id, .*?);", (ROOT / "docs/operations.md").read_text("utf-8"))
    urls = site.urls["funding"]
    events, keys = await asyncpg.connect(urls["relay"]), await asyncpg.connect(urls["keys"])
    found = {(r[0], str(r[1])) for r in await events.fetch(committed)}
    found -= {(r[0], str(r[1])) for r in await keys.fetch(kept)}
    await events.close()
    await keys.close()
    return found


def test_the_page_names_both_scripts_once() -> None:
    assert "pg_dump" in script("backup")
    assert "pg_restore" in script("restore")


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()
