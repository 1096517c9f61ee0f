"""`liandong up` as an operator meets it: a process of its own, all services, until `liandong down`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from liandong.cli import app
from liandong.state import SERVICES

LIANDONG = [sys.executable, "-m", "liandong"]
PATIENCE = 120.0
"""Seconds: two cores start four services beside other tests."""
SPYING = """
import sys
class Spy:
    def find_spec(self, name, *_):
        if name == "kit.store.change":
            print("importing", flush=True)
sys.meta_path.insert(0, Spy())
from liandong.__main__ import main
main()
"""


@pytest.fixture
def data(data_root: Path) -> Path:
    return data_root / f"路径 有空格-{uuid4().hex[:10]}" / "数据"


@pytest.fixture
def up(data: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([*LIANDONG, "up", "--data", str(data)], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()


def line_with(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return line
    raise AssertionError(f"never said {words!r}: {''.join(seen)}")


def status(data: Path) -> tuple[int, dict[str, Any]]:
    """As the command says it, in this process: it is asked again and again."""
    done = CliRunner().invoke(app, ["status", "--json", "--data", str(data)])
    return done.exit_code, json.loads(done.stdout)


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def killed_unseen(up: subprocess.Popen[str], pid: int) -> int:
    """Kills a child of `up` while that cannot look."""
    up.send_signal(signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)
    return pid


def test_up_runs_every_service_revives_one_that_was_killed_and_ends_by_down(
    up: subprocess.Popen[str], data: Path
) -> None:
    assert re.search(r"Ready in \d", line_with(up, "Ready"))
    code, shown = status(data)
    assert code == 0
    assert [service["name"] for service in shown["services"]] == list(SERVICES)
    assert all(service["status"] == "ready" for service in shown["services"])
    assert all(one["alive"] for one in shown["engines"])
    assert all(service["relay_lag_s"] is not None and service["parked"] == 0 for service in shown["services"])

    victim = shown["services"][0]
    os.kill(victim["pid"], signal.SIGKILL)
    eventually(lambda: status(data)[1]["services"][0]["pid"] not in (victim["pid"], 0))
    eventually(lambda: status(data)[0] == 0)

    nats = killed_unseen(up, shown["engines"][1]["pid"])
    code, shown = status(data)
    assert code == 1
    assert (shown["degraded"], [one["alive"] for one in shown["engines"]]) == (True, [True, False])
    up.send_signal(signal.SIGCONT)
    assert "nats: ended by itself" in line_with(up, "nats:")
    assert "nats was started again" in line_with(up, "nats was")
    eventually(lambda: status(data)[0] == 0)
    assert status(data)[1]["engines"][1]["pid"] not in (nats, None)

    pids = [one["pid"] for kind in ("services", "engines") for one in status(data)[1][kind]]
    down = subprocess.run([*LIANDONG, "down", "--data", str(data)], capture_output=True, text=True, check=False)
    assert (down.returncode, down.stdout) == (0, "Stopped; the data is kept.\n")
    assert up.wait(PATIENCE) == 0
    assert not any(alive(pid) for pid in pids)
    assert status(data) == (3, status(data)[1])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_anything_was_begun_has_no_traceback(data: Path, number: int, code: int) -> None:
    """While it imports, at any moment of it."""
    command = [sys.executable, "-c", SPYING]
    with subprocess.Popen(
        [*command, "up", "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (code, "", "Stopped.\n")
    assert not data.exists()


def test_a_signal_while_starting_leaves_nothing_behind(up: subprocess.Popen[str], data: Path) -> None:
    line_with(up, "PostgreSQL")
    lines = (data / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()
    up.send_signal(signal.SIGINT)
    assert up.wait(PATIENCE) == 0
    assert not alive(int(lines[0]))
    assert status(data)[0] == 3
