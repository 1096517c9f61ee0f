"""A stream is a tenant's: like-named ones never meet, whoever writes; and what a change refuses before it writes."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from structlog.testing import capture_logs
from tests.kit.conftest import Toy, smuggle
from tests.kit.notes import (
    DAY,
    HERE,
    LIST,
    NOTES,
    THERE,
    NameTaken,
    Note,
    NoteStruck,
    NoteWritten,
    cause,
    days,
    remark,
    strike,
    write,
)

from contracts.messages import Message
from contracts.values import Event, TenantId
from kit.auth import Basis, Scope
from kit.errors import Ambiguous, EarlierThanLast, NewerThanThisRelease, NotFound, Refused, SameTwice
from kit.store import Claim, Look, Meta, Release, Store, Untellable
from kit.tenancy import Tx

BOTH = Scope(reads=(HERE, THERE), writes=(HERE, THERE))
TENANTS = (HERE, THERE)


async def versions(toy: Toy) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for row in await toy.relay.fetch("select tenant_id, stream, version from event order by era, tx, pos"):
        found.setdefault((row["tenant_id"], row["stream"]), []).append(row["version"])
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_random_histories_of_two_tenants_with_like_named_streams(toy: Toy, seed: int) -> None:
    """Whatever two bureaus write under the same names, also at once and from above, each stream is its own."""
    dice = random.Random(seed)
    notes = [UUID(int=n + 1) for n in range(3)]
    wrote: Counter[tuple[TenantId, UUID]] = Counter()

    async def one(tenant: TenantId, note: UUID, named: bool, above: bool) -> None:
        given = cause(tenant, scope=BOTH) if above else cause(tenant)
        stream = NOTES.stream(note, tenant) if named else NOTES.stream(note)
        refusals = () if named else (Ambiguous, NotFound)
        with suppress(*refusals):
            await toy.store.change(given, write, stream)
            owner = "select tenant_id from event where command_id = $1"
            wrote[await toy.relay.fetchval(owner, given.command_id), note] += 1

    async def two(first: TenantId, second: TenantId, note: UUID) -> None:
        def both(a: Note, b: Note) -> tuple[Sequence[Any], Sequence[Any]]:
            return write(a), write(b)

        try:
            await toy.store.change(
                cause(first, scope=BOTH), both, NOTES.stream(note, first), NOTES.stream(note, second)
            )
        except SameTwice:
            assert first == second
        else:
            wrote[first, note] += 1
            wrote[second, note] += 1

    for _ in range(8):
        await asyncio.gather(
            *(
                two(dice.choice(TENANTS), dice.choice(TENANTS), dice.choice(notes))
                if dice.random() < 0.3
                else one(dice.choice(TENANTS), dice.choice(notes), dice.random() < 0.6, dice.random() < 0.5)
                for _ in range(4)
            )
        )
    found = await versions(toy)
    counts = {key: len(its) for key, its in found.items()}
    assert counts == {(tenant, f"note/{note}"): count for (tenant, note), count in wrote.items()}
    assert all(v == list(range(1, len(v) + 1)) for v in found.values()), "settled order has a version before another"
    for (tenant, stream), its in found.items():
        lines = await toy.rebuild.fetchval(
            "select lines from note_list where tenant_id = $1 and note = $2", tenant, UUID(stream.partition("/")[2])
        )
        assert lines == len(its)


async def test_a_neighbours_like_named_stream_is_in_nobodys_way(toy: Toy) -> None:
    """The city above sees both; each district has its own; the longer one does not lengthen the other."""
    note = uuid4()
    for _ in range(5):
        await toy.store.change(cause(THERE), write, NOTES.stream(note, THERE))
    await toy.store.change(cause(HERE, scope=BOTH), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(HERE), write, NOTES.stream(note))
    assert await versions(toy) == {(THERE, f"note/{note}"): [1, 2, 3, 4, 5], (HERE, f"note/{note}"): [1, 2]}


async def test_a_stream_that_two_bureaus_have_is_to_be_named_with_its_bureau(toy: Toy) -> None:
    note = uuid4()
    for tenant in TENANTS:
        await toy.store.change(cause(tenant), write, NOTES.stream(note, tenant))
    with pytest.raises(Ambiguous) as refused:
        await toy.store.change(cause(HERE, scope=BOTH), write, NOTES.stream(note))
    assert refused.value.status == 409
    assert HERE in refused.value.detail
    with pytest.raises(Ambiguous):
        await toy.store.fold(cause(HERE, scope=BOTH), NOTES.stream(note))
    assert (await toy.store.fold(cause(HERE, scope=BOTH), NOTES.stream(note, THERE))).lines == 1


async def test_a_stream_of_a_bureau_out_of_sight_is_not_found_though_it_is_named(toy: Toy) -> None:
    with pytest.raises(NotFound):
        await toy.store.change(cause(), lambda _: (), NOTES.stream(uuid4(), THERE))


async def test_one_record_in_two_places_of_a_command_is_refused(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    with pytest.raises(SameTwice):
        await toy.store.change(cause(), lambda a, b: (write(a), write(b)), NOTES.stream(note), NOTES.stream(note, HERE))


async def test_days_do_not_go_backwards_within_a_stream(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(occurred_on=days(10)), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(occurred_on=days(10)), write, NOTES.stream(note))
    with pytest.raises(EarlierThanLast) as refused:
        await toy.store.change(cause(occurred_on=days(9)), write, NOTES.stream(note))
    assert refused.value.status == 422
    assert str(days(9)) in refused.value.detail
    assert str(days(10)) in refused.value.detail
    await toy.store.change(cause(occurred_on=DAY), write, NOTES.stream(uuid4(), HERE))


async def test_what_may_be_late_comes_on_any_day_and_holds_nothing_up(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(occurred_on=days(10)), write, NOTES.stream(note, HERE))
    await toy.store.change(cause(occurred_on=days(2)), remark, NOTES.stream(note))
    await toy.store.change(cause(occurred_on=days(30)), remark, NOTES.stream(note))
    await toy.store.change(cause(occurred_on=days(11)), write, NOTES.stream(note))
    with pytest.raises(EarlierThanLast):  # one that may and one that may not
        await toy.store.change(cause(occurred_on=days(3)), lambda n: [*remark(n), *write(n)], NOTES.stream(note))


async def test_each_written_stream_keeps_its_own_days(toy: Toy) -> None:
    early, late = uuid4(), uuid4()
    await toy.store.change(cause(occurred_on=days(1)), write, NOTES.stream(early, HERE))
    await toy.store.change(cause(occurred_on=days(9)), write, NOTES.stream(late, HERE))
    given = cause(occurred_on=days(5))
    streams = NOTES.stream(early), NOTES.stream(late)
    with pytest.raises(EarlierThanLast):
        await toy.store.change(given, lambda a, b: (write(a), write(b)), *streams)
    await toy.store.change(given, lambda a, _: (write(a), ()), *streams)


async def test_a_claim_ends_with_the_fact_that_it_guards(toy: Toy) -> None:
    """An impostor's licence is rejected; its true holder can register it then."""
    impostor, holder = uuid4(), uuid4()
    licence = Claim("licence", "甲", NameTaken, fact="first")
    await toy.store.change(cause(), write, NOTES.stream(impostor, HERE), claims=[licence])
    await toy.store.change(
        cause(), write, NOTES.stream(impostor), claims=[Claim("licence", "乙", NameTaken, fact="second")]
    )
    with pytest.raises(NameTaken):
        await toy.store.change(cause(), write, NOTES.stream(holder, HERE), claims=[licence])
    await toy.store.change(cause(), write, NOTES.stream(impostor), releases=[Release("licence", "first")])
    await toy.store.change(cause(), write, NOTES.stream(holder, HERE), claims=[licence])
    with pytest.raises(NameTaken):  # the other fact still stands
        await toy.store.change(cause(), write, NOTES.stream(holder), claims=[Claim("licence", "乙", NameTaken)])
    with pytest.raises(NameTaken):
        await toy.store.change(cause(), write, NOTES.stream(impostor), claims=[licence])


