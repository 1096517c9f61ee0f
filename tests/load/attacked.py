"""What a district's commands take while strangers, a neighbour and another service attack, and while nobody does."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

from tests.load.measure import Row
from tests.system.bureau import Bureau, SignIn
from tests.system.programme import DISTRICTS, FAR, PROVINCE, Programme

from contracts.values import Role
from liandong.region import Region

VICTIM, NEIGHBOUR = DISTRICTS
DISTRICT = SignIn(Role.DISTRICT_BUREAU, VICTIM)
TIMES = 150
PACE = 0.1
"""Commands in a round, one after another, and seconds between two."""
QUIET = 5.0
"""Seconds between an attack and what is measured without one."""


def measured(rounds: int) -> list[Row]:
    """The 99th percentile of a district's commands at the registry, attacked and not, in turns."""
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run as a user of its own, who must get in
        with Region(Path(folder), slug="bench", provinces=[PROVINCE, FAR[0]]) as region:
            return asyncio.run(_rows(region, rounds))


async def _rows(region: Region, rounds: int) -> list[Row]:
    calm: list[float] = []
    attacked: list[float] = []
    units = (f"{VICTIM}{number}" for number in count(900_000))
    async with Bureau.calls(region) as bureau:
        await Programme(bureau).prepare()
        await _streets(bureau)
        await _round(bureau, units)
        for _ in range(rounds):
            calm += await _round(bureau, units)
            async with _attacked(region, await bureau.token(SignIn(Role.DISTRICT_BUREAU, NEIGHBOUR))):
                attacked += await _round(bureau, units)
            await asyncio.sleep(QUIET)
    return [
        Row("a district's command, median, attacked", _median(attacked), _median(calm), "not attacked", None, " ms"),
        Row(
            "a district's command, 99th, attacked", _late(attacked), _late(calm), "not attacked", 2.0, " ms", most=True
        ),
    ]


async def _streets(bureau: Bureau) -> None:
    units = [
        {"unit": f"{VICTIM}{number}", "kind": "township", "name": "演示街道", "parent": VICTIM}
        for number in range(900, 910)
    ]
    await bureau.do("streets", "registry", f"/tenants/{VICTIM}/units", DISTRICT, "2022-06-06", {"units": units})


async def _round(bureau: Bureau, units: Iterator[str]) -> list[float]:
    """Milliseconds of each command; one that is not accepted ends it all."""

    async def one(unit: str) -> float:
        community = {"unit": unit, "kind": "village", "name": "演示社区", "parent": unit[:9]}
        body = {"occurred_on": "2022-06-06", "units": [community]}
        headers = {"idempotency-key": str(uuid4())}
        path = f"/v1/tenants/{VICTIM}/units"
        began = time.perf_counter()
        answer = await bureau.ask("POST", "registry", path, DISTRICT, json=body, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return (time.perf_counter() - began) * 1000

    taken = []
    for _ in range(TIMES):
        taken.append(await one(next(units)))
        await asyncio.sleep(PACE)
    return taken


@asynccontextmanager
async def _attacked(region: Region, token: str) -> AsyncIterator[None]:
    environment = region.programs["volunteer"].environment
    given = {
        "service": region.programs["registry"].url,
        "token": token,
        "tenant": NEIGHBOUR,
        "nats": environment["VOLUNTEER_NATS_URL"],
        "user": "volunteer",
        "seed": environment["VOLUNTEER_NATS_SEED_FILE"],
        "subject": f"evt.{region.slug}.{VICTIM}.volunteer.counts.volunteer-counts-published.v1",
    }
    attacker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load.attacker", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert attacker.stdin is not None
    assert attacker.stdout is not None
    attacker.stdin.write(json.dumps(given).encode() + b"\n")
    try:
        await attacker.stdout.readline()
        yield
    finally:
        attacker.stdin.close()
        await attacker.wait()


def _median(milliseconds: list[float]) -> float:
    return statistics.median(milliseconds)


def _late(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=100)[98]
