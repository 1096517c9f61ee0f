"""What operators see of messages and events that wait, and what two of them may decide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest
from tests.conftest import Engines, Installed
from tests.kit.note_service import PROVINCE, Served, served, token
from tests.kit.notes import HERE, MIGRATIONS, THERE
from tests.kit.peer import Peer, peer_at, until
from tests.settled import settled

from contracts.messages.registry import TenantLevel, TenantRegisteredV1
from contracts.values import Role, TenantId
from kit.bus import stream_of

CITY = TenantId("620100")
FOREIGN = "999999"


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path, nats_url, region) as one:
        yield one


@pytest.fixture
async def registry(toy: Served, nats_url: str, region: str) -> AsyncIterator[Registry]:
    async with peer_at(nats_url, region) as peer:
        yield Registry(peer)


class Registry:
    """Announces bureaus, each in its own stream; `body` spoils what it says."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    async def tells(
        self,
        tenant: str,
        parent: str | None,
        version: int,
        *,
        said: str | None = None,
        body: bytes | None = None,
        sequence: int | None = None,
    ) -> None:
        message = TenantRegisteredV1(
            tenant_id=TenantId(said or tenant),
            name=f"机关{version}",
            level=TenantLevel.PROVINCE if parent is None else TenantLevel.CITY,
            parent=TenantId(parent) if parent else None,
        )
        project = UUID(int=int(tenant))
        await self.peer.tell(
            project, version, message, tenant=TenantId(tenant), body=body, sequence=sequence or version,
            ce_subject=f"tenant/{tenant}",
        )  # fmt: skip


def as_(sub: str, tenant: str = PROVINCE, role: Role = Role.PROVINCE_IT) -> dict[str, str]:
    return {"authorization": f"Bearer {token(role, tenant, sub)}", "idempotency-key": str(uuid4())}


async def listed(toy: Served, tenant: str = PROVINCE) -> list[dict[str, Any]]:
    answer = await toy.http.get("/v1/parked", headers=as_("one", tenant))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def ask(toy: Served, who: str, path: str, body: dict[str, Any], tenant: str = PROVINCE) -> httpx.Response:
    return await toy.http.post(path, json=body, headers=as_(who, tenant))


async def known(toy: Served) -> dict[str, str | None]:
    """The bureaus that the toy has heard of, with their parents."""
    connection = await asyncpg.connect(toy.urls["app"])
    try:
        return {row["tenant_id"]: row["parent"] for row in await connection.fetch("select * from tenant")}
    finally:
        await connection.close()


async def test_a_bad_bureau_is_parked_and_nobody_else_notices(toy: Served, registry: Registry) -> None:
    """One above itself, one in another's name: the tree stays, and so does every route that asks it."""
    for tenant, parent in ((PROVINCE, None), (CITY, PROVINCE), (HERE, CITY)):
        await registry.tells(tenant, parent, 1)
    await registry.tells(CITY, HERE, 2)
    await registry.tells(HERE, HERE, 2)
    await registry.tells(THERE, CITY, 1, said="620104")
    await registry.tells("620105", CITY, 1)
    await until(lambda: _knows(toy, "620105"))
    await until(lambda: _parked(toy, 3))
    assert {one["stream"]: one["code"] for one in await listed(toy)} == {
        f"tenant/{CITY}": "tenant-parent-changed",
        f"tenant/{HERE}": "tenant-parent-itself",
        f"tenant/{THERE}": "tenant-of-another",
    }
    assert await known(toy) == {PROVINCE: None, CITY: PROVINCE, HERE: CITY, "620105": CITY}
    assert (await toy.http.get("/v1/history", params={"tenant_id": HERE}, headers=as_("one"))).status_code == 200
    await registry.tells(CITY, PROVINCE, 3)  # the correction waits for a decision about the one before it
    await until(lambda: _parked(toy, 4))


