"""`python -m` without the import: processes of a test, forked from one that has imported what the services need.

To import a service takes a process a second and a half of a processor, and a run starts some hundred.  What a test says
of a process holds for these: each has an environment, a session, outputs and an exit status of its own.  A test of the
start itself, or of what a module imports, begins its process with `sys.executable`.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import runpy
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import IO, Self

import pytest
from tests.conftest import Clusters

from liandong.nursery import Forked, Nursery
from liandong.region import NEEDED
from liandong.state import SERVICES

ROOT = Path(__file__).parents[1]
IMPORTED = (
    *NEEDED,
    *(f"{name}.{part}" for name in SERVICES for part in ("app", "settings")),
    "kit.service.app",
    "tests.kit.note_service",
    "tests.kit.peer",
)


class Process:
    """One of them, with as much of `asyncio.subprocess.Process` as tests need."""

    def __init__(self, module: str, *arguments: str, env: Mapping[str, str]) -> None:
        """Begins `python -m` the module; `env` is all that it has."""
        self._out, self._err = tempfile.TemporaryFile(), tempfile.NamedTemporaryFile()  # noqa: SIM115 - read at its end
        self._forked = _nursery().start(__name__, [self._err.name, module, *arguments], env, log=self._out)
        self.pid = self._forked.pid
        self._ended: Future[int] = Future()
        self._ended.set_running_or_notify_cancel()  # who stops waiting for it does not end it
        Thread(target=lambda: self._ended.set_result(self._forked.wait()), daemon=True).start()

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def send_signal(self, number: int) -> None:
        self._forked.send_signal(number)

    def kill(self) -> None:
        self._forked.kill()

    async def wait(self) -> int:
        """Its exit status."""
        return await asyncio.wrap_future(self._ended)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Waits for its end; what it wrote to stdout and to stderr."""
        await self.wait()
        return self._said()

    def done(self, timeout: float) -> tuple[int, str, str]:
        """Waits for its end, at most so many seconds: exit status, stdout, stderr."""
        try:
            status = self._ended.result(timeout)
        finally:
            self.kill()
        out, err = self._said()
        return status, out.decode(), err.decode()

    def _said(self) -> tuple[bytes, bytes]:
        return _whole(self._out), _whole(self._err)


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


class Lent(Nursery):
    """The same for a region: it finds everything imported, and leaves it there for the next."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Its own processes have ended: a region stops them first."""

    def start(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], *, log: IO[bytes], keep: Sequence[int] = ()
    ) -> Forked:
        return _nursery().start(module, arguments, env, log=log, keep=keep)


@contextmanager
def lent(clusters: Clusters) -> Iterator[None]:
    """Regions that begin within fork their processes from the worker's nursery, and copy the cluster of the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liandong.region.Nursery", Lent)
        patch.setattr("liandong.region.postgres", clusters.of_region)
        yield


@cache
def _nursery() -> Nursery:
    """One for each worker, begun by who first asks, in the main thread: it dies with the thread that began it."""
    one = Nursery(IMPORTED)
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path))
        atexit.register(one.__enter__().__exit__)
    return one


def main(errors: str, module: str, *arguments: str) -> None:
    """In the fork: stderr into a file of its own, and then the module."""
    with open(errors, "ab") as file:
        os.dup2(file.fileno(), 2)
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
