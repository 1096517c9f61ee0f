"""What PostgreSQL's own catalogue says about tenant isolation: the findings, empty when it holds."""

from __future__ import annotations

import asyncpg

SCHEMAS = ["public", "versions", "on_day", "as_known", "known"]
PUBLIC_TABLES = {
    *("tenant", "tail_cursor", "era", "tick", "held", "migration", "rebuilt", "rebuild_due"),
    *("inbox", "heard", "place", "parked", "shut_out", "unfit"),
}
"""Tables without a policy by tenant: public codes, and machinery that holds no tenant's facts or is read by name."""
DEFINER_FUNCTIONS = {
    "append", "refuse", "claim_key", "release_key", "tick", "settled", "era_behind", "hold_appends",
    "retry_held", "skip_held", "begin_rebuild", "index_rebuilt", "end_rebuild", "relay_lag",
}  # fmt: skip
"""SECURITY DEFINER by need: see kit/store/migrations."""


async def leaks(owner: asyncpg.Connection) -> list[str]:
    """Every way a tenant's row could show past its policies, by name."""
    found: list[str] = []
    tables = await owner.fetch(
        "select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity as forced from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any ($1) and c.relkind in ('r', 'p')",
        SCHEMAS,
    )
    for table in tables:
        name = table["relname"]
        if name in PUBLIC_TABLES:
            continue
        if not table["forced"]:
            found.append(f"{name}: row-level security is not forced")
        policies = await owner.fetch("select * from pg_policies where tablename = $1", name)
        if not any(p["cmd"] == "SELECT" and "app_reads" in (p["qual"] or "") for p in policies):
            found.append(f"{name}: no policy for reading by scope")
        found += [
            f"{name}: policy {p['policyname']} is open to everyone"
            for p in policies
            if p["qual"] == "true" and "public" in p["roles"]
        ]
        indexes = await owner.fetch(
            "select a.attname, i.relname from pg_index x join pg_class i on i.oid = x.indexrelid"
            " join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]"
            " where x.indrelid = $1 and x.indisunique",
            table["oid"],
        )
        found += [
            f"{name}: unique index does not lead with tenant_id"
            for index in indexes
            if index["attname"] != "tenant_id" and index["relname"] != "event_order"
        ]
    views = await owner.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any ($1)"
        " and (c.relkind = 'm'"
        " or c.relkind = 'v' and not coalesce(c.reloptions && '{security_invoker=true,security_invoker=on}', false))",
        SCHEMAS,
    )
    found += [f"{view['relname']}: a view without security_invoker" for view in views]
    definers = await owner.fetch(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = any ($1) and p.prosecdef and not (n.nspname = 'versions' and p.prosrc like"
        " '%is distinct from (%e.tenant_id = $1 and e.stream = $3%42501%')",  # rows, of what was appended only
        SCHEMAS,
    )
    found += [f"{f['proname']}: security definer" for f in definers if f["proname"] not in DEFINER_FUNCTIONS]
    roles = await owner.fetch(
        "select distinct r.rolname from pg_roles r join information_schema.role_table_grants g on g.grantee = r.rolname"
        " where g.table_schema = any ($1) and (r.rolbypassrls or r.rolsuper)",
        SCHEMAS,
    )
    return found + [f"{role['rolname']}: bypasses row-level security" for role in roles]
