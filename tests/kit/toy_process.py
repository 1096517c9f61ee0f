"""The toy service as processes of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from tests.cradle import Process
from tests.kit.note_service import definition, environment, headers, settings_of
from tests.kit.notes import DAY

from kit.service import processes


@dataclass(frozen=True)
class Toy:
    """The databases and the environment of one toy service."""

    urls: dict[str, str]
    env: dict[str, str]
    region: str

    async def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """A command to its end: exit status, stdout, stderr."""
        return await asyncio.to_thread(self.start(*arguments, **more).done, 60)

    def start(self, *arguments: str, **more: str) -> Process:
        return Process("tests.kit.note_main", *arguments, env={**self.env, **more})

    def without(self, *names: str) -> Toy:
        return replace(self, env={name: value for name, value in self.env.items() if name not in names})


def toy_of(urls: dict[str, str], folder: Path, nats_url: str, region: str) -> Toy:
    """The toy service on these databases; nothing of it runs yet."""
    env = environment(
        urls, folder, TOY_NATS_URL=nats_url, TOY_REGION=region,
        TOY_PORT=str(free_port()), TOY_PROBE_PORT=str(free_port()),
    )  # fmt: skip
    return Toy(urls, env, region)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """Polls until the answer is true; the answer, or failure after so many seconds."""
    async with asyncio.timeout(seconds):
        while True:
            if answer := await true():
                return answer
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(toy: Toy, **more: str) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """The service, migrated and answering, as a child that is gone afterwards."""
    await processes.migrate(definition(), settings_of(toy.env))
    process = toy.start("serve", **more)
    said = asyncio.create_task(process.communicate())
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{toy.env['TOY_PORT']}", timeout=30) as http:

            async def alive() -> bool:
                assert not said.done(), (await said)[1].decode()
                try:
                    return (await http.get("/health/live")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(alive)
            yield process, http
    finally:
        if process.returncode is None:
            process.kill()
        print((await said)[1].decode())  # shown when a test fails


async def write(http: httpx.AsyncClient, text: str = "一") -> httpx.Response:
    return await http.post(f"/v1/notes/{uuid4()}", json={"occurred_on": str(DAY), "text": text}, headers=headers())
