"""Who asks, what they may do, and what everything is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Installed
from tests.kit.note_service import Served, served
from tests.kit.notes import HERE, MIGRATIONS, NoteWritten
from tests.kit.test_service_frame import said

from contracts.values import Role


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path, nats_url, region) as one:
        yield one


async def test_who_asks_is_told_who_they_are_and_what_they_may_do(toy: Served) -> None:
    me = (await toy.get("/v1/me", role=Role.AUDITOR)).json()
    assert (me["role"], me["role_name"], me["tenant"]) == ("auditor", "审计员", HERE)
    assert [one["tenant_id"] for one in me["line"]] == [HERE]
    may = {one["action"]: one["writes"] for one in me["actions"]}
    assert may["read-history"] is False
    assert "write-note" not in may
    assert {"action": "write-note", "name": "写便条", "writes": True} in (await toy.get("/v1/me")).json()["actions"]
    said(await toy.get("/v1/me", {"as_of": "2022-01-01"}), 422, "invalid-request")


async def test_everything_is_called_by_its_chinese_name(toy: Served) -> None:
    words = (await toy.get("/v1/words")).json()
    assert words["events"]["toy.note-written"] == NoteWritten.NAME
    assert words["actions"]["write-note"] == "写便条"
    assert words["refusals"]["note-is-struck"]["detail"].startswith("便条已作废")
    assert words["roles"]["auditor"] == "审计员"
    assert words["indicators"] == {"toy.lines_written": "便条行数"}
