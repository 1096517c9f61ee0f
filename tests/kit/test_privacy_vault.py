"""Keys: made once, wrapped, cached for a minute, destroyed for good; on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.kit.conftest import migrated_keys

from contracts.values import PersonId, Sealed
from kit.privacy import DataKey, Erased, Kek, KekRefused, NotAuthentic, Vault, box_of, commitment_of, new_kek_file, seal
from kit.privacy.vault import CACHED, NEEDED, KeysNotMigrated
from kit.store import key_migrations

LZ, QLH = "620102", "620103"
PLACE: dict[str, Any] = {"event": UUID(int=2), "type": "casework.entry-made", "schema": 1, "path": "name"}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def urls(provision: Callable[[str], Awaitable[dict[str, str]]]) -> dict[str, str]:
    made = await provision("privacy")
    await migrated_keys(made)
    return made


@pytest.fixture
def url(urls: dict[str, str]) -> str:
    return urls["keys"]


@pytest.fixture
def kek_file(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    new_kek_file(path)
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def vault(url: str, kek_file: Path, clock: Clock) -> AsyncIterator[Vault]:
    one = await Vault.open(url, kek_file, clock=clock)
    yield one
    await one.close()


@pytest.fixture
async def other(vault: Vault, url: str, kek_file: Path, clock: Clock) -> AsyncIterator[Vault]:
    """The vault of a second process of the same service."""
    two = await Vault.open(url, kek_file, clock=clock)
    yield two
    await two.close()


@pytest.fixture
async def database(urls: dict[str, str], vault: Vault) -> AsyncIterator[asyncpg.Connection]:
    """The keeper of the key database, who may do what the service may not."""
    connection = await asyncpg.connect(urls["keys_owner"])
    yield connection
    await connection.close()


@pytest.fixture
def person() -> PersonId:
    return PersonId(uuid4())


async def closed(vault: Vault, person: PersonId, name: str = "演示居民甲01", tenant: str = LZ) -> Sealed[str]:
    """A name as it is read back from an event."""
    key = (await vault.keys_for([(tenant, person)]))[tenant, person]
    return box_of(seal(name, key, tenant=tenant, person=person, **PLACE), tenant=tenant, **PLACE)


async def test_a_name_sealed_here_opens_here(vault: Vault, person: PersonId) -> None:
    assert await vault.unseal(await closed(vault, person, "𠮷·演示")) == "𠮷·演示"


async def test_a_name_opens_in_another_process(vault: Vault, other: Vault, person: PersonId) -> None:
    assert await other.unseal(await closed(vault, person)) == "演示居民甲01"


async def test_a_value_not_stored_yet_is_its_own_clear_text(vault: Vault, person: PersonId) -> None:
    assert await vault.unseal(Sealed(person=person, clear="演示")) == "演示"


async def test_twenty_tasks_that_ask_at_once_get_one_key(
    vault: Vault, other: Vault, person: PersonId, database: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(v.keys_for([(LZ, person)]) for v in [vault, other] * 10))
    assert len({(a[LZ, person].key_id, a[LZ, person].secret) for a in answers}) == 1
    assert await database.fetchval("select count(*) from data_key") == 1


async def test_batches_in_any_order_do_not_lock_each_other_out(
    vault: Vault, other: Vault, database: asyncpg.Connection
) -> None:
    """While another holds the middle person, both batches wait: unsorted, each would hold what the other wants."""
    one, middle, two = ((LZ, PersonId(UUID(int=n))) for n in (1, 2, 3))
    held = database.transaction()
    await held.start()
    await database.execute(
        "insert into data_key values ($1, $2, gen_random_uuid(), '', '', $3, $4)", *middle, bytes(40), bytes(32)
    )
    batches = [
        asyncio.create_task(vault.keys_for([one, middle, two])),
        asyncio.create_task(other.keys_for([two, middle, one])),
    ]
    async with asyncio.timeout(10):
        while await database.fetchval("select count(*) from pg_locks where not granted") < len(batches):
            await asyncio.sleep(0.01)
    await held.rollback()
    answers = await asyncio.gather(*batches)
    assert answers[0] == answers[1]
    assert len({key.key_id for key in answers[0].values()}) == 3


async def test_a_person_has_another_key_in_another_tenant(vault: Vault, person: PersonId) -> None:
    keys = await vault.keys_for([(LZ, person), (QLH, person)])
    assert keys[LZ, person].secret != keys[QLH, person].secret


async def test_a_key_is_never_stored_in_the_clear(vault: Vault, person: PersonId, database: asyncpg.Connection) -> None:
    key = (await vault.keys_for([(LZ, person)]))[LZ, person]
    row = await database.fetchrow("select * from data_key")
    assert row is not None
    assert (row["key_id"], row["commitment"]) == (key.key_id, commitment_of(key.secret))
    assert key.secret not in bytes(row["wrapped"])


async def test_a_destroyed_key_opens_nothing(vault: Vault, person: PersonId) -> None:
    name = await closed(vault, person)
    assert await vault.destroy(LZ, person) == 1
    with pytest.raises(Erased, match="已依法删除"):
        await vault.unseal(name)


async def test_destroying_in_one_tenant_leaves_the_other(vault: Vault, other: Vault, person: PersonId) -> None:
    here, there = await closed(vault, person), await closed(vault, person, tenant=QLH)
    await vault.destroy(LZ, person)
    assert await vault.unseal_many([here, there]) == [None, "演示居民甲01"]
    assert await other.unseal_many([here, there]) == [None, "演示居民甲01"]


async def test_another_process_forgets_a_destroyed_key_within_a_minute(
    vault: Vault, other: Vault, person: PersonId, clock: Clock
) -> None:
    name = await closed(vault, person)
    await other.unseal(name)
    await vault.destroy(LZ, person)
    clock.now += 60
    with pytest.raises(Erased):
        await other.unseal(name)


async def test_a_key_in_memory_saves_the_query(
    vault: Vault, other: Vault, person: PersonId, database: asyncpg.Connection, clock: Clock
) -> None:
    name = await closed(vault, person)
    await database.execute("delete from data_key")
    clock.now += 59
    assert await vault.unseal(name) == "演示居民甲01"


async def test_memory_holds_a_bounded_number_of_keys(vault: Vault) -> None:
    await vault.keys_for((LZ, PersonId(uuid4())) for _ in range(CACHED + 10))
    assert len(vault._by_id) == len(vault._current) == CACHED


async def test_whoever_returns_after_erasure_gets_a_new_key(vault: Vault, person: PersonId) -> None:
    before = await closed(vault, person)
    await vault.destroy(LZ, person)
    after = await closed(vault, person, "演示居民乙02")
    assert await vault.unseal_many([before, after]) == [None, "演示居民乙02"]


async def test_a_retired_key_opens_but_no_longer_seals(
    vault: Vault, person: PersonId, database: asyncpg.Connection, clock: Clock
) -> None:
    before = await closed(vault, person)
    await database.execute("update data_key set retired_at = now()")
    clock.now += 60
    after = await closed(vault, person, "演示居民乙02")
    assert before.box is not None
    assert after.box is not None
    assert before.box.key != after.box.key
    assert await vault.unseal_many([before, after]) == ["演示居民甲01", "演示居民乙02"]


async def test_a_swapped_key_is_noticed(vault: Vault, other: Vault, database: asyncpg.Connection) -> None:
    """The keeper of the key database puts one person's wrapped key in another's place."""
    one, two = PersonId(uuid4()), PersonId(uuid4())
    name = await closed(vault, one)
    await closed(vault, two)
    await database.execute(
        "update data_key set (wrapped, commitment) = (select wrapped, commitment from data_key where person_id = $2)"
        " where person_id = $1",
        one,
        two,
    )
    with pytest.raises(NotAuthentic):
        await other.unseal(name)


async def test_a_changed_commitment_is_noticed(
    vault: Vault, other: Vault, person: PersonId, database: asyncpg.Connection
) -> None:
    name = await closed(vault, person)
    await database.execute("update data_key set commitment = $1", bytes(32))
    with pytest.raises(NotAuthentic, match="committed"):
        await other.unseal(name)


async def test_a_changed_wrapped_key_is_noticed(
    vault: Vault, other: Vault, person: PersonId, database: asyncpg.Connection
) -> None:
    name = await closed(vault, person)
    await database.execute("update data_key set wrapped = set_byte(wrapped, 7, get_byte(wrapped, 7) # 1)")
    with pytest.raises(KekRefused, match="changed"):
        await other.unseal(name)


async def test_a_key_names_by_what_it_seals_and_what_wraps_it(
    vault: Vault, database: asyncpg.Connection, person: PersonId, kek_file: Path
) -> None:
    await vault.keys_for([(LZ, person)])
    named = "select distinct suite, kek_id from data_key union select suite, kek_id from index_secret"
    assert [tuple(row) for row in await database.fetch(named)] == [("aes-256-gcm/aes-kw", Kek.read(kek_file).id)]


async def test_a_key_of_a_suite_that_this_release_does_not_know_is_refused(
    vault: Vault, other: Vault, database: asyncpg.Connection, person: PersonId
) -> None:
    """Its wrapped form may be shorter: SM4 wraps 16 bytes to 24."""
    name = await closed(vault, person)
    await database.execute("update data_key set suite = 'sm4-gcm/sm4-kw', wrapped = $1", bytes(24))
    with pytest.raises(KekRefused, match="sm4-gcm"):
        await other.unseal(name)


@pytest.mark.parametrize(
    "statement",
    [
        "update data_key set kek_id = 'other'",
        "update index_secret set kek_id = 'other'",
        "delete from index_secret",
        "truncate data_key",
        "create table mine ()",
        "create temp table data_key ()",
        "alter table data_key add column mine int",
    ],
)
async def test_the_service_adds_and_destroys_keys_and_changes_none(vault: Vault, url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_a_key_database_of_an_older_release_is_not_opened(urls: dict[str, str], kek_file: Path) -> None:
    assert {migration.name for migration in key_migrations()} == set(NEEDED)
    owner = await asyncpg.connect(urls["keys_owner"])
    await owner.execute("delete from migration where name = $1", NEEDED[-1])
    await owner.close()
    with pytest.raises(KeysNotMigrated):
        await Vault.open(urls["keys"], kek_file)


async def test_another_key_encryption_key_is_refused_before_it_is_used(vault: Vault, url: str, tmp_path: Path) -> None:
    new_kek_file(tmp_path / "another")
    with pytest.raises(KekRefused, match="wrapped under"):
        await Vault.open(url, tmp_path / "another")


def test_the_key_file_is_for_its_owner_alone(kek_file: Path) -> None:
    assert kek_file.stat().st_mode & 0o777 == 0o600
    assert Kek.read(kek_file) == Kek.of(bytes.fromhex(kek_file.read_text()))


def test_the_key_file_is_for_its_owner_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o377)
    try:
        kek = new_kek_file(tmp_path / "made")
    finally:
        os.umask(before)
    assert Kek.read(tmp_path / "made").id == kek.id


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o400, 0o700, 0o4600])
def test_a_key_file_of_another_mode_is_refused(kek_file: Path, mode: int) -> None:
    kek_file.chmod(mode)
    with pytest.raises(KekRefused, match="0600"):
        Kek.read(kek_file)


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33, "00" * 32 + "\n\n"])
def test_a_key_file_that_is_not_64_hex_digits_is_refused(kek_file: Path, text: str) -> None:
    kek_file.write_text(text)
    with pytest.raises(KekRefused, match="64 hex digits"):
        Kek.read(kek_file)


def test_a_key_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KekRefused):
        Kek.read(tmp_path)
    with pytest.raises(KekRefused, match="cannot be read"):
        Kek.read(tmp_path / "absent")


def test_a_key_file_is_never_replaced(kek_file: Path) -> None:
    before = kek_file.read_text()
    with pytest.raises(FileExistsError):
        new_kek_file(kek_file)
    assert kek_file.read_text() == before


def test_a_key_encryption_key_is_named_by_its_hash() -> None:
    assert Kek.of(bytes(range(32))).id == "630dcd2966c43366"
    assert "00010203" not in repr(Kek.of(bytes(range(32))))


def test_a_data_key_hides_its_bytes() -> None:
    assert repr(DataKey(UUID(int=1), b"c", b"s")) == "DataKey(00000000-0000-0000-0000-000000000001)"


async def test_equal_numbers_have_equal_indexes_and_nothing_else_does(vault: Vault, other: Vault) -> None:
    number = "62010219000101001X"
    one = vault.index_hmac("id-number", LZ, number)
    assert one == other.index_hmac("id-number", LZ, number)
    different = {
        vault.index_hmac("licence", LZ, number),
        vault.index_hmac("id-number", QLH, number),
        vault.index_hmac("id-number", None, number),
        vault.index_hmac("id-number", LZ, number[:-1]),
    }
    assert len(different | {one}) == 5
    assert len(one) == 43


async def test_another_service_or_region_indexes_otherwise(
    vault: Vault, provision: Callable[[str], Awaitable[dict[str, str]]], kek_file: Path
) -> None:
    urls = await provision("elsewhere")
    await migrated_keys(urls)
    elsewhere = await Vault.open(urls["keys"], kek_file)
    assert elsewhere.index_hmac("licence", None, "1") != vault.index_hmac("licence", None, "1")
    await elsewhere.close()
