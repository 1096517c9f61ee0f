"""Where data keys are kept, made, cached for a minute, and destroyed."""

from __future__ import annotations

import hmac
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import rfc8785
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contracts.values import PersonId, Sealed, TenantId
from kit.errors import Refused
from kit.privacy.kek import Kek, KekRefused
from kit.privacy.sealing import DataKey, base64url, commitment_of, from_base64url, opened
from kit.tenancy.pools import Purpose, open_pool

T = TypeVar("T")
Owner = tuple[str, UUID]
"""(tenant, person)"""

SUITE = "aes-256-gcm/aes-kw"
"""By what a key seals and how it is wrapped.  Rows name theirs, so that another can come beside it."""
NEEDED = [f"kit/privacy/{path.name}" for path in sorted((Path(__file__).parent / "migrations").glob("[0-9]*.sql"))]
"""The migrations of the key database, by the names that `migrate` records."""
FRESH = 60.0
"""Seconds that an unwrapped key may stay in memory: so long may an erased person still be read elsewhere."""
CACHED = 4096
"""Unwrapped keys in memory at most."""

INSERT = """
insert into data_key (tenant_id, person_id, key_id, suite, kek_id, wrapped, commitment)
select t, p, k, $7, $6, w, c
from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bytea[]) as n (t, p, k, w, c)
on conflict (tenant_id, person_id) where retired_at is null do nothing"""
CURRENT = """
select d.* from data_key d join unnest($1::text[], $2::uuid[]) as n (t, p)
on d.tenant_id = n.t and d.person_id = n.p where d.retired_at is null"""
BY_ID = """
select d.* from data_key d join unnest($1::text[], $2::uuid[]) as n (t, k) on d.tenant_id = n.t and d.key_id = n.k"""
KNOW = """
insert into person_prefix (tenant_id, prefix, key_id, person_id)
select d.tenant_id, n.p, d.key_id, d.person_id
from unnest($1::text[], $2::uuid[], $3::bytea[]) as n (t, k, p) join data_key d on d.tenant_id = n.t and d.key_id = n.k
on conflict do nothing"""
NAMED = """
select p.tenant_id, p.person_id, min(n.rank) as rank
from unnest($1::text[], $2::bytea[], $3::integer[]) as n (t, p, rank)
join person_prefix p on p.tenant_id = n.t and p.prefix = n.p
group by 1, 2 order by 3, 1, 2 limit $4"""
PEOPLE = 20_000
"""Persons that one question finds at most, before it is judged whom of them the asker may see."""


class KeysNotMigrated(Exception):
    """The key database has not all tables that this release needs: run `migrate` first."""


class Erased(Refused):
    """The person's key in this tenant is gone, and with it what it sealed."""

    code = "erased"
    name = "个人信息已删除"
    status = 410
    text = "该人员的个人信息已依法删除，无法再查看。业务记录仍然保留。"


@dataclass(frozen=True)
class _Held:
    key: DataKey
    person: UUID
    until: float


