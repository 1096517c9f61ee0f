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

from tests.mutants.areas import AREAS, explained, mutants_of, stages_of
from tests.mutants.mutants import Mutant
from tests.mutants.running import ROOT, End, Slot, Stage

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
    *("contracts.fields", "contracts.values", "kit.errors", "kit.testing"),
)
"""What a fork need not import again: of ours only what is pure."""


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
    def __init__(self, mutants: dict[str, list[Mutant]], slots: list[Slot], ends: float) -> None:
        self.waiting, self.slots, self.ends = mutants, slots, ends
        self.tallies = {area: Tally() for area in mutants}
        self.seconds: dict[Stage, float | None] = {}
        """How long the tests take without a mutant; None if they are red without one, and so prove nothing."""
        self.known = explained()
        self.open: dict[int, Mutant] = {}
        """What is being tried, by slot."""
        self._jobs = {id(slot): self._job(slot) for slot in slots}

    def run(self) -> None:
        """Until the time is up or nothing is left; what is on its way then is not counted."""
        while self._jobs and time.monotonic() < self.ends:
            for slot in self.slots:
                if id(slot) in self._jobs and next(self._jobs[id(slot)], "done") == "done":
                    del self._jobs[id(slot)]
            time.sleep(0.01)

    def _job(self, slot: Slot) -> Iterator[None]:
        """One slot's work, a step at a time: the area that had the least time so far gets the next mutant."""
        while areas := [area for area, waiting in self.waiting.items() if waiting]:
            area = min(areas, key=lambda one: self.tallies[one].spent)
            tally, mutant = self.tallies[area], self.waiting[area].pop()
            self.open[id(slot)] = mutant
            begun, end, proved = time.monotonic(), End.PASSED, False
            for stage in stages_of(mutant.path):
                if stage not in self.seconds:
                    yield from self._measure(slot, stage)
                if (seconds := self.seconds[stage]) is None:
                    continue
                slot.write(mutant.path, mutant.mutated)
                end, proved = (yield from self._tests(slot, stage, 20 + 5 * seconds, mutant)), True
                slot.write(mutant.path, mutant.source)
                if end is not End.PASSED:
                    break
            del self.open[id(slot)]
            tally.spent += time.monotonic() - begun
            if proved:
                self._count(tally, mutant, end)

    def _count(self, tally: Tally, mutant: Mutant, end: End) -> None:
        if end is End.FAILED:
            tally.killed += 1
        elif end is End.TIMED_OUT:
            tally.timed_out += 1
        elif (mutant.path, mutant.before, mutant.after) in self.known:
            tally.explained += 1
        else:
            tally.survived.append(mutant)
            print(f"{mutant.path}:{mutant.line}\n    {mutant.before}\n -> {mutant.after}", flush=True)

    def _measure(self, slot: Slot, stage: Stage) -> Iterator[None]:
        self.seconds[stage] = 300.0  # until it is known; others need not measure it too
        begun = time.monotonic()
        end = yield from self._tests(slot, stage, 300.0, None)
        self.seconds[stage] = time.monotonic() - begun if end is End.PASSED else None
        if end is not End.PASSED:
            said = (slot.root / "said").read_text("utf-8", "replace").strip().splitlines()
            print(f"red without a mutant: {' '.join(stage)}", *said[-3:], sep="\n    ", flush=True)

    def _tests(self, slot: Slot, stage: Stage, seconds: float, mutant: Mutant | None) -> Generator[None, None, End]:
        if not any(argument.startswith("--confcutdir") for argument in stage):
            slot.engines()
        changed = {"tests"} if mutant and mutant.path.startswith("services/") else {"tests", "kit"}
        slot.start(stage, seconds, changed)
        while (end := slot.ended()) is None:
            yield
        return end


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
        slots = [stack.enter_context(Slot(ROOT)) for _ in range(min(4, os.cpu_count() or 1))]
        run = Run(mutants, slots, time.monotonic() + 60 * asked.minutes)
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
    red = [stage for stage, seconds in run.seconds.items() if seconds is None]
    return 1 if red or any(one.rate < ENOUGH for one in run.tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
