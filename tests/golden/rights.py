"""`python -m tests.golden.rights`: who may do what in every service's databases, as PostgreSQL itself says it.

Policies, grants to tables, columns, functions, schemas and databases, attributes of roles, and the constraints that
keep tenants and history apart.  Roles are named by what they are for.  The owner's own rights are left out: it could
give itself any.  So are the bodies of functions: what they do is tried, not compared.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from tests.golden.files import HERE, SERVICES

from kit import store
from kit.service import Definition
from kit.store.provisioning import ROLES, RUNNING
from liandong.engines import PostgresEngine

FOLDER = HERE / "rights"
OURS = "::regnamespace::text = any ('{public,versions,on_day,as_known,known}')"
"""Behind a namespace: it is one of the service's own schemas."""

ROLE_ROWS = """
select rolname, rolconnlimit,
  array_remove(array[
    case when rolcanlogin then 'login' end, case when rolinherit then 'inherit' end,
    case when rolsuper then 'SUPERUSER' end, case when rolbypassrls then 'BYPASSRLS' end,
    case when rolcreaterole then 'CREATEROLE' end, case when rolcreatedb then 'CREATEDB' end,
    case when rolreplication then 'REPLICATION' end], null) as attributes,
  array(select setting from unnest(coalesce(rolconfig, '{}')) setting order by 1) as settings,
  array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1)
    as groups
from pg_roles r where rolname = any ($1) order by 1"""
ACLS = f"""
select what, grantee,
  array_agg(privilege || case when grantable then ' with grant option' else '' end order by privilege) as rights from (
  select 'database' as what, d.datdba as owner, a.grantee, a.privilege_type as privilege, a.is_grantable as grantable
  from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where d.datname = current_database()
  union all
  select 'schema ' || n.nspname, n.nspowner, a.grantee, a.privilege_type, a.is_grantable
  from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  union all
  select 'function ' || p.oid::regprocedure || case when p.prosecdef then ' as its owner' else '' end
    || coalesce(' with ' || array_to_string(p.proconfig, ', '), ''),
    p.proowner, a.grantee, a.privilege_type, a.is_grantable
  from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
  where p.pronamespace{OURS}
  union all
  select 'new ' || d.defaclobjtype::text, d.defaclrole, a.grantee, a.privilege_type, a.is_grantable
  from pg_default_acl d, aclexplode(d.defaclacl) a
) x where grantee <> owner group by 1, 2 order by 1, 2"""
FUNCTIONS = f"""
select 'function ' || p.oid::regprocedure || case when p.prosecdef then ' as its owner' else '' end
  || coalesce(' with ' || array_to_string(p.proconfig, ', '), '')
from pg_proc p where p.pronamespace{OURS} order by 1"""
DOMAINS = """
select t.typname || ': ' || format_type(t.typbasetype, t.typtypmod) || ' ' || pg_get_constraintdef(c.oid)
from pg_constraint c join pg_type t on t.oid = c.contypid where t.typnamespace = 'public'::regnamespace order by 1"""
TABLES = f"""
select oid::regclass::text as relname, relkind, relowner, relrowsecurity, relforcerowsecurity,
  coalesce(reloptions, '{{}}') as options
from pg_class where relnamespace{OURS} and relkind in ('r', 'p', 'v', 'm', 'S', 'f') order by 1"""
TABLE_ACLS = f"""
select relname,
  grantee, lower(privilege) || case when grantable then ' with grant option' else '' end as privilege, column_name
from (
  select c.oid::regclass::text as relname, c.relowner, a.grantee, a.privilege_type as privilege,
    a.is_grantable as grantable, null as column_name
  from pg_class c, aclexplode(c.relacl) a where c.relnamespace{OURS}
  union all
  select c.oid::regclass::text as relname, c.relowner, a.grantee, a.privilege_type, a.is_grantable, t.attname
  from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
  where c.relnamespace{OURS}
) x where grantee <> relowner order by 2, 4 nulls first, 3"""
POLICIES = """
select format('%I.%I', schemaname, tablename)::regclass::text as relname, * from pg_policies order by policyname"""
GUARDS = rf"""
select c.oid::regclass::text as relname, guard from pg_class c join (
select conrelid as oid, conname || ': ' || pg_get_constraintdef(oid) as guard from pg_constraint
where contype in ('p', 'u', 'c', 'f', 'x')
union all
select k.conrelid, k.conname || ' asks ' || p.proname || ': ' || btrim(regexp_replace(p.prosrc, '\s+', ' ', 'g'))
from pg_constraint k join pg_depend d on (d.classid, d.objid) = ('pg_constraint'::regclass, k.oid)
  join pg_proc p on (d.refclassid, d.refobjid) = ('pg_proc'::regclass, p.oid)
union all
select x.indrelid, i.relname || ': ' || pg_get_indexdef(i.oid) from pg_index x join pg_class i on i.oid = x.indexrelid
where x.indisunique and not exists (select from pg_constraint k where k.conindid = i.oid)
union all
select tgrelid, tgname || ': ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select ev_class, rulename || ': ' || pg_get_ruledef(r.oid) from pg_rewrite r where rulename <> '_RETURN'
) g on g.oid = c.oid where c.relnamespace{OURS} order by 2"""