class Vault:
    """The data keys of one service.  Safe to share between tasks; several processes may hold one each.

    A destroyed key may still be used for up to `FRESH` seconds by another process that has it in memory.
    """

    def __init__(self, pool: asyncpg.Pool, kek: Kek, secret: bytes, clock: Callable[[], float]) -> None:
        self._pool, self._kek, self._secret, self._clock = pool, kek, secret, clock
        self._by_id: OrderedDict[tuple[str, UUID], _Held] = OrderedDict()
        self._current: dict[Owner, UUID] = {}
        self._index_keys: dict[str, bytes] = {}

    @classmethod
    async def open(
        cls, url: str, kek_file: Path | str, *, size: int = 4, clock: Callable[[], float] = time.monotonic
    ) -> Vault:
        """Connects as the key database's role; `migrate` made its tables.

        KekRefused if the file's mode, shape or key is not right: a wrong key is refused before it wraps anything.
        KeysNotMigrated if it did not, or for an older release.
        """
        kek = Kek.read(kek_file)
        pool = await open_pool(url, Purpose.KEYS, size=size)
        try:
            if await pool.fetchval("select count(*) from migration where name = any ($1)", NEEDED) < len(NEEDED):
                raise KeysNotMigrated
            wrapped = kek.wrap(os.urandom(32))
            await pool.execute(
                "insert into index_secret (suite, kek_id, wrapped) values ($1, $2, $3) on conflict do nothing",
                SUITE,
                kek.id,
                wrapped,
            )
            row = await pool.fetchrow("select suite, kek_id, wrapped from index_secret")
            assert row is not None
            return cls(pool, kek, _unwrapped(kek, row), clock)
        except asyncpg.UndefinedTableError:
            await pool.close()
            raise KeysNotMigrated from None
        except BaseException:
            await pool.close()
            raise

    async def close(self) -> None:
        """Forgets every key and disconnects."""
        self._forget(lambda _: True)
        await self._pool.close()

    async def keys_for(self, owners: Iterable[tuple[TenantId | str, PersonId | UUID]]) -> dict[Owner, DataKey]:
        """The current key of each (tenant, person); made where there is none.

        Everyone who asks for a person at once gets the same key: the first insert wins, and all read it back.
        """
        wanted = sorted({(str(tenant), person) for tenant, person in owners})
        found = {owner: held.key for owner in wanted if (held := self._held_current(owner))}
        while missing := [owner for owner in wanted if owner not in found]:
            known = await self._fetch(CURRENT, missing)
            found |= {(tenant, held.person): held.key for (tenant, _), held in known.items()}
            # In the order of `wanted`, so that two batches never wait for each other in a circle.
            await self._make([owner for owner in missing if owner not in found])
        return found

    async def unseal(self, sealed: Sealed[T]) -> T:
        """The value.  Erased if the key is gone; NotAuthentic if anything was changed or moved."""
        (value,) = await self.unseal_many([sealed])
        if value is None:
            raise Erased
        return value

    async def unseal_many(self, sealed: Sequence[Sealed[T]]) -> list[T | None]:
        """The values in order, None where the key is gone: one query for all keys that are not in memory."""
        wanted = {(s.box.tenant, s.box.key) for s in sealed if s.box is not None}
        held = {place: kept for place in wanted if (kept := self._held(place))}
        if missing := sorted(wanted - held.keys()):
            held |= await self._fetch(BY_ID, missing)
        return [_open(s, held) for s in sealed]

    async def destroy(self, tenant: TenantId | str, person: PersonId | UUID) -> int:
        """Deletes every key of a person in one tenant and answers how many; whatever they sealed is gone for good.

        With a key goes, in its transaction, all by which the person was found by name (0002_person_prefix.sql).  Gone
        from this database, not from its backups (docs/operations.md).  A later seal makes a new key.
        """
        done: str = await self._pool.execute(
            "delete from data_key where tenant_id = $1 and person_id = $2", tenant, person
        )
        self._current.pop((tenant, person), None)
        self._forget(lambda place: place[0] == tenant and self._by_id[place].person == person)
        return int(done.split()[-1])

    def index_hmac(self, field: str, tenant: TenantId | str | None, normalised: str) -> str:
        """A keyed HMAC by which equal numbers are found equal, and nothing else is learned of them.

        One key per field of this service and region.  `tenant` None: equal across the tenants of the region.
        """
        key = self._index_keys.get(field)
        if key is None:
            derived = HKDF(SHA256(), 32, salt=None, info=b"liandong/index/v1/" + field.encode())
            key = self._index_keys[field] = derived.derive(self._secret)
        return base64url(hmac.digest(key, rfc8785.dumps([tenant, normalised]), "sha256"))

    async def know_names(self, names: Iterable[tuple[TenantId | str, UUID, Iterable[str]]]) -> None:
        """Has persons found by these beginnings of their names, each with the tenant and the key that seals it.

        They are gone with the key: of one that was destroyed none are kept, whoever still has it in memory.
        """
        rows = [(tenant, key, self._prefix(tenant, one)) for tenant, key, some in names for one in some]
        while rows:
            try:
                await self._pool.execute(KNOW, *map(list, zip(*rows, strict=True)))
                return
            except asyncpg.ForeignKeyViolationError:  # a key was destroyed this very moment: without it, then
                continue

    async def people_named(self, tenants: Sequence[TenantId | str], asked: Sequence[str]) -> dict[Owner, int]:
        """Persons of these tenants of whose names any of `asked` is a beginning; each with the place of the first."""
        wanted = [(tenant, self._prefix(tenant, one), place) for tenant in tenants for place, one in enumerate(asked)]
        if not wanted:
            return {}
        rows = await self._pool.fetch(NAMED, *map(list, zip(*wanted, strict=True)), PEOPLE)
        return {(row["tenant_id"], row["person_id"]): row["rank"] for row in rows}

    def _prefix(self, tenant: TenantId | str, text: str) -> bytes:
        return from_base64url(self.index_hmac("person-name", tenant, text))[:16]

    async def _make(self, owners: list[Owner]) -> None:
        if not owners:
            return
        secrets = [os.urandom(32) for _ in owners]
        await self._pool.execute(
            INSERT,
            [tenant for tenant, _ in owners],
            [person for _, person in owners],
            [uuid4() for _ in owners],
            [self._kek.wrap(secret) for secret in secrets],
            [commitment_of(secret) for secret in secrets],
            self._kek.id,
            SUITE,
        )

    async def _fetch(self, query: str, pairs: Sequence[tuple[str, UUID]]) -> dict[tuple[str, UUID], _Held]:
        until = self._clock() + FRESH  # from before the read: a key destroyed meanwhile stays no longer than that
        rows = await self._pool.fetch(query, [tenant for tenant, _ in pairs], [other for _, other in pairs])
        found: dict[tuple[str, UUID], _Held] = {}
        for row in rows:
            secret = _unwrapped(self._kek, row)
            held = _Held(DataKey(row["key_id"], row["commitment"], secret), row["person_id"], until)
            found[row["tenant_id"], row["key_id"]] = held
            self._keep((row["tenant_id"], row["key_id"]), held, current=row["retired_at"] is None)
        return found

    def _keep(self, place: tuple[str, UUID], held: _Held, *, current: bool) -> None:
        self._by_id[place] = held
        self._by_id.move_to_end(place)
        if current:
            self._current[place[0], held.person] = place[1]
        now = self._clock()
        while len(self._by_id) > CACHED or next(iter(self._by_id.values())).until <= now:
            (tenant, key_id), old = self._by_id.popitem(last=False)
            if self._current.get((tenant, old.person)) == key_id:
                del self._current[tenant, old.person]

    def _held(self, place: tuple[str, UUID]) -> _Held | None:
        held = self._by_id.get(place)
        return held if held and self._clock() < held.until else None

    def _held_current(self, owner: Owner) -> _Held | None:
        key_id = self._current.get(owner)
        return self._held((owner[0], key_id)) if key_id else None

    def _forget(self, gone: Callable[[tuple[str, UUID]], bool]) -> None:
        for place in [place for place in self._by_id if gone(place)]:
            del self._by_id[place]


def _unwrapped(kek: Kek, row: asyncpg.Record) -> bytes:
    """KekRefused for a suite of a later release, or another key-encryption key's row."""
    if row["suite"] != SUITE:
        raise KekRefused(f"a key of suite {row['suite']}; this release knows {SUITE}")
    return kek.unwrap(row["wrapped"], row["kek_id"])


def _open(sealed: Sealed[Any], held: dict[tuple[str, UUID], _Held]) -> Any:
    if sealed.box is None:
        if sealed.clear is None:
            raise ValueError("a sealed value has a clear text or a box")
        return sealed.clear
    kept = held.get((sealed.box.tenant, sealed.box.key))
    return None if kept is None else opened(sealed.box, sealed.person, kept.key)
