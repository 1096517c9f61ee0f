"""A dry run answers as the command would, and leaves nothing anywhere: no event, no row, no key, no refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from tests.conftest import Installed
from tests.kit.note_service import Served, served
from tests.kit.notes import MIGRATIONS
from tests.kit.test_service_frame import said

WRITTEN = """
select c.relname, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', n.nspname, c.relname),
    true, true, '')))[1]::text::int as n
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
"""
"""How many rows each table has."""
OWN = {"tick", "place", "tail_cursor"}
"""Tables that go on by themselves: the clock's, and those of the relay and other readers."""


@pytest.fixture
async def urls(installed: Installed) -> dict[str, str]:
    return await installed("toy", MIGRATIONS)


@pytest.fixture
async def toy(urls: dict[str, str], tmp_path: Path, nats_url: str, region: str) -> AsyncIterator[Served]:
    async with served(urls, tmp_path, nats_url, region) as one:
        yield one


async def rows(urls: dict[str, str]) -> dict[str, int]:
    """Of both databases, the service's and its keys'."""
    found: dict[str, int] = {}
    for name in ("owner", "keys_owner"):
        if name not in urls:
            continue
        connection = await asyncpg.connect(urls[name])
        found |= {f"{name}.{r['relname']}": r["n"] for r in await connection.fetch(WRITTEN) if r["relname"] not in OWN}
        await connection.close()
    return found


async def test_a_dry_run_leaves_nothing_and_its_key_is_free(toy: Served, urls: dict[str, str]) -> None:
    note, key, body = uuid4(), uuid4(), {"text": "一", "signer": "演示人甲"}
    before = await rows(urls)
    assert len(before) > 5
    dry = await toy.post(f"/v1/notes/{note}?dry_run=true", body, key=key)
    assert dry.status_code == 200, dry.text
    assert (dry.json()["stream"], dry.json()["version"], dry.json()["dry_run"]) == (f"note/{note}", 2, True)
    assert await rows(urls) == before
    done = await toy.post(f"/v1/notes/{note}", body, key=key)
    assert (done.json()["version"], "dry_run" in done.json()) == (2, False)
    assert await rows(urls) != before
    assert [row["lines"] for row in (await toy.get("/v1/notes")).json()] == [1]


async def test_a_dry_run_is_refused_as_the_command_and_leaves_no_row_of_it(toy: Served, urls: dict[str, str]) -> None:
    note = uuid4()
    await toy.post(f"/v1/notes/{note}", {"text": "一"})
    await toy.post(f"/v1/notes/{note}/strike", {})
    before = await rows(urls)
    said(await toy.post(f"/v1/notes/{note}?dry_run=true", {"text": "二"}), 409, "note-is-struck")
    assert await rows(urls) == before
    said(await toy.post(f"/v1/notes/{note}", {"text": "二"}), 409, "note-is-struck")
    assert await rows(urls) != before


async def test_who_tries_what_is_not_theirs_leaves_a_trace_by_a_dry_run_too(toy: Served, urls: dict[str, str]) -> None:
    before = await rows(urls)
    said(await toy.post(f"/v1/notes/{uuid4()}/strike?dry_run=true", {}), 404, "not-found")
    after = await rows(urls)
    assert after == before | {"owner.refusal": before["owner.refusal"] + 1}


async def test_a_used_key_is_answered_as_it_was_and_another_request_under_it_refused(toy: Served) -> None:
    note, key = uuid4(), uuid4()
    first = await toy.post(f"/v1/notes/{note}", {"text": "一"}, key=key)
    dry = await toy.post(f"/v1/notes/{note}?dry_run=true", {"text": "一"}, key=key)
    assert (dry.status_code, dry.content) == (200, first.content)
    said(await toy.post(f"/v1/notes/{note}?dry_run=true", {"text": "二"}, key=key), 422, "idempotency-key-reused")


async def test_a_misspelt_dry_run_does_nothing(toy: Served, urls: dict[str, str]) -> None:
    before = await rows(urls)
    for wrong in ("dryrun=true", "dry_run=maybe", "dry-run=true", "dry_run=", "dry_run=true&dry_run=false"):
        answer = await toy.post(f"/v1/notes/{uuid4()}?{wrong}", {"text": "一"})
        assert answer.status_code == 422, wrong
    assert await rows(urls) == before
