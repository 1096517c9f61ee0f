"""The toy service as processes: what each command does, what serving shows, and how it stops."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import nats
import pytest
from tests.conftest import Provision
from tests.kit.note_service import LOCK, headers
from tests.kit.notes import DAY, HERE
from tests.kit.toy_process import Toy, free_port, serving, toy_of, until, write

from contracts.envelope import Envelope, encode
from contracts.messages import subject
from contracts.messages.registry import TenantLevel, TenantRegisteredV1
from contracts.values import Role, TenantId
from kit import clock

PROVINCE, CITY = TenantId("620000"), TenantId("620100")


@pytest.fixture
async def toy(provision: Provision, tmp_path: Path, nats_url: str, region: str) -> Toy:
    return toy_of(await provision("toy"), tmp_path, nats_url, region)


async def ready(http: httpx.AsyncClient) -> dict[str, str] | None:
    answer = await http.get("/health/ready")
    body = answer.json()
    return body["checks"] if body["status"] == "ready" else None


async def test_every_part_is_ready_and_works(toy: Toy) -> None:
    async with serving(toy) as (_, http):
        checks = await until(lambda: ready(http))
        assert checks == {
            "database": "ok", "migrations": "ok", "era": "ok", "own-messages": "ok", "bus": "ok", "rows": "ok",
            "held": "ok", "broker": "ok", "horizon": "ok",
            "task.horizon": "running",
            "task.hear-registry": "running", "task.relay": "running",
        }  # fmt: skip
        client = await nats.connect(toy.env["TOY_NATS_URL"])
        heard = await client.subscribe(f"evt.{toy.region}.>")
        assert (await write(http, "四个字吧")).status_code == 200
        message = await heard.next_msg(timeout=20)
        assert (message.subject, json.loads(message.data)) == (
            f"evt.{toy.region}.{HERE}.toy.note.note-written.v1", {"length": 4},
        )  # fmt: skip
        await client.close()
        metrics = (await http.get("/metrics")).text
        assert 'http_request_seconds_count{method="POST",route="/v1/notes/{note_id}",status="2xx"} 1.0' in metrics
        assert 'background_task_up{task="relay"} 1.0' in metrics


async def test_without_its_bus_it_serves_and_says_so(toy: Toy) -> None:
    async with serving(toy, TOY_NATS_URL=f"nats://127.0.0.1:{free_port()}") as (_, http):

        async def degraded() -> bool:
            answer = await http.get("/health/ready")
            assert answer.status_code == 200
            return bool(answer.json() == {"status": "degraded", "checks": answer.json()["checks"] | {"bus": "no"}})

        await until(degraded)
        assert (await write(http)).status_code == 200


async def test_with_another_schema_it_is_not_ready(toy: Toy) -> None:
    async with serving(toy) as (_, http):
        owner = await asyncpg.connect(toy.urls["owner"])
        await owner.execute("update migration set digest = 'other' where name = 'views/note_list/1'")
        await owner.close()
        answer = await http.get("/health/ready")
        assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "no")
        status, out, _ = await toy.run("check")
        assert (status, json.loads(out)["migrations"]) == (1, "no")


async def test_sigterm_finishes_what_it_accepted_and_takes_no_more(toy: Toy) -> None:
    async with serving(toy) as (process, http):
        owner = await asyncpg.connect(toy.urls["owner"])
        await owner.execute(f"select pg_advisory_lock({LOCK})")
        slow = asyncio.create_task(http.get("/v1/notes/held", headers=headers()))
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        await until(lambda: owner.fetchval(waiting))
        process.send_signal(signal.SIGTERM)

        async def closed() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(toy.env["TOY_PORT"]))
            except ConnectionError:
                return True
            writer.close()
            return False

        await until(closed)
        assert not slow.done()
        await owner.execute(f"select pg_advisory_unlock({LOCK})")
        await owner.close()
        answer = await asyncio.wait_for(slow, 20)
        assert (answer.status_code, answer.json()) == (200, "done")
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_bureaus_are_learnt_and_what_cannot_be_read_is_parked(toy: Toy) -> None:
    async with serving(toy) as (_, http):
        client = await nats.connect(toy.env["TOY_NATS_URL"])
        js = client.jetstream()
        province = TenantRegisteredV1(tenant_id=PROVINCE, name="演示省", level=TenantLevel.PROVINCE, parent=None)
        city = TenantRegisteredV1(tenant_id=CITY, name="演示市", level=TenantLevel.CITY, parent=PROVINCE)
        here = TenantRegisteredV1(tenant_id=HERE, name="演示区", level=TenantLevel.DISTRICT, parent=CITY)
        for message in (province, city, here):
            await js.publish(
                subject(toy.region, message.tenant_id, message), message.body(), headers=letter(toy, message)
            )
        odd = subject(toy.region, HERE, here)
        await js.publish(odd, b'{"odd": true}', headers=letter(toy, here, 2))
        await client.close()
        auditor = headers(Role.CITY_BUREAU, CITY)

        async def known() -> bool:
            return (await http.get("/v1/history", params={"tenant_id": HERE}, headers=auditor)).status_code == 200

        await until(known)
        operator = headers(Role.PROVINCE_IT, PROVINCE)

        async def waiting() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await http.get("/v1/parked", headers=operator)).json()["items"]
            return found

        (one,) = await until(waiting)
        assert (one["code"], one["tenant_id"], one["stream"], one["subject"]) == (
            "unfit-body",
            HERE,
            f"tenant/{HERE}",
            odd,
        )
        shown = await http.get(f"/v1/parked/{one['id']}", headers=operator)
        assert shown.json()["body"] == '{"odd": true}'
        redriven = await http.post("/v1/parked/redrive", json={"stream": one["stream"]}, headers=operator)
        assert (redriven.status_code, redriven.json()) == (200, {"handled": 0, "waiting": 1})
        assert (await http.get(f"/v1/parked/{one['id'] + 1}", headers=operator)).status_code == 404
        assert (await http.get("/v1/parked/x", headers=operator)).status_code == 404
        assert (await http.get("/v1/parked", headers=auditor)).status_code == 403
        assert (await http.post("/v1/parked/redrive", json={}, headers=auditor)).status_code == 403


def letter(toy: Toy, message: TenantRegisteredV1, version: int = 1) -> dict[str, str]:
    return encode(
        Envelope(
            event_id=uuid4(), type=message.TYPE, version=1, region=toy.region, tenant=message.tenant_id,
            stream=f"tenant/{message.tenant_id}", stream_version=version, sequence=version, occurred_on=DAY,
            recorded_at=clock.now(), correlation=uuid4(), trace=None,
        )
    )  # fmt: skip


async def test_a_relay_of_its_own_publishes_what_another_process_recorded(toy: Toy) -> None:
    async with serving(toy.without("TOY_RELAY_DATABASE_URL")) as (_, http):
        assert "task.relay" not in (await http.get("/health/ready")).json()["checks"]
        assert (await write(http)).status_code == 200
        client = await nats.connect(toy.env["TOY_NATS_URL"])
        heard = await client.subscribe(f"evt.{toy.region}.>")
        relay = toy.start("relay")
        said = asyncio.create_task(relay.communicate())
        try:
            assert json.loads((await heard.next_msg(timeout=20)).data) == {"length": 1}
            relay.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(relay.wait(), 20) == 0
        finally:
            if relay.returncode is None:
                relay.kill()
            await said
            await client.close()


KEYS = ["kit/privacy/0001_keys.sql", "kit/privacy/0002_person_prefix.sql"]


async def test_migrate_rebuild_and_check(toy: Toy) -> None:
    status, out, _ = await toy.run("check")
    assert (status, json.loads(out)) == (1, {"connect": "KeysNotMigrated"})
    status, out, err = await toy.run("migrate")
    assert (status, json.loads(out)["migrated"][-2:]) == (0, KEYS), err
    assert json.loads((await toy.run("migrate"))[1]) == {"migrated": []}
    async with serving(toy) as (_, http):
        for _ in range(2):
            await write(http)
        app = await asyncpg.connect(toy.urls["rebuild"])
        await app.execute("delete from versions.note_list")
        status, out, err = await toy.run("rebuild", "note_list")
        assert (status, json.loads(out)) == (0, {"rebuilt": {"note_list": 2}}), err
        assert await app.fetchval("select count(*) from note_list") == 2
        await app.close()
        assert set(json.loads((await toy.run("rebuild"))[1])["rebuilt"]) == {"tenant", "note_list"}
        status, _, err = await toy.run("rebuild", "nothing")
        assert (status, "tenant, note_list" in err) == (2, True)
        status, out, _ = await toy.run("check")
        assert (status, set(json.loads(out).values())) == (0, {"ok"})


async def test_a_wrong_environment_is_told_by_name_and_never_by_value(toy: Toy) -> None:
    status, _, err = await toy.without("TOY_DATABASE_URL").run("serve", TOY_PORT="x", TOY_NATS_URL="http://u:hush@h")
    assert status == 2
    assert all(name in err for name in ("TOY_DATABASE_URL", "TOY_PORT", "TOY_NATS_URL"))
    assert "hush" not in err
    status, _, err = await toy.without("TOY_OWNER_DATABASE_URL").run("migrate")
    assert (status, "OWNER_DATABASE_URL" in err) == (2, True)


async def test_an_open_key_file_stops_it(toy: Toy) -> None:
    await toy.run("migrate")
    os.chmod(toy.env["TOY_KEK_FILE"], 0o644)
    status, _, err = await toy.run("serve")
    assert status != 0
    assert '"error":"KekRefused"' in err
    assert "Traceback" not in err


async def test_a_restored_service_does_not_start_before_it_was_migrated(toy: Toy) -> None:
    """Its transaction ids begin again below those that it has written."""
    assert (await toy.run("migrate"))[0] == 0
    owner = await asyncpg.connect(toy.urls["owner"])
    await owner.execute("update tick set tx = '4000000000'")
    for command in ("serve", "relay"):
        status, _, err = await toy.run(command)
        assert status != 0
        assert "restored from a backup: run migrate first" in err
    assert (await toy.run("migrate"))[0] == 0
    assert await owner.fetchval("select current from era") == 2
    await owner.close()
    async with serving(toy) as (_, http):
        await until(lambda: ready(http))
        assert (await write(http)).status_code == 200
