"""What is judged before a body is read, and what whoever is turned away leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from tests.conftest import Installed
from tests.kit.note_service import LOCK, Served, headers, served, token
from tests.kit.notes import DAY, HERE, MIGRATIONS, THERE
from tests.kit.test_service_frame import said
from tests.kit.test_service_http import CITY, tree
from tests.kit.toy_process import until
from tests.settled import settled_refusals

from contracts.values import Role
from kit.service import traces
from kit.service.body import MAX_BYTES
from kit.telemetry.metrics import TRACES_DROPPED

Row = dict[str, Any]


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path, nats_url, region) as one:
        await tree(one)
        yield one


class Unread:
    """A body that nobody should ask for: longer than allowed, and no JSON."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.read <= MAX_BYTES:
            self.read += 65536
            yield b"[" * 65536


async def turned_away(toy: Served, sent: list[tuple[str, str]] | dict[str, str]) -> httpx.Response:
    body = Unread()
    answer = await toy.http.post(f"/v1/notes/{uuid4()}", content=body, headers=sent)
    assert body.read == 0, "the body was read first"
    return answer


async def test_who_may_not_send_is_told_before_the_body_is_read(toy: Served) -> None:
    good = headers()
    said(await turned_away(toy, {}), 401, "unauthenticated")
    said(await turned_away(toy, {**good, "authorization": "Bearer x"}), 401, "unauthenticated")
    said(await turned_away(toy, {"authorization": good["authorization"]}), 400, "idempotency-key-missing")
    said(await turned_away(toy, {**good, "idempotency-key": "x"}), 400, "idempotency-key-invalid")
    said(await turned_away(toy, {**good, "if-match": "x"}), 400, "if-match-invalid")
    said(await turned_away(toy, headers(Role.AUDITOR, HERE)), 403, "forbidden")
    said(await turned_away(toy, headers(Role.VOLUNTEER, HERE)), 403, "forbidden")


async def test_two_authorizations_are_none(toy: Served) -> None:
    """A proxy in front may have looked at the other one."""
    one, other = f"Bearer {token()}", f"Bearer {token(Role.CITY_BUREAU, CITY)}"
    for pair in ((one, other), (one, one), (one, "Basic YTpi")):
        sent = [*(("authorization", value) for value in pair), ("idempotency-key", str(uuid4()))]
        said(await turned_away(toy, sent), 401, "unauthenticated")
        said(await toy.http.get("/v1/notes", headers=sent), 401, "unauthenticated")


async def test_whose_head_is_good_has_its_body_read(toy: Served) -> None:
    answer = await toy.http.post(f"/v1/notes/{uuid4()}", content=Unread(), headers=headers())
    said(answer, 413, "body-too-large")


async def traced(toy: Served, tenant: str = HERE, role: Role = Role.AUDITOR) -> list[Row]:
    """The refusals that an auditor of this bureau reads, without what differs each time."""
    await settled_refusals(toy.urls["rebuild"])
    items = (await toy.get("/v1/history", role=role, tenant=tenant)).json()["items"]
    return [item for item in items if item["kind"] == "refusal"]


async def test_looking_where_one_may_not_look_leaves_a_row_with_ones_own_auditor(toy: Served) -> None:
    note = uuid4()
    said(await toy.get("/v1/notes", role=Role.STREET_OFFICER), 403, "forbidden")
    said(await toy.get("/v1/history", {"tenant_id": THERE}, role=Role.DISTRICT_BUREAU), 404, "not-found")
    said(await toy.post(f"/v1/notes/{note}", {"text": "一"}, role=Role.AUDITOR), 403, "forbidden")
    said(await toy.get("/v1/parked/1", role=Role.PROVINCE_IT), 404, "not-found")
    assert [(row["code"], row["action"], row["streams"], row["actor"]["role"]) for row in await traced(toy)] == [
        ("forbidden", "read-notes", ["GET /v1/notes"], "street_officer"),
        ("not-found", "read-history", ["GET /v1/history"], "district_bureau"),
        ("forbidden", "POST /v1/notes/{note_id}", [f"POST /v1/notes/{note}"], "auditor"),
        ("not-found", "read-parked", ["GET /v1/parked/{parked_id}"], "province_it"),
    ]
    row = (await traced(toy))[0]
    assert (row["tenant_id"], row["actor"]["tenant"], row["rule"]) == (HERE, HERE, None)
    assert await traced(toy, CITY, Role.CITY_BUREAU) == await traced(toy)
    assert await traced(toy, THERE) == []


