"""`python -m tests.load.attacker`: what a stranger, a neighbour and another service do at once, until stdin closes.

In a process of its own, so that its work is not in the time of those whom it is measured against.  Its pace is
bounded: it shares the machine's cores with what it attacks.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import nats.errors

from kit.bus import connect

IDLE = 200
"""Sockets that say half a head, at the service that is attacked."""
PACE = 0.05
"""Seconds between two messages, two commands, two bodies of each."""
POISON = b"x" * 60_000


async def crowd(url: str) -> None:
    """Nobody: sockets that wait, opened again when they are closed, and bodies that nest."""
    where = urlsplit(url)
    bomb = b"[" + b"[]," * 80_000 + b"[]]"
    held: list[asyncio.StreamWriter] = []
    async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
        while True:
            held = [one for one in held if not one.transport.is_closing()]
            for _ in range(min(IDLE - len(held), 20)):
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(where.hostname, where.port)
                    writer.write(b"POST /v1/tenants HTTP/1.1\r\n")
                    held.append(writer)
            with suppress(httpx.HTTPError):
                await http.post(f"{url}/v1/tenants", content=bomb, headers={"content-type": "application/json"})
            await asyncio.sleep(PACE)


async def neighbour(url: str, token: str, tenant: str) -> None:
    """A district's own token: commands in its own tree, and looks back of its own, as fast as they are answered."""
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(trust_env=False, timeout=30, headers=headers) as http:

        async def looks() -> None:
            while True:
                with suppress(httpx.HTTPError):
                    await http.get(f"{url}/v1/indicators", params={"as_of": "2022-10-01", "tenant_id": tenant})
                await asyncio.sleep(PACE)

        async def writes() -> None:
            for number in count(100):
                unit = {"unit": f"{tenant}{number % 1000:03}", "kind": "township", "name": "演示街道", "parent": tenant}
                body = {"occurred_on": "2022-06-06", "units": [unit]}
                key = {"idempotency-key": str(uuid4())}
                with suppress(httpx.HTTPError):
                    await http.post(f"{url}/v1/tenants/{tenant}/units", json=body, headers=key)
                await asyncio.sleep(PACE)

        await asyncio.gather(looks(), looks(), writes(), writes())


async def peer(url: str, user: str, seed: Path, subject: str) -> None:
    """Another service's user: poison under its own name."""
    client = await connect(url, user=user, seed_file=seed)
    while True:
        with suppress(nats.errors.Error):
            await client.publish(subject, POISON, headers={"ce-id": "1"})
        await asyncio.sleep(PACE)


async def until_told_to_stop(given: dict[str, Any]) -> None:
    sides = [
        asyncio.create_task(crowd(given["service"])),
        asyncio.create_task(neighbour(given["service"], given["token"], given["tenant"])),
        asyncio.create_task(peer(given["nats"], given["user"], Path(given["seed"]), given["subject"])),
    ]
    print("attacking", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for side in sides:
        side.cancel()
    await asyncio.gather(*sides, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(until_told_to_stop(json.loads(sys.stdin.readline())))
