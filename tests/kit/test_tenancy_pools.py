"""Connections: clean when they come back, bounded in every wait, and deaf to what a role says about itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, cause, write

from kit.auth import Scope
from kit.store import Pools, Purpose, Store, is_away, open_pool, role_of
from kit.tenancy import scope
from kit.tenancy.pools import MEANING, NEWER

SPOILED = {
    "search_path": "nowhere",
    "jit": "on",
    "TimeZone": "Asia/Shanghai",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "iso_8601",
    "bytea_output": "escape",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "row_security": "off",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "default_tablespace": "nowhere",
    "temp_tablespaces": "pg_default",
    "local_preload_libraries": "nothing",
    "idle_session_timeout": "1",
    "synchronous_commit": "off",
    "statement_timeout": "1",
    "lock_timeout": "1",
    "idle_in_transaction_session_timeout": "1",
    "default_table_access_method": "nothing",
    "exit_on_error": "on",
    "tcp_user_timeout": "1",
    "gin_fuzzy_search_limit": "1",
    "log_parameter_max_length_on_error": "-1",
    "debug_print_parse": "on",
    "debug_print_rewritten": "on",
    "debug_print_plan": "on",
    "trace_notify": "on",
    "trace_sort": "on",
    "transaction_timeout": "1",
    "restrict_nonsystem_relation_kind": "view",
}
HARMLESS = {
    "how a plan is made or how fast it runs: a slow statement ends by its timeout": """
        backend_flush_after constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost
        cursor_tuple_fraction debug_parallel_query default_statistics_target effective_cache_size
        effective_io_concurrency force_parallel_mode from_collapse_limit geqo geqo_effort geqo_generations
        geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold hash_mem_multiplier io_combine_limit
        jit_above_cost jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_tuple_deforming
        join_collapse_limit logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem
        max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather
        min_parallel_index_scan_size min_parallel_table_scan_size parallel_leader_participation parallel_setup_cost
        parallel_tuple_cost plan_cache_mode random_page_cost recursive_worktable_factor seq_page_cost
        stats_fetch_consistency synchronize_seqscans temp_buffers work_mem""",
    "of vacuuming and analysing, which no running role does": """
        vacuum_buffer_usage_limit vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit
        vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age
        vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age
        vacuum_multixact_freeze_table_age vacuum_truncate gin_pending_list_limit""",
    "of text that the driver does not read: it takes and gives values in binary, in the encoding that it asks for": """
        client_encoding client_min_messages extra_float_digits xmlbinary xmloption""",
    "of words that no statement of ours has: money, names of months, time zones by letters, XML, full text": """
        default_text_search_config lc_monetary lc_numeric lc_time timezone_abbreviations""",
    "of literals in an old syntax, warned of or refused; ours are parameters": """
        backslash_quote escape_string_warning quote_all_identifiers""",
    "of making functions, tables, roles and passwords, which migrations and administrators do": """
        check_function_bodies createrole_self_grant default_toast_compression icu_validation_level
        md5_password_warnings password_encryption scram_iterations file_copy_method""",
    "of a network that says nothing: it ends a connection sooner or later, and the driver has its own timeout": """
        client_connection_check_interval tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval""",
    "how what is committed gets to the disk, not whether": "commit_siblings wal_skip_threshold",
    "of replication, which no running role may begin": "wal_sender_timeout debug_logical_replication_streaming",
    "how what the debug_print settings would write looks": "debug_pretty_print",
    "of the transaction at hand: the next one begins with its default": """
        transaction_deferrable transaction_isolation transaction_read_only""",
}
"""Settings that a role may change for itself, and why that changes nothing for whoever connects next."""


async def test_every_setting_that_a_role_may_change_is_asked_for_or_harmless(toy: Toy) -> None:
    harmless = {name for names in HARMLESS.values() for name in names.split()}
    changeable = await toy.app.fetch("select name from pg_settings where context = 'user'")
    asked = set(Purpose.WRITES.settings)
    assert not harmless & asked
    unjudged = {row["name"] for row in changeable} - harmless - asked
    assert {name for name in unjudged if not name.startswith("enable_")} == set()  # which are about plans, all of them


@pytest.fixture
async def one(toy: Toy) -> AsyncIterator[asyncpg.Pool]:
    """A pool of one connection: the next borrower gets what the last one left.

    It may make temporary tables, which `provision` takes from every role and an administrator can give.
    """
    owner = await asyncpg.connect(toy.urls["owner"])
    database = await owner.fetchval("select quote_ident(current_database())")
    await owner.execute(f'grant temporary on database {database} to "{role_of(toy.urls["app"])}"')
    await owner.close()
    pool = await open_pool(toy.urls["app"], Purpose.WRITES, size=1)
    yield pool
    await pool.close()


@pytest.mark.parametrize(
    ("leave", "look"),
    [
        ("set app.reads = '{620103}'", "select nullif(current_setting('app.reads', true), '')"),
        ("set search_path = pg_catalog", "select nullif(current_setting('search_path'), 'public, pg_temp')"),
        ("set statement_timeout = 0", "select nullif(current_setting('statement_timeout'), '30s')"),
        ("create temp table tenant (tenant_id text)", "select to_regclass('pg_temp.tenant')"),
        ("select pg_advisory_lock(7)", "select objid from pg_locks where locktype = 'advisory' and objid = 7"),
        ("listen told", "select pg_listening_channels()"),
        ("declare kept cursor with hold for select 1", "select name from pg_cursors where name = 'kept'"),
        ("begin; select pg_current_xact_id()", "select pg_current_xact_id_if_assigned()"),
    ],
)
async def test_a_connection_comes_back_clean(one: asyncpg.Pool, leave: str, look: str) -> None:
    async with one.acquire() as connection:
        pid = await connection.fetchval("select pg_backend_pid()")
        await connection.execute(leave)
        assert await connection.fetchval(look) is not None
    async with one.acquire() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == pid
        assert await connection.fetchval(look) is None


async def test_a_temporary_table_stands_behind_the_real_one(one: asyncpg.Pool) -> None:
    async with one.acquire() as connection:
        await connection.execute("create temp table tenant as select '620102' as tenant_id, 'mine' as name")
        assert await connection.fetch("select * from tenant") == []


@pytest.mark.parametrize("role", ["app", "relay", "rebuild", "keys"])
async def test_what_a_role_says_about_itself_changes_no_connection(own_toy: Toy, role: str) -> None:
    """PostgreSQL lets any role do this; a plain connection is lost afterwards."""
    url = own_toy.urls[role]
    connection = await asyncpg.connect(url)
    database = await connection.fetchval("select quote_ident(current_database())")
    known = {row["name"] for row in await connection.fetch("select name from pg_settings")}
    for setting, value in SPOILED.items():
        for where in ("", f" in database {database}") if setting in known else ():
            await connection.execute(f"alter role current_user{where} set {setting} to {value!r}")
    await connection.close()
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(url)
    assert SPOILED.keys() == Purpose.WRITES.settings.keys() - {"application_name"}
    for purpose in Purpose:
        pool = await open_pool(url, purpose, size=1)
        shown = {row["name"]: row["setting"] for row in await pool.fetch("select name, setting from pg_settings")}
        assert {name: shown[name] for name in purpose.settings if name in known} == {
            name: value for name, value in purpose.settings.items() if name in known
        }
        await pool.close()


async def test_an_unprivileged_role_gives_itself_no_tenants(toy: Toy) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await toy.app.execute("alter role current_user set app.reads = '{620103}'")


async def test_who_waits_for_a_connection_gives_up(one: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "patience", 0.05)
    async with one.acquire():
        with pytest.raises(TimeoutError) as gave_up:
            await one.fetchval("select 1")
    assert is_away(gave_up.value)
    assert await one.fetchval("select 1") == 1


async def test_who_waits_for_a_lock_gives_up_and_says_so(toy: Toy, one: asyncpg.Pool) -> None:
    async with toy.rebuild.acquire() as rebuilding, rebuilding.transaction():
        await rebuilding.execute("lock table versions.note_list in share row exclusive mode")
        async with one.acquire() as waiting:
            await waiting.execute("set lock_timeout = 100")
            with pytest.raises(asyncpg.LockNotAvailableError) as gave_up:
                await waiting.execute("update versions.note_list set rec_to = now()")
    assert is_away(gave_up.value)


async def test_a_value_that_the_driver_refuses_is_a_bug_and_no_outage(one: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.DataError) as refused:
        await one.fetchval("select $1::int", "seven")
    assert not is_away(refused.value)


async def test_writers_that_wait_keep_out_no_reader_and_no_probe(toy: Toy) -> None:
    async with Pools.open(toy.urls["app"], writes=2, reads=1) as pools:
        store = Store(pools.writes, region="test", categories=[NOTES])
        async with toy.rebuild.acquire() as rebuilding, rebuilding.transaction():
            await rebuilding.execute("select hold_appends()")
            writing = [asyncio.create_task(store.change(cause(), write, NOTES.stream(uuid4(), HERE))) for _ in range(4)]
            await _waiting(toy, 2)
            async with asyncio.timeout(2):
                assert await pools.probes.fetchval("select true")
                async with scope(pools.reads, Scope(reads=(HERE,), writes=())) as tx:
                    assert await tx.fetchval("select count(*) from event") == 0
        answers = await asyncio.gather(*writing)
    assert [answer.version for answer in answers] == [1] * 4


async def test_a_writer_that_waits_for_a_rebuild_holds_no_transaction_id(toy: Toy) -> None:
    """One that did would hold the horizon: no relay of any service in the cluster would move."""
    async with toy.rebuild.acquire() as rebuilding, rebuilding.transaction():
        await rebuilding.execute("select hold_appends()")
        writing = asyncio.create_task(toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE)))
        assert await _waiting(toy, 1) == [None]
    assert (await writing).version == 1


async def _waiting(toy: Toy, count: int) -> list[int | None]:
    """The transaction ids, None without one, of the `count` sessions that wait for a lock on events."""
    async with asyncio.timeout(5):
        while True:
            rows = await toy.relay.fetch(
                "select a.backend_xid from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and l.relation = 'event'::regclass"
            )
            if len(rows) >= count:
                return [row["backend_xid"] for row in rows]
            await asyncio.sleep(0.01)


def test_every_setting_that_is_asked_for_is_tried() -> None:
    assert {*MEANING, *NEWER} < set(SPOILED)
