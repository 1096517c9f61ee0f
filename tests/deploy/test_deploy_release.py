"""A rolling update and the way back, as docs/operations.md has them: two releases side by side on one database."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import nats
import pytest
from tests.conftest import Provision
from tests.cradle import Process
from tests.kit.note_service import environment, headers
from tests.kit.notes import DAY

from kit.bus import stream_of

OLD, NEW = "1", "2"


@dataclass
class Site:
    """The toy service's databases, and what its processes are told."""

    urls: dict[str, str]
    env: dict[str, str]
    nats_url: str
    region: str

    def start(self, name: str, release: str, **more: str) -> Process:
        return Process("tests.kit.note_main", name, env={**self.env, "TOY_RELEASE": release, **more})

    async def migrate(self, release: str) -> None:
        process = self.start("migrate", release)
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()

    async def told(self, note: UUID) -> list[int]:
        """The versions of a note that the bus has, in the order in which it got them."""
        client = await nats.connect(self.nats_url)
        try:
            js, stream = client.jetstream(), stream_of(self.region, "toy")
            state = (await js.stream_info(stream)).state
            found = [await js.get_msg(stream, seq=n) for n in range(1, state.last_seq + 1)]
        finally:
            await client.close()
        mine = [m.headers or {} for m in found if f"note/{note}" in (m.headers or {}).values()]
        return [int(m["ce-streamversion"]) for m in mine]

    async def counted(self) -> int:
        """Lines that the rows of notes have."""
        ((count,),) = await self._fetch("rebuild", "select coalesce(sum(lines), 0) from note_list")
        return int(count)

    async def held(self) -> set[str]:
        """The streams that wait for a release that can read them."""
        rows = await self._fetch(
            "relay", "select stream from held where released_at is null and code = 'newer-than-this-release'"
        )
        return {row["stream"] for row in rows}

    async def _fetch(self, role: str, query: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.urls[role])
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()


@dataclass
class Instance:
    """A process that serves."""

    process: Process
    http: httpx.AsyncClient

    async def write(self, note: UUID) -> httpx.Response:
        body = {"occurred_on": str(DAY), "text": "一行"}
        return await self.http.post(f"/v1/notes/{note}", json=body, headers=headers())

    async def stop(self) -> None:
        """As Kubernetes does."""
        self.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self.process.wait(), 30) == 0


@pytest.fixture
async def site(provision: Provision, tmp_path: Path, nats_url: str) -> Site:
    urls, region = await provision("toy"), f"test-{uuid4().hex[:10]}"
    env = environment(urls, tmp_path, TOY_NATS_URL=nats_url, TOY_REGION=region)
    return Site(urls, env, nats_url, region)


@asynccontextmanager
async def serving(site: Site, release: str) -> AsyncIterator[Instance]:
    """An instance, ready or degraded; gone afterwards."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    process = site.start("serve", release, TOY_PORT=str(port))
    said = asyncio.create_task(process.communicate())
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:

            async def ready() -> bool:
                assert not said.done(), (await said)[1].decode()
                try:
                    return (await http.get("/health/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(ready)
            yield Instance(process, http)
    finally:
        if process.returncode is None:
            process.kill()
        print((await said)[1].decode())  # shown when a test fails


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.1)


async def test_a_rolling_update_keeps_every_stream_but_the_new_ones_going(site: Site) -> None:
    changed, other, fresh = uuid4(), uuid4(), uuid4()
    await site.migrate(OLD)
    async with serving(site, OLD) as old:
        assert (await old.write(changed)).status_code == 200
        await until(lambda: _is(site.told(changed), [1]))  # the old one relays, and will until it stops
        await site.migrate(NEW)
        async with serving(site, NEW) as new:
            assert (await new.write(changed)).status_code == 200
            refused = await old.write(changed)
            assert (refused.status_code, refused.json()["code"]) == (503, "newer-than-this-release")
            assert refused.json()["retryable"] is True
            for instance, note in ((old, other), (new, fresh), (old, other)):
                assert (await instance.write(note)).status_code == 200
            await until(lambda: _is(site.told(other), [1, 2]))
            await until(lambda: _is(site.held(), {f"note/{changed}", f"note/{fresh}"}))
            assert await site.told(changed) == [1]  # what the new one wrote waits, and no other stream
            assert (await old.http.get("/health/ready")).status_code == 200
            await old.stop()
            assert (await new.write(changed)).status_code == 200
            await until(lambda: _is(site.told(changed), [1, 2, 3]))
            await until(lambda: _is(site.told(fresh), [1]))
            await until(lambda: _is(site.counted(), 6))
            assert await site.held() == set()


async def test_after_the_way_back_only_what_the_new_release_wrote_waits(site: Site) -> None:
    changed, other = uuid4(), uuid4()
    await site.migrate(NEW)
    async with serving(site, NEW) as new:
        for note in (changed, changed):
            assert (await new.write(note)).status_code == 200
        await until(lambda: _is(site.told(changed), [1, 2]))
        await new.stop()
    async with serving(site, OLD) as old:
        assert (await old.write(changed)).json()["code"] == "newer-than-this-release"
        assert (await old.write(other)).status_code == 200
        await until(lambda: _is(site.told(other), [1]))
        await old.stop()
    async with serving(site, NEW) as new:
        for note in (changed, other):
            assert (await new.write(note)).status_code == 200
        await until(lambda: _is(site.told(changed), [1, 2, 3]))
        await until(lambda: _is(site.told(other), [1, 2]))
        await until(lambda: _is(site.counted(), 5))


async def _is(asked: Awaitable[Any], wanted: Any) -> bool:
    return bool(await asked == wanted)