async def test_a_claim_is_not_ended_by_a_command_that_changed_nothing(toy: Toy) -> None:
    note = uuid4()
    claim = Claim("licence", "甲", NameTaken)
    await toy.store.change(cause(), write, NOTES.stream(note, HERE), claims=[claim])
    await toy.store.change(cause(), lambda _: (), NOTES.stream(note), releases=[Release("licence")])
    with pytest.raises(NameTaken):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim])


async def test_a_claim_of_another_stream_or_bureau_is_not_ended(toy: Toy) -> None:
    note = uuid4()
    claim = Claim("licence", "甲", NameTaken)
    await toy.store.change(cause(), write, NOTES.stream(note, HERE), claims=[claim])
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), releases=[Release("licence")])
    await toy.store.change(cause(THERE), write, NOTES.stream(note, THERE), releases=[Release("licence")])
    with pytest.raises(NameTaken):
        await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[claim])


async def test_a_correction_changes_its_own_claim(toy: Toy) -> None:
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE), claims=[Claim("licence", "误", NameTaken)])
    await toy.store.change(
        cause(), write, NOTES.stream(note), releases=[Release("licence")], claims=[Claim("licence", "正", NameTaken)]
    )
    await toy.store.change(cause(), write, NOTES.stream(uuid4(), HERE), claims=[Claim("licence", "误", NameTaken)])
    assert {r["key"] for r in await _keys(toy)} == {"误", "正"}


