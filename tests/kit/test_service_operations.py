"""GET /v1/operations: every number from where it is kept, and a reason where there is none."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from pydantic import ValidationError
from tests.conftest import Engines, Installed, Provision
from tests.kit.note_service import PROVINCE, Served, headers, served
from tests.kit.notes import HERE, LIST, MIGRATIONS
from tests.kit.peer import peer_at, until
from tests.kit.test_service_frame import said
from tests.kit.test_service_parked import CITY, Registry
from tests.kit.toy_process import serving, toy_of

import kit
from contracts.values import Role
from kit import store
from kit.bus.sole import instance
from kit.service.report import Relaying, Unknown
from kit.service.waiting import WAITING_NAMES
from kit.store import Purpose, open_pool, standing
from liandong.engines import NatsEngine

Ops = dict[str, Any]


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path, nats_url, region) as one:
        yield one


async def asked(toy: Served) -> Ops:
    answer = await toy.http.get("/v1/operations", headers=headers(Role.PROVINCE_IT, PROVINCE))
    assert answer.status_code == 200, answer.text
    found: Ops = answer.json()
    return found


async def shows(toy: Served, holds: Callable[[Ops], Any]) -> Ops:
    """The first answer of which that holds."""

    async def found() -> Ops | None:
        one = await asked(toy)
        return one if holds(one) else None

    shown: Ops = await until(found)
    return shown


def nulls(part: Any) -> list[str]:
    """Every null of the answer that has no reason beside it."""
    if isinstance(part, list):
        return [name for one in part for name in nulls(one)]
    if not isinstance(part, dict):
        return []
    reasons = part.get("unknown", {})
    return [name for name, value in part.items() if value is None and name not in reasons] + [
        name for value in part.values() for name in nulls(value)
    ]


@asynccontextmanager
async def owner(toy: Served) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(toy.urls["owner"])
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def rebuilding(toy: Served) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(toy.urls["rebuild"], Purpose.REBUILDING, size=2)
    try:
        yield pool
    finally:
        await pool.close()


async def test_a_service_says_what_it_is_and_that_all_is_well(toy: Served) -> None:
    found = await shows(toy, lambda one: one["process"]["status"] == "ready" and one["database"]["relay"]["holder"])
    process, database = found["process"], found["database"]
    assert (found["service"], found["title"]) == ("toy", "便条")
    assert (process["instance"], process["release"]) == (instance(), metadata.version("liandong"))
    assert {one["name"]: one["found"] for one in process["checks"]}["database"] == "ok"
    assert all(one["called"] and one["words"] for one in process["checks"])
    assert database["migrations"]["applied"] == database["migrations"]["expected"] > 4
    assert database["migrations"]["missing"] == database["migrations"]["newer"] == []
    (view,) = [one for one in database["views"] if one["name"] == LIST.name]
    assert (view["revision_in_code"], view["revision_in_database"], view["rebuild_due"]) == (1, 1, False)
    assert (view["rebuilt_at"], "没有重算过" in view["unknown"]["rebuilt_at"]) == (None, True)
    assert database["relay"]["holder"] == instance()
    assert [(one["publisher"], one["holder"]) for one in database["consumers"]] == [("registry", instance())]
    assert (database["parked"], database["held"]) == ([], [])
    assert any(one["application"] == "liandong reads" for one in database["sessions"])
    assert nulls(found) == []


async def test_no_other_role_may_ask(toy: Served) -> None:
    for role in Role:
        if role is not Role.SYSTEM:
            answer = await toy.http.get("/v1/operations", headers=headers(role, PROVINCE))
            assert answer.status_code == (200 if role is Role.PROVINCE_IT else 403), role
    said(await toy.http.get("/v1/operations"), 401, "unauthenticated")
    sent = headers(Role.PROVINCE_IT, PROVINCE)
    said(await toy.http.get("/v1/operations", params={"as_of": "2022-01-01"}, headers=sent), 422, "invalid-request")


async def test_what_is_not_told_grows_while_nats_is_away_and_falls_after(
    installed: Installed, tmp_path: Path, own_nats: NatsEngine, region: str
) -> None:
    async with served(await installed("toy", MIGRATIONS), tmp_path, own_nats.url, region) as toy:
        await toy.post(f"/v1/notes/{uuid4()}", {"text": "一"})
        await shows(toy, lambda one: one["database"]["relay"]["lag_events"] == 0 and _lag(one) is not None)
        await asyncio.to_thread(own_nats.kill)
        for _ in range(3):
            await toy.post(f"/v1/notes/{uuid4()}", {"text": "二"})
        found = await shows(toy, lambda one: one["database"]["relay"]["lag_events"] == 3 and _lag(one) is None)
        assert found["process"]["relay"]["doing"] == "connecting"
        (heard,) = found["process"]["consumers"]
        assert (heard["doing"], heard["lag_seconds"]) == ("connecting", None)
        assert "消息总线不可用" in heard["unknown"]["lag_messages"]
        assert nulls(found) == []
        later = await shows(toy, lambda one: one["database"]["relay"]["lag_seconds"] > 3)
        assert later["database"]["relay"]["lag_events"] == 3
        assert later["database"]["relay"]["last_told_at"] == found["database"]["relay"]["last_told_at"]
        began = time.perf_counter()
        await asked(toy)
        assert time.perf_counter() - began < 0.5, "a tenth of a second, on a machine that does nothing else"
        await asyncio.to_thread(own_nats.start)
        back = await shows(toy, lambda one: one["database"]["relay"]["lag_events"] == 0)
        assert back["database"]["relay"]["lag_seconds"] == 0
        assert back["database"]["relay"]["last_told_at"] > found["database"]["relay"]["last_told_at"]
        await shows(toy, lambda one: one["process"]["relay"]["doing"] == "working" and _lag(one) == 0)


def _lag(found: Ops) -> Any:
    """What waits of the one publisher that the toy hears."""
    return found["process"]["consumers"][0]["lag_messages"]


async def test_what_is_parked_is_counted_by_code_with_its_age(toy: Served, nats_url: str, region: str) -> None:
    async with peer_at(nats_url, region) as peer:
        registry = Registry(peer)
        await registry.tells(PROVINCE, None, 1)
        await registry.tells(CITY, CITY, 1)
        await registry.tells(CITY, PROVINCE, 2)
        await registry.tells(HERE, CITY, 2, sequence=2)
        found = await shows(toy, lambda one: sum(each["count"] for each in one["database"]["parked"]) == 3)
        codes = {one["code"]: (one["source"], one["name"], one["count"]) for one in found["database"]["parked"]}
        assert codes["behind-parked"] == ("registry", "等待前一条", 1)
        assert codes["tenant-parent-itself"][::2] == ("registry", 1)
        assert codes["gap"][1:] == ("前面有消息未收到", 1)
        (place,) = found["database"]["consumers"]
        assert (place["sequence"], place["gaps"], place["shut_out_since"]) == (4, 1, None)
        later = await shows(toy, lambda one: one["database"]["parked"][0]["oldest_seconds"] > 1)
        assert later["database"]["parked"][0]["oldest_at"] == found["database"]["parked"][0]["oldest_at"]
        assert nulls(found) == []


async def test_a_transaction_that_holds_the_horizon_shows(toy: Served) -> None:
    await shows(toy, lambda one: one["database"]["horizon"]["age_seconds"] < 5)
    async with owner(toy) as slow, slow.transaction():
        await slow.execute("select pg_current_xact_id()")
        pid = slow.get_server_pid()
        found = await shows(toy, lambda one: one["database"]["horizon"]["age_seconds"] > 3)
        (held,) = [one for one in found["database"]["horizon"]["open_writers"] if one["pid"] == pid]
        assert held["role"] in toy.urls["owner"]
    await shows(toy, lambda one: one["database"]["horizon"]["age_seconds"] < 3)


async def test_a_look_takes_no_transaction_id(toy: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []
    last = standing.held_back

    async def watched(tx: Any) -> Any:
        found = await last(tx)
        taken.append(await tx.fetchval("select pg_current_xact_id_if_assigned()"))
        return found

    monkeypatch.setattr(standing, "held_back", watched)
    await asked(toy)
    assert taken == [None]


async def test_a_rebuild_is_recorded_when_it_came_about(toy: Served) -> None:
    for text in ("一", "二"):
        await toy.post(f"/v1/notes/{uuid4()}", {"text": text})
    async with rebuilding(toy) as pool:
        mapper = toy.app.state.runtime.store.mapper
        await store.rebuild(pool, mapper, LIST)
        first = await asked(toy)
        await store.rebuild_tenants(pool, mapper)
        await store.rebuild(pool, mapper, LIST)
    views = {one["name"]: one for one in first["database"]["views"]}
    assert (views["note_list"]["rebuilt_revision"], views["note_list"]["rebuilt_events"]) == (1, 2)
    assert views["note_list"]["rebuilt_seconds"] > 0
    assert views["tenant"]["rebuilt_at"] is None
    again = {one["name"]: one for one in (await asked(toy))["database"]["views"]}
    assert again["note_list"]["rebuilt_at"] > views["note_list"]["rebuilt_at"]
    assert (again["tenant"]["rebuilt_events"], again["tenant"]["rebuilt_revision"]) == (0, None)


async def test_a_view_made_after_the_first_events_is_due_until_it_was_rebuilt(toy: Served) -> None:
    await _made_again(toy)
    assert (await _noted(toy))["rebuild_due"] is False, "there are no events that its rows could lack"
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "一"})
    await _made_again(toy)
    assert (await _noted(toy))["rebuild_due"] is True
    ready = (await toy.http.get("/health/ready")).json()
    assert (ready["status"], ready["checks"]["rows"]) == ("degraded", "no")
    async with rebuilding(toy) as pool:
        await store.rebuild(pool, toy.app.state.runtime.store.mapper, LIST)
    assert (await _noted(toy))["rebuild_due"] is False
    assert (await toy.http.get("/health/ready")).json()["checks"]["rows"] == "ok"


async def _made_again(toy: Served) -> None:
    async with owner(toy) as connection:
        await connection.execute(
            "with old as (delete from migration where name = 'views/note_list/1' returning *)"
            " insert into migration select * from old"
        )


async def _noted(toy: Served) -> Ops:
    (one,) = [one for one in (await asked(toy))["database"]["views"] if one["name"] == "note_list"]
    return dict(one)


async def test_a_database_that_is_behind_the_release_is_told_of(toy: Served) -> None:
    """Whoever must run `migrate` learns that from the answer, which itself does without."""
    async with owner(toy) as connection:
        await connection.execute(
            "delete from migration where name = 'kit/store/0005_operations.sql';"
            "insert into migration (name, digest) values ('kit/store/0999_later.sql', 'newer');"
            "drop function relay_lag(); drop table rebuilt"
        )
    found = await asked(toy)
    assert found["process"]["status"] == "not-ready"
    assert found["database"]["migrations"]["missing"] == ["kit/store/0005_operations.sql"]
    assert found["database"]["migrations"]["newer"] == ["kit/store/0999_later.sql"]
    assert "migrate" in found["database"]["relay"]["unknown"]["lag_events"]
    assert nulls(found) == []


async def test_a_cursor_that_is_nowhere_makes_the_lag_unknown(toy: Served) -> None:
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "一"})
    await shows(toy, lambda one: one["database"]["relay"]["lag_events"] == 0)
    async with owner(toy) as connection:
        await connection.execute("update tail_cursor set pos = pos + 1000000")
    relay = (await asked(toy))["database"]["relay"]
    assert (relay["lag_events"], relay["lag_seconds"]) == (None, None)
    assert "tail.astray" in relay["unknown"]["lag_events"]


async def test_another_process_of_the_service_is_seen(toy: Served, tmp_path: Path, nats_url: str, region: str) -> None:
    """It stands by, and what it would know if it were active it does not claim to know."""
    await shows(toy, lambda one: one["database"]["relay"]["holder"] == instance())
    async with serving(toy_of(toy.urls, tmp_path, nats_url, region)) as (process, http):
        both = await shows(toy, lambda one: len(_standing_by(one)) == 1)
        (other,) = _standing_by(both)
        assert other["instance"] == f"{instance().rpartition(':')[0]}:{process.pid}"
        assert (other["asked"], other["holds"]) == (False, [])
        answer = await http.get("/v1/operations", headers=headers(Role.PROVINCE_IT, PROVINCE))
        theirs = answer.json()
        assert theirs["process"]["relay"]["doing"] == "standing-by"
        assert theirs["process"]["consumers"][0]["lag_messages"] is None
        assert theirs["database"]["relay"]["holder"] == instance()
        assert nulls(theirs) == []


async def test_a_relay_that_postgresql_does_not_let_in_says_so(
    provision: Provision, engines: Engines, tmp_path: Path, nats_url: str, region: str
) -> None:
    """It stands by for nobody: no other relays either."""
    async with served(await provision("toy"), tmp_path, nats_url, region) as toy:
        await shows(toy, lambda one: one["process"]["relay"]["doing"] == "working")
        role = urlsplit(toy.urls["relay"]).username
        admin = await asyncpg.connect(engines.postgres_url)
        await admin.execute(f'alter role "{role}" nologin')
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", role)
        found = await shows(toy, lambda one: one["process"]["relay"]["doing"] == "away")
        assert found["database"]["relay"]["holder"] is None
        await admin.execute(f'alter role "{role}" login')
        await admin.close()
        await shows(toy, lambda one: one["process"]["relay"]["doing"] == "working")


def _standing_by(found: Ops) -> list[Ops]:
    return [one for one in found["database"]["instances"] if one["stands_by"] == ["bus/registry", "relay"]]


def test_a_null_needs_a_reason() -> None:
    told = Relaying.of(doing=Unknown("没有"), refused_seconds=0.0)
    assert (told.doing, told.unknown) == (None, {"doing": "没有"})
    with pytest.raises(ValidationError, match="null without a reason: doing"):
        Relaying.of(doing=None, refused_seconds=0.0)


def test_everything_for_which_something_waits_has_a_name() -> None:
    """The codes that bus and store give of themselves; those of refusals have their refusal's name."""
    codes: set[str] = set()
    for path in Path(kit.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Failure", "CannotTell") and node.args:
                codes |= {str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)}
    assert len(codes) > 6
    assert codes - WAITING_NAMES.keys() == {"dependency-unavailable"}
