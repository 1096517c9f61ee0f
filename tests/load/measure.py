"""Rounds of cases in turn, so that noise falls on all alike; medians of rates, CPU per operation, and the table."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

Run = Callable[[], Awaitable[int]]
"""Runs a case once and answers how many operations that were."""


@dataclass
class Case:
    """One way to do a thing.  `rates` are operations a second, `client` microseconds of our CPU for one."""

    name: str
    run: Run
    rates: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


@dataclass(frozen=True)
class Row:
    """One row of the table: ours, the peer, their ratio, and what the plan asked for."""

    what: str
    ours: float
    peer: float | None
    against: str
    target: float | None
    unit: str = "/s"
    cpu: float | None = None
    most: bool = False
    """The target is the most that the ratio may be, not the least."""

    @property
    def ratio(self) -> float | None:
        return None if not self.peer else self.ours / self.peer

    @property
    def verdict(self) -> str:
        if self.target is None or self.ratio is None:
            return ""
        return "met" if (self.ratio <= self.target if self.most else self.ratio >= self.target) else "**short**"


async def interleaved(cases: list[Case], rounds: int) -> None:
    """Runs every case once unmeasured, then `rounds` times in an order shuffled each time."""
    for case in cases:
        await case.run()
    for _ in range(rounds):
        for case in random.sample(cases, len(cases)):
            await asyncio.sleep(0.05)
            began, cpu = time.perf_counter(), time.process_time()
            count = await case.run()
            case.rates.append(count / (time.perf_counter() - began))
            case.client.append((time.process_time() - cpu) / count * 1e6)


async def offered(times: int, rate: int, once: Callable[[float], Coroutine[Any, Any, None]]) -> None:
    """Begins `once` so many times at a steady rate a second, whether or not those before are done; then awaits all.

    It gets the instant, by `time.perf_counter`, at which it was due.
    """
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for due in (began + n / rate for n in range(times)):
            await asyncio.sleep(due - time.perf_counter())
            group.create_task(once(due))


def ninety_ninth(values: list[float]) -> float:
    """The 99th percentile."""
    return sorted(values)[len(values) * 99 // 100]


def compared(what: str, ours: Case, peer: Case, target: float | None) -> Row:
    return Row(what, ours.rate, peer.rate, peer.name, target, cpu=statistics.median(ours.client))


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| what | ours | peer | against | ratio | target | | our CPU, µs each |",
        "|---|--:|--:|---|--:|--:|---|--:|",
    ]
    for row in rows:
        ratio = f"{row.ratio:.2f}x" if row.ratio is not None else ""
        bound = "<=" if row.most else ">="
        target = f"{bound} {row.target}x" if row.target is not None else "reported"
        peer = f"{row.peer:,.0f}{row.unit}" if row.peer is not None else ""
        cpu = f"{row.cpu:.0f}" if row.cpu is not None else ""
        ours = f"{row.ours:,.0f}{row.unit}" if row.ours >= 100 else f"{row.ours:,.1f}{row.unit}"
        lines.append(f"| {row.what} | {ours} | {peer} | {row.against} | {ratio} | {target} | {row.verdict} | {cpu} |")
    return "\n".join(lines)


def machine() -> str:
    return f"{os.cpu_count()} cores shared by client and servers, Python {'.'.join(map(str, os.sys.version_info[:3]))}"  # type: ignore[attr-defined]
