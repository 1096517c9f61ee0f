"""A process that has run a suite once, with all that it shares made and kept; each mutant is tried in a fork of it.

The fork gives the functions of the changed file the code that they have after the change, and runs the tests that were
seen to run the place.  What modules do when they are imported is over by then: such a change is tried in a fork that
imports the changed file (`Bench.cold`).
"""

from __future__ import annotations

import ast
import gc
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any
from uuid import uuid4

import pytest
from _pytest.runner import runtestprotocol
from tests.mutants import children
from tests.mutants.mutants import Mutant
from tests.mutants.seeing import IMPORTED, Seen, Sight, Watch, noting_plays

MEMORY = 4 * 2**30
"""Bytes that a mutant may take: one that never ends a list is killed before the machine is."""
COLD = 3
"""How a fork ends that could not be changed, or in which no test noticed it."""
BROKEN = 4
"""How a fork ends that failed otherwise than by a test: the driver's own fault."""
LONGEST = 40.0
"""Seconds of tests for one mutant: what is left is not run."""


class Server:
    """As a plugin of pytest: instead of the run of its tests, one to see, and then forks for mutants."""

    def __init__(self, root: Path, kept: Path, link: socket.socket, folder: Path, *, lines: bool) -> None:
        self.root, self.kept, self.link, self.folder, self.lines = root, kept, link, folder, lines
        self.seen = Seen({}, {}, [])
        self.now = Sight()
        self.watch: Watch | None = None
        self.stages: Any = None
        self.forks: dict[int, int] = {}
        """Number of the mutant by process."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        if self.kept.exists():
            self.seen = Seen.read(self.kept)
            self._warm(items)
        else:
            self._see(list(items.values()))
            self.seen.kept(self.kept)
        gc.collect()
        living = Living.of(self.root)
        gc.freeze()
        self._tell({"tests": len(self.seen.tests), "red": [*self.seen.red, *self._unchanged(items, living)]})
        self._serve(items, living)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[Any]:
        if self.kept.exists():
            return (yield)
        with Watch(self.root) as watch, watch.on(self.seen.shared.setdefault(IMPORTED, Sight())):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[Any]:
        if fixturedef.scope == "function" or self.watch is None:
            made = yield
        else:
            with self.watch.on(self.seen.shared.setdefault(fixturedef.argname, Sight())):
                made = yield
        if fixturedef.argname == "stages":
            self.stages = made
        return made

    def _see(self, items: list[pytest.Item]) -> None:
        with Watch(self.root, lines=self.lines) as self.watch:
            restore = noting_plays(self.watch, self.seen, lambda: self.now)
            for n, item in enumerate(items):
                self.now = self.seen.tests[item.nodeid] = Sight(stands_on=list(getattr(item, "fixturenames", ())))
                self.watch.whole = bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
                begun = time.monotonic()
                after = items[n + 1] if n + 1 < len(items) else _Nothing(item)
                with self.watch.on(self.now):
                    good = _run(item, after)
                self.now.seconds = round(time.monotonic() - begun, 3)
                if not good and not _run(item, after):  # one that has little time has it without us
                    self.seen.red.append(item.nodeid)
            restore()
        self.watch = None

    def _warm(self, items: dict[str, pytest.Item]) -> None:
        """Runs the quickest test of each play, so that it is on the stage, and one that asks for the engines."""
        for name in self.seen.shared:
            users = [test for test, sight in self.seen.tests.items() if name in sight.stands_on and test in items]
            users = [test for test in users if test not in self.seen.red]
            if users:
                quickest = items[min(users, key=lambda test: self.seen.tests[test].seconds)]
                _run(quickest, _Nothing(quickest))

    def _tell(self, what: dict[str, Any]) -> None:
        self.link.sendall(json.dumps(what).encode() + b"\n")

    def _serve(self, items: dict[str, pytest.Item], living: Living) -> None:
        """Until the other side closes."""
        waiting = b""
        while True:
            if select.select([self.link], [], [], 0.01)[0]:
                came = self.link.recv(1 << 20)
                if not came:
                    break
                *jobs, waiting = (waiting + came).split(b"\n")
                for job in jobs:
                    self._begin(json.loads(job), items, living)
            for pid in list(self.forks):
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    children.ended(pid, self.folder)
                    self._tell({"number": self.forks.pop(pid), "status": os.waitstatus_to_exitcode(status)})
        for pid in self.forks:
            children.ended(pid, self.folder)

    def _begin(self, job: dict[str, Any], items: dict[str, pytest.Item], living: Living) -> None:
        number, cold = job.pop("number"), job.pop("cold")
        mutant = Mutant(**{**job, "new": job["new"].encode(), "source": job["source"].encode()})
        lines = lines_of(mutant)
        tests = self.seen.of(mutant, lines)
        if not tests and lines and self.seen.imported(mutant, lines):
            lines = None
            tests = self.seen.of(mutant, None)
        tests = [test for test in tests if test in items]
        tests = _within(tests, [self.seen.tests[test].seconds for test in tests])
        limits = [30 + 10 * self.seen.tests[test].seconds for test in tests]
        if not tests or cold:
            self._tell({"number": number, "cold": tests, "seconds": sum(limits)})
            return
        self.forks[self._fork(mutant, [items[test] for test in tests], limits, lines, living)] = number

    def _unchanged(self, items: dict[str, pytest.Item], living: Living) -> list[str]:
        """What a fork says to some of the quickest tests, without a change: nothing, or all would seem to be killed."""
        good = sorted(
            self.seen.tests.keys() & items.keys() - set(self.seen.red), key=lambda t: self.seen.tests[t].seconds
        )
        some = good[:: max(1, len(good) // 20)]
        pid = self._fork(None, [items[test] for test in some], [120.0] * len(some), None, living)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        children.ended(pid, self.folder)
        return [f"a fork without a mutant ({code})"] if code else []

    def _fork(
        self, mutant: Mutant | None, chosen: list[pytest.Item], limits: list[float], lines: range | None, living: Living
    ) -> int:
        """The process that runs the chosen tests after the change."""
        if pid := os.fork():
            return pid
        code = BROKEN
        try:
            os.setpgid(0, 0)
            for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
                signal.signal(one, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            children.begun_anew()  # what the forks share would mix up their orders
            if mutant and mutant.path.startswith("kit/"):
                children.change(mutant, self.root, self.folder)
            if mutant and not self._changed(mutant, lines, living):
                os._exit(COLD)
            if mutant and mutant.path.startswith("kit/kit/service/") and "tests.service" in sys.modules:
                sys.modules["tests.service"]._applications.clear()
            with self._afresh(self.seen.plays_of(mutant, lines) if mutant else set()):
                # Who survives is tried without what was made before: a counter of the process may hold an old answer.
                code = _passed(chosen, limits) or (COLD if mutant else 0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _changed(self, mutant: Mutant, lines: range | None, living: Living) -> bool:
        """Makes the change in what was imported; False where that cannot be done."""
        changed = bool(lines) and living.become(mutant, self.root)
        declared = bool(mutant.statement) and mutant.path.startswith("services/")  # put together before tests were seen
        if lines and not declared and not self.seen.imported(mutant, lines):
            return changed
        living.forget()
        return _rewritten(mutant, self.root) or changed

    @contextmanager
    def _afresh(self, plays: set[str]) -> Iterator[None]:
        """Plays that the changed code made are played again, on databases with a name of their own."""
        if self.stages is None or not plays & self.stages._left.keys():
            yield
            return
        stages, templates = self.stages, self.stages._templates
        templates.suffix = f"_{uuid4().hex[:10]}"
        stages._folder = Path(tempfile.mkdtemp(prefix="liandong-mutant-"))
        stages._left = {name: left for name, left in stages._left.items() if name not in plays}
        try:
            yield
        finally:
            shutil.rmtree(stages._folder, ignore_errors=True)
            templates.admin.drop(templates.suffix)


def _passed(chosen: list[pytest.Item], limits: list[float]) -> int:
    for item, limit in zip(chosen, limits, strict=True):
        signal.setitimer(signal.ITIMER_REAL, limit)  # its signal ends the process
        if not _run(item, _Nothing(item)):
            signal.setitimer(signal.ITIMER_REAL, 0)
            return 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    return 0


class _Nothing:
    """What comes after a test when nobody knows: all but what belongs to the run ends."""

    def __init__(self, item: pytest.Item) -> None:
        self.session = item.session

    def listchain(self) -> list[pytest.Session]:
        return [self.session]


def _run(item: pytest.Item, after: Any) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=after)
    for report in reports:
        if report.failed:
            print(report.nodeid, str(report.longrepr)[-1500:], flush=True)
    return not any(report.failed for report in reports)


def _within(tests: list[str], seconds: list[float]) -> list[str]:
    spent, kept = 0.0, list[str]()
    for test, one in zip(tests, seconds, strict=True):
        spent += one
        if kept and spent > LONGEST:
            break
        kept.append(test)
    return kept


def lines_of(mutant: Mutant) -> range | None:
    """Lines that run where the change makes a difference; None where it stands in no function."""
    if not mutant.path.endswith(".py"):
        return None
    tree = ast.parse(mutant.source)
    starts = [0]
    for line in mutant.source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def holds(node: Any) -> bool:
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        return bool(begin <= mutant.start and mutant.end <= end)

    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(holds(one) for one in node.body)
    ]
    if not functions:
        return None
    inner = [node for node in ast.walk(functions[0]) if isinstance(node, ast.stmt) and holds(node)]
    one: Any = inner[-1] if inner else functions[0]
    one = min(inner, key=lambda node: (node.end_lineno or 0) - node.lineno)
    first, last = mutant.line, mutant.source.count(b"\n", 0, mutant.end) + 1
    if isinstance(one, ast.If) and first <= one.lineno and last >= (one.end_lineno or 0):
        return range(one.body[0].lineno, (one.end_lineno or 0) + 1)  # dropped: it matters where it was gone into
    if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
        return None  # a default of an inner function
    if isinstance(one, ast.If | ast.While):
        return range(one.lineno, max(one.lineno + 1, one.body[0].lineno))
    if hasattr(one, "body") or hasattr(one, "cases"):
        return range(first, last + 1)
    return range(one.lineno, (one.end_lineno or one.lineno) + 1)


@dataclass
class Living:
    """What a change must reach: functions of ours, by file, and what they have kept of earlier answers."""

    functions: dict[str, list[FunctionType]]
    caches: list[Any]

    @staticmethod
    def of(root: Path) -> Living:
        found: dict[str, list[FunctionType]] = {}
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(f"{root}/"):
                found.setdefault(one.__code__.co_filename[len(str(root)) + 1 :], []).append(one)
        caches = [one for one in gc.get_objects() if type(one).__name__ == "_lru_cache_wrapper"]
        return Living(found, [one for one in caches if str(one.__module__).startswith(("contracts", "kit"))])

    def become(self, mutant: Mutant, root: Path) -> bool:
        """Gives the functions of the file the code after the change; False where that cannot be done."""
        before, after = (_codes(source, str(root / mutant.path)) for source in (mutant.source, mutant.mutated))
        pairs = {
            (code.co_qualname, code.co_firstlineno): other
            for name, codes in before.items()
            if len(codes) == len(after.get(name, ()))
            for code, other in zip(codes, after[name], strict=True)
        }
        changed = False
        for function in self.functions.get(mutant.path, ()):
            code = function.__code__
            other = pairs.get((code.co_qualname, code.co_firstlineno), code)
            if other != code:
                if other.co_freevars != code.co_freevars:
                    return False
                function.__code__, changed = other, True
        self.forget()
        return changed

    def forget(self) -> None:
        """What was worked out before."""
        for cache in self.caches:
            cache.cache_clear()


def _rewritten(mutant: Mutant, root: Path) -> bool:
    """Gives what the module made when it was imported the values that it would have made; False where it cannot."""
    name = str(root / mutant.path)
    module = next((one for one in sys.modules.values() if getattr(one, "__file__", None) == name), None)
    if module is None:
        return False
    made: dict[str, Any] = {"__name__": module.__name__, "__file__": name, "__package__": module.__package__}
    try:
        exec(compile(mutant.mutated, name, "exec", dont_inherit=True), made)  # noqa: S102
    except Exception:
        return False
    tables = {
        one: value
        for one, value in vars(module).items()
        if isinstance(value, dict | list | tuple) or (is_dataclass(value) and not isinstance(value, type))
    }
    changes = [_become(value, made.get(one)) for one, value in tables.items() if not one.startswith("__")]
    return any(changes)


def _become(old: Any, new: Any) -> bool:
    """Makes the one what the other is, as far as it is a table; whether anything was changed."""
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        inside = [(value, new[key]) for key, value in old.items()]
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
        inside = zip(old, new, strict=True)
    changed = False
    for pair in inside:
        changed = _become(*pair) or changed
    if not is_dataclass(old) or isinstance(old, type) or type(old) is not type(new):
        return changed
    for one in fields(old):
        was, then = getattr(old, one.name), getattr(new, one.name)
        if _become(was, then):
            changed = True
        elif was != then:
            object.__setattr__(old, one.name, then)
            changed = True
    if changed:
        _forget(old)
    return changed


def _forget(one: Any) -> None:
    """What a dataclass has worked out from its fields and keeps."""
    kept: dict[str, Any] = getattr(one, "__dict__", {})
    for name in kept.keys() - {field.name for field in fields(one)}:
        del kept[name]


def _codes(source: bytes, name: str) -> dict[str, list[CodeType]]:
    """Of all functions in it, by qualified name, in their order."""
    found: dict[str, list[CodeType]] = {}
    left = [compile(source, name, "exec", dont_inherit=True)]
    while left:
        inner = [one for one in left.pop().co_consts if isinstance(one, CodeType)]
        left += inner
        for one in inner:
            found.setdefault(one.co_qualname, []).append(one)
    return found
