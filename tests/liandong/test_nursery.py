"""Processes that are forked: as if started, and gone with whoever had them started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from liandong import nursery as module
from liandong.nursery import Forked, Nursery

SLEEPS = ["-n", "1", "-r", "1", "-s", "import time", "time.sleep(60)"]
"""Arguments of `timeit` for a process that does nothing for a minute."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(["timeit"]) as one:
        yield one


def started(nursery: Nursery, log: Path, *statements: str, env: dict[str, str] | None = None) -> Forked:
    arguments = ["-n", "1", "-r", "1", *(part for one in statements[:-1] for part in ("-s", one)), statements[-1]]
    with log.open("ab") as words:
        return nursery.start("timeit", arguments, env if env is not None else dict(os.environ), log=words)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while not gone(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.02)


def test_it_runs_a_module_with_its_own_arguments_and_environment(nursery: Nursery, tmp_path: Path) -> None:
    log = tmp_path / "log"
    one = started(
        nursery, log, "import os", "print(os.environ, os.getcwd(), os.getsid(0) == os.getpid())", env={"A": "1"}
    )
    assert one.wait(10) == 0
    assert "environ({'A': '1'" in (words := log.read_text())
    assert "/ True" in words


def test_its_exit_status_is_told(nursery: Nursery, tmp_path: Path) -> None:
    assert started(nursery, tmp_path / "log", "import os", "os._exit(3)").wait(10) == 3
    failed = started(nursery, tmp_path / "log", "raise ValueError('so')")
    assert failed.wait(10) == 1
    assert "ValueError: so" in (tmp_path / "log").read_text()
    slept = started(nursery, tmp_path / "log", "import time", "time.sleep(60)")
    assert slept.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        slept.wait(0.05)
    slept.send_signal(signal.SIGTERM)
    assert slept.wait(10) == -signal.SIGTERM
    slept.kill()  # nobody, by now
    assert slept.poll() == -signal.SIGTERM


def test_a_nursery_that_was_killed_begins_again(tmp_path: Path) -> None:
    with Nursery(["timeit"]) as nursery:
        slept = started(nursery, tmp_path / "log", "import time", "time.sleep(60)")
        parent = int(Path(f"/proc/{slept.pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(parent, signal.SIGKILL)
        assert slept.wait(10) != 0
        assert started(nursery, tmp_path / "log", "pass").wait(10) == 0


def test_a_nursery_that_stands_still_is_begun_again_and_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 10.0)
    with Nursery(["timeit"]) as nursery:
        assert started(nursery, tmp_path / "log", "pass").wait(10) == 0
        monkeypatch.setattr(module, "GRACE", 0.2)
        assert nursery._ours is not None
        nursery._ours.settimeout(0.2)
        stand_still(nursery)
        assert started(nursery, tmp_path / "log", "pass").wait(10) == 0
        stand_still(nursery)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5


def stand_still(nursery: Nursery) -> None:
    assert nursery._process is not None
    os.kill(nursery._process.pid, signal.SIGSTOP)


def test_all_end_with_whoever_had_them_started(tmp_path: Path) -> None:
    program = (
        "import sys; from liandong.nursery import Nursery; n = Nursery(['timeit']).__enter__();"
        f" log = open({str(tmp_path / 'log')!r}, 'ab'); one = n.start('timeit', {SLEEPS!r}, {{}}, log=log);"
        " print(one.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert not gone(pid)
        owner.kill()
        until_gone(pid)
