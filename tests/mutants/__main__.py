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
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

from tests.mutants.areas import AREAS, BY_PLACE, evenly, explained, mutants_of, place_of, reads, suites_of
from tests.mutants.mutants import Mutant
from tests.mutants.running import Bench, Served, Suite
from tests.mutants.warm import BROKEN, COLD

ENOUGH = 0.9
"""Of the mutants of an area that nobody explained, so many must be killed."""
AT_ONCE = 2
"""Suites that are seen at one time."""
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


@dataclass
class Drawn:
    """A mutant on its way through its suites."""

    area: str
    mutant: Mutant
    suites: tuple[Suite, ...]
    """Those that were not asked yet."""
    status: int | None = None
    """Of the last fork that tried it."""

    @property
    def suite(self) -> Suite:
        return self.suites[0]


class Run:
    def __init__(self, mutants: dict[str, list[Mutant]], bench: Bench, slots: int, minutes: float) -> None:
        self.bench = bench
        self.ends = time.monotonic() + 60 * minutes
        self.waiting: dict[str, dict[Suite, list[Mutant]]] = {area: {} for area in mutants}
        """By area, and by the suite that is asked first."""
        for area, found in mutants.items():
            for mutant in evenly(found) if area in BY_PLACE else found:
                self.waiting[area].setdefault(suites_of(mutant.path)[0], []).append(mutant)
        self.whole = {
            (area, one): len({place_of(mutant.path) for mutant in left} if area in BY_PLACE else left)
            for area, by in self.waiting.items()
            for one, left in by.items()
        }
        """Places of the area that a suite sees, or mutants."""
        self.drawn = Counter[tuple[str, Suite]]()
        parts = Counter[str]()
        for (area, _), n in self.whole.items():
            parts[area] += n
        share = {
            one: max(n / parts[area] for (area, at), n in self.whole.items() if at == one) for _, one in self.whole
        }
        self.order = sorted(share, key=lambda one: -share[one])
        """In which suites are seen: that of the largest part of an area first."""
        self.tallies = {area: Tally() for area in mutants}
        self.served: dict[Suite, Served] = {}
        self.known = explained()
        self.open: dict[int, Mutant] = {}
        """What is being tried, by number."""
        self.later: list[Drawn] = []
        """What the quickest tests did not notice, until the next suite was seen."""
        self._numbers = count()
        self._jobs = [self._job() for _ in range(slots)]

    def run(self) -> None:
        """Until the time is up or nothing is left; what is on its way then is not counted."""
        while self._jobs and time.monotonic() < self.ends:
            for suite, served in self.served.items():
                was = served.ready
                served.hear()
                if served.ready and not was:
                    print(f"{suite[0]}: {served.ready['tests']} tests seen", flush=True)
                    for test in served.ready["red"]:
                        print(f"red without a mutant: {test}", flush=True)
            self._jobs = [job for job in self._jobs if next(job, "done") != "done"]
            time.sleep(0.01)
        for drawn in self.later:
            self._count(drawn)

    def _job(self) -> Iterator[None]:
        """One mutant after the other, in one suite after the other until one notices it."""
        while (drawn := self._draw()) is not None or self._unseen():
            if drawn is None:
                yield
                continue
            tally, begun, number = self.tallies[drawn.area], time.monotonic(), next(self._numbers)
            self.open[number] = drawn.mutant
            status = yield from self._tried(self._served(drawn.suite), number, drawn.mutant)
            del self.open[number]
            tally.spent += time.monotonic() - begun
            drawn.status = drawn.status if status is None else status
            drawn.suites = drawn.suites[1:]
            if drawn.suites and not drawn.status:
                self.later.append(drawn)
            else:
                self._count(drawn)

    def _unseen(self) -> bool:
        return bool(self.later) or any(left for by in self.waiting.values() for left in by.values())

    def _served(self, suite: Suite) -> Served:
        if suite not in self.served:
            self.served[suite] = self.bench.serve(suite, lines=not reads(suite))
        return self.served[suite]

    def _draw(self) -> Drawn | None:
        """The next of the area that had the least time so far, and there of the suite that was drawn from least.

        None while each waits for its suite to be seen.
        """
        for suite in self.order:
            self._ready(suite)  # before those that are asked second
        for n, drawn in enumerate(self.later):
            if self._ready(drawn.suite):
                return self.later.pop(n)
        for area in sorted(self.waiting, key=lambda one: self.tallies[one].spent):
            ready = [suite for suite, left in self.waiting[area].items() if left and self._ready(suite)]
            if ready:
                suite = min(ready, key=lambda one: self.drawn[area, one] / self.whole[area, one])
                self.drawn[area, suite] += 1
                mutant = self.waiting[area][suite].pop(0)
                return Drawn(area, mutant, suites_of(mutant.path))
        return None

    def _ready(self, suite: Suite) -> bool:
        """Whether it was seen; at most two are on their way to it."""
        unseen = sum(not served.ready for served in self.served.values())
        if suite not in self.served and unseen < AT_ONCE:
            self._served(suite)
        return suite in self.served and self.served[suite].ready is not None

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

    def _count(self, drawn: Drawn) -> None:
        tally, mutant = self.tallies[drawn.area], drawn.mutant
        if drawn.status == -signal.SIGALRM:
            tally.timed_out += 1
        elif drawn.status:
            tally.killed += 1
        elif (mutant.path, mutant.before, mutant.after) in self.known:
            tally.explained += 1
        else:
            tally.survived.append(mutant)
            asked = f" ({drawn.suite[0]} was not asked)" if drawn.suites else ""
            why = asked or ("" if drawn.status == 0 else " (no test runs it)")
            print(f"{mutant.path}:{mutant.line}{why}\n    {mutant.before}\n -> {mutant.after}", flush=True)


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
