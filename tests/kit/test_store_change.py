"""`Store.change`: at most once, one winner, all or nothing, and refusals that leave a row."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from tests.kit.appends import tried
from tests.kit.conftest import Toy
from tests.kit.notes import (
    HERE,
    LIST,
    NOTES,
    THERE,
    NameTaken,
    Note,
    NoteIsStruck,
    NoteSigned,
    NoteWritten,
    cause,
    strike,
    write,
)
from tests.kit.peer import until
from tests.kit.proxy import Proxy
from tests.kit.test_store_cancelled import AT

from contracts.values import PersonId, Sealed
from kit.auth import Scope
from kit.errors import EventTooLarge, KeyReused, NotFound, NotYourUnit, StaleVersion
from kit.store import Claim, Store, open_pool


async def events(toy: Toy, note: UUID) -> list[asyncpg.Record]:
    return await toy.relay.fetch(
        "select stream, version, raw from event where stream = $1 order by version", f"note/{note}"
    )


async def test_a_change_appends_and_projects(toy: Toy) -> None:
    note = uuid4()
    answer = await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    said = orjson.loads(answer.body)
    assert (answer.stream, answer.version, said["version"]) == (f"note/{note}", 1, 1)
    [row] = await events(toy, note)
    assert orjson.loads(row["raw"])["id"] == said["event_id"]
    assert await toy.rebuild.fetchval("select lines from note_list where note = $1", note) == 1


async def test_a_repeated_command_gets_the_first_answer(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    first = await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))
    again = await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))
    assert again.body == first.body
    assert len(await events(toy, note)) == 1


async def test_a_repeat_after_the_rule_changed_its_mind_gets_the_first_answer(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    first = await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(), strike, NOTES.stream(note))
    assert (await toy.store.change(cause(command=command), write, NOTES.stream(note))).body == first.body


async def test_a_command_that_changes_nothing_is_answered_twice_alike(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(), strike, NOTES.stream(note))
    first = await toy.store.change(cause(command=command), strike, NOTES.stream(note))
    assert (await toy.store.change(cause(command=command), strike, NOTES.stream(note))).body == first.body
    assert orjson.loads(first.body)["event_id"] is None


async def test_a_stream_of_a_tenant_out_of_reach_is_not_found(toy: Toy) -> None:
    with pytest.raises(NotFound):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), THERE))


async def test_what_no_event_can_hold_is_refused_and_leaves_nothing(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    with pytest.raises(EventTooLarge) as refused:
        await toy.store.change(
            cause(command=command), lambda _: (NoteWritten(text="长" * 22_000),), NOTES.stream(note, HERE)
        )
    assert (refused.value.code, refused.value.status) == ("event-too-large", 422)
    assert await events(toy, note) == []
    assert (await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))).version == 1


async def test_the_same_key_with_another_body_is_refused(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    await toy.store.change(cause(command=command), write, NOTES.stream(note, HERE))
    with pytest.raises(KeyReused):
        await toy.store.change(cause(command=command, digest=b"\2" * 32), write, NOTES.stream(note))


async def test_the_same_command_sent_many_times_at_once_takes_effect_once(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    stream = NOTES.stream(note, HERE)
    answers = await asyncio.gather(*(toy.store.change(cause(command=command), write, stream) for _ in range(12)))
    assert len({a.body for a in answers}) == 1
    assert len(await events(toy, note)) == 1


async def test_writers_of_one_stream_decide_on_what_the_first_wrote(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await asyncio.gather(*(toy.store.change(cause(), write, NOTES.stream(note)) for _ in range(8)))
    texts = [orjson.loads(row["raw"])["data"]["text"] for row in await events(toy, note)]
    assert texts == [f"第{n}行" for n in range(1, 10)]


async def test_if_match_is_never_decided_again(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    both = await asyncio.gather(
        *(toy.store.change(cause(expected=1), write, NOTES.stream(note)) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(b, StaleVersion) for b in both) == [False, True]
    assert len(await events(toy, note)) == 2


async def test_a_refusal_appends_nothing_and_leaves_one_row(toy: Toy) -> None:
    note, command = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(), strike, NOTES.stream(note))
    for _ in range(2):
        with pytest.raises(NoteIsStruck):
            await toy.store.change(cause(command=command), write, NOTES.stream(note))
    rows = await toy.rebuild.fetch("select * from refusal where command_id = $1", command)
    assert [(r["tenant_id"], r["code"], r["rule"], r["streams"]) for r in rows] == [
        (HERE, "note-is-struck", "R-LZ-99", [f"note/{note}"])
    ]
    assert len(await events(toy, note)) == 2


async def test_two_streams_change_together_or_not_at_all(toy: Toy) -> None:
    one, two = uuid4(), uuid4()

    def both(first: Note, second: Note) -> tuple[Sequence[Any], Sequence[Any]]:
        return (*write(first),), (*write(second), *write(second))

    await toy.store.change(cause(), both, NOTES.stream(one, HERE), NOTES.stream(two, HERE))
    assert [len(await events(toy, n)) for n in (one, two)] == [1, 2]
    await toy.store.change(cause(), strike, NOTES.stream(two))
    with pytest.raises(NoteIsStruck):
        await toy.store.change(cause(), both, NOTES.stream(one), NOTES.stream(two))
    assert len(await events(toy, one)) == 1


async def test_a_natural_key_has_one_holder_per_tenant(toy: Toy) -> None:
    claim = Claim("title", "甲", NameTaken)
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE), claims=[claim])
    await toy.store.change(cause(), write, NOTES.stream(note), claims=[claim])
    with pytest.raises(NameTaken):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim])
    await toy.store.change(cause(THERE), write, NOTES.stream(uuid4(), THERE), claims=[claim])


async def test_one_of_many_gets_the_natural_key(toy: Toy) -> None:
    claim = Claim("title", "乙", NameTaken)
    results = await asyncio.gather(
        *(toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim]) for _ in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(r, NameTaken) for r in results) == 5
    assert await toy.rebuild.fetchval("select count(*) from note_list") == 1


async def test_another_tenants_stream_is_as_absent_as_none(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(THERE), write, NOTES.stream(note, THERE))
    for unknown in (note, uuid4()):
        with pytest.raises(NotFound):
            await toy.store.change(cause(HERE), write, NOTES.stream(unknown))
    wider = cause(HERE, scope=Scope(reads=(HERE, THERE), writes=(HERE,)))
    with pytest.raises(NotFound):  # readable, and yet not theirs to write
        await toy.store.change(wider, write, NOTES.stream(note))


async def test_personal_data_is_sealed_and_its_key_is_committed_to_once(toy: Toy) -> None:
    person, note = PersonId(uuid4()), uuid4()

    def sign(_: Note) -> Sequence[Any]:
        return (NoteWritten("x"), NoteSigned(Sealed(person, clear="演示人员甲")))

    await toy.store.change(cause(), sign, NOTES.stream(note, HERE))
    await toy.store.change(cause(), sign, NOTES.stream(note))
    rows = await events(toy, note)
    assert not any("演示人员甲".encode() in row["raw"] for row in rows)
    [first, second] = [toy.store.mapper.to_event(rows[n]["raw"]) for n in (1, 3)]
    assert isinstance(first, NoteSigned)
    assert isinstance(second, NoteSigned)
    assert first.signer.clear is None
    assert [await toy.vault.unseal(s.signer) for s in (first, second)] == ["演示人员甲"] * 2
    assert await toy.relay.fetchval("select count(*) from event where type = 'kit.data-key-committed'") == 1


async def test_a_commit_whose_acknowledgement_was_lost_counts_once(toy: Toy) -> None:
    """The connection dies after the server committed and before it could say so."""
    note, command = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    async with Proxy.before(toy.urls["app"]) as proxy:
        pool = await open_pool(proxy.url, size=2)
        store = Store(pool, region="test", categories=[NOTES], views=[LIST])
        proxy.cut_after(b"liandong/event/1")
        answer = await store.change(cause(command=command), write, NOTES.stream(note))
        assert proxy.cuts == 1
        await pool.close()
    assert answer.version == 2
    assert len(await events(toy, note)) == 2
    assert await toy.rebuild.fetchval("select lines from note_list where note = $1", note) == 2


async def test_append_refuses_to_come_second(toy: Toy) -> None:
    empty = "select append($1, $2, '', '', '', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
    async with tried(toy) as tx:
        await tx.execute("select pg_current_xact_id()")
        with pytest.raises(asyncpg.PostgresError) as refused:
            await tx.execute(empty, HERE, uuid4())
    assert refused.value.sqlstate == "ES001"


async def test_a_cause_acts_at_its_own_version_only(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    with pytest.raises(StaleVersion) as stale:
        await toy.store.change(replace(cause(), expected=7), write, NOTES.stream(note))
    assert stale.value.facts == {"actual": 1, "expected": 7}


async def test_who_may_not_act_learns_nothing_of_the_version(toy: Toy) -> None:
    """RFC 9110, 13.2.1: a precondition counts for what would have been done without it."""
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))

    def refuses(_note: object) -> list[Any]:
        raise NotYourUnit(units="别处")

    with pytest.raises(NotYourUnit):
        await toy.store.change(replace(cause(), expected=7), refuses, NOTES.stream(note))


async def test_who_is_chosen_to_end_a_deadlock_decides_again(toy: Toy) -> None:
    """Somebody waits for what a change holds, which waits for them: it gives way, and is there after all.

    Whoever has waited for a second looks for deadlocks: the change is chosen, or this process was slow and tries again.
    """
    waits = "select count(*) from pg_locks where not granted and relation = 'natural_key'::regclass"
    owner = await asyncpg.connect(toy.urls["owner"])
    chosen = False
    while not chosen:
        note, claim = uuid4(), Claim("note-name", str(uuid4()), NameTaken)
        with suppress(asyncpg.DeadlockDetectedError):
            async with owner.transaction():
                await owner.execute(AT["a claim"])
                change = asyncio.create_task(toy.store.change(cause(), write, NOTES.stream(note, HERE), claims=[claim]))
                await until(lambda: owner.fetchval(waits))
                await owner.execute(AT["the append"])
                chosen = True
        assert (await change).version == 1
    await owner.close()
    assert len(await events(toy, note)) == 1
