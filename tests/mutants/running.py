"""Where mutants are tried: a warm process for each suite, a fork of it for each mutant, and engines for them all."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from types import CodeType, ModuleType, TracebackType
from typing import Any, Self

import pytest
from tests.mutants import children
from tests.mutants.mutants import Mutant
from tests.mutants.seeing import fingerprint
from tests.mutants.warm import MEMORY, Server

ROOT = Path(__file__).parents[2]

Suite = tuple[str, ...]
"""Arguments of pytest: tests that can see the same code."""
QUIET = ("-x", "-q", "--no-header", "--tb=short", "-W", "ignore", "-s", "--disable-warnings")
UNUSED = ("no:cacheprovider", "no:xdist", "no:schemathesis")


class Bench:
    """Engines, and the processes that stand on them."""

    def __enter__(self) -> Self:
        self.stack = ExitStack()
        self.forks: set[int] = set()
        self.served: list[Served] = []
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="liandong-mutant-")))
        memory = Path("/dev/shm")
        data = Path(tempfile.mkdtemp(prefix="liandong-mutant-", dir=memory if memory.is_dir() else None))
        self.stack.callback(shutil.rmtree, data, ignore_errors=True)
        data.chmod(0o711)
        command = [sys.executable, "-m", "tests.mutants.engines", str(data)]
        engines = self.stack.enter_context(
            # A session of its own: Ctrl-C is for us, and they end when we close what they read.
            subprocess.Popen(command, cwd=ROOT, text=True, stdin=PIPE, stdout=PIPE, start_new_session=True)
        )
        assert engines.stdout is not None
        pg, bus = engines.stdout.readline().split()
        self.env = {"LIANDONG_POSTGRES_URL": pg, "LIANDONG_NATS_URL": bus}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for served in self.served:
            with suppress(OSError):
                served.link.shutdown(socket.SHUT_RDWR)
        waiting, until = [one.pid for one in self.served if one.ready], time.monotonic() + 10
        while waiting and time.monotonic() < until:  # they drop what they made
            waiting = [pid for pid in waiting if not os.waitpid(pid, os.WNOHANG)[0]]
            time.sleep(0.05)
        for pid in list(self.forks):
            self.end(pid)
        self.stack.close()

    def fork(self, said: Path) -> int:
        """As os.fork: a process group of its own, which says to that file what it says."""
        sys.stdout.flush()
        if pid := os.fork():
            self.forks.add(pid)
            return pid
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        into = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(into, stream)
        os.chdir(ROOT)
        os.environ.update(self.env)
        return 0

    def end(self, pid: int) -> None:
        children.ended(pid, self.folder)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        self.forks.discard(pid)

    def serve(self, suite: Suite, *, lines: bool) -> Served:
        """A warm process of the suite; `lines` is whether these must be seen, or statements are enough."""
        here, there = socket.socketpair()
        kept = Path(tempfile.gettempdir()) / "liandong-mutants" / f"{fingerprint(ROOT, suite)}.json"
        said = self.folder / f"said-{len(self.forks)}"
        pid = self.fork(said)
        if not pid:
            try:
                here.close()
                server = Server(ROOT, kept, there, self.folder, lines=lines)
                pytest.main([*QUIET[1:], *_without(), *suite], plugins=[server])
            finally:
                os._exit(1)
        there.close()
        self.served.append(Served(pid, here, said))
        return self.served[-1]

    def cold(self, mutant: Mutant | None, tests: Sequence[str], seconds: float) -> Cold:
        """Runs the tests in a fork that imports the changed file as it is after the change."""
        said = self.folder / "said-cold"
        pid = self.fork(said)
        if not pid:
            code = 1
            try:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                if mutant:
                    children.change(mutant, ROOT, self.folder)
                    _import(mutant)
                code = pytest.main([*QUIET, *_without(), *tests])
            finally:
                os._exit(code)
        return Cold(self, pid, time.monotonic() + seconds)


@dataclass
class Cold:
    bench: Bench
    pid: int
    until: float

    def ended(self) -> int | None:
        """Its status, or None while it runs; as a fork's that took too long, if it did."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid and time.monotonic() < self.until:
            return None
        self.bench.end(self.pid)
        return os.waitstatus_to_exitcode(status) if pid else -signal.SIGALRM


class Served:
    """The other side of `warm.Server`."""

    def __init__(self, pid: int, link: socket.socket, said: Path) -> None:
        self.pid, self.link, self.said = pid, link, said
        self.answers: dict[int, dict[str, Any]] = {}
        self.ready: dict[str, Any] | None = None
        self._waiting = b""
        link.setblocking(False)

    def ask(self, number: int, mutant: Mutant, *, cold: bool = False) -> None:
        """To try it; `cold` to say only by which tests."""
        job = {name: getattr(mutant, name) for name in ("path", "line", "start", "end", "statement")}
        texts = {"new": mutant.new.decode(), "source": mutant.source.decode()}  # it may be edited meanwhile
        asked = {**job, **texts, "number": number, "cold": cold}
        self.link.setblocking(True)
        self.link.sendall(json.dumps(asked).encode() + b"\n")
        self.link.setblocking(False)

    def hear(self) -> None:
        """Takes what has come.  ConnectionError if it is gone."""
        with suppress(BlockingIOError):
            came = self.link.recv(1 << 20)
            if not came:
                raise ConnectionError(self.said.read_text("utf-8", "replace")[-2000:])
            *lines, self._waiting = (self._waiting + came).split(b"\n")
            for line in lines:
                answer = json.loads(line)
                if "tests" in answer:
                    self.ready = answer
                else:
                    self.answers[answer.pop("number")] = answer


def _without() -> list[str]:
    return [part for plugin in UNUSED for part in ("-p", plugin)]


def _import(mutant: Mutant) -> None:
    """From now on the changed file is what it is after the change, for whoever imports or reads it."""
    if mutant.path.endswith(".sql"):
        read_text = Path.read_text

        def changed(path: Path, *args: Any, **how: Any) -> str:
            if path == ROOT / mutant.path:
                return mutant.mutated.decode()
            return read_text(path, *args, **how)

        Path.read_text = changed  # type: ignore[method-assign, assignment]
        return
    for name in [name for name in sys.modules if name.partition(".")[0] in {"kit", "tests"}]:
        if mutant.path.startswith("kit/") or name.startswith("tests."):
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(mutant))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.loader = _Loader(mutant)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin != str(ROOT / self.loader.mutant.path):
            return None
        inside = spec.submodule_search_locations
        return importlib.util.spec_from_file_location(
            name, spec.origin, loader=self.loader, submodule_search_locations=inside
        )


class _Loader(importlib.abc.InspectLoader):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def get_source(self, fullname: str) -> str:  # noqa: ARG002
        return self.mutant.mutated.decode()

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return compile(self.mutant.mutated, str(ROOT / self.mutant.path), "exec", dont_inherit=True)

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002
        return self.mutant.path.endswith("__init__.py")
