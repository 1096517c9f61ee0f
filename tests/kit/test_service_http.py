"""A whole toy service over HTTP: who may call, at most once, and what the common routes show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.conftest import Installed
from tests.kit.appends import APPEND, NOTHING
from tests.kit.note_service import Served, headers, served, token
from tests.kit.notes import DAY, HERE, MIGRATIONS, THERE, NoteIsStruck, NoteWritten, cause
from tests.kit.test_service_frame import said
from tests.kit.toy_process import until

from contracts.values import Role
from kit import clock
from kit.auth import Scope
from kit.privacy.sealing import from_base64url
from kit.service.paging import wrapped
from kit.store.answers import keep_refusal
from kit.store.mapper import Envelope, RawMapper, around
from kit.store.tenants import ADD
from kit.tenancy import scope

CITY = "620100"


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path, nats_url, region) as one:
        yield one


async def tree(toy: Served) -> None:
    """Makes HERE and THERE districts of CITY."""
    connection = toy.app.state.runtime.store.pool
    for tenant, parent in ((CITY, None), (HERE, CITY), (THERE, CITY)):
        await connection.execute(ADD, tenant, "演示", "any", parent)
    toy.app.state.runtime.store.tenants.ring()


async def test_a_command_answers_its_place_and_a_repeat_the_same_bytes(toy: Served) -> None:
    note, key = uuid4(), uuid4()
    first = await toy.post(f"/v1/notes/{note}", {"text": "一"}, key=key)
    assert first.status_code == 200, first.text
    assert (first.json()["stream"], first.json()["version"], first.headers["etag"]) == (f"note/{note}", 1, '"1"')
    await toy.post(f"/v1/notes/{note}", {"text": "二"})
    again = await toy.post(f"/v1/notes/{note}", {"text": "一"}, key=key)
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, '"1"')
    listed = await toy.get("/v1/notes")
    assert [row["lines"] for row in listed.json()] == [2]


async def test_the_order_of_fields_makes_no_other_request(toy: Served) -> None:
    note, key = uuid4(), uuid4()
    first = await toy.http.post(
        f"/v1/notes/{note}", content=f'{{"occurred_on":"{DAY}","text":"一"}}',
        headers=headers(key=key, content_type="application/json"),
    )  # fmt: skip
    again = await toy.http.post(
        f"/v1/notes/{note}", content=f'{{ "text": "\\u4e00", "occurred_on": "{DAY}" }}',
        headers=headers(key=key, content_type="application/json"),
    )  # fmt: skip
    assert first.status_code == 200
    assert again.content == first.content


async def test_one_key_for_two_requests_is_refused(toy: Served) -> None:
    note, key = uuid4(), uuid4()
    assert (await toy.post(f"/v1/notes/{note}", {"text": "一"}, key=key)).status_code == 200
    other_body = await toy.post(f"/v1/notes/{note}", {"text": "二"}, key=key)
    said(other_body, 422, "idempotency-key-reused")
    other_path = await toy.post(f"/v1/notes/{uuid4()}", {"text": "一"}, key=key)
    said(other_path, 422, "idempotency-key-reused")
    other_role = await toy.post(f"/v1/notes/{note}", {"text": "一"}, key=key, role=Role.CITY_BUREAU)
    said(other_role, 422, "idempotency-key-reused")


async def test_nothing_of_a_request_can_be_searched_for_in_what_is_kept_of_it(toy: Served) -> None:
    """An ID number is one of few: whoever holds the table could hash them all."""
    path, body, key = f"/v1/notes/{uuid4()}", {"occurred_on": str(DAY), "text": "一"}, uuid4()
    assert (await toy.post(path, body, key=key)).status_code == 200
    asked = ["POST", path, "tester", "district_bureau", HERE, None, body]
    plain = sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode())
    held = toy.app.state.runtime
    async with scope(held.store.pool, Scope((HERE,), ())) as tx:
        kept = await tx.fetchval("select digest from command where command_id = $1", key)
    assert kept != plain.digest()
    assert kept == from_base64url(held.vault.index_hmac("request", None, plain.hexdigest()))


async def test_a_command_needs_a_key_that_is_one_uuid(toy: Served) -> None:
    path, body = f"/v1/notes/{uuid4()}", {"occurred_on": str(DAY), "text": "一"}
    plain = {"authorization": headers()["authorization"]}
    said(await toy.http.post(path, json=body, headers=plain), 400, "idempotency-key-missing")
    for wrong in ("1", "", str(uuid4()).replace("-", ""), f"{{{uuid4()}}}"):
        refused = await toy.http.post(path, json=body, headers={**plain, "idempotency-key": wrong})
        said(refused, 400, "idempotency-key-invalid")
    twice = [*plain.items(), ("idempotency-key", str(uuid4())), ("idempotency-key", str(uuid4()))]
    said(await toy.http.post(path, json=body, headers=twice), 400, "idempotency-key-invalid")


async def test_if_match_is_a_version_and_a_stale_one_is_not_decided_again(toy: Served) -> None:
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "一"})
    for wrong in ("1", '"x"', "*", 'W/"1"'):
        said(await toy.post(f"/v1/notes/{note}", {"text": "二"}, if_match=wrong), 400, "if-match-invalid")
    assert (await toy.post(f"/v1/notes/{note}", {"text": "二"}, if_match='"1"')).status_code == 200
    said(await toy.post(f"/v1/notes/{note}", {"text": "三"}, if_match='"1"'), 412, "stale-version")


async def test_nobody_is_let_in_without_a_good_token(toy: Served) -> None:
    path, body = f"/v1/notes/{uuid4()}", {"occurred_on": str(DAY), "text": "一"}
    for given in ({}, {"authorization": "Bearer x"}, {"authorization": f"Bearer {token(lives=-600)}"}):
        answer = await toy.http.post(path, json=body, headers={"idempotency-key": str(uuid4()), **given})
        said(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
    said(await toy.http.get("/v1/notes"), 401, "unauthenticated")
    said(await toy.post(path, {"text": "一"}, role=Role.VOLUNTEER), 403, "forbidden")


async def test_another_tenant_s_note_is_not_found(toy: Served) -> None:
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "一"}, tenant=THERE)
    elsewhere = await toy.post(f"/v1/notes/{note}/strike", {})
    nowhere = await toy.post(f"/v1/notes/{uuid4()}/strike", {})
    assert said(elsewhere, 404, "not-found") == said(nowhere, 404, "not-found")


async def test_what_no_column_could_keep_is_refused_wherever_it_stands(toy: Served) -> None:
    def cursor(*place: int) -> str:
        return wrapped([*place])

    said(await toy.get("/v1/notes/a%00b/of"), 404, "not-found")
    for asked in (
        {"cursor": cursor(0, 0, -1)},
        {"cursor": cursor(2**15, 0, 0)},
        {"cursor": cursor(0, 2**63, 0)},
        {"stream": "a\x00b"},
        {"known_at": "0001-01-01T00:00:00+14:00"},
        {"known_at": "9999-12-31T23:59:59-14:00"},
        {"known_at": "0"},
        {"as_of": "0"},
        {"as_of": "2022-01-01T00:00:00"},
    ):
        said(await toy.get("/v1/history", asked, role=Role.AUDITOR), 422, "invalid-request")
    twice = await toy.http.get("/v1/history?limit=1&limit=2", headers=headers(Role.AUDITOR))
    assert twice.json()["errors"] == [{"field": "query.limit", "problem": "参数重复，只能给一次"}]


async def test_a_list_is_asked_for_by_its_name_once_a_value(toy: Served) -> None:
    twice = await toy.http.get(
        "/v1/indicators?id=toy.lines_written&id=toy.lines_written", headers=headers(Role.AUDITOR)
    )
    assert [one["id"] for one in twice.json()["indicators"]] == ["toy.lines_written"]
    path = "/v1/indicators?id=toy.lines_written&as_of=2022-01-01&as_of=2022-01-02"
    said(await toy.http.get(path, headers=headers(Role.AUDITOR)), 422, "invalid-request")


async def test_a_day_is_a_written_day_of_our_times(toy: Served) -> None:
    for wrong in (0, "0", "2022-01-01T00:00:00", "0001-01-01", "9999-12-31", "２０２２-01-01", "2022-02-30", None):
        answer = await toy.post(f"/v1/notes/{uuid4()}", {"text": "一", "occurred_on": wrong})
        said(answer, 422, "invalid-request")
        assert [one["field"] for one in answer.json()["errors"]] == ["body.occurred_on"]


async def test_a_day_after_today_is_refused(toy: Served) -> None:
    tomorrow = clock.day(clock.now()) + timedelta(days=1)
    answer = await toy.post(f"/v1/notes/{uuid4()}", {"text": "一", "occurred_on": str(tomorrow)})
    said(answer, 422, "occurred-on-in-future")


async def test_history_shows_events_and_refusals_in_order_and_nobody_s_name(toy: Served) -> None:
    note, name = uuid4(), "演示社工甲01"
    await toy.post(f"/v1/notes/{note}", {"text": "一", "signer": name})
    await toy.post(f"/v1/notes/{note}/strike", {})
    await toy.post(f"/v1/notes/{note}", {"text": "二"})
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "另一张"})
    asked = {"stream": f"note/{note}", "tenant_id": HERE}
    answer = await toy.get("/v1/history", asked, role=Role.AUDITOR)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [(one["kind"], one.get("type"), one.get("code"), one["rule"]) for one in items] == [
        ("event", "toy.note-written", None, "R-LZ-01"),
        ("event", "toy.note-signed", None, None),
        ("event", "toy.note-struck", None, None),
        ("refusal", None, "note-is-struck", "R-LZ-99"),
    ]
    assert [(one.get("name") or one["action_name"], one.get("code_name"), one.get("retryable")) for one in items] == [
        ("写便条", None, None),
        ("签便条", None, None),
        ("划去便条", None, None),
        ("写便条", "便条已划去", False),
    ]
    assert items[0]["data"] == {"text": "一", "worth": 0}
    assert items[1]["data"] == {"signer": {"sealed": True}}
    assert items[3]["streams"] == [f"note/{note}"]
    assert {(one["actor"]["id"], one["actor"]["role"], one["occurred_on"]) for one in items} == {
        ("tester", "district_bureau", str(DAY))
    }
    assert name not in answer.text


async def test_history_pages_meet_without_gap_or_repeat(toy: Served) -> None:
    note = uuid4()
    for n in range(3):
        await toy.post(f"/v1/notes/{note}", {"text": f"{n}"})
    await toy.post(f"/v1/notes/{note}/strike", {})
    for n in range(3):
        await toy.post(f"/v1/notes/{note}", {"text": f"{n}"})
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "另一张"})
    whole = (await toy.get("/v1/history", role=Role.AUDITOR)).json()["items"]
    assert [one["kind"] for one in whole] == ["event"] * 4 + ["refusal"] * 3 + ["event"]
    paged, cursor = [], None
    for _ in range(10):
        page = await toy.get("/v1/history", {"limit": 2} | ({"cursor": cursor} if cursor else {}), role=Role.AUDITOR)
        paged += page.json()["items"]
        cursor = page.json()["cursor"]
        if cursor is None:
            break
    assert paged == whole


UNREADABLE = {
    "number": b'{"text":"\xe4\xb8\x80","worth":1e999}',
    "deep": b'{"text":' + b"[" * 500 + b"]" * 500 + b',"worth":0}',
    "empty": b"{}",
    "of-another-type": b'{"text":1,"worth":0}',
}
"""Data of an event that the database takes, and whoever reads it does not."""


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
async def test_an_event_that_cannot_be_read_keeps_nobody_from_the_others(toy: Served, data: bytes) -> None:
    """As written by whoever runs statements of their own as the role."""
    sound, note = uuid4(), uuid4()
    await toy.post(f"/v1/notes/{sound}", {"text": "一", "occurred_on": "2022-01-01"})
    async with scope(toy.app.state.runtime.store.pool, Scope((HERE,), (HERE,))) as tx:
        await tx.execute(APPEND, *unreadable(note, data), *NOTHING)
    await toy.post(f"/v1/notes/{sound}", {"text": "二"})
    shown = (await toy.get("/v1/history", role=Role.AUDITOR)).json()["items"]
    assert [(one["stream"], one["version"]) for one in shown] == [
        (f"note/{sound}", 1), (f"note/{note}", 1), (f"note/{sound}", 2),
    ]  # fmt: skip
    if data in (UNREADABLE["number"], UNREADABLE["deep"]):
        one = shown[1]
        assert (one["kind"], one["type"], one["occurred_on"]) == ("unreadable", "toy.note-written", str(DAY))
        assert one["recorded_at"] < shown[2]["recorded_at"]
    for moment in ({}, {"as_of": "2024-05-31"}):  # rows are written when events are: nothing is read anew
        (one,) = (await toy.get("/v1/indicators", moment)).json()["indicators"]
        assert [figure["value"] for figure in one["figures"]] == [2]


def unreadable(note: UUID, data: bytes) -> list[Any]:
    """The arguments of `append` for a note with these bytes as its data."""
    now, id = clock.now(), uuid4()
    envelope = Envelope(
        id=id, tenant=HERE, region="test", stream=f"note/{note}", version=1, occurred_on=DAY, recorded_at=now,
        actor=cause().actor, command=id, causation=None, correlation=id, trace=None, basis=None,
    )  # fmt: skip
    raw = RawMapper().to_raw(envelope, NoteWritten("字"))
    head, tail = around(raw.replace('{"text":"字","worth":0}'.encode(), data), now)
    return [
        HERE, id, b"", b"", b"", [HERE], [envelope.stream], [1], [id], [NoteWritten.TOPIC], [1], [DAY], [head], [tail],
    ]  # fmt: skip


@pytest.mark.parametrize("cursor", ["x", "!!", "W10", "WzEsMiwzLCJhIiwiYiIsImMiXQ", "é", "W" * 400])
async def test_a_cursor_of_somebody_s_own_is_refused(toy: Served, cursor: str) -> None:
    answer = await toy.get("/v1/history", {"cursor": cursor}, role=Role.AUDITOR)
    assert answer.status_code == 422, answer.text
    said(answer, 422, "invalid-request")


async def test_history_as_of_a_day_and_known_at_an_instant(toy: Served) -> None:
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "早", "occurred_on": "2022-01-01"})
    first = (await toy.get("/v1/history", role=Role.AUDITOR)).json()["items"][0]
    await toy.post(f"/v1/notes/{note}", {"text": "晚", "occurred_on": "2022-06-01"})

    async def texts(**at: str) -> list[str]:
        async def answered() -> httpx.Response | None:
            """Not before the instant is settled."""
            answer = await toy.get("/v1/history", at, role=Role.AUDITOR)
            return None if answer.status_code == 409 else answer

        answer: httpx.Response = await until(answered)
        return [one["data"]["text"] for one in answer.json()["items"]]

    assert await texts(as_of="2022-05-31") == ["早"]
    assert await texts(as_of="2022-06-01") == ["早", "晚"]
    assert await texts(known_at=first["recorded_at"]) == ["早"]
    both = {"as_of": "2022-05-31", "known_at": first["recorded_at"]}
    assert await texts(**both) == ["早"]
    said(await toy.get("/v1/history", {"as-of": "2022-05-31"}, role=Role.AUDITOR), 422, "invalid-request")
    said(await toy.get("/v1/history", {"known_at": "2022-05-31T00:00:00"}, role=Role.AUDITOR), 422, "invalid-request")


async def test_an_instant_that_is_not_settled_is_refused_and_settles(toy: Served) -> None:
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "早"})
    for path in ("/v1/history", "/v1/indicators"):
        asked = {"known_at": clock.now().isoformat()}
        answer = await toy.http.get(path, params=asked, headers=headers(Role.AUDITOR))
        said(answer, 409, "not-settled-yet")
        assert answer.json()["retryable"] is True
        assert answer.headers["retry-after"]
        never = await toy.http.get(path, params={"known_at": "2300-01-01T00:00:00Z"}, headers=headers(Role.AUDITOR))
        said(never, 409, "not-settled-yet")
        async with asyncio.timeout(30):
            while (answer := await toy.get(path, asked, role=Role.AUDITOR)).status_code == 409:
                await asyncio.sleep(0.2)
        assert answer.status_code == 200


async def test_a_refusal_that_came_late_stands_behind_what_was_shown(toy: Served) -> None:
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "一"})
    shown = (await toy.get("/v1/history", role=Role.AUDITOR)).json()["items"]
    slow = cause(HERE, now=clock.now() - timedelta(hours=1))  # decided before what was shown, and written only now
    await keep_refusal(toy.app.state.runtime.store.pool, slow, NoteIsStruck(), [f"note/{note}"])
    whole = (await toy.get("/v1/history", role=Role.AUDITOR)).json()["items"]
    assert whole[: len(shown)] == shown
    assert [one["kind"] for one in whole] == ["event", "refusal"]
    assert whole[1]["recorded_at"] >= whole[0]["recorded_at"]


async def test_the_history_of_bureaus_and_auditors_is_of_their_tenants(toy: Served) -> None:
    await tree(toy)
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "甲"}, tenant=HERE)
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "乙"}, tenant=THERE)

    async def texts(by: str, **asked: str) -> list[str]:
        answer = await toy.get("/v1/history", asked, role=Role.AUDITOR, tenant=by)
        assert answer.status_code == 200, answer.text
        return [one["data"]["text"] for one in answer.json()["items"]]

    assert await texts(CITY) == ["甲", "乙"]
    assert await texts(CITY, tenant_id=THERE) == ["乙"]
    assert await texts(HERE) == ["甲"]
    said(await toy.get("/v1/history", {"tenant_id": THERE}, role=Role.AUDITOR), 404, "not-found")


async def test_indicators_now_and_as_of_a_day(toy: Served) -> None:
    await tree(toy)
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "甲", "occurred_on": "2022-01-01"}, tenant=HERE)
    await toy.post(f"/v1/notes/{uuid4()}", {"text": "乙", "occurred_on": "2022-06-01"}, tenant=THERE)

    async def lines(**asked: str) -> dict[str, int]:
        answer = await toy.get("/v1/indicators", asked, role=Role.CITY_BUREAU, tenant=CITY)
        assert answer.status_code == 200, answer.text
        (one,) = answer.json()["indicators"]
        assert (one["id"], one["name"], one["unit"], one["version"]) == ("toy.lines_written", "便条行数", "things", 1)
        return {figure["tenant_id"]: figure["value"] for figure in one["figures"]}

    assert await lines() == {HERE: 1, THERE: 1}
    assert await lines(as_of="2022-05-31") == {HERE: 1}
    assert await lines(tenant_id=THERE) == {THERE: 1}
    assert await lines(tenant_id=THERE, as_of="2022-05-31") == {}
    assert await lines(as_of="2022-06-01") == {HERE: 1, THERE: 1}
    assert await lines() == {HERE: 1, THERE: 1}
    said(await toy.get("/v1/indicators", role=Role.VOLUNTEER), 403, "forbidden")


async def test_a_bureau_registered_a_moment_ago_is_known(toy: Served) -> None:
    before = await toy.get("/v1/history", {"tenant_id": HERE}, role=Role.CITY_BUREAU, tenant=CITY)
    assert said(before, 404, "unknown-tenant")["retryable"] is True
    await tree(toy)
    after = await toy.get("/v1/history", {"tenant_id": HERE}, role=Role.CITY_BUREAU, tenant=CITY)
    assert after.status_code == 200
    said(await toy.get("/v1/history", {"tenant_id": THERE}, role=Role.DISTRICT_BUREAU, tenant=HERE), 404, "not-found")


async def test_the_descriptions_need_nothing_from_outside(toy: Served) -> None:
    document = (await toy.http.get("/openapi.json")).json()
    write = document["paths"]["/v1/notes/{note_id}"]["post"]
    assert {"Idempotency-Key", "If-Match"} <= {p["name"] for p in write["parameters"]}
    assert write["security"] == [{"HTTPBearer": []}]
    assert "4XX" in write["responses"]
    assert "422" not in write["responses"]
    assert (await toy.http.get("/asyncapi.json")).json()["asyncapi"].startswith("3.")
    page = await toy.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "写便条" in page.text
    assert "/v1/history" in page.text
    for outside in ("http://", "https://", "<script", "@import"):
        assert outside not in page.text
