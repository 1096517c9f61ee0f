"""Two operators at their command lines: what one proposes, the other does by asking the same."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from typer.testing import CliRunner

from contracts.envelope import Envelope, encode
from contracts.messages import subject
from contracts.messages.registry import TenantLevel, TenantRegisteredV1
from contracts.values import TenantId
from kit import clock
from liandong import looking
from liandong.asking import operator
from liandong.cli import app
from liandong.region import Region
from liandong.running import Running


def ran(data: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--data", str(data)])
    assert done.exit_code == 0, done.output
    return done.output


def items(data: Path, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ran(data, what, "list", "--json"))["items"]
    return found


def status(data: Path) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["status", "--json", "--data", str(data)])
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == int(found["degraded"])
    return found


def eventually(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := holds()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.2)
    return found


async def announce(region: Region, message: TenantRegisteredV1, version: int, body: bytes) -> None:
    headers = encode(
        Envelope(
            event_id=uuid4(), type=message.TYPE, version=1, region=region.slug, tenant=message.tenant_id,
            stream=f"tenant/{message.tenant_id}", stream_version=version, sequence=version,
            occurred_on=clock.day(clock.now()), recorded_at=clock.now(), correlation=uuid4(),
        )
    )  # fmt: skip
    client = await nats.connect(region.nats.url)
    await client.jetstream().publish(subject(region.slug, message.tenant_id, message), body, headers=headers)
    await client.close()


async def recorded(data: Path) -> set[str]:
    """The types of what the service's history shows."""
    async with Running.calls(data) as running:
        pages = running.pages("volunteer", "/v1/history", operator("620000"))
        return {item["type"] async for item in pages if item["kind"] == "event"}


def test_two_operators_decide_by_asking_the_same(
    data_root: Path, tmp_path: Path, imported: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PARKED", 1.0)
    data = data_root / f"deciding-{uuid4().hex[:10]}"
    province = TenantRegisteredV1(tenant_id=TenantId("620000"), name="演示省", level=TenantLevel.PROVINCE, parent=None)
    with Region(data, slug="gansu-test", services=("volunteer",)) as region:
        assert items(data, "held") == []
        for version in (1, 2):
            asyncio.run(announce(region, province, version, b'{"odd": true}'))
        first, second = eventually(lambda: found if len(found := items(data, "parked")) == 2 else None)
        assert (first["code"], second["code"]) == ("unfit-body", "behind-parked")
        shown = eventually(lambda: said if (said := status(data))["degraded"] else None)
        assert (shown["services"][0]["status"], shown["services"][0]["parked"]) == ("ready", 2)
        discard = ("parked", "discard", "volunteer", str(first["id"]), "--reason", "发送方错录", "--as")
        assert "须由另一人以同样的命令确认" in ran(data, *discard, "wang")
        assert "须由另一人以同样的命令确认" in ran(data, *discard, "wang"), "oneself is nobody else"
        assert len(items(data, "parked")) == 2
        assert "已由两人决定" in ran(data, *discard, "li")
        (left,) = eventually(lambda: found if len(found := items(data, "parked")) == 1 else None)
        body = tmp_path / "body.json"
        body.write_bytes(province.body())
        replace = ("parked", "replace", "volunteer", str(left["id"]), "--body", str(body), "--reason", "已核实", "--as")
        ran(data, *replace, "wang")
        assert "已由两人决定" in ran(data, *replace, "li")
        eventually(lambda: not items(data, "parked"))
        wanted = {"kit.parked-message-discarded", "kit.parked-message-replaced", "kit.tenant-noted"}
        eventually(lambda: wanted <= asyncio.run(recorded(data)))
