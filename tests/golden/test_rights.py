"""Who may do what in every service's real databases: compared whole with the golden list, and tried as the roles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
from tests.conftest import Engines, Provision
from tests.golden.files import SERVICES
from tests.golden.rights import FOLDER, OURS, at, migrated, names_of, rights, written
from tests.kit.catalogue import PUBLIC_TABLES

from kit import store
from kit.service import Definition
from kit.store import Purpose, connect
from kit.store.provisioning import RUNNING

HERE, THERE, ELSEWHERE = "620102", "620103", "620104"
"""A tenant that the transaction may write, one that it may only read, and one that it may not even read."""


@dataclass(frozen=True)
class Real:
    """A service's databases as `migrate` leaves them, and a superuser's URL of the event database."""

    service: str
    urls: dict[str, str]
    admin_url: str

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator[asyncpg.Connection]:
        """Its connection to the event database."""
        connection = await asyncpg.connect(at(self.admin_url, self.urls["owner"]))
        yield connection
        await connection.close()


@pytest.fixture(params=SERVICES, ids=[definition.name for definition in SERVICES])
async def real(request: pytest.FixtureRequest, provision: Provision, engines: Engines) -> Real:
    return await _real(request.param, provision, engines)


@pytest.fixture
async def smallest(provision: Provision, engines: Engines) -> Real:
    return await _real(SERVICES[-1], provision, engines)


async def _real(definition: Definition, provision: Provision, engines: Engines) -> Real:
    urls = await provision(definition.name)
    await migrated(definition, urls)
    return Real(definition.name, urls, engines.postgres_url)


@pytest.mark.golden
async def test_who_may_do_what_is_what_was_reviewed(real: Real) -> None:
    """After a change that is meant: `python -m tests.golden.rights`, and read the difference."""
    assert await written(real.admin_url, real.urls) == (FOLDER / f"{real.service}.txt").read_text("utf-8")


MUTANTS = [
    "alter policy app_read on versions.volunteer_list using (true)",
    "alter policy own_insert on versions.volunteer_list with check (true)",
    "alter policy own_update on versions.volunteer_list using (true)",
    "alter policy rebuild_all on versions.volunteer_list to public",
    "create policy more on versions.volunteer_list for all to public using (true)",
    "alter table versions.volunteer_list disable row level security",
    "grant update on versions.volunteer_list to {app}",
    "grant delete on versions.volunteer_list to {app}",
    "grant update (day_to) on versions.volunteer_list to {app}",
    "grant insert on on_day.volunteer_list to {app}",
    "alter function versions.write_volunteer_list(text, timestamptz, text, jsonb, jsonb) reset search_path",
    "alter function write_rows(text[], text[], text[], jsonb[], jsonb[], timestamptz) security definer",
    "grant update (rec_to) on versions.volunteer_list to {app}",
    "grant insert on versions.volunteer_list to {app}",
    "grant create on schema versions to {app}",
    "alter view as_known.volunteer_list reset (security_invoker)",
    "alter table event no force row level security",
    "grant execute on function hold_appends() to public",
    "grant execute on function hold_appends() to {app}",
    "grant update on era to {app}",
    "grant delete on tail_cursor to {relay}",
    "grant select on tail_cursor to {rebuild}",
    "grant update (released_at) on held to {rebuild}",
    "grant delete on natural_key to {app}",
    "grant update (raw) on event to {app}",
    "grant insert on event to {rebuild}",
    "grant usage on sequence event_pos_seq to {app}",
    "grant create on schema public to {app}",
    "grant select on event to public",
    "grant select on event to {app} with grant option",
    "alter default privileges in schema public grant select on tables to public",
    "create view seen as select * from event",
    "create function peek() returns bigint language sql security definer as 'select count(*) from event'",
    "alter function hold_appends() reset search_path",
    "alter table event owner to {app}",
    "alter role {app} bypassrls",
    "alter role {app} superuser",
    "alter role {app} createrole",
    "alter role {app} connection limit -1",
    "alter role {app} set row_security to off",
    "grant {owner} to {app}",
    "drop index event_id",
    "create or replace function fits(tenant text, stream text, version integer, nth integer, id uuid, command uuid,"
    " type text, schema smallint, occurred date, at timestamptz, raw bytea) returns boolean language sql return true",
    "alter table event drop constraint event_pkey",
    "create rule nothing as on insert to refusal do instead nothing",
]
"""Each is a fault that somebody could commit by one word."""


async def test_every_fault_of_one_word_is_seen(smallest: Real) -> None:
    """Also: every policy, grant, function right and guard that there is, dropped alone."""
    names = {short[1:-1]: name for name, short in names_of(smallest.urls).items()}
    async with smallest.superuser() as connection:
        roles = {name: short for name, short in names_of(smallest.urls).items() if not short.startswith("<keys")}
        right = await rights(connection, roles)
        mutants = [mutant.format_map({name: f'"{role}"' for name, role in names.items()}) for mutant in MUTANTS]
        generated = [row[0] for row in await connection.fetch(DROPPED)]
        assert len(generated) > 80
        unseen = []
        for mutant in [*mutants, *generated]:
            tried = connection.transaction()
            await tried.start()
            await connection.execute(mutant)
            if await rights(connection, roles) == right:
                unseen.append(mutant)
            await tried.rollback()
        assert unseen == []


DROPPED = f"""
select format('drop policy %I on %I.%I', policyname, schemaname, tablename) from pg_policies
where schemaname{OURS}
union all
select format('revoke %s on table %s from %I', a.privilege_type, c.oid::regclass, g.rolname)
from pg_class c, aclexplode(c.relacl) a join pg_roles g on g.oid = a.grantee
where c.relnamespace{OURS} and a.grantee <> c.relowner
union all
select format('revoke %s (%I) on table %s from %I', a.privilege_type, t.attname, t.attrelid::regclass, g.rolname)
from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a join pg_roles g on g.oid = a.grantee
where c.relnamespace{OURS} and a.grantee <> c.relowner
union all
select format('grant execute on function %s to public', oid::regprocedure) from pg_proc p
where pronamespace{OURS}
  and not exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a where a.grantee = 0)
