"""Python processes of a region, forked from one that has imported what they need.

Importing takes a process seconds and 50 MB; what is forked begins at once, and shares those pages.  The nursery is a
child of ours that only forks: `python -m liandong.nursery FD MODULE...` imports the modules and takes orders on a
socket.  An order is a module to run as `python -m` would, with arguments, an environment and open files; the answer is
the process and a pipe that ends with its exit status.

What it forked ends with it, and it with us, each politely.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Self

from liandong.failure import Failure

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LIBC = ctypes.CDLL(None)
PATIENCE, GRACE = 60.0, 5.0
"""Seconds for the answer to an order, the first of which waits for all imports; for its end when it is idle."""
TELLING = 2.0
"""Seconds for the exit status of a process that has ended."""
ORDER = 256 * 1024
"""Bytes of an order: an environment is some kilobytes."""


class NurseryFailed(Failure):
    """No process can be forked."""


class Forked:
    """A process of the nursery, with as much of `subprocess.Popen` as is needed to end it."""

    def __init__(self, pid: int, process: int, status: int) -> None:
        """`process` is its pidfd, `status` the pipe on which its exit status comes; this owns both."""
        self.pid = pid
        self.returncode: int | None = None
        self._process, self._status = process, status

    def poll(self) -> int | None:
        """Its exit status as `subprocess` has it, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status.  subprocess.TimeoutExpired when it runs on for so many seconds."""
        if self.returncode is None:
            if not select.select([self._process], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            # Whoever forked it tells in a moment; one that stands still is not waited for.
            told = select.select([self._status], [], [], TELLING)[0]
            words = os.read(self._status, 16) if told else b""
            self.returncode = int(words) if words else -signal.SIGKILL  # the nursery was killed, and it with that
            os.close(self._status)
            os.close(self._process)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Nothing to one that has ended, whoever has its number by now."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """Forks processes that run `modules`; use it as a context manager."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = tuple(modules)
        self._ours: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Starts importing, and does not wait for it."""
        self._begin()
        return self

    def _begin(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(PATIENCE)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), *self.modules],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - one system call, bound beforehand
            )
        self._ours = ours

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        assert self._ours is not None
        assert self._process is not None
        self._ours.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:  # it was stopped, or hangs in an import
            self._process.kill()
            self._process.wait()

    def start(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], *, log: IO[bytes], keep: Sequence[int] = ()
    ) -> Forked:
        """Runs `module` with its output in `log`; it holds the files `keep` open until its end.

        In a session of its own.  A nursery that was killed or does not answer is begun again, and what it forked ends
        then; NurseryFailed when that does not help.
        """
        order = json.dumps({"module": module, "arguments": list(arguments), "env": dict(env)}).encode()
        files = [log.fileno(), *keep]
        return self._ask(order, files) or self._again(order, files)

    def _ask(self, order: bytes, files: Sequence[int]) -> Forked | None:
        assert self._ours is not None
        try:
            socket.send_fds(self._ours, [order], files)
            answer, handles, _, _ = socket.recv_fds(self._ours, 64, 2)
        except (ConnectionError, TimeoutError):
            return None
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            raise NurseryFailed("the environment is too large to hand on: unset what is long in it") from None
        return Forked(int(answer), *handles) if answer else None

    def _again(self, order: bytes, files: Sequence[int]) -> Forked:
        self._end()
        self._begin()
        forked = self._ask(order, files)
        if forked is None:
            raise NurseryFailed(
                "the process from which services are forked ends at once, or hangs: see what it printed above"
            )
        return forked


def die_with(parent: int, polite: int) -> None:
    """Has this process be sent `polite` when its parent dies; ends it if that is dead already."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, int(polite))
        if os.getppid() != parent:
            os._exit(1)


@dataclass
class _Born:
    """What is to become of a fork: it is returned to in the child."""

    module: str
    arguments: list[str]
    env: dict[str, str]
    files: list[int] = field(default_factory=list)

    def run(self, parent: int) -> None:
        """Becomes the process.  Raises what the module raises, SystemExit among it."""
        die_with(parent, signal.SIGTERM)
        os.setsid()
        LIBC.prctl(PR_SET_NAME, self.module.encode()[:15], 0, 0, 0)
        log = self.files[0]
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.environ.clear()
        os.environ.update(self.env)
        os.chdir("/")
        sys.argv[1:] = self.arguments
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)


def _take(orders: socket.socket) -> _Born | None:
    """The next order; None when whoever gives them has gone."""
    words, files, _, _ = socket.recv_fds(orders, ORDER, 8)
    return _Born(files=list(files), **json.loads(words)) if words else None


def _serve(orders: socket.socket) -> _Born | None:
    """Forks as ordered.  Answers None at the end, and in each child what it is to be."""
    pipes: dict[int, int] = {}
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([orders, woken], [], [])[0]
        if woken in ready:
            woken.recv(4096)
            _reap(pipes)
        if orders not in ready:
            continue
        born = _take(orders)
        if born is None:
            return None
        told, telling = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (told, telling, *pipes.values()):
                os.close(number)
            for end in (orders, woken, waker):
                end.close()
            return born
        pipes[pid] = telling
        process = os.pidfd_open(pid)
        socket.send_fds(orders, [str(pid).encode()], [process, told])
        for number in (process, told, *born.files):
            os.close(number)


def _reap(pipes: dict[int, int]) -> None:
    """Tells what ended how."""
    for pid in list(pipes):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            telling = pipes.pop(pid)
            with contextlib.suppress(BrokenPipeError):
                os.write(telling, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(telling)


def main(fd: str, *modules: str) -> None:
    """Imports, serves, and becomes what it is told to be where it is a fork."""
    own = os.getpid()
    for module in modules:
        with contextlib.suppress(Exception):  # told by the process that runs it
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # what is imported is never looked through again, and so its pages stay shared
    with socket.socket(fileno=int(fd)) as orders:
        born = _serve(orders)
    if born is not None:
        born.run(own)


if __name__ == "__main__":
    main(*sys.argv[1:])
