"""A real command over HTTP against a bare route that inserts a row: rates, and what processes and PostgreSQL spend."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from tests.load.bare import TABLE
from tests.load.measure import Row, ninety_ninth, offered
from tests.synthetic import credit_code
from tests.system.bureau import Bureau
from tests.system.programme import CITY_BUREAU, DISTRICTS, FAR, PROVINCE, Programme

from liandong.child import free_port
from liandong.region import Region

HERE = DISTRICTS[0]
TIMES = 400
"""Commands in a round of a case."""
OFFERED, SECONDS = 300, 10
"""Commands a second, and for how long, while it is measured how long they wait."""
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Side:
    """One of the two that are compared: its process, its connections, how to ask it once, what was measured."""

    name: str
    pid: int
    connections: str
    ask: Callable[[httpx.AsyncClient], Any]
    rates: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)


def measured(rounds: int) -> list[Row]:
    """At 1, 8 and 32 clients: the rate, and microseconds of the service's process and of its backends for a command."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="liandong-bench-", dir=memory if memory.is_dir() else None) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run as a user of its own, who must get in
        with Region(Path(folder), slug="bench", provinces=[PROVINCE, FAR[0]]) as region:
            return asyncio.run(_rows(region, rounds))


async def _rows(region: Region, rounds: int) -> list[Row]:
    postgres = region.postgres.pid
    assert postgres is not None
    rows: list[Row] = []
    async with Bureau.calls(region) as bureau, _bare(region) as (bare_pid, bare_url):
        await Programme(bureau).prepare()
        ask = _command(region, await bureau.token(CITY_BUREAU))
        for clients in (1, 8, 32):
            real = Side("command", region.programs["registry"].pid or 0, "registry_app liandong_registry", ask)
            bare = Side("bare", bare_pid, " postgres 127.0.0.1", _bare_request(bare_url))
            for side in (real, bare):
                await _round(side, clients, postgres)
                for measured_ in (side.rates, side.own, side.server):
                    measured_.clear()
            for _ in range(rounds):
                for side in (real, bare):
                    await _round(side, clients, postgres)
            rows += _compared(real, bare, clients)
        return rows + await _offered(ask)


async def _offered(ask: Callable[[httpx.AsyncClient], Any]) -> list[Row]:
    """Commands that come whether or not those before are answered; each waits from when it was due to come."""
    waited: list[float] = []
    limits = httpx.Limits(max_connections=128, max_keepalive_connections=128)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as http:

        async def once(due: float) -> None:
            await ask(http)
            waited.append((time.perf_counter() - due) * 1000)

        began = time.perf_counter()
        await offered(OFFERED * SECONDS, OFFERED, once)
        rate = len(waited) / (time.perf_counter() - began)
    at = f"commands at {OFFERED}/s offered"
    return [
        Row(f"{at}, answered", rate, OFFERED, "offered", 0.95),
        Row(f"{at}, 99th percentile", ninety_ninth(waited), None, "", None, " ms"),
    ]


def _compared(real: Side, bare: Side, clients: int) -> list[Row]:
    at = f"a command, {clients} client{'s' if clients > 1 else ''}"
    against = "bare FastAPI, one insert"
    median = statistics.median
    return [
        Row(f"{at}, a second", median(real.rates), median(bare.rates), against, None),
        Row(f"{at}, Python", median(real.own), median(bare.own), against, 3.0, " µs", most=True),
        Row(f"{at}, PostgreSQL", median(real.server), median(bare.server), against, 4.0, " µs", most=True),
    ]


async def _round(side: Side, clients: int, postgres: int) -> None:
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as http:
        own, server, began = _cpu(side.pid), _cpu_of_backends(postgres, side.connections), time.perf_counter()

        async def some() -> None:
            for _ in range(TIMES // clients):
                await side.ask(http)

        await asyncio.gather(*(some() for _ in range(clients)))
        done = TIMES // clients * clients
        side.rates.append(done / (time.perf_counter() - began))
        side.own.append((_cpu(side.pid) - own) / done * 1e6)
        side.server.append((_cpu_of_backends(postgres, side.connections) - server) / done * 1e6)


def _command(region: Region, token: str) -> Callable[[httpx.AsyncClient], Any]:
    """The registration of an organisation: a stream of its own, one event, a natural key, a row of a list."""
    url, numbers = region.programs["registry"].url, count(1)

    async def ask(http: httpx.AsyncClient) -> None:
        organisation = {
            "occurred_on": "2022-06-06",
            "name": "演示社工机构",
            "authority": "演示民政局",
            "civil_affairs": True,
            "registered_on": "2015-03-01",
            "number": credit_code(next(numbers)),
            "attestations": [],
        }
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
        (await http.post(f"{url}/v1/organisations", json=organisation, headers=headers)).raise_for_status()

    return ask


def _bare_request(url: str) -> Callable[[httpx.AsyncClient], Any]:
    unit = {"unit": f"{HERE}900001", "kind": "village", "name": "演示社区", "parent": f"{HERE}900"}

    async def ask(http: httpx.AsyncClient) -> None:
        answer = await http.post(f"{url}/units", json={"occurred_on": "2022-06-06", "units": [unit]})
        answer.raise_for_status()

    return ask


@asynccontextmanager
async def _bare(region: Region) -> AsyncIterator[tuple[int, str]]:
    connection = await asyncpg.connect(region.postgres.url)
    await connection.execute(TABLE)
    await connection.close()
    port = free_port(None)
    environment = {**os.environ, "BARE_DATABASE_URL": region.postgres.url, "BARE_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "tests.load.bare"], env=environment)  # noqa: ASYNC220
    try:
        await _answers(port)
        yield process.pid, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def _answers(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/openapi.json")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _cpu_of_backends(postmaster: int, whose: str) -> float:
    """Of the server's processes for connections of `whose` ("<role> <database>", as their titles say)."""
    total = 0.0
    for child in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split():
        try:
            if whose in Path(f"/proc/{child}/cmdline").read_text():
                total += _cpu(int(child))
        except FileNotFoundError:
            continue
    return total
