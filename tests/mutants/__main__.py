"""Do the tests fail when the code does?  `python -m tests.mutants [--seed N] [--minutes N] [--area A] [--under PATH]`

Changes a random sample of the code, one place at a time, and runs the tests that can see it.  A change that no test
sees is a survivor.  Exits with 1 if in an area fewer than 90 % of those that nobody explained were killed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

from tests.mutants.areas import AREAS, explained, mutants_of, suite_of
from tests.mutants.mutants import Mutant
from tests.mutants.running import Bench, Served, Suite
from tests.mutants.warm import BROKEN, COLD

ENOUGH = 0.9
"""Of the mutants of an area that nobody explained, so many must be killed."""
PRELOADED = (
    *("asyncpg", "fastapi", "httpx", "hypothesis", "joserfc.jwt", "nats", "orjson", "pydantic_settings"),
    *(
        "anyio._backends._asyncio",
        "anyio.pytest_plugin",
        "_hypothesis_pytestplugin",
        "pytest_asyncio.plugin",
        "structlog",
    ),
    *("contracts.fields", "contracts.messages", "kit.service", "kit.service.app", "kit.testing", "liandong.engines"),
)
"""What a fork need not import again: nothing of a service's."""


@dataclass
class Tally:
    killed: int = 0
    timed_out: int = 0
    survived: list[Mutant] = field(default_factory=list)
    explained: int = 0
    spent: float = 0.0

    @property
    def made(self) -> int:
        return self.killed + self.timed_out + len(self.survived) + self.explained

    @property
    def rate(self) -> float:
        judged = self.made - self.explained
        return (self.killed + self.timed_out) / judged if judged else 1.0


class Run:
    def __init__(self, mutants: dict[str, list[Mutant]], bench: Bench, slots: int, minutes: float) -> None:
        self.waiting, self.bench = mutants, bench
        self.ends = time.monotonic() + 60 * minutes
        self.tallies = {area: Tally() for area in mutants}
        self.served: dict[Suite, Served] = {}
        self.known = explained()
        self.open: dict[int, Mutant] = {}
        """What is being tried, by number."""
        self._numbers = count()
        self._jobs = [self._job() for _ in range(slots)]

    def run(self) -> None:
        """Until the time is up or nothing is left; what is on its way then is not counted."""
        while self._jobs and time.monotonic() < self.ends:
            for served in self.served.values():
                served.hear()
            self._jobs = [job for job in self._jobs if next(job, "done") != "done"]
            time.sleep(0.005)

    def _job(self) -> Iterator[None]:
        """One mutant after the other: the area that had the least time so far gets the next."""
        while any(self.waiting.values()):
            if (drawn := self._draw()) is None:
                yield
                continue
            area, mutant, suite = drawn
            tally = self.tallies[area]
            if suite not in self.served:
                begun = time.monotonic()
                served = self.served[suite] = self.bench.serve(suite)
                while served.ready is None:
                    yield
                tests, seconds = served.ready["tests"], time.monotonic() - begun
                print(f"{suite[0]} and more: {tests} tests seen in {seconds:.0f} s", flush=True)
                for test in served.ready["red"]:
                    print(f"red without a mutant: {test}", flush=True)
            number = next(self._numbers)
            self.open[number], begun = mutant, time.monotonic()
            status = yield from self._tried(self.served[suite], number, mutant)
            del self.open[number]
            tally.spent += time.monotonic() - begun
            self._count(tally, mutant, status)

    def _draw(self) -> tuple[str, Mutant, Suite] | None:
        """The next, unless each waits for its suite to be seen."""
        for area in sorted(self.waiting, key=lambda one: self.tallies[one].spent):
            for n, mutant in enumerate(reversed(self.waiting[area])):
                suite = suite_of(mutant.path)
                if suite not in self.served or self.served[suite].ready:
                    del self.waiting[area][-1 - n]
                    return area, mutant, suite
        return None

    def _tried(self, served: Served, number: int, mutant: Mutant) -> Generator[None, None, int | None]:
        """The status of the fork that tried it; None if no test can see it."""
        for cold in (False, True):
            served.ask(number, mutant, cold=cold)
            while number not in served.answers:
                yield
            answer = served.answers.pop(number)
            if "cold" in answer:
                break
            if answer["status"] == BROKEN:
                raise RuntimeError(served.said.read_text("utf-8", "replace")[-3000:])
            if answer["status"] != COLD:
                return int(answer["status"])
        if not answer["cold"]:
            return None
        fork = self.bench.cold(mutant, answer["cold"], 20 + answer["seconds"])
        while (status := fork.ended()) is None:
            yield
        return status

    def _count(self, tally: Tally, mutant: Mutant, status: int | None) -> None:
        if status == -signal.SIGALRM:
            tally.timed_out += 1
        elif status:
            tally.killed += 1
        elif (mutant.path, mutant.before, mutant.after) in self.known:
            tally.explained += 1
        else:
            tally.survived.append(mutant)
            place = f"{mutant.path}:{mutant.line}{'' if status == 0 else ' (no test runs it)'}"
            print(f"{place}\n    {mutant.before}\n -> {mutant.after}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--area", choices=AREAS, action="append")
    parser.add_argument("--under", default="", help="only files whose path begins so")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    shuffled = random.Random(asked.seed)
    mutants = mutants_of(asked.area or list(AREAS))
    for area, found in mutants.items():
        mutants[area] = [one for one in found if one.path.startswith(asked.under)]
        shuffled.shuffle(mutants[area])
    for name in PRELOADED:
        __import__(name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ExitStack() as stack:
        run = Run(mutants, stack.enter_context(Bench()), min(4, os.cpu_count() or 1), asked.minutes)
        try:
            run.run()
        except KeyboardInterrupt:
            print("stopped")
    return report(run)


def report(run: Run) -> int:
    print(f"{'area':10}{'made':>6}{'killed':>8}{'timed out':>11}{'survived':>10}{'explained':>11}{'rate':>8}")
    for area, one in run.tallies.items():
        counts = f"{one.made:6}{one.killed:8}{one.timed_out:11}{len(one.survived):10}{one.explained:11}"
        print(f"{area:10}{counts}{one.rate:8.0%}")
    for mutant in run.open.values():
        print(f"not finished, and not counted: {mutant.path}:{mutant.line}")
    red = any(served.ready and served.ready["red"] for served in run.served.values())
    return 1 if red or any(one.rate < ENOUGH for one in run.tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