union all
select format('alter %s drop constraint %I' || case when contypid = 0 then ' cascade' else '' end,
  case when contypid = 0 then 'table ' || conrelid::regclass else 'domain ' || contypid::regtype end, conname)
from pg_constraint where connamespace{OURS} and contype in ('p', 'u', 'c', 'f', 'x')
union all
select format('drop index %s', x.indexrelid::regclass) from pg_index x join pg_class c on c.oid = x.indrelid
where c.relnamespace{OURS} and x.indisunique
  and not exists (select from pg_constraint k where k.conindid = x.indexrelid)
union all
select format('alter table %s no force row level security', oid::regclass) from pg_class
where relnamespace{OURS} and relforcerowsecurity"""


async def test_no_role_writes_for_a_tenant_outside_its_transaction(real: Real) -> None:
    """Insert, update, delete and truncate, raw, as each running role, on every table that has rows of tenants."""
    tables = await _filled(real)
    assert {"event", "command", "refusal", "natural_key"} < {table.name for table in tables}
    breaches, wrote = [], set()
    for role in RUNNING:
        connection = await connect(real.urls[role], Purpose.WRITES)
        for table in tables:
            if role == "rebuild" and table.ends:
                continue  # it rewrites them whole
            for what, statement, most in _attempts(table, app=role == "app"):
                touched = await _touched(connection, statement)
                if touched > most:
                    breaches.append(f"{role}: {what}: {statement}: {touched} rows")
                if touched:
                    wrote.add((role, table.name, what))
        await connection.close()
    assert breaches == []
    # Where it may write, it did: what was tried is fit to be written.
    assert wrote == {
        ("app", table.name, what) for table in tables for what, _, most in _attempts(table, app=True) if most
    }


ACTOR = """jsonb '{"id": "a", "role": "clerk", "unit": null, "tenant": "620102"}'"""
EVENT = """
insert into event
  (tenant_id, stream, version, era, event_id, command_id, type, nth, schema, occurred_on, recorded_at, raw)
select one.*, convert_to(jsonb_build_object('tenant', tenant, 'stream', stream, 'version', version, 'id', id, 'command',
  command, 'type', type, 'schema', schema, 'occurred_on', day, 'recorded_at', stamp_text(at),
  'spec', 'liandong/event/1', 'region', 'r', 'actor', {actor}, 'correlation', id, 'causation', null, 'trace', null,
  'data', jsonb_build_object())::text, 'UTF8')
from (select '{}', 's/1', 1, 1::smallint, gen_random_uuid(), gen_random_uuid(), 't', 1, 1::smallint, date '2022-01-01',
  timestamptz '2022-01-01') as one (tenant, stream, version, era, id, command, type, nth, schema, day, at)
