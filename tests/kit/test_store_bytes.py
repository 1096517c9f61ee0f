"""What the bytes of an event and the actor of a refusal must have, and that they say what the columns say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from tests.kit.appends import ACTOR, APPEND, HISTORY, appended, owner, row, tried
from tests.kit.conftest import Toy
from tests.kit.notes import DAY, HERE, THERE

from kit import clock
from kit.auth import Scope
from kit.store.mapper import around, instant

ANOTHER: tuple[dict[str, Any], ...] = (
    {"stream": f"note/{UUID(int=1)}"},
    {"id": UUID(int=2)},
    {"command": UUID(int=3)},
    {"type": "toy.note-struck"},
    {"schema": 2},
    {"day": DAY + timedelta(days=1)},
    {"tail": b'"}'},
    {"head": b'{"recorded_at":"2022'},
)


async def test_bytes_and_columns_say_the_same(toy: Toy, subtests: pytest.Subtests) -> None:
    for changed in ANOTHER:
        with subtests.test(next(iter(changed))), pytest.raises(asyncpg.CheckViolationError, match="event_raw"):
            await appended(toy, row(uuid4(), **changed))


def body_of(note: UUID, **changed: Any) -> dict[str, Any]:
    """The arguments of `append` for a note of which keys of the envelope say something else, or nothing (...)."""
    one = row(note)
    now = clock.now()
    envelope = orjson.loads(one["head"] + instant(now).encode() + one["tail"])
    envelope = {key: value for key, value in {**envelope, **changed}.items() if value is not ...}
    raw = orjson.dumps({**envelope, "recorded_at": instant(now)}, option=orjson.OPT_SORT_KEYS)
    head, tail = around(raw, now)
    return {**one, "head": head, "tail": tail}


ACTS = {"id": "tester", "role": "city_bureau", "unit": None, "tenant": HERE}


BROKEN: tuple[dict[str, Any], ...] = (
    *({key: ...} for key in ("spec", "region", "actor", "causation", "correlation", "trace", "data")),
    *({"actor": {key: value for key, value in ACTS.items() if key != gone}} for gone in ACTS),
    *({"actor": {**ACTS, key: 1}} for key in ACTS),
    *({key: [{}]} for key in ("spec", "region", "correlation", "causation", "trace", "data")),
    {"spec": "liandong/event/2"},
    {"actor": [ACTS]},
    {"actor": None},
    {"data": None},
    {"tenant": [HERE]},
    {"correlation": "somewhere"},
    {"correlation": None},
    {"causation": "somewhere"},
    {"basis": "R-LZ-01"},
    {"basis": {"scheme": str(UUID(int=1))}},
)


async def test_what_is_stored_has_a_whole_envelope(toy: Toy, subtests: pytest.Subtests) -> None:
    """Whoever reads it asks for each of these: history, figures of a day, a rebuild, the relay."""
    for changed in BROKEN:
        with subtests.test(str(changed)), pytest.raises(asyncpg.CheckViolationError, match="event_raw"):
            await appended(toy, body_of(uuid4(), **changed))


WHOLE: tuple[dict[str, Any], ...] = (
    {},
    {"basis": None},
    {"basis": ...},
    {"basis": {"scheme": None, "version": None, "rule": "R-LZ-01", "clause": None}},
    {"trace": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "causation": str(UUID(int=1))},
    {"actor": {**ACTS, "unit": "620102001"}},
)


async def test_every_form_of_an_envelope_is_stored(toy: Toy, subtests: pytest.Subtests) -> None:
    """The control of the test before."""
    for changed in WHOLE:
        with subtests.test(str(changed)):
            await appended(toy, body_of(uuid4(), **changed))


async def test_a_refusal_says_whole_who_was_refused(toy: Toy, subtests: pytest.Subtests) -> None:
    statement = "select refuse($1, $2, 'x', null, 'a', '{}', $3, '2022-09-27', null)"
    actors: tuple[Any, ...] = (
        *({k: v for k, v in ACTS.items() if k != gone} for gone in ACTS),
        [ACTS],
        {**ACTS, "x": 1},
    )
    for actor in actors:
        async with tried(toy) as tx:
            with subtests.test(str(actor)), pytest.raises(asyncpg.CheckViolationError, match="refusal_actor"):
                await tx.execute(statement, HERE, uuid4(), orjson.dumps(actor).decode())


UNHOLDABLE = ("0044-03-15 BC", "infinity", "-infinity", "10000-01-01")
"""Days that PostgreSQL has, and Python has not or cannot read from the bytes."""


@pytest.mark.parametrize("day", UNHOLDABLE)
async def test_a_day_that_no_reader_can_hold_is_not_stored(toy: Toy, day: str) -> None:
    one = row(uuid4(), day=day)
    one["head"] = one["head"].replace(DAY.isoformat().encode(), day.encode())
    with pytest.raises(asyncpg.CheckViolationError, match="day"):
        await appended(toy, one, append=APPEND.replace("$12", "$12::text[]::date[]"))
    async with tried(toy) as tx:
        with pytest.raises(asyncpg.CheckViolationError, match="day"):
            await tx.execute(
                f"select refuse($1, $2, 'x', null, 'a', '{{}}', '{ACTOR}', $3::text::date, null)", HERE, uuid4(), day
            )


async def test_every_day_of_the_store_is_one_that_a_reader_can_hold(toy: Toy) -> None:
    """A column of the plain type that a later table brings would open the same hole."""
    plain = await toy.relay.fetch(
        "select attrelid::regclass::text, attname from pg_attribute join pg_class c on c.oid = attrelid"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and atttypid = 'date'::regtype"
        " and c.relname = any ($1::text[])",
        [*HISTORY, "held", "tail_cursor", "tick", "era", "tenant"],
    )
    assert [tuple(column) for column in plain] == []


async def test_the_bytes_of_another_tenant_are_not_stored(toy: Toy) -> None:
    both = Scope(reads=(HERE, THERE), writes=(HERE, THERE))
    with pytest.raises(asyncpg.CheckViolationError, match="event_raw"):
        await appended(toy, row(uuid4(), tenant=THERE), both)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"tenant": "62010"},
        {"tenant": "620102\n"},
        {"version": 0},
        {"nth": 0},
        {"schema": 2},
        {"day": DAY + timedelta(days=1)},
        {"at": datetime(2022, 9, 27, 4, 0, 0, 1, UTC)},
        {"filling": "x" * 65_400},
    ],
    ids=lambda changed: next(iter(changed), "nothing"),
)
async def test_columns_are_what_they_may_be_whoever_writes_them(toy: Toy, changed: dict[str, Any]) -> None:
    """The constraint alone, without `append` before it; the bytes go along, but for schema, day and instant."""
    one = {"tenant": HERE, "version": 1, "nth": 1, "schema": 1, "day": DAY, "at": datetime(2022, 9, 27, 4, tzinfo=UTC)}
    one |= {"filling": "x", **changed}
    id = uuid4()
    said = {
        "tenant": one["tenant"], "stream": "note/1", "version": one["version"], "id": id, "command": id, "type": "t",
        "schema": 1, "occurred_on": DAY, "recorded_at": "2022-09-27T04:00:00.000000Z", "spec": "liandong/event/1",
        "region": "test", "actor": {"id": "a", "role": "system", "tenant": HERE, "unit": None}, "correlation": id,
        "causation": None, "trace": None, "data": {"filling": one["filling"]},
    }  # fmt: skip
    columns = [one[name] for name in ("tenant", "version", "nth", "schema", "day", "at")]
    async with owner(toy) as connection:
        await connection.execute("alter table event no force row level security")
        written = connection.execute(
            "insert into event (tenant_id, version, nth, schema, occurred_on, recorded_at, stream, era, event_id,"
            " command_id, type, raw) values ($1, $2, $3, $4, $5, $6, 'note/1', 1, $7, $7, 't', $8)",
            *columns,
            id,
            orjson.dumps(said),
        )
        if not changed:
            await written
            return
        with pytest.raises(asyncpg.CheckViolationError, match="event_raw"):
            await written