async def _keys(toy: Toy) -> list[asyncpg.Record]:
    async with toy.store.reading(cause()) as tx:
        return await tx.fetch("select key from natural_key")


class LineTold(Message):
    TYPE: ClassVar[str] = "toy.line-told"
    NAME: ClassVar[str] = "写一行"
    SERVICE: ClassVar[str] = "toy"
    AGGREGATE: ClassVar[str] = "note"

    worth: int


def told(event: Event, _: Meta) -> LineTold | None:
    return LineTold(worth=event.worth) if isinstance(event, NoteWritten) else None


def telling(toy: Toy) -> Store:
    return Store(toy.app, region="test", categories=[NOTES], views=[LIST], vault=toy.vault, publish=told)


async def test_what_cannot_be_told_is_never_written(toy: Toy) -> None:
    note, store = uuid4(), telling(toy)
    await store.change(cause(), write, NOTES.stream(note, HERE))
    wrong = NoteWritten(text="字", worth="many")  # type: ignore[arg-type]
    with capture_logs() as logs, pytest.raises(Untellable):
        await store.change(cause(), lambda _: (*write(_), wrong), NOTES.stream(note))
    assert (await versions(toy))[HERE, f"note/{note}"] == [1]
    assert [(line["type"], line["field"]) for line in logs] == [("toy.note-written", ["worth"])]


async def test_what_cannot_be_read_again_is_never_written(toy: Toy) -> None:
    """A value that its class does not declare would brick the stream for every later command."""
    note = uuid4()
    with pytest.raises(Untellable):
        await toy.store.change(cause(), lambda _: [NoteWritten(text=7)], NOTES.stream(note, HERE))  # type: ignore[arg-type]
    assert await versions(toy) == {}


NEWER = type("NoteStruck", (NoteStruck,), {"class_version": 2})
UNKNOWN = type("NoteFiled", (NoteStruck,), {"TOPIC": "toy.note-filed"})


@pytest.mark.parametrize("kind", [NEWER, UNKNOWN], ids=["schema", "type"])
async def test_a_stream_that_a_newer_release_wrote_waits_for_one(toy: Toy, kind: type[Event]) -> None:
    note, other = uuid4(), uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    await smuggle(toy, note, 2, kind())
    for _ in range(2):
        with pytest.raises(NewerThanThisRelease) as refused:
            await toy.store.change(cause(), write, NOTES.stream(note))
    assert (refused.value.status, refused.value.retryable) == (503, True)
    await toy.store.change(cause(), write, NOTES.stream(other, HERE))