"""
"""An event of a tenant, whose bytes say what its columns say."""


@dataclass(frozen=True)
class Table:
    """A table with rows of tenants.  `columns`: what a row cannot do without.

    `adds`: the application adds rows to it, raw.  `ends`: it keeps versions, which end by what is appended only.
    """

    name: str
    adds: bool
    ends: bool
    columns: dict[str, str]

    def row(self, tenant: str, number: int) -> str:
        """An insert of some row of the tenant; another number, another row."""
        known = {"tenant_id": f"'{tenant}'", "day_to": "'infinity'"}
        values = [known.get(name) or _some(kind, number) for name, kind in self.columns.items()]
        return f"insert into {self.name} ({', '.join(self.columns)}) values ({', '.join(values)})"


def _some(kind: str, number: int) -> str:
    """A value of a type, in SQL."""
    known = {
        "uuid": "gen_random_uuid()",
        "boolean": "true",
        "jsonb": ACTOR,
        "bytea": "'\\x00'",
        "day": f"date '2022-01-01' + {number}",
        "date": f"date '2022-01-01' + {number}",
        "timestamp with time zone": f"timestamptz '2022-01-01' + interval '{number} days'",
    }
    return "'{}'" if kind.endswith("[]") else known.get(kind, f"'{number}'")


def _attempts(table: Table, *, app: bool) -> Iterator[tuple[str, str, int]]:
    """What is tried, and how many rows it may touch at most: that of the tenant that may be written, no other."""
    yield "insert for one's own", table.row(HERE, 2), int(app and table.adds)
    yield "insert for a tenant that may be read", table.row(THERE, 2), 0
    yield "insert for a stranger", table.row(ELSEWHERE, 2), 0
    yield "update of any", f"update {table.name} set tenant_id = tenant_id", 0
    yield "update of a neighbour's", f"update {table.name} set tenant_id = tenant_id where tenant_id <> '{HERE}'", 0
    if table.ends:
        ends = f"update {table.name} set rec_to = rec_to"
        yield "ending of any", ends, 0
        yield "ending of a neighbour's", f"{ends} where tenant_id <> '{HERE}'", 0
    yield "giving away", f"update {table.name} set tenant_id = '{THERE}' where tenant_id = '{HERE}'", 0
    yield "delete of any", f"delete from {table.name}", 0
    yield "delete of a neighbour's", f"delete from {table.name} where tenant_id <> '{HERE}'", 0
    yield "truncate", f"truncate {table.name}", 0


async def _touched(connection: asyncpg.Connection, statement: str) -> int:
    """How many rows a statement touches in a transaction of HERE that may also read THERE; it is rolled back."""
    await connection.execute(f"begin; set local app.reads = '{{{HERE},{THERE}}}'; set local app.writes = '{{{HERE}}}'")
    try:
        done: str = await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return 0
    except asyncpg.UniqueViolationError:
        return 1  # row security had nothing against it
    finally:
        await connection.execute("rollback")
    return int(last) if (last := done.split()[-1]).isdigit() else 1


async def _filled(real: Real) -> list[Table]:
    """The tables under row security, each with one row of either tenant."""
    connection = await asyncpg.connect(at(real.admin_url, real.urls["owner"]))
    rows = await connection.fetch(
        "select c.oid::regclass::text as relname, c.relrowsecurity,"
        " has_table_privilege($1, c.oid, 'insert') as adds, c.relnamespace::regnamespace::text = 'versions' as ends,"
        " a.attname,"
        " format_type(a.atttypid, null) as kind, a.attnotnull and not a.atthasdef and a.attidentity = '' as needed"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        f" where c.relnamespace{OURS} and c.relkind = 'r'"
        " and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id')",
        store.role_of(real.urls["app"]),
    )
    tables: dict[str, Table] = {}
    for row in rows:
        if row["relrowsecurity"] and row["relname"] not in PUBLIC_TABLES:
            how = (row["adds"], row["ends"])
            table = tables.setdefault(row["relname"], Table(row["relname"], *how, {}))
            if row["needed"]:
                table.columns[row["attname"]] = row["kind"]
    assert {row["relname"] for row in rows if not row["relrowsecurity"]} <= PUBLIC_TABLES
    for table in tables.values():
        for tenant in (HERE, THERE):
            await connection.execute(
                EVENT.format(tenant, actor=ACTOR) if table.name == "event" else table.row(tenant, 1)
            )
    await connection.close()
    return list(tables.values())
