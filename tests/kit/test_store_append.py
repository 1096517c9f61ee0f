"""What the database itself holds of an append, tried as the service's role: place, stamp, bytes, tenants, order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from tests.kit.appends import APPEND, HISTORY, NOTHING, OWN, appended, owner, row, tried
from tests.kit.conftest import Toy
from tests.kit.notes import HERE, NOTES, THERE, cause, remark, write
from tests.settled import settled

from kit import clock, store
from kit.auth import Scope
from kit.errors import Busy, EraBehind
from kit.store import Tail
from kit.tenancy import scope


@pytest.mark.parametrize(
    "statement",
    [
        "insert into event (tenant_id, stream, version, era, tx, pos, event_id, command_id, type, nth, schema,"
        " occurred_on, recorded_at, raw) overriding system value values ('620102', 'note/1', 1, 1, '5', 1,"
        " gen_random_uuid(), gen_random_uuid(), 'toy.note-written', 1, 1, '2022-09-27', '2022-09-27', '{}')",
        "insert into event (tenant_id, stream) values ('620102', 'note/1')",
        "insert into command values ('620102', gen_random_uuid(), '', '', now())",
        "insert into refusal (tenant_id, command_id, code) values ('620102', gen_random_uuid(), 'x')",
        "insert into natural_key values ('620102', 'licence', '1', 'note/1', '')",
        "delete from natural_key",
        "update natural_key set stream = 'note/2'",
        "insert into tick values (1, '5', now(), now())",
        "update era set current = 9",
        "select raise_era()",
        "select tick()",
        "select stamp()",
        "select hold_appends()",
        "delete from held",
        "update held set released_at = now()",
    ],
)
async def test_the_application_writes_history_by_no_other_way(toy: Toy, statement: str) -> None:
    async with tried(toy) as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute(statement)


async def test_an_append_as_the_role_is_possible_at_all(toy: Toy) -> None:
    """The control of the tests beside it."""
    await appended(toy, row(uuid4()))
    assert await toy.relay.fetchval("select count(*) from event") == 1


@pytest.mark.parametrize(
    "within", [Scope(reads=(HERE,), writes=()), Scope(reads=(HERE,), writes=(THERE,))], ids=["none", "another"]
)
async def test_only_tenants_of_the_transaction_are_written(toy: Toy, within: Scope) -> None:
    for one in (row(uuid4()), row(uuid4(), owner=THERE)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await appended(toy, one, within)
    async with tried(toy, within) as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("select refuse($1, $2, 'x', null, 'a', '{}', '{}', now()::date, null)", HERE, uuid4())
    async with tried(toy, within) as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("select claim_key($1, 'licence', '1', 'note/1', '')", HERE)
    assert await toy.relay.fetchval("select count(*) from event") == 0


@pytest.mark.parametrize("table", HISTORY)
async def test_the_owner_is_bound_by_the_same_scope(toy: Toy, table: str) -> None:
    """The functions run as the owner: were their own check to fail, the row policy would still stand."""
    columns = {
        "event": "(tenant_id, stream, version, era, event_id, command_id, type, nth, schema, occurred_on, recorded_at,"
        " raw) values ('620103', 'note/1', 1, 1, gen_random_uuid(), gen_random_uuid(), 'x', 1, 1, now(), now(), '{}')",
        "command": "values ('620103', gen_random_uuid(), '', '', now())",
        "refusal": "(tenant_id, command_id, code, era, action, streams, actor, occurred_on, recorded_at)"
        " values ('620103', gen_random_uuid(), 'x', 1, 'a', '{}', '{}', now(), now())",
        "natural_key": "values ('620103', 'licence', '1', 'note/1', '')",
    }
    async with owner(toy) as connection:
        await connection.execute("select set_config('app.writes', '{620102}', false)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(f"insert into {table} {columns[table]}")


async def test_a_key_is_claimed_for_a_stream_that_was_appended_to(toy: Toy) -> None:
    """In this transaction; a key that any stream, or none, could hold would keep its true owner out for ever."""
    note, other = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(other, HERE))
    one = row(note)
    *plain, tenant, stream, version, id, type, schema, day, head, tail = one.values()
    for holder in (f"note/{note}", f"note/{other}", "organisation/1"):
        async with tried(toy) as tx:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await tx.execute("select claim_key($1, 'licence', '1', $2, '')", HERE, holder)
    async with tried(toy) as tx:
        lists = ([tenant], [stream], [version], [id], [type], [schema], [day], [head], [tail])
        await tx.execute(APPEND, *plain, *lists, *NOTHING)
        assert await tx.fetchval("select claim_key($1, 'licence', '1', $2, '')", HERE, stream)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("select claim_key($1, 'licence', '2', $2, '')", HERE, f"note/{other}")


async def test_what_a_change_looks_up_is_planned_once(toy: Toy) -> None:
    """Planning a look at `event` anew, with all its indexes, takes longer than the append."""
    async with owner(toy) as connection:
        anew = await connection.fetch(
            "select proname from pg_proc where pronamespace::regnamespace::text in ('public', 'versions')"
            " and prosrc ~ '(from|into) (event|natural_key)\\y'"
            " and not 'plan_cache_mode=force_generic_plan' = any (coalesce(proconfig, '{}'))"
        )
    # A part of its caller's plan; each second; for an operator; for a migration.
    assert {row["proname"] for row in anew} == {
        "stamp",
        "era_behind",
        "relay_lag",
        "keep_live_versions",
        "note_rebuild_due",
    }


async def test_a_version_needs_the_one_before_it(toy: Toy) -> None:
    note = uuid4()
    for version in (2, 7):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await appended(toy, row(note, version=version))
        assert refused.value.sqlstate == "ES002"
    await toy.store.change(cause(THERE), write, NOTES.stream(note, THERE))
    with pytest.raises(asyncpg.PostgresError) as refused:  # another tenant's of that name is none
        await appended(toy, row(note, version=2))
    assert refused.value.sqlstate == "ES002"


async def test_what_was_looked_at_must_be_so_and_in_sight(toy: Toy) -> None:
    seen, hidden = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(seen, HERE))
    await toy.store.change(cause(THERE), write, NOTES.stream(hidden, THERE))
    cases: list[tuple[list[list[Any]], str]] = [
        ([[HERE], [f"note/{seen}"], [0]], "ES005"),
        ([[HERE], [f"note/{seen}"], [2]], "ES005"),
        ([[HERE, HERE], [f"note/{uuid4()}", f"note/{seen}"], [0, 2]], "ES005"),
        ([[THERE], [f"note/{hidden}"], [1]], "42501"),
    ]
    for looked, state in cases:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await appended(toy, row(uuid4()), looked=looked)
        assert refused.value.sqlstate == state
    await appended(toy, row(uuid4()), looked=[[HERE, HERE], [f"note/{uuid4()}", f"note/{seen}"], [0, 1]])


async def test_what_stands_before_the_first_of_an_array_is_no_predecessor(toy: Toy) -> None:
    """An array may begin at 0, or lie in two dimensions; what is not written is not followed."""
    one = row(uuid4(), version=9)
    for lists, state in (
        (f"'[0:1]={{{HERE},{HERE}}}', '[0:1]={{{one['stream']},{one['stream']}}}', '[0:1]={{8,9}}'", "22000"),
        (f"'{{{{{HERE}}}}}', '{{{{{one['stream']}}}}}', '{{{{9}}}}'", "22000"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            async with scope(toy.app, OWN) as tx:
                await tx.execute(
                    f"select append($1, $2, $3, $4, $5, {lists}, $6, $7, $8, $9, $10, $11)",
                    *(one[name] for name in ("owner", "command", "digest", "before", "after")),
                    *([one[name]] for name in ("id", "type", "schema", "day", "head", "tail")),
                )
        assert refused.value.sqlstate == state


async def test_a_predecessor_that_would_sort_behind_is_none(toy: Toy) -> None:
    """The one that a transaction which took its id too early would follow."""
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    async with owner(toy) as connection:
        await connection.execute("alter table event no force row level security")
        await connection.execute("update event set era = 2")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await appended(toy, row(note, version=2))
    assert refused.value.sqlstate == "ES002"


async def test_the_answer_bears_the_stamp_of_the_events(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    answer = await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))
    stored = await toy.relay.fetchrow("select recorded_at, raw from event")
    assert stored is not None
    said = orjson.loads(answer.body)["recorded_at"]
    assert orjson.loads(stored["raw"])["recorded_at"] == said
    assert datetime.fromisoformat(said) == stored["recorded_at"]
    again = await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))
    assert again.body == answer.body


async def test_the_stamp_is_the_databases_and_no_callers(toy: Toy) -> None:
    wrong = datetime(2019, 1, 1, tzinfo=UTC)
    await toy.store.change(cause(now=wrong), write, NOTES.stream(uuid4(), HERE))
    assert abs(await toy.relay.fetchval("select recorded_at from event") - clock.now()) < timedelta(minutes=1)


async def test_a_clock_set_back_an_hour_sets_no_stamp_back(toy: Toy) -> None:
    """Within the stream by its predecessor, everywhere by the newest tick."""
    note, hour = uuid4(), timedelta(hours=1)
    async with owner(toy) as connection:
        await connection.execute("update tick set at = at + $1::interval", hour)  # the clock was an hour ahead
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))
        await connection.execute("update tick set at = at - $1::interval", hour)
    await toy.store.change(cause(), write, NOTES.stream(note))
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    first, second, other = [
        r["recorded_at"] for r in await toy.relay.fetch("select recorded_at from event order by era, tx, pos")
    ]
    assert first > clock.now() + hour / 2
    assert second >= first
    assert other < first


async def test_events_are_numbered_by_type_in_their_stream(toy: Toy) -> None:
    note = uuid4()

    def three(_: Any) -> Any:
        return [*write(_), *remark(_), *write(_)]

    await toy.store.change(cause(), three, NOTES.stream(note, HERE))
    await toy.store.change(cause(), three, NOTES.stream(note))
    await toy.store.change(cause(), three, NOTES.stream(uuid4(), HERE))
    found = await toy.relay.fetch("select version, type, nth from event where stream = $1 order by 1", f"note/{note}")
    assert [(r["type"].rpartition("-")[2], r["nth"]) for r in found] == [
        ("written", 1), ("remarked", 1), ("written", 2), ("written", 3), ("remarked", 2), ("written", 4),
    ]  # fmt: skip


async def test_a_restored_database_takes_nothing_until_its_era_is_raised(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    async with owner(toy) as connection:  # as after a dump and restore: transaction ids begin again below
        await connection.execute("alter table event no force row level security")
        await connection.execute("update event set tx = '4000000000'")
    assert await store.era_behind(toy.app)
    with pytest.raises(EraBehind):
        await toy.store.change(cause(), write, NOTES.stream(note))
    assert await store.raise_era(toy.urls["owner"]) == 2
    assert not await store.era_behind(toy.app)
    await toy.store.change(cause(), write, NOTES.stream(note))
    await settled(toy.relay)
    assert [(r["era"], r["version"]) for r in await Tail(toy.relay, "relay").next()] == [(1, 1), (2, 2)]
    assert await store.raise_era(toy.urls["owner"]) is None
    assert await toy.relay.fetchval("select current from era") == 2


@pytest.mark.parametrize("what", ["tick", "tail_cursor"])
async def test_a_tick_or_a_cursor_that_is_ahead_says_so_too(toy: Toy, what: str) -> None:
    async with owner(toy) as connection:
        await connection.execute("insert into tail_cursor (name, revision, era) values ('relay', 1, 1)")
        assert not await store.era_behind(toy.app)
        await connection.execute(f"update {what} set tx = '4000000000'")
    assert await store.era_behind(toy.app)


async def test_a_writer_that_waits_for_a_rebuild_holds_no_transaction_id_and_does_not_wait_long(toy: Toy) -> None:
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE))
    async with toy.rebuild.acquire() as rebuilding, rebuilding.transaction():
        await rebuilding.execute("select hold_appends()")
        writing = asyncio.create_task(toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE)))
        waiting = "select pid from pg_locks where not granted and relation = 'event'::regclass"
        async with owner(toy) as admin:
            async with asyncio.timeout(2.5):
                while not (pid := await admin.fetchval(waiting)):
                    await asyncio.sleep(0.01)
            held = await admin.fetch("select locktype from pg_locks where pid = $1 and granted", pid)
        assert "transactionid" not in {r["locktype"] for r in held}
        async with asyncio.timeout(10):
            with pytest.raises(Busy):
                await writing