async def test_a_change_of_what_is_not_there_leaves_one_row(toy: Served) -> None:
    note, key = uuid4(), uuid4()
    for _ in range(2):
        said(await toy.post(f"/v1/notes/{note}/strike", {}, key=key), 404, "not-found")
    (row,) = await traced(toy)
    assert (row["code"], row["command_id"]) == ("not-found", str(key))


async def test_what_was_typed_into_a_path_is_kept_nowhere(toy: Served) -> None:
    for typed in ("620102199001011234", "王某某", "13800000000", "x" * 300):
        said(await toy.get(f"/v1/notes/{typed}/of", role=Role.AUDITOR), 403, "forbidden")
    assert {tuple(row["streams"]) for row in await traced(toy)} == {("GET /v1/notes/{name}/of",)}
    said(await toy.get(f"/v1/notes/{THERE}/of", role=Role.AUDITOR), 403, "forbidden")
    assert (await traced(toy))[-1]["streams"] == [f"GET /v1/notes/{THERE}/of"]


async def test_nobody_is_traced_who_is_not_known_or_not_refused(toy: Served) -> None:
    said(await toy.http.get("/v1/notes"), 401, "unauthenticated")
    said(await toy.get("/v1/nothing", role=Role.AUDITOR), 404, "no-such-route")
    assert (await toy.get("/v1/notes")).status_code == 200
    assert await traced(toy) == []


async def test_a_loop_fills_no_table(toy: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute may end meanwhile: then there is room once more, and no more than that."""
    monkeypatch.setattr(traces, "EACH", 3)
    monkeypatch.setattr(traces, "ALL", 5)
    before = TRACES_DROPPED._value.get()
    for _ in range(20):
        said(await toy.get("/v1/notes", role=Role.STREET_OFFICER), 403, "forbidden")
    assert 3 <= len(await traced(toy)) <= 6
    for n in range(20):
        sent = {"authorization": f"Bearer {token(Role.STREET_OFFICER, sub=f'other-{n}')}"}
        said(await toy.http.get("/v1/notes", headers=sent), 403, "forbidden")
    assert 5 <= len(await traced(toy)) <= 10
    assert TRACES_DROPPED._value.get() - before >= 30


async def test_a_row_that_cannot_be_left_is_counted_and_the_answer_stays(toy: Served) -> None:
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("alter table refusal rename to refusal_away")
    before = TRACES_DROPPED._value.get()
    said(await toy.get("/v1/notes", role=Role.STREET_OFFICER), 403, "forbidden")
    await owner.execute("alter table refusal_away rename to refusal")
    await owner.close()
    assert TRACES_DROPPED._value.get() - before == 1
    assert await traced(toy) == []


async def test_a_look_takes_no_transaction_id(toy: Served) -> None:
    """The row is a transaction of its own, after the answer: a look, however long, holds up no tail."""
    owner = await asyncpg.connect(toy.urls["app"])
    await owner.execute(f"select pg_advisory_lock({LOCK})")
    looking = asyncio.create_task(toy.get("/v1/notes/held"))
    asks = "select backend_xid from pg_stat_activity where pid <> pg_backend_pid() and wait_event = 'advisory'"

    async def waiting() -> list[asyncpg.Record]:
        return await owner.fetch(asks)

    (row,) = await until(waiting)
    assert row["backend_xid"] is None
    await owner.close()
    assert (await looking).status_code == 200


async def test_the_day_of_a_row_is_today(toy: Served) -> None:
    said(await toy.get("/v1/notes", role=Role.AUDITOR), 403, "forbidden")
    (row,) = await traced(toy)
    assert row["occurred_on"] > str(DAY)