async def test_no_trial_is_offered_of_what_is_done_at_once(toy: Served) -> None:
    """What follows these is not in one transaction that could be undone: better refused than done after all."""
    reason = {"reason": "试一试"}
    for path, body in (
        ("/v1/parked/redrive", {}),
        ("/v1/parked/1/discard", reason),
        ("/v1/parked/1/replace", reason),
        ("/v1/held/1/retry", {}),
        ("/v1/held/1/skip", reason),
    ):
        answer = await ask(toy, "one", f"{path}?dry_run=true", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.dry_run"), path


async def test_two_persons_discard_what_one_alone_cannot(toy: Served, registry: Registry) -> None:
    for tenant, parent in ((PROVINCE, None), (CITY, PROVINCE)):
        await registry.tells(tenant, parent, 1)
    await registry.tells(CITY, CITY, 2)
    await registry.tells(CITY, PROVINCE, 3)
    await until(lambda: _parked(toy, 2))
    wrong, after = await listed(toy)
    path = f"/v1/parked/{wrong['id']}/discard"
    for reason in ("发送方错录", "再说一次"):
        answer = await ask(toy, "one", path, {"reason": reason})
        assert (answer.status_code, answer.json()["state"]) == (200, "proposed")
    assert await listed(toy) == [wrong, after]
    done = await ask(toy, "two", path, {"reason": "已核实"})
    assert (done.status_code, done.json()["state"]) == (200, "done")
    await until(lambda: _empty(toy))
    assert "机关3" in await noted(toy, CITY)
    assert (await ask(toy, "three", path, {"reason": "又一次"})).json()["code"] == "already-decided"
    said = [event for event in await history(toy, CITY) if event["stream"].startswith("parked-message/")]
    assert [event["type"] for event in said] == ["kit.parked-message-discard-proposed", "kit.parked-message-discarded"]
    assert [event["actor"]["id"] for event in said] == ["one", "two"]
    assert said[1]["data"] == {
        "by": "two", "message_id": wrong["event_id"], "parked_id": wrong["id"], "proposed_by": "one",
        "reason": "已核实", "service": "registry", "stream": f"tenant/{CITY}", "tenant": CITY, "version": 2,
    }  # fmt: skip


async def test_two_persons_replace_a_body_and_what_follows_goes_on(toy: Served, registry: Registry) -> None:
    await registry.tells(PROVINCE, None, 1)
    await registry.tells(CITY, PROVINCE, 1, body=b'{"tenant_id": 620100}')
    await registry.tells(CITY, PROVINCE, 2)
    await until(lambda: _parked(toy, 2))
    wrong = (await listed(toy))[0]
    path = f"/v1/parked/{wrong['id']}/replace"
    right = {"tenant_id": CITY, "name": "演示市", "level": "city", "parent": PROVINCE}
    named = {**right, "name": "别的市"}
    for body in ({"tenant_id": "张三"}, {**right, "level": "planet"}, None):
        answer = await ask(toy, "one", path, {"reason": "发送方错录", **({"body": body} if body else {})})
        assert (answer.status_code, answer.json()["code"]) == (422, "unfit-replacement")
        assert "张三" not in answer.text
    assert (await ask(toy, "one", path, {"reason": "发送方错录", "body": right})).json()["state"] == "proposed"
    other = await ask(toy, "two", path, {"reason": "名称不同", "body": named})
    assert other.json() == {"id": wrong["id"], "state": "proposed", "proposed_by": "two"}, "not the same wish"
    assert (await ask(toy, "one", path, {"reason": "同意", "body": named})).json()["state"] == "done"
    await until(lambda: _empty(toy))
    await until(lambda: _all_noted(toy, ["别的市", "机关2"]))


async def test_two_persons_may_say_that_what_is_missing_will_not_come(toy: Served, registry: Registry) -> None:
    await registry.tells(PROVINCE, None, 1)
    await registry.tells(CITY, PROVINCE, 3, sequence=3)
    await until(lambda: _parked(toy, 1))
    (gap,) = await listed(toy)
    assert gap["code"] == "gap"
    for who in ("one", "two"):
        await ask(toy, who, f"/v1/parked/{gap['id']}/replace", {"reason": "发送方已跳过"})
    await until(lambda: _knows(toy, CITY))
    await registry.tells(CITY, PROVINCE, 4, sequence=4)
    await until(lambda: _noted(toy, CITY, "机关4"))
    assert await listed(toy) == []


async def test_operators_see_their_own_tree_and_what_nobody_knows_is_the_region_s_own(
    toy: Served, registry: Registry
) -> None:
    for tenant, parent in ((PROVINCE, None), (CITY, PROVINCE), (FOREIGN, None)):
        await registry.tells(tenant, parent, 1)
    await registry.tells(CITY, CITY, 2)
    await registry.tells(FOREIGN, FOREIGN, 2)
    await registry.tells("888888", None, 1, body=b"{}")
    await until(lambda: _parked(toy, 2))
    assert {one["tenant_id"] for one in await listed(toy)} == {CITY, "888888"}
    (foreign,) = await listed(toy, FOREIGN)
    assert foreign["tenant_id"] == FOREIGN
    for one in await listed(toy):
        path = f"/v1/parked/{one['id']}"
        assert (await toy.http.get(path, headers=as_("far", FOREIGN))).status_code == 404
        assert (await ask(toy, "far", f"{path}/discard", {"reason": "不该能办"}, FOREIGN)).status_code == 404
    await ask(toy, "far", "/v1/parked/redrive", {}, FOREIGN)
    assert {one["attempts"] for one in await listed(toy)} == {1}
    (nobody_s,) = [one for one in await listed(toy) if one["tenant_id"] == "888888"]
    for who in ("one", "two"):
        answer = await ask(toy, who, f"/v1/parked/{nobody_s['id']}/discard", {"reason": "查无此机关"})
    assert answer.json()["state"] == "done"
    for role in (Role.CITY_BUREAU, Role.AUDITOR):
        assert (await toy.http.get("/v1/parked", headers=as_("one", CITY, role))).status_code == 403
        assert (await toy.http.get("/v1/held", headers=as_("one", CITY, role))).status_code == 403


async def test_an_event_of_a_newer_release_holds_its_stream_and_two_may_pass_it_over(
    toy: Served, registry: Registry, engines: Engines, region: str
) -> None:
    for tenant, parent in ((PROVINCE, None), (HERE, PROVINCE)):
        await registry.tells(tenant, parent, 1)
    await until(lambda: _knows(toy, HERE))
    note, other = uuid4(), uuid4()
    assert (await toy.post(f"/v1/notes/{note}", {"text": "一"})).status_code == 200
    await _append(toy, engines, note, 2, "toy.note-shredded")
    await _append(toy, engines, note, 3, "toy.note-written")
    assert (await toy.post(f"/v1/notes/{other}", {"text": "二"})).status_code == 200

    async def relayed() -> list[str]:
        state = (await registry.peer.js.stream_info(stream_of(region, "toy"))).state
        found = []
        for sequence in range(1, state.last_seq + 1):
            headers = (await registry.peer.js.get_msg(stream_of(region, "toy"), sequence)).headers or {}
            found.append(f"{headers['ce-subject']} {headers['ce-streamversion']}")
        return [one for one in found if one.startswith("note/")]

    await until(lambda: _told(relayed, f"note/{other} 1"))
    assert await relayed() == [f"note/{note} 1", f"note/{other} 1"]
    refused = await toy.post(f"/v1/notes/{note}", {"text": "三"})
    assert (refused.status_code, refused.json()["code"]) == (503, "newer-than-this-release")
    assert (await toy.http.get("/v1/held", headers=as_("far", FOREIGN))).json()["items"] == []
    found = (await toy.http.get("/v1/held", headers=as_("one"))).json()["items"]
    (held,) = [one for one in found if one["tail"] == "relay"]
    assert (held["stream"], held["version"], held["code"]) == (f"note/{note}", 2, "newer-than-this-release")
    assert (await ask(toy, "far", f"/v1/held/{held['id']}/skip", {"reason": "不该能办"}, FOREIGN)).status_code == 404
    assert (await toy.http.post(f"/v1/held/{held['id']}/retry", headers=as_("one"))).status_code == 200
    await asyncio.sleep(3)
    assert f"note/{note} 3" not in await relayed()
    path = f"/v1/held/{held['id']}/skip"
    for reason in ("新版本已撤回", "再说一次"):
        assert (await ask(toy, "one", path, {"reason": reason})).json()["state"] == "proposed"
    assert (await ask(toy, "two", path, {"reason": "已核实"})).json()["state"] == "done"
    await until(lambda: _told(relayed, f"note/{note} 3"))
    said = [event["type"] for event in await history(toy, HERE) if event["stream"].startswith("held-event/")]
    assert said == ["kit.held-event-skip-proposed", "kit.held-event-skipped"]


async def history(toy: Served, tenant: str) -> list[dict[str, Any]]:
    await settled(toy.urls["relay"])
    params: dict[str, Any] = {"tenant_id": tenant, "limit": 200}
    found: list[dict[str, Any]] = (await toy.http.get("/v1/history", params=params, headers=as_("one"))).json()["items"]
    return [one for one in found if one["kind"] == "event"]


async def noted(toy: Served, tenant: str) -> list[str]:
    """The names that the toy has noted of a bureau, oldest first."""
    return [event["data"]["name"] for event in await history(toy, tenant) if event["type"] == "kit.tenant-noted"]


async def _append(toy: Served, engines: Engines, note: UUID, version: int, type_: str) -> None:
    """An event as another release would have written it, put there by the administrator."""
    parts = urlsplit(engines.postgres_url)
    admin = await asyncpg.connect(urlunsplit((*parts[:2], urlsplit(toy.urls["owner"]).path, parts.query, "")))
    try:
        first = await admin.fetchval("select raw from event where stream = $1 and version = 1", f"note/{note}")
        event_id = uuid4()
        raw = orjson.loads(first) | {"id": str(event_id), "version": version, "type": type_}
        await admin.execute(
            "insert into event (tenant_id, stream, version, era, event_id, command_id, type, nth, schema, occurred_on,"
            " recorded_at, raw) select tenant_id, stream, $2, era, $3, command_id, $4, $5, schema, occurred_on,"
            " recorded_at, $6 from event where stream = $1 and version = 1",
            f"note/{note}", version, event_id, type_, 1 if type_ != "toy.note-written" else 2,
            orjson.dumps(raw, option=orjson.OPT_SORT_KEYS),
        )  # fmt: skip
    finally:
        await admin.close()


async def _told(relayed: Any, one: str) -> bool:
    return one in await relayed()


async def _knows(toy: Served, tenant: str) -> bool:
    return tenant in await known(toy)


async def _noted(toy: Served, tenant: str, name: str) -> bool:
    return name in await noted(toy, tenant)


async def _all_noted(toy: Served, names: list[str]) -> bool:
    return await noted(toy, CITY) == names


async def _empty(toy: Served) -> bool:
    return not await listed(toy)


async def _parked(toy: Served, count: int) -> bool:
    return len(await listed(toy)) >= count
