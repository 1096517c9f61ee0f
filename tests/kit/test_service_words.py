"""Who asks, what they may do, and what everything is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import Installed
from tests.kit.issuing import CITY, DISTRICT, Portal, running
from tests.kit.note_service import Served, served
from tests.kit.notes import HERE, MIGRATIONS, NoteWritten
from tests.kit.test_service_frame import said

from contracts.values import Role
from kit.store.tenants import ADD


@pytest.fixture
async def toy(installed: Installed, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(await installed("toy", MIGRATIONS), tmp_path) as one:
        yield one


async def test_who_asks_is_told_who_they_are_and_what_they_may_do(toy: Served) -> None:
    me = (await toy.get("/v1/me", role=Role.AUDITOR)).json()
    assert (me["role"], me["role_name"], me["tenant"]) == ("auditor", "审计员", HERE)
    assert [one["tenant_id"] for one in me["bureaus"]] == [HERE]
    may = {one["action"]: one["writes"] for one in me["actions"]}
    assert may["read-history"] is False
    assert "write-note" not in may
    assert {"action": "write-note", "name": "写便条", "writes": True} in (await toy.get("/v1/me")).json()["actions"]
    said(await toy.get("/v1/me", {"as_of": "2022-01-01"}), 422, "invalid-request")


async def test_whoever_signed_in_is_told_their_posts(
    installed: Installed, tmp_path: Path, nats_url: str, region: str
) -> None:
    """From the code of the development issuer to the answer of a service that believes it."""
    with running(tmp_path) as issuer:
        portal = Portal(issuer)
        first = portal.signed_in()
        second = portal.refresh(first["refresh_token"], post="city_bureau:620100").json()
        urls = await installed("toy", MIGRATIONS)
        believes = {"TOY_ISSUER": issuer, "TOY_JWKS_URL": f"{issuer}/.well-known/jwks.json"}
        async with served(urls, tmp_path, nats_url, region, **believes) as toy:
            await toy.app.state.runtime.store.pool.execute(ADD, "620102", "演示区", "district", None)
            asked = [await toy.http.get("/v1/me", headers=bears(given["access_token"])) for given in (first, second)]
            as_client = await toy.http.get("/v1/me", headers=bears(first["id_token"]))
    acts = [(me.json()["id"], me.json()["role"], me.json()["tenant"]) for me in asked]
    assert acts == [("demo-two-posts", "district_bureau", "620102"), ("demo-two-posts", "city_bureau", "620100")]
    nowhere = {"unit": None, "unit_name": None, "worker_id": None}
    assert [me.json()["posts"] for me in asked] == [
        [
            {**DISTRICT, "tenant_name": "演示区", "role_name": "区民政局", **nowhere},
            {**CITY, "tenant_name": None, "role_name": "市民政局", **nowhere},
        ]
    ] * 2
    said(as_client, 401, "unauthenticated")


async def test_a_token_that_lists_no_posts_has_none(toy: Served) -> None:
    assert (await toy.get("/v1/me")).json()["posts"] == []


def bears(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_everything_is_called_by_its_chinese_name(toy: Served) -> None:
    words = (await toy.get("/v1/words")).json()
    assert words["events"]["toy.note-written"] == NoteWritten.NAME
    assert words["actions"]["write-note"] == "写便条"
    assert words["refusals"]["note-is-struck"]["detail"].startswith("便条已作废")
    assert words["roles"]["auditor"] == "审计员"
    assert words["indicators"] == {"toy.lines_written": "便条行数"}