async def rights(connection: asyncpg.Connection, roles: Mapping[str, str]) -> str:
    """Everything, as text.  `roles` maps the names of the service's roles to what they are for."""
    oids = {row["oid"]: row["rolname"] for row in await connection.fetch("select oid, rolname from pg_roles")}

    def who(oid: int) -> str:
        return "everybody" if not oid else roles.get(oids[oid], "somebody else")

    lines = ["ROLES"]
    for row in await connection.fetch(ROLE_ROWS, list(roles)):
        attributes = " ".join(row["attributes"])
        lines.append(f"{roles[row['rolname']]}: {attributes}, at most {row['rolconnlimit']} connections")
        lines.append(f"    {'; '.join(row['settings'])}")
        lines += [f"    member of {group}" for group in row["groups"]]
    lines += ["", "GRANTS"]
    lines += [
        f"{row['what']}: {who(row['grantee'])} {', '.join(row['rights'])}" for row in await connection.fetch(ACLS)
    ]
    lines += ["", "FUNCTIONS", *[row[0] for row in await connection.fetch(FUNCTIONS)]]
    lines += ["", "DOMAINS", *[row[0] for row in await connection.fetch(DOMAINS)]]

    shapes: dict[str, list[str]] = defaultdict(list)
    guards = ["", "GUARDS"]
    policies, acls, guarding = [await _of_tables(connection, query) for query in (POLICIES, TABLE_ACLS, GUARDS)]
    for table in await connection.fetch(TABLES):
        name = table["relname"]
        shapes[_shape(table, policies[name], acls[name], who)].append(name)
        guards += [f"{name}: {row['guard']}" for row in guarding[name]]
    for shape, names in shapes.items():
        lines += ["", *names, shape]
    text = "\n".join([*lines, *guards]) + "\n"
    for name in sorted(roles, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", roles[name], text)
    return text


async def _of_tables(connection: asyncpg.Connection, query: str) -> defaultdict[str, list[asyncpg.Record]]:
    """The rows of each table."""
    found: defaultdict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in await connection.fetch(query):
        found[row["relname"]].append(row)
    return found


def _shape(
    table: asyncpg.Record, policies: list[asyncpg.Record], acls: list[asyncpg.Record], who: Callable[[int], str]
) -> str:
    """What is the same for many tables: the kind, the owner, row security, policies and grants."""
    row_security = {(False, False): "no", (True, False): "unforced", (True, True): "forced"}
    kind = {"r": "table", "p": "table", "v": "view", "m": "materialised view", "S": "sequence", "f": "foreign table"}
    security = row_security.get((table["relrowsecurity"], table["relforcerowsecurity"]), "odd")
    lines = [f"    {kind[table['relkind'].decode()]} of {who(table['relowner'])}, {security} row security"]
    lines += [f"    with {option}" for option in table["options"]]
    for p in policies:
        lines.append(
            f"    policy {p['policyname']}: {p['permissive'].lower()}, {p['cmd'].lower()} by {', '.join(p['roles'])}"
        )
        lines += [f"        {part} {p[part]}" for part in ("qual", "with_check") if p[part] is not None]
    granted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for acl in acls:
        granted[who(acl["grantee"]), acl["column_name"] or ""].append(acl["privilege"])
    lines += [
        f"    {grantee} may {', '.join(found)}{f' in column {column}' if column else ''}"
        for (grantee, column), found in granted.items()
    ]
    return "\n".join(lines)


def names_of(urls: Mapping[str, str]) -> dict[str, str]:
    """The names of roles to what they are for."""
    return {store.role_of(url): f"<{short}>" for short, url in urls.items()}


async def migrated(definition: Definition, urls: Mapping[str, str]) -> None:
    """Both databases of the service, as `migrate` leaves them."""
    migrations = [*store.kit_migrations(), *definition.to_apply()]
    await store.migrate(urls["owner"], {name: store.role_of(urls[name]) for name in RUNNING}, migrations)
    await store.migrate(urls["keys_owner"], {"keys": store.role_of(urls["keys"])}, store.key_migrations())


async def written(admin_url: str, urls: Mapping[str, str]) -> str:
    """The golden text of a service: its event database, then its key database."""
    found = []
    for role in ("owner", "keys_owner"):
        roles = {name: short for name, short in names_of(urls).items() if ROLES[short[1:-1]].keys == ROLES[role].keys}
        connection = await asyncpg.connect(at(admin_url, urls[role]))
        found.append(await rights(connection, roles))
        await connection.close()
    return "\n".join(found)


def at(admin_url: str, url: str) -> str:
    """The administrator's URL of the database that another URL names."""
    return urlsplit(admin_url)._replace(path=urlsplit(url).path).geturl()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        with PostgresEngine(Path(folder) / "postgres", settings={"fsync": "off"}) as engine:
            asyncio.run(_write(engine.url))


async def _write(admin_url: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for definition in SERVICES:
        urls = await store.provision(admin_url, definition.name)
        await migrated(definition, urls)
        (FOLDER / f"{definition.name}.txt").write_text(await written(admin_url, urls), "utf-8")


if __name__ == "__main__":
    main()