async def test_the_basis_is_that_of_the_states_that_were_decided_on(toy: Toy) -> None:
    """A version published between a look and the decision is the one that is named."""
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))
    other = asyncio.Event()

    async def overtaken(_: Tx) -> None:
        if not other.is_set():
            other.set()
            await toy.store.change(cause(), write, NOTES.stream(note))

    based = replace(NOTES, basis=lambda state, day: Basis(note, state.lines * 100 + day.day))
    mine = uuid4()
    await toy.store.change(
        cause(), lambda n, _read, _none: write(n), NOTES.stream(mine, HERE), reads=based.stream(note) & Look(overtaken)
    )
    last = orjson.loads(await toy.relay.fetchval("select raw from event where stream = $1", f"note/{mine}"))
    assert last["basis"]["version"] == 200 + DAY.day


class Ruled(Refused):
    code, name, rule, text = "ruled", "不合规则", "R-XX-01", "不合规则。请改正。"


async def test_a_fact_and_a_refusal_name_the_paragraph_of_the_document_that_was_looked_at(toy: Toy) -> None:
    """Also in the row of the refusal; without a document, or of a rule that it does not state, there is none."""
    note = uuid4()
    await toy.store.change(cause(), write, NOTES.stream(note, HERE))

    def refuse(*_: object) -> list[Any]:
        raise Ruled

    other, found = uuid4(), []
    await toy.store.change(cause(), write, NOTES.stream(other, HERE))
    for cites in ({"R-XX-01": "七(一)3", "R-LZ-01": "五(一)"}, {}):
        based = replace(NOTES, basis=lambda _state, _day, cites=cites: Basis(note, 1, cites))  # type: ignore[misc]
        with pytest.raises(Ruled) as refused:
            await toy.store.change(cause(), refuse, NOTES.stream(other), reads=based.stream(note))
        mine = uuid4()
        await toy.store.change(cause(), lambda n, _: write(n), NOTES.stream(mine, HERE), reads=based.stream(note))
        written = orjson.loads(await toy.relay.fetchval("select raw from event where stream = $1", f"note/{mine}"))
        found.append((refused.value.clause, written["basis"]["rule"], written["basis"]["clause"]))
    assert found == [("七(一)3", "R-LZ-01", "五(一)"), (None, "R-LZ-01", None)]
    kept = await toy.rebuild.fetch("select rule, clause from refusal where code = 'ruled' order by era, tx, pos")
    assert [tuple(one) for one in kept] == [("R-XX-01", "七(一)3"), ("R-XX-01", None)]


async def test_a_look_reads_what_the_decision_stands_on(toy: Toy) -> None:
    note = uuid4()
    for _ in range(3):
        await toy.store.change(cause(), write, NOTES.stream(note, HERE))

    async def lines(tx: Tx) -> int:
        found: int = await tx.fetchval("select sum(lines) from note_list")
        return found

    def decide(_: Note, total: int) -> Sequence[Any]:
        return [NoteWritten(text=str(total))]

    await asyncio.gather(*(toy.store.change(cause(), decide, NOTES.stream(note), reads=Look(lines)) for _ in range(4)))
    texts = [
        orjson.loads(r["raw"])["data"]["text"] for r in await toy.relay.fetch("select raw from event order by version")
    ]
    assert texts[3:] == ["3", "4", "5", "6"]


async def test_a_refusal_lies_under_the_bureau_of_the_record(toy: Toy) -> None:
    note = uuid4()
    for tenant in TENANTS:
        await toy.store.change(cause(tenant), write, NOTES.stream(note, tenant))
        await toy.store.change(cause(tenant), strike, NOTES.stream(note, tenant))
    command = uuid4()
    with pytest.raises(Refused):
        await toy.store.change(cause(HERE, scope=BOTH, command=command), write, NOTES.stream(note, THERE))
    assert await toy.rebuild.fetchval("select tenant_id from refusal where command_id = $1", command) == THERE
