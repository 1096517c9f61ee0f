"""Where mutants live: in a copy of the tree, one for each core, with engines of its own; a forked process for each.

The fork has the third-party packages in memory already, and nothing of ours: that comes from the copy.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Set
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from subprocess import PIPE
from types import TracebackType
from typing import Self

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [Path(), Path("contracts"), Path("kit"), *sorted(p.relative_to(ROOT) for p in (ROOT / "services").iterdir())]
MEMORY = 4 * 2**30
"""Bytes that a mutant may take: one that never ends a list is killed before the machine is."""

Stage = tuple[str, ...]
"""Arguments of pytest: tests that are run together."""


class End(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed out"


@dataclass
class Slot:
    """A copy of the tree, and what is running in it."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)
    pid: int = 0
    begun: float = 0.0
    until: float = 0.0
    touched: int = 0

    def __enter__(self) -> Self:
        self.root = Path(
            self.stack.enter_context(tempfile.TemporaryDirectory(prefix="liandong-mutant-", ignore_cleanup_errors=True))
        )
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.root / name)
        self.env["PYTHONPATH"] = os.pathsep.join(str(self.root / one) for one in (*PACKAGES, Path("liandong")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.stack.close()

    def engines(self) -> None:
        """Starts a PostgreSQL and a NATS for the tests that need them, unless they run."""
        if "LIANDONG_POSTGRES_URL" in self.env:
            return
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
        self.env |= {"LIANDONG_POSTGRES_URL": pg, "LIANDONG_NATS_URL": bus}

    def write(self, path: str, content: bytes) -> None:
        """A byte-code file is known by the second and the size of its source: each writing has a second of its own."""
        self.touched += 1
        (self.root / path).write_bytes(content)
        os.utime(self.root / path, (10**9 + self.touched, 10**9 + self.touched))

    def start(self, stage: Stage, seconds: float, changed: Set[str]) -> None:
        """Runs the tests for at most so many seconds; packages `changed` are imported anew."""
        sys.stdout.flush()
        self.begun = time.monotonic()
        self.until = self.begun + seconds
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                code = _tests(self.root, self.env, stage, changed)
            finally:
                os._exit(code)

    def ended(self) -> End | None:
        """How the tests ended, or None while they run."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.kill()  # what the tests started and left
            return End.PASSED if os.waitstatus_to_exitcode(status) == 0 else End.FAILED
        if time.monotonic() < self.until:
            return None
        self.kill()
        return End.TIMED_OUT

    def kill(self) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0


def _tests(root: Path, env: dict[str, str], stage: Stage, changed: Set[str]) -> int:
    """In the fork: pytest on the copy, in a process group of its own.  What it says goes to `said` in the copy."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    said = os.open(root / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.chdir(root)
    os.environ.update(env)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the copy is read many times
    sys.dont_write_bytecode = False
    for name in [name for name in sys.modules if name.partition(".")[0] in changed]:
        del sys.modules[name]
    kept = [one for one in sys.path if "site-packages" in one or not Path(one or ".").absolute().is_relative_to(ROOT)]
    sys.path[:] = [*env["PYTHONPATH"].split(os.pathsep), *kept]
    quiet = ["-x", "-q", "--no-header", "--tb=line", "-W", "ignore"]
    unused = ["no:cacheprovider", "no:xdist", "no:schemathesis"]
    return pytest.main([*quiet, *(part for plugin in unused for part in ("-p", plugin)), *stage])
