"""A child process: it dies with us, owns its data directory alone, and is ended politely first."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, TypeVar

from liandong.failure import Failure
from liandong.nursery import Forked, Nursery, die_with

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds that a server may take to come up, to go down or to give its data directory free."""


class ChildError(Failure):
    """A process that could not be started or does not answer; the message is one sentence, with what to do."""


@dataclass(frozen=True)
class Account:
    """The operating system's user that a server runs as."""

    user: str
    group: int


class Child:
    """One process.  `lock` is held by the process itself, so that it outlives us exactly as long as it does."""

    def __init__(
        self, home: Path, name: str, *, polite: signal.Signals, account: Account | None = None, cwd: Path = Path("/")
    ) -> None:
        self.name, self.polite, self.account, self._cwd = name, polite, account, cwd
        self.log = home / f"{name}.log"
        self._lock = home / f"{name}.lock"
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self._begins = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, command: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Starts `command` in a session of its own: Ctrl-C reaches us, and we end it in the right order."""
        lock = self._acquire()
        try:
            with self.log.open("ab") as log:
                self._begins = log.tell()
                self._process = subprocess.Popen(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=env,
                    start_new_session=True,
                    pass_fds=(lock,),
                    preexec_fn=partial(die_with, os.getpid(), self.polite),  # noqa: PLW1509 - one system call, bound beforehand
                    **run_as(self.account, self._cwd),
                )
        finally:
            os.close(lock)

    def fork(self, nursery: Nursery, module: str, arguments: Sequence[str], env: Mapping[str, str]) -> None:
        """As `start`, of a Python module that the nursery has imported."""
        lock = self._acquire()
        try:
            with self.log.open("ab") as log:
                self._begins = log.tell()
                self._process = nursery.start(module, arguments, env, log=log, keep=(lock,))
        finally:
            os.close(lock)

    def ask(self) -> None:
        """Sends the polite signal and does not wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.polite)

    def stop(self) -> None:
        """Asks, and only after `PATIENCE` forces."""
        self.ask()
        self.wait_for_end(time.monotonic() + PATIENCE)

    def wait_for_end(self, deadline: float) -> None:
        """Waits until `deadline` (time.monotonic), then forces."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """As a fault would: SIGKILL, no warning."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def wait_until(self, ready: Callable[[], bool], *, every: float = 0.01) -> None:
        """Polls `ready` every so many seconds.

        Raises ChildError with the end of the log if the process ends or takes longer than `PATIENCE`.
        """
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if self.pid is None:
                raise ChildError(f"{self.name} ended while starting: {self.last_words()} (log: {self.log})")
            if time.monotonic() > deadline:
                late = f"{self.name} is not ready after {PATIENCE:.0f} s"
                raise ChildError(f"{late}: {self.last_words()} (log: {self.log})")
            time.sleep(every)

    def last_words(self) -> str:
        """What it said of itself since it was started: the line that tells why, if one does."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(self._begins)
            return why(log.read().decode(errors="replace"))
        return "it said nothing"

    def _acquire(self) -> int:
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                # After kill() the orphans of the server need a moment to notice; another owner never lets go.
                if time.monotonic() > deadline:
                    os.close(lock)
                    where = self._lock.parent
                    raise ChildError(f"another {self.name} uses {where}: stop it, or choose another place") from None
                time.sleep(0.05)


class RunAs(TypedDict, total=False):
    cwd: Path
    user: str
    group: int
    extra_groups: list[int]


def run_as(account: Account | None, cwd: Path = Path("/")) -> RunAs:
    """The arguments of `subprocess` that run a command as `account`; None: as we are."""
    if account is None:
        return RunAs(cwd=cwd)
    return RunAs(cwd=cwd, user=account.user, group=account.group, extra_groups=[])


def free_port(preferred: int | None = None) -> int:
    """`preferred` if nobody listens there on loopback, else another free port.

    Below the ephemeral ports: a client that keeps calling a server that is down would sooner or later be given that
    very port for its own end, connect to itself and keep the server from coming back.
    """
    # Not a secret, but two runs must not try the same ports in the same order.
    guesses = [20_000 + secrets.randbelow(12_000) for _ in range(200)]
    for port in (preferred, *guesses):
        if port is None:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise ChildError("no free port on 127.0.0.1 between 20000 and 32000")


def number_in(path: Path) -> int | None:
    """The number that `path` holds, or None if there is no such file."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None


def why(words: str) -> str:
    """The first line that tells of an error, without what a log puts before it; else the last line."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    for line in lines:
        if line.startswith("{"):
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if event.get("level") in ("error", "critical"):
                    return str(event.get("reason") or f"{event.get('event')} {event.get('error', '')}".strip())
        elif found := re.search(r"(?:\b(?:FATAL|ERROR|PANIC|fatal|error):|\[(?:FTL|ERR)\])\s*(.*)", line):
            return found[1]
    return lines[-1] if lines else "it said nothing"


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """What it answers, from a loop and thread of its own: the caller may or may not have a running loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
